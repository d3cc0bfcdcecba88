package core_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestParsePassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typed string
		good  bool
	}{
		{"12345678", true},
		{"neno la siri", true},
		{"ñañañaña", true},
		{strings.Repeat("x", 256), true},
		{"", false},
		{"1234567", false},
		{"ñañaña", false},
		{strings.Repeat("x", 257), false},
		{"\xff2345678", false},
	} {
		p, err := core.ParsePassword(c.typed)
		if c.good != (err == nil) || !c.good && core.CodeOf(err) != core.BadPassword {
			t.Errorf("%q: %v", c.typed, err)
		}
		if c.good && string(p.Reveal()) != c.typed {
			t.Errorf("%q reveals %q", c.typed, p.Reveal())
		}
	}
	if (core.Password{}).Reveal() != nil {
		t.Error("the zero password has letters")
	}
}

// Whatever is done with it, a password does not come out.
func TestPasswordKeepsToItself(t *testing.T) {
	t.Parallel()
	p, err := core.ParsePassword("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	in := struct{ P core.Password }{p}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, said := range []string{fmt.Sprintf(verb, p), fmt.Sprintf(verb, in), fmt.Sprintf(verb, &in)} {
			if strings.Contains(said, "horse") || strings.Contains(said, "686f727365") {
				t.Errorf("%s: %s", verb, said)
			}
		}
	}
	if p.LogValue().String() != "****" {
		t.Errorf("logged as %s", p.LogValue())
	}
	if b, err := json.Marshal(in); err == nil {
		t.Errorf("marshalled: %s", b)
	}
}

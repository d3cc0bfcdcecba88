package core_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestPartyMasked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ number, name, want string }{
		{"", "JANE WANJIKU", "JANE W."},
		{"", "JANE WANJIKU KAMAU", "JANE K."},
		{"", "  JANE   WANJIKU ", "JANE W."},
		{"", "JANE", "JANE"},
		{"", "", ""},
		{"", "ANDRÉ ÉTIENNE", "ANDRÉ É."},
		{"10021", "MAMA NJERI SHOP", "10021 MAMA NJERI SHOP"},
	} {
		if got := (core.Party{Number: tt.number, Name: tt.name}).Masked(); got != tt.want {
			t.Errorf("%s %q is shown as %q, want %q", tt.number, tt.name, got, tt.want)
		}
	}
}

// A log line names a party by id; a stored call does not hold the whole of her ID number.
func TestPartyKeepsToItself(t *testing.T) {
	t.Parallel()
	p := core.Party{ID: 17, Name: "JANE WANJIKU", Phone: "+254712345678", IDNumber: "87654321"}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("call", "caller", p)
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, "JANE") || strings.Contains(s, "345678") || !strings.Contains(s, "caller=17") {
		t.Errorf("logged: %s", s)
	}
	if strings.Contains(string(b), "87654321") {
		t.Errorf("stored: %s", b)
	}
}

func TestParseName(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"Jane Wanjiku": "JANE WANJIKU", "  jane   wanjiku ": "JANE WANJIKU", "Ng'ang'a": "NG'ANG'A", "J. O": "J. O",
		"Renée": "RENÉE", "Ọlá": "ỌLÁ", strings.Repeat("a", 40): strings.Repeat("A", 40),
	} {
		if got, err := core.ParseName(typed); err != nil || got != want {
			t.Errorf("ParseName(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", " ", "J", "1", "9", "J4ne", "...", "Jane*1", "Jane\x00", "{name}", "J😀ane", strings.Repeat("a", 41)} {
		if got, err := core.ParseName(typed); core.CodeOf(err) != core.BadName || got != "" {
			t.Errorf("ParseName(%q) = %q, %v", typed, got, err)
		}
	}
}

func TestParseIDNumber(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"12345678": "12345678", " a-123 4567 ": "A1234567", "12345": "12345"} {
		if got, err := core.ParseIDNumber(typed); err != nil || got != want {
			t.Errorf("ParseIDNumber(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "1", "1234", "1234567890123", "1234567é", "12345_6", "----------"} {
		if got, err := core.ParseIDNumber(typed); core.CodeOf(err) != core.BadIDNumber || got != "" {
			t.Errorf("ParseIDNumber(%q) = %q, %v", typed, got, err)
		}
	}
}

func TestParseTier(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"new", "full", "gold", strings.Repeat("a", 20)} {
		if got, err := core.ParseTier(name); err != nil || string(got) != name {
			t.Errorf("ParseTier(%q) = %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "Gold", "gold1", "go ld", "gold\n", "gö", strings.Repeat("a", 21)} {
		if got, err := core.ParseTier(name); core.CodeOf(err) != core.BadField || got != "" {
			t.Errorf("ParseTier(%q) = %q, %v", name, got, err)
		}
	}
}

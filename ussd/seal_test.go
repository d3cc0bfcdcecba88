package ussd

import (
	"bytes"
	"testing"
)

func TestSealedCallOpensForItsSessionAlone(t *testing.T) {
	t.Parallel()
	s, err := newSealer(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	other, err := newSealer(bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.seal("a", []byte("Say 4821 to the agent"))
	if bytes.Contains(sealed, []byte("4821")) {
		t.Fatalf("%q", sealed)
	}
	if plain, err := s.open("a", sealed); err != nil || string(plain) != "Say 4821 to the agent" {
		t.Errorf("%q, %v", plain, err)
	}
	if plain, err := s.open("a", nil); err != nil || plain != nil {
		t.Errorf("no call: %q, %v", plain, err)
	}
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another session": func() ([]byte, error) { return s.open("b", sealed) },
		"another key":     func() ([]byte, error) { return other.open("a", sealed) },
		"damaged":         func() ([]byte, error) { return s.open("a", damaged) },
		"cut short":       func() ([]byte, error) { return s.open("a", sealed[:5]) },
	} {
		if plain, err := open(); err == nil || plain != nil {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
}

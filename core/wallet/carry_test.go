package wallet

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/piga-money/piga/core"
)

// A code opens for who typed it and for nobody else, and never as a PIN.
func TestCarriedCode(t *testing.T) {
	t.Parallel()
	v, err := NewVault([]Pepper{{ID: "a", Key: [32]byte{1}}}, Cost{Memory: 8, Passes: 1}, 1, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &Wallet{vault: v}
	agent, other := core.Party{ID: 1}, core.Party{ID: 2}
	sealed, err := w.SealCode(agent, "4821")
	if err != nil || bytes.Contains(sealed.Box, []byte("4821")) {
		t.Fatalf("%v, %q", err, sealed.Box)
	}
	if code, err := w.OpenCode(agent, sealed); code != "4821" || err != nil {
		t.Errorf("%q, %v", code, err)
	}
	if code, err := w.OpenCode(other, sealed); err == nil {
		t.Errorf("another opened %q", code)
	}
	if _, err := v.open(sealed, Owner(agent.ID)); err == nil {
		t.Error("a code opened as a PIN")
	}
	if _, err := w.OpenCode(agent, Sealed{}); err == nil {
		t.Error("nothing opened")
	}
}

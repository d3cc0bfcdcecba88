package wallet

import "github.com/piga-money/piga/core"

// A code that an agent typed is carried to the screen that asks for her PIN, and a call is kept where many
// may look. So it is sealed under the pepper, for her alone.

// SealCode seals a code that a party typed.
func (w *Wallet) SealCode(p core.Party, code string) (Sealed, error) {
	return w.vault.encrypt([]byte(code), carrier(p))
}

// OpenCode is the code that SealCode sealed for this party.
func (w *Wallet) OpenCode(p core.Party, s Sealed) (string, error) {
	code, err := w.vault.decrypt(s, carrier(p))
	return string(code), err
}

// carrier is for whom a code is sealed. It is never the owner of a PIN.
func carrier(p core.Party) string { return "code of " + Owner(p.ID) }

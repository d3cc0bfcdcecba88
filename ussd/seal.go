package ussd

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// sealer encrypts stored calls: their pages hold names, balances, and the code of a withdrawal, which must be
// of no use to whoever can look into the store. A call is bound to its session.
type sealer struct{ aead cipher.AEAD }

// newSealer takes a key of its own from the gateway's.
func newSealer(key []byte) (sealer, error) {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("stored calls"))
	block, err := aes.NewCipher(h.Sum(nil))
	if err != nil {
		return sealer{}, fmt.Errorf("ussd: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return sealer{aead: aead}, err
}

// seal takes its nonce from the system, which never fails: one that a test could repeat would be no nonce.
func (s sealer) seal(session string, plain []byte) []byte {
	sealed := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	rand.Read(sealed)
	return s.aead.Seal(sealed, sealed, plain, []byte(session))
}

var errSealed = errors.New("ussd: the stored call cannot be read: it is damaged, or sealed under another key")

// open is nil for nil: no call.
func (s sealer) open(session string, sealed []byte) ([]byte, error) {
	if sealed == nil {
		return nil, nil
	}
	if len(sealed) < s.aead.NonceSize() {
		return nil, errSealed
	}
	plain, err := s.aead.Open(nil, sealed[:s.aead.NonceSize()], sealed[s.aead.NonceSize():], []byte(session))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

package core

import (
	"errors"
	"fmt"
	"log/slog"
	"unicode/utf8"
)

// Password is what somebody gave as her password. Like a PIN it cannot be printed, logged or marshalled, and
// only Reveal gives it.
type Password struct{ reveal func() string }

// A password is as long as this: the least is for whoever guesses, the most keeps hashing within bounds.
const (
	shortestPassword = 8   // characters
	longestPassword  = 256 // bytes
)

// ParsePassword takes any text of eight characters and up to 256 bytes, else BadPassword. The error never holds
// what was typed.
func ParsePassword(s string) (Password, error) {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) < shortestPassword || len(s) > longestPassword {
		return Password{}, Errorf(BadPassword, "%d bytes", len(s))
	}
	return Password{func() string { return s }}, nil
}

// Reveal is the password, for the function that hashes it and for nobody else.
func (p Password) Reveal() []byte {
	if p.reveal == nil {
		return nil // the zero password
	}
	return []byte(p.reveal())
}

// Format writes the mask, whatever the verb.
func (Password) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue writes the mask.
func (Password) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText refuses, and with it JSON and everything else that asks for text.
func (Password) MarshalText() ([]byte, error) {
	return nil, errors.New("core: a password is never marshalled")
}

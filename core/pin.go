package core

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
)

// PIN is what a customer typed where a PIN was asked for. It cannot be printed, logged or marshalled:
// every way out gives "****" or an error, and only Reveal gives the digits. It holds them in a function,
// since fmt prints the unexported fields of a struct around it by reflection, without asking Format: of a
// function there is only the address to see. So PINs cannot be compared with == either.
type PIN struct{ reveal func() string }

const masked = "****"

// ParsePIN takes four to six digits, else BadPIN. The error never holds what was typed.
func ParsePIN(s string) (PIN, error) {
	if !digits(s, 4, 6) {
		return PIN{}, Errorf(BadPIN, "%d characters", len(s))
	}
	return PIN{func() string { return s }}, nil
}

// Weak is WeakPIN for a PIN that a thief tries first: one digit repeated, a straight run up or down, the
// end of the own number, a birth year from 1940 to this year.
func (p PIN) Weak(own MSISDN, year int) error {
	d := p.digits()
	if straight(d, 0) || straight(d, 1) || straight(d, -1) {
		return Errorf(WeakPIN, "a repeat or a run")
	}
	if len(d) != 4 {
		return nil
	}
	if strings.HasSuffix(string(own), d) {
		return Errorf(WeakPIN, "the end of the own number")
	}
	if n, _ := strconv.Atoi(d); n >= 1940 && n <= year {
		return Errorf(WeakPIN, "a birth year")
	}
	return nil
}

// straight is true when each digit differs from the last by the same step.
func straight(s string, step int) bool {
	for i := 1; i < len(s); i++ {
		if int(s[i])-int(s[i-1]) != step {
			return false
		}
	}
	return true
}

// Reveal is the digits, for the function that seals or checks them and for nobody else.
func (p PIN) Reveal() []byte { return []byte(p.digits()) }

func (p PIN) digits() string {
	if p.reveal == nil {
		return "" // the zero PIN
	}
	return p.reveal()
}

// Format writes the mask, whatever the verb.
func (PIN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue writes the mask.
func (PIN) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText refuses, and with it JSON and everything else that asks for text.
func (PIN) MarshalText() ([]byte, error) { return nil, errors.New("core: a PIN is never marshalled") }

package africastalking

import (
	"errors"
	"fmt"
	"log/slog"
)

// Key is the secret that the provider knows us by. Whoever prints, logs or marshals it gets "****" or an
// error.
type Key string

const masked = "****"

// Format writes the mask, whatever the verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue writes the mask.
func (Key) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText refuses, and with it JSON.
func (Key) MarshalText() ([]byte, error) {
	return nil, errors.New("africastalking: a key is never marshalled")
}

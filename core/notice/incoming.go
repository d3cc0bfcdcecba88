package notice

import (
	"log/slog"
	"time"

	"github.com/piga-money/piga/core"
)

// Incoming is a message that somebody sent us, as it is kept: what may be a PIN or a code in its text is
// masked.
type Incoming struct {
	Provider   string
	ProviderID string // tells it from every other message of this provider
	Phone      core.MSISDN
	Kind       string // what it asks for, in one word
	Text       string
	Sent       time.Time // as the provider says; zero when it does not
}

// LogValue leaves out the text.
func (i Incoming) LogValue() slog.Value {
	return slog.GroupValue(slog.String("provider_id", i.ProviderID), slog.String("kind", i.Kind), slog.Any("phone", i.Phone))
}

// Reply is what came of an incoming message, and what its sender is told.
type Reply struct {
	Outcome string   // in one word, for operators
	Tell    []Notice // one, or none: she is told by what was done, or there is nothing to say
	Most    int      // the same words go to one phone so often within Window; zero is any number
	Window  time.Duration
}

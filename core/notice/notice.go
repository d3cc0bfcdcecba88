// Package notice knows who must be told what, and when to try again. It knows neither how a message is
// sent nor where it waits.
package notice

import (
	"log/slog"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/text"
)

// When says which outcome of a posting a notice is about.
type When string

// The outcomes.
const (
	Done    When = "done"
	Refused When = "refused"
)

// Notice is something that one party must be told if a posting turns out so. The store makes it a message
// in the transaction that moves the money.
type Notice struct {
	To      core.PartyID
	Phone   core.MSISDN
	Lang    core.Lang
	When    When
	Key     text.Key // of the words; empty in a notice of a refusal: the words for its code
	Args    text.Args
	Balance core.AccountID // whose balance after the posting fills {balance}; zero for none
}

// About is the notice with the outcome's own blanks filled: {receipt}, {date}, {time}, {balance}. It is
// false when the notice is not about such an outcome, or when the outcome is a first one's replay, which
// was told then.
func (n Notice) About(o ledger.Outcome) (Notice, bool) {
	if o.Again || (o.Code == "") != (n.When == Done) {
		return n, false
	}
	args := text.Args{"receipt": string(o.Receipt), "date": text.Date(o.At), "time": text.Time(o.At)}
	for k, v := range n.Args {
		args[k] = v
	}
	if after, ok := o.Balance(n.Balance); ok {
		args["balance"] = after.Long()
	}
	n.Args = args
	if n.Key == "" {
		n.Key = text.Key("error." + o.Code)
	}
	return n, true
}

// Message is a notice written down: it waits until a provider has taken it.
type Message struct {
	ID       int64
	Phone    core.MSISDN
	Lang     core.Lang
	Key      text.Key
	Args     text.Args
	Text     string // empty until the first try to send it
	Attempts int    // tries so far, this one included
	Created  time.Time
	Request  core.RequestID // of the transfer that it tells of; empty for none
}

// LogValue names the message by id and key, and what it tells of by its request id: that of the turn.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("id", m.ID), slog.String("key", string(m.Key)), slog.String("request", string(m.Request)))
}

// Report is what the provider says about a message later on.
type Report struct {
	ProviderID string
	Status     string // the provider's own word; an open set
	Reason     string // of a failure
	Delivered  bool   // it has arrived
	Failed     bool   // it will not arrive
}

// Masked is the text of a message as others than its receiver may read it: without the code that it may hold. Dial codes,
// which stand in the same blank, are no secret.
func (m Message) Masked() string {
	code := m.Args["code"]
	if code == "" || strings.Trim(code, "0123456789") != "" {
		return m.Text
	}
	return strings.ReplaceAll(m.Text, code, strings.Repeat("*", len(code)))
}

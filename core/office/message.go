package office

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

// Messages reads what was told, and has it told again.
type Messages interface {
	// Messages are those that a search finds, newest first; Message is one, else UnknownMessage.
	Messages(ctx context.Context, s MessageSearch) ([]Message, error)
	Message(ctx context.Context, id int64) (Message, error)
	// SendAgain makes a dead message due, to the number that who is told has now, and its tries begin anew. NotAllowed
	// of one that was sent, and of who is closed; changed is false of one that waits.
	SendAgain(ctx context.Context, id int64, d core.Deed) (changed bool, err error)
}

// MessageSearch is which messages an administrator looks for. What is empty is not asked.
type MessageSearch struct {
	Phone core.MSISDN
	Dead  bool  // those that were given up
	After int64 // the last one of the page before
	Most  int
}

// Message is a message and what became of it. Its text may hold a code: see notice.Discreet.
type Message struct {
	notice.Message
	To        core.PartyID // zero: to a number that was nobody's
	Sent      time.Time    // times are zero while it has not come to that
	Dead      time.Time    // given up
	Delivered time.Time    // as the provider reports
	Failed    time.Time
	Error     string // of the last try, or the provider's reason
}

// State is how it stands with a message, in one word.
func (m Message) State() string {
	switch {
	case !m.Delivered.IsZero():
		return "delivered"
	case !m.Failed.IsZero():
		return "failed"
	case !m.Sent.IsZero():
		return "sent"
	case !m.Dead.IsZero():
		return "dead"
	default:
		return "waiting"
	}
}

// Messages are those that a search finds.
func (o *Office) Messages(ctx context.Context, s MessageSearch) ([]Message, error) {
	return o.messages.Messages(ctx, s)
}

// Message is one message, else UnknownMessage.
func (o *Office) Message(ctx context.Context, id int64) (Message, error) {
	return o.messages.Message(ctx, id)
}

// SendAgain has a message that was given up tried for another day. One that waits is left alone.
func (o *Office) SendAgain(ctx context.Context, by By, id int64, why string) error {
	d := by.Deed("message.send_again", core.OfMessage, id)
	d.Reason = why
	_, err := o.messages.SendAgain(ctx, id, d)
	return err
}

// Package sms is messages out and in: it takes what waits in the outbox to a provider, takes the provider's
// delivery reports, and answers what people text to the short code. It knows neither how messages are kept
// nor what one that goes out is about, and of a provider only what Sender says; each provider is a package
// of its own below this one.
//
// A message is sent at least once. It is sent twice when the provider took it and we did not learn of it:
// a time-out, or a copy of Piga that died between sending and marking. The receipt in the text is the
// same, so that the reader can tell.
package sms

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

// Untried is the reason given to MessageRetry for a message that goes back without having been tried.
const Untried = ""

// Queue is the outbox. It is safe for concurrent use, by several copies of Piga too.
type Queue interface {
	// ClaimMessages takes at most n messages that are due, the longest due first, and makes them due
	// again after the lease: a worker that dies gives them back so. It counts a try for each.
	ClaimMessages(ctx context.Context, n int, lease time.Duration) ([]notice.Message, error)
	// MessageSent keeps that the provider took the message, and the text that it took. providerID is what
	// its delivery report will name, "" when the provider gave none.
	MessageSent(ctx context.Context, id int64, text, provider, providerID string) error
	// MessageRetry makes the message due again after a time. The text is kept, so that every try says the
	// same. reason is for operators and holds neither a phone number nor the text. When it is Untried
	// there was no try: the one that was counted is taken back, and the last reason stays.
	MessageRetry(ctx context.Context, id int64, text, reason string, after time.Duration) error
	// MessageDead ends the tries; the message can be sent again by hand.
	MessageDead(ctx context.Context, id int64, text, reason string) error
	// MessageLag is how many messages are due, or claimed and not yet marked, and how long the first of
	// them has waited.
	MessageLag(ctx context.Context) (waiting int, oldest time.Duration, err error)
}

// Outgoing is a message as a provider gets it.
type Outgoing struct {
	Phone core.MSISDN
	Text  string
}

// Sender is a provider. It is safe for concurrent use.
type Sender interface {
	// Name is a short constant word: a label of metrics, and kept with each message.
	Name() string
	// Send hands over one message and gives the provider's id for it, "" if it has none. It returns when
	// ctx ends. Its errors are *SendError.
	Send(ctx context.Context, o Outgoing) (id string, err error)
}

// SendError is why a provider did not take a message.
type SendError struct {
	Reason Reason
	Retry  bool   // another try may succeed
	Detail string // for operators: no phone number, no text, no key
}

func (e *SendError) Error() string {
	if e.Detail == "" {
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Detail
}

// Reason says why in one word. The set is closed, since it labels metrics; a provider's package
// translates into it.
type Reason string

// It is the provider as a whole: any other message would fail now too.
const (
	Timeout      Reason = "timeout"       // it may have been sent all the same
	Unreachable  Reason = "unreachable"   // no connection
	ServerError  Reason = "server_error"  // HTTP 5xx
	RateLimited  Reason = "rate_limited"  // HTTP 429
	Unauthorized Reason = "unauthorized"  // our key or user name
	OutOfCredit  Reason = "out_of_credit" // our account with it is empty
	BadAnswer    Reason = "bad_answer"    // not what it is known to answer
)

// It is this message, or the network that it goes to.
const (
	BadSender         Reason = "bad_sender" // the name or short code that we send from
	BadNumber         Reason = "bad_number"
	UnsupportedNumber Reason = "unsupported_number"
	Blacklisted       Reason = "blacklisted"
	DoNotDisturb      Reason = "do_not_disturb"
	RiskHold          Reason = "risk_hold"
	NoRoute           Reason = "no_route"
	ProviderError     Reason = "provider_error"
	GatewayError      Reason = "gateway_error"
	GatewayRejected   Reason = "gateway_rejected"
	BadRequest        Reason = "bad_request" // HTTP 4xx: it does not understand us
	NotSent           Reason = "not_sent"    // it does not say why
	NoWords           Reason = "no_words"    // no catalogue of this copy of Piga has the message's key
	Unexpected        Reason = "unexpected"  // an error that a Sender should have translated
)

// Reasons lists every reason.
var Reasons = []Reason{
	Timeout, Unreachable, ServerError, RateLimited, Unauthorized, OutOfCredit, BadAnswer,
	BadSender, BadNumber, UnsupportedNumber, Blacklisted, DoNotDisturb, RiskHold, NoRoute, ProviderError,
	GatewayError, GatewayRejected, BadRequest, NotSent, NoWords, Unexpected,
}

// Down is true when any other message would fail now too, so that trying them is in vain.
func (r Reason) Down() bool {
	switch r {
	case Timeout, Unreachable, ServerError, RateLimited, Unauthorized, OutOfCredit, BadAnswer:
		return true
	default:
		return false
	}
}

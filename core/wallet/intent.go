package wallet

import (
	"context"
	"errors"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Intent is an errand that moves money, as it is written down with the try at its PIN, or before a program's bid is
// posted: enough to close its request, and to tell her what did not happen, when whoever took her word is gone.
type Intent struct {
	Request core.RequestID
	Content ledger.Posting // as far as it makes the content of the request
	Party   core.Party     // who is told; one that is read back has no more than id, phone and language
	Errand  string         // names the words: "sent" those of errand.sent, errand.not_sent and sms.not_sent
	Args    text.Args      // fills their blanks
}

// Intents are kept by the store. An intent is open until its request has an outcome.
type Intents interface {
	// Intend writes down an intent that comes with no try at a PIN, once per request. It counts as read: a program
	// asks again by itself what became of it, and no call tells of it.
	Intend(ctx context.Context, i *Intent) error
	// Intended is whether there is one of a request, open or not.
	Intended(ctx context.Context, r core.RequestID) (bool, error)
	// OpenIntents are at most n that are at least so old, the oldest first.
	OpenIntents(ctx context.Context, age time.Duration, n int) ([]Intent, error)
	// LastErrand is the last one of a party within a time that she is not known to have read of. Once it
	// has an outcome, asking marks it as read; ok = false when there is none.
	LastErrand(ctx context.Context, id core.PartyID, within time.Duration) (e Errand, ok bool, err error)
	// SeenIntent marks an intent whose request has an outcome as read.
	SeenIntent(ctx context.Context, r core.RequestID) error
	// PruneIntents removes those that are so old and not open.
	PruneIntents(ctx context.Context, age time.Duration) error
}

const (
	voidAfter    = 30 * time.Second // a turn has 8, so that nobody is still at work on it
	mostVoids    = 100              // in one round
	intentsKept  = 24 * time.Hour
	errandRecent = 15 * time.Minute
)

// Void closes the requests of errands that got no further than the PIN, tells their customers that nothing
// moved, and gives the requests. It closes first: a posting that comes late is refused as Voided, and where the
// posting came first, that stands and has told by itself. Any number of gateways may call it at once, also
// for errands of a gateway that is gone.
func (w *Wallet) Void(ctx context.Context) ([]core.RequestID, error) {
	open, err := w.intents.OpenIntents(ctx, voidAfter, mostVoids)
	if err != nil {
		return nil, err
	}
	var voided []core.RequestID
	var failed []error
	for _, i := range open {
		ok, err := w.void(ctx, i)
		if ok {
			voided = append(voided, i.Request)
		}
		failed = append(failed, err)
	}
	return voided, errors.Join(failed...)
}

func (w *Wallet) void(ctx context.Context, i Intent) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, endWithin)
	defer cancel()
	o, err := w.books.Post(ctx, i.voiding())
	return err == nil && o.Code == core.Voided && !o.Again, err
}

// voiding is the order that takes the place of the errand's own.
func (i Intent) voiding() Order {
	o := Order{Posting: i.Content, Tell: []notice.Notice{{
		To: i.Party.ID, Phone: i.Party.Phone, Lang: i.Party.Lang, When: notice.Refused,
		Key: text.Key("sms.not_" + i.Errand), Args: i.Args,
	}}}
	o.Request = i.Request
	return Order{Posting: o.refusal(core.Voided), Tell: o.Tell}
}

// PruneIntents removes what is a day old, and of no use to anybody any more.
func (w *Wallet) PruneIntents(ctx context.Context) error {
	return w.intents.PruneIntents(ctx, intentsKept)
}

// Seen says that the last page of the call with this request was shown.
func (w *Wallet) Seen(ctx context.Context, r core.RequestID) error {
	return w.intents.SeenIntent(ctx, r)
}

// Errand is what became of an intent.
type Errand struct {
	Intent
	Open    bool         // nothing yet
	Code    core.Code    // why it was refused; empty when it was done
	Receipt core.Receipt // empty where nothing moved
	Ended   CashEnd      // of the cash request that it asked for; empty while that waits
}

// LastErrand is the party's last errand of the last 15 minutes whose end she may not have seen, if there is
// one. One with an outcome is given once.
func (w *Wallet) LastErrand(ctx context.Context, p core.Party) (Errand, bool, error) {
	return w.intents.LastErrand(ctx, p.ID, errandRecent)
}

// widestPayee is how much of a name the words on an errand have room for, in septets: above a menu of six
// choices there is no more.
const widestPayee = 26

// Words say what became of the errand, in one line.
func (e Errand) Words(c text.Catalog) string {
	args := text.Args{"receipt": string(e.Receipt)}
	for k, v := range e.Args {
		args[k] = v
	}
	args["name"] = text.Cut(args["name"], widestPayee)
	switch {
	case e.Open:
		return c.Say(text.Key("errand.maybe_"+e.Errand), args)
	case e.Code != "":
		return c.Say(text.Key("errand.not_"+e.Errand), args)
	case e.Ended == Confirmed:
		return c.Say(text.Key("errand.done_"+e.Errand), args)
	case e.Ended != "":
		return c.Say(text.Key("errand.ended_"+e.Errand), args)
	default:
		return c.Say(text.Key("errand."+e.Errand), args)
	}
}

// intent is the payment as an intent of an errand by a posting.
func (p *Payment) intent(errand string, by ledger.Posting) *Intent {
	return &Intent{
		Request: p.Request, Content: by, Party: p.Party, Errand: errand,
		Args: text.Args{"amount": p.Amount.String(), "name": p.To.Masked()},
	}
}

// uncertain is an error after the right PIN, or after a program's word: the intent stands, and so she will be told by SMS
// what became of it, whether or not anything happened.
func uncertain(err error) error {
	if err == nil || core.CodeOf(err) == core.OutcomeUnknown {
		return err
	}
	return core.Errorf(core.OutcomeUnknown, "with the intent written: %w", err)
}

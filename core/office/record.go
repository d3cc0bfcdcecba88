package office

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

// Records reads what was asked of the ledger and what became of it, and what it sums up to. Only Export writes: its deed.
type Records interface {
	// Records is the next page of what a filter admits, newest first, at most n of them. A page may hold fewer though
	// more follow: it reads so far only. BadField of a cursor that no page gave.
	Records(ctx context.Context, f Filter, after Cursor, n int) (Page, error)
	// TransferByReceipt and TransferByID are all that is known of one transfer, else UnknownReceipt.
	TransferByReceipt(ctx context.Context, r core.Receipt) (Transfer, error)
	TransferByID(ctx context.Context, id core.TransferID) (Transfer, error)
	// Settled waits until all that was posted before a moment can be read, and gives the moment, to a millisecond: now,
	// if it has not come yet.
	Settled(ctx context.Context, at time.Time) (time.Time, error)
	// RecordDeed writes a deed that changed nothing.
	RecordDeed(ctx context.Context, d core.Deed) error

	// Summary sums up what happened from a moment until another; PutAway when not all of it is there any more.
	Summary(ctx context.Context, from, until time.Time) (Summary, error)
	// Safeguarding is how accounts of each kind stood at a moment; PutAway when the time since is not all there any
	// more, Busy while another is being made.
	Safeguarding(ctx context.Context, at time.Time) (Safeguarding, error)
}

// State is what became of a record.
type State string

// The states. A request for cash that was confirmed is a transfer.
const (
	Done     State = "done"     // a transfer
	Reversed State = "reversed" // a transfer that another one undid
	Refused  State = "refused"  // a request that moved nothing; known for 30 days
	Open     State = "open"     // a request for cash that waits at a counter
	Ended    State = "ended"    // a request for cash that ended without any
)

// States lists every state.
var States = []State{Done, Reversed, Refused, Open, Ended}

// Record is one thing that was asked of the ledger.
type Record struct {
	State     State
	Request   core.RequestID
	At        time.Time // in the zone in which people read dates
	Operation core.Operation
	From, To  core.Party  // zero: the system
	Amount    core.Amount // without the fee
	Fee       core.Amount // not known of what was refused

	Transfer core.TransferID // it and the receipt are of a transfer
	Receipt  core.Receipt
	Code     core.Code // why it was refused
	How      string    // a request for cash ended: refused, cancelled, expired, codes
}

// Filter says which records are looked for. Its zero value admits all transfers, reversed or not.
type Filter struct {
	State       State
	Party       core.Party // on either side
	Operation   core.Operation
	From, Until time.Time // Until is the first moment after
}

// Admits is whether a record of the filter's time and party is what it looks for.
func (f Filter) Admits(r Record) bool {
	return (f.Operation == "" || r.Operation == f.Operation) && (f.State == "" || r.State == f.State)
}

// Picks is whether the filter may pass over most of what there is.
func (f Filter) Picks() bool { return f.Operation != "" || f.State == Reversed }

// Cursor says where the next page begins. What it holds is the store's affair; the empty one begins at the newest.
type Cursor string

// Page is some records, newest first. Next is empty when no more follow.
type Page struct {
	Records []Record
	Next    Cursor
}

// Transfer is all that is known of one transfer.
type Transfer struct {
	Record
	Entries  []Entry
	Messages []Sent
	Asked    time.Time // when its request came; zero when that is forgotten
	Cash     *Cash     // which it confirmed; nil for none

	Reversal core.Receipt // of the transfer that undid it; empty for none
	Of       core.Receipt // of the transfer that it undid; empty for none, or of one that was put away
}

// Entry is one line of a transfer.
type Entry struct {
	Account core.AccountID
	Kind    AccountKind
	Owner   core.Party // zero: the system
	Amount  core.Amount
	Balance core.Amount // after it
}

// Cash is a request for cash that was confirmed.
type Cash struct {
	Ref   string // as agents see it: R17
	Asked time.Time
	Ended time.Time
}

// Sent is a message, and how far it came.
type Sent struct {
	notice.Message
	To        core.PartyID
	SentAt    time.Time // the zero time is not yet, or never
	Delivered time.Time
	Failed    time.Time
	Dead      time.Time
	Error     string
}

// Records is the next page of what a filter admits.
func (o *Office) Records(ctx context.Context, f Filter, after Cursor, n int) (Page, error) {
	return o.records.Records(ctx, f, after, n)
}

// TransferByReceipt is all that is known of one transfer, else UnknownReceipt.
func (o *Office) TransferByReceipt(ctx context.Context, r core.Receipt) (Transfer, error) {
	return o.records.TransferByReceipt(ctx, r)
}

// TransferByID is the same, by its id.
func (o *Office) TransferByID(ctx context.Context, id core.TransferID) (Transfer, error) {
	return o.records.TransferByID(ctx, id)
}

// Summary sums up a day, which begins and ends when it does in the zone of the times. Of one that is not over it is what
// happened so far.
func (o *Office) Summary(ctx context.Context, from, until time.Time) (Summary, error) {
	until, err := o.records.Settled(ctx, until)
	if err != nil {
		return Summary{}, err
	}
	return o.records.Summary(ctx, from, until)
}

// Safeguarding is how accounts of each kind stood at a moment: after all transfers whose time was before it, and none
// of the others. A moment that has not come yet is now.
func (o *Office) Safeguarding(ctx context.Context, at time.Time) (Safeguarding, error) {
	at, err := o.records.Settled(ctx, at)
	if err != nil {
		return Safeguarding{}, err
	}
	return o.records.Safeguarding(ctx, at)
}

package ledger

import (
	"slices"
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
)

// Entry is one line of a transfer: it adds Amount, which may be negative, to an account's balance.
type Entry struct {
	Account core.AccountID
	Amount  core.Amount
}

// Posted is an entry as it was written.
type Posted struct {
	Entry
	Version int64       // counts the entries of its account, from 1, without a gap
	Balance core.Amount // of the account after this entry
}

// Action is what a posting does.
type Action string

// The actions.
const (
	Move    Action = "move"    // write the entries
	Place   Action = "place"   // hold Amount + Fee of From
	Capture Action = "capture" // end a hold by writing the entries that it was for
	Release Action = "release" // end a hold and give it back
	Expire  Action = "expire"  // the same, because its time is over
	Note    Action = "note"    // write down that something was agreed upon which moves nothing
	Refuse  Action = "refuse"  // write down that the command was refused, with Code
)

// Actions lists every action.
var Actions = []Action{Move, Place, Capture, Release, Expire, Note, Refuse}

// Posting is what is asked of the ledger.
type Posting struct {
	Request   core.RequestID
	Action    Action
	Operation core.Operation
	From, To  core.AccountID // who pays whom; From's limits count Amount. Zero where there is nobody
	Amount    core.Amount
	Fee       core.Amount
	Entries   []Entry         // of Move and Capture
	Hold      core.HoldID     // of Capture, Release, Expire; of Place, the id that the new hold gets
	Expires   time.Time       // of Place
	Code      core.Code       // of Refuse
	Undoes    core.TransferID // of a reversal that undoes a transfer: that one, and
	Step      Step            // how far
	Transfer  core.TransferID // the id that the transfer gets, given at the store's door
	Receipt   core.Receipt    // likewise
}

// Content is what must be the same when a request id comes again. The fee is not part of it: whoever asks
// again asks for the same thing, whatever it costs by now. Nor is the action, so that a Refuse stands in
// the place of the Move, Place or Capture that it refuses (for a Place it comes without a Hold); only
// giving a hold back is told apart, lest a Capture be taken for done because a Release was. A step in undoing
// a transfer is that step: how much there is to move is found out when it does.
func (p Posting) Content() string {
	if p.Undoes != 0 {
		return string(p.Operation) + " of " + strconv.FormatInt(int64(p.Undoes), 10) + " " + string(p.Step)
	}
	hold := p.Hold
	if p.Action == Place { // a new id each time it is asked
		hold = 0
	}
	b := make([]byte, 0, 96) // stays on the stack; only the string is allocated
	b = append(b, p.Operation...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(p.From), 10)
	b = append(b, '>')
	b = strconv.AppendInt(b, int64(p.To), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(p.Amount), 10)
	b = append(b, " hold "...)
	b = strconv.AppendInt(b, int64(hold), 10)
	if p.Action == Release || p.Action == Expire {
		b = append(b, ' ')
		b = append(b, p.Action...)
	}
	return string(b)
}

// Touches lists the accounts that the posting names, sorted and each once: From, To and those of the
// entries. Whoever locks them in this order cannot deadlock. A posting that names a hold touches the
// hold's account too, which only the hold knows.
func (p Posting) Touches() []core.AccountID {
	ids := make([]core.AccountID, 0, len(p.Entries)+2)
	for _, e := range p.Entries {
		ids = append(ids, e.Account)
	}
	if p.From != 0 {
		ids = append(ids, p.From)
	}
	if p.To != 0 {
		ids = append(ids, p.To)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Outcome is what became of a posting. It is kept under the request id and given again to whoever asks
// again.
type Outcome struct {
	Request  core.RequestID
	Content  string
	Code     core.Code       // why it was refused; empty when it was done
	Transfer core.TransferID // it, Receipt and Hold are zero when refused
	Receipt  core.Receipt
	Hold     core.HoldID
	At       time.Time
	Entries  []Posted
	Again    bool // the request had come before; nothing was done now
}

// Err is nil when it was done, else the refusal.
func (o Outcome) Err() error {
	if o.Code == "" {
		return nil
	}
	return core.Errorf(o.Code, "request %s", o.Request)
}

// Balance is what an account's balance was after the posting, and whether the posting touched it.
func (o Outcome) Balance(id core.AccountID) (core.Amount, bool) {
	for i := len(o.Entries) - 1; i >= 0; i-- {
		if o.Entries[i].Account == id {
			return o.Entries[i].Balance, true
		}
	}
	return 0, false
}

// Recorded is whether this very outcome was written down under its request. It is not when the request
// had come before, with the same content or another, and when there was no request id.
func (o Outcome) Recorded() bool {
	return !o.Again && o.Code != core.RequestReused && o.Request != ""
}

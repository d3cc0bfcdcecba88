package ledger

import (
	"time"

	"github.com/piga-money/piga/core"
)

// Apply decides one posting: it is done as a whole, or refused and changes no account and no hold. at is
// the time of the decision, in the zone whose days and months the limits follow. What comes of it is kept
// under the request id, refusals too, so that a replay is told the same even when money has come since.
//
// Where several things are wrong, the first in this order is told:
//
//  1. the request: BadPosting without an id, RequestReused with other content, Voided whatever the content
//  2. the shape: BadPosting, Unbalanced, UnknownAccount
//  3. the hold: HoldExists; UnknownHold, HoldEnded, HoldExpired or HoldRunning, HoldMismatch
//  4. the statuses, of those who pay and then of those who are paid, each in the order of the entries
//  5. the limits of From: OverTransactionLimit, OverDayLimit, OverMonthLimit, AfterReset
//  6. the money: InsufficientFunds
//  7. the receiver's room: OverLargestBalance
//
// Overflow is told where the sum that does not fit is made: of entries and balances with the shape, of
// what was spent with the limits, of what is held with the money.
func (b *Book) Apply(p Posting, at time.Time) Outcome {
	o := Outcome{Request: p.Request, Content: p.Content(), At: at}
	if p.Request == "" {
		o.Code = core.BadPosting
		return o
	}
	if first, known := b.Outcomes[p.Request]; known {
		return first.again(o)
	}
	o.Entries, o.Code = b.decide(&p, at)
	if o.Code == "" {
		o.Transfer, o.Receipt, o.Hold = p.Transfer, p.Receipt, p.Hold
	}
	if b.Outcomes == nil {
		b.Outcomes = map[core.RequestID]Outcome{}
	}
	b.Outcomes[p.Request] = o
	return o
}

// again is the answer to a request that has come before. A request that was voided stays void for
// everybody, since whoever voided it may not have known what it was going to ask.
func (first Outcome) again(now Outcome) Outcome {
	if first.Code != core.Voided && first.Content != now.Content {
		now.Code = core.RequestReused
		return now
	}
	first.Again = true
	return first
}

// decide carries the posting out, or says why not. Each action looks at everything before it changes
// anything: that is what makes a posting all or nothing.
func (b *Book) decide(p *Posting, at time.Time) ([]Posted, core.Code) {
	switch p.Action {
	case Move:
		return b.move(p, at)
	case Capture:
		return b.capture(p, at)
	case Place:
		return nil, b.place(p, at)
	case Release, Expire:
		return nil, b.giveBack(p, at)
	case Note:
		return nil, b.note(p)
	case Refuse:
		return nil, refuse(p.Code)
	default:
		return nil, core.BadPosting
	}
}

// refuse takes the code that the command was refused with. RequestReused cannot be one: it says that
// nothing was written down.
func refuse(code core.Code) core.Code {
	if code == "" || code == core.RequestReused {
		return core.BadPosting
	}
	return code
}

package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Reversals keeps the cases of transfers that are undone.
type Reversals interface {
	// Undoable is the reversal that a transfer may have: UnknownReceipt when there is no such transfer, TransferArchived
	// when its month was put away, NotReversible when it stands for something else than one party paying another.
	Undoable(ctx context.Context, r core.Receipt) (Reversal, error)
	// ReversalByID and ReversalOf find one, with its steps, else NoReversal.
	ReversalByID(ctx context.Context, id int64) (Reversal, error)
	ReversalOf(ctx context.Context, id core.TransferID) (Reversal, error)
	// Reversals are at most n in a state, or in any, the newest first, without their steps: those before an id, if it
	// is not zero.
	Reversals(ctx context.Context, in ReversalState, before int64, n int) ([]Reversal, error)
}

// Reversal is a transfer that is undone, or was: a case.
type Reversal struct {
	ledger.Mirror
	ID        int64
	Operation core.Operation // of what is undone
	Receipt   core.Receipt   // likewise
	Payer     core.Party     // who paid then
	Payee     core.Party     // who was paid
	State     ReversalState
	Returned  core.Amount // what the payer got back
	Reason    string
	Opened    time.Time // in the zone in which people read dates
	Ended     time.Time // zero while it is open
	Steps     []ReversalStep
}

// ReversalState is how far a reversal is.
type ReversalState string

// The states.
const (
	Open    ReversalState = "open"       // who was paid has spent part: a person decides
	Whole   ReversalState = "whole"      // all came back
	Settled ReversalState = "settled"    // with what there was
	Given   ReversalState = "given_back" // the transfer stands
)

// ReversalStates lists every state.
var ReversalStates = []ReversalState{Open, Whole, Settled, Given}

// ReversalStep is one thing that was done in a reversal.
type ReversalStep struct {
	Step    ledger.Step
	By      core.AdminID
	Reason  string
	At      time.Time
	Receipt core.Receipt // of the transfer that it made; empty when nothing moved, or that month was put away
	Held    core.Amount  // what it put into suspense, or took from there
}

// Undoing is a step of a reversal that comes with the posting that carries it, if that is done. How much there is to
// move is known under the lock of the accounts: the store adds the entries, and the notices. A step in a reversal that
// is over is ReversalEnded, one that would collect nothing more NothingToCollect.
type Undoing struct {
	Reversal                                                       // as it was read; what has changed since is read again
	Begins   bool                                                  // with this step
	Tell     func(after Reversal, u ledger.Undone) []notice.Notice // who is told of it
}

// After is a reversal after a step.
func (r Reversal) After(step ledger.Step, u ledger.Undone) Reversal {
	r.Taken, r.Returned, r.State = u.Taken, u.Returned, Open
	switch {
	case !u.Ended:
	case step == ledger.Collect:
		r.State = Whole
	case step == ledger.Settle:
		r.State = Settled
	default:
		r.State = Given
	}
	return r
}

// tellUndone tells both sides what became of it.
func tellUndone(after Reversal, u ledger.Undone) []notice.Notice {
	payer, payee := text.Key("sms.reversal.back"), text.Key("sms.reversal.taken")
	switch after.State {
	case Open:
		payer, payee = "sms.reversal.waits", "sms.reversal.held"
		if u.Amount == 0 {
			payee = "sms.reversal.owed"
		}
	case Settled:
		payer, payee = "sms.reversal.settled", "sms.reversal.over"
		if u.Returned == 0 {
			payer = "sms.reversal.lost"
		}
	case Given:
		payer, payee = "sms.reversal.refused", "sms.reversal.given_back"
		if u.Amount == 0 {
			payee = "sms.reversal.over"
		}
	default: // all went back
	}
	return []notice.Notice{
		balanced(after.Payer, payer, after.From, text.Args{
			"of": string(after.Receipt), "amount": u.Returned.Long(), "name": after.Payee.Name,
		}),
		balanced(after.Payee, payee, after.To, text.Args{
			"of": string(after.Receipt), "amount": u.Moved(after.To).Long(), "name": after.Payer.Name,
		}),
	}
}

package wallet

import (
	"context"
	"fmt"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// Reverse undoes a transfer, once: whoever asks again is told what came of it. What those who were paid have left is
// taken; if that is all, it goes back at once with fee and commission, else the case stays open. UnknownReceipt,
// TransferArchived, NotReversible; PayerClosed and PayeeClosed when one of the two has no account any more. d says whose
// deed it is, and why.
func (w *Wallet) Reverse(ctx context.Context, receipt core.Receipt, d core.Deed) (Reversal, error) {
	r, err := w.undoing.Undoable(ctx, receipt)
	if err != nil {
		return Reversal{}, err
	}
	if known, err := w.undoing.ReversalOf(ctx, r.Transfer); core.CodeOf(err) != core.NoReversal {
		return known, err
	}
	switch {
	case r.Payee.Status == core.Closed:
		return Reversal{}, core.Errorf(core.PayerClosed, "party %d has nothing to give back", r.Payee.ID)
	case r.Payer.Status == core.Closed:
		return Reversal{}, core.Errorf(core.PayeeClosed, "party %d cannot get it back", r.Payer.ID)
	}
	d.Action = "transfer.reverse"
	o := r.order(core.RequestID(fmt.Sprint("reverse:", r.Transfer)), ledger.Collect, d)
	o.Undo.Begins = true
	return w.undo(ctx, o)
}

// StepReversal does one thing more in a case that is open: it collects what there is by now, settles with what was taken,
// what is missing being asked of nobody any more, or gives it back. NoReversal, ReversalEnded, NothingToCollect. The same
// request again is told how the case stands.
func (w *Wallet) StepReversal(
	ctx context.Context, request core.RequestID, id int64, step ledger.Step, d core.Deed,
) (Reversal, error) {
	r, err := w.undoing.ReversalByID(ctx, id)
	if err != nil {
		return Reversal{}, err
	}
	d.Action = "reversal." + string(step)
	return w.undo(ctx, r.order(request, step, d))
}

func (w *Wallet) undo(ctx context.Context, o Order) (Reversal, error) {
	outcome, err := w.books.Post(ctx, o)
	if err == nil {
		err = outcome.Err()
	}
	if err != nil {
		return Reversal{}, err
	}
	return w.undoing.ReversalOf(ctx, o.Undoes)
}

// order is a step as an order. Its entries name the accounts that it may touch: what they are is worked out by the
// store.
func (r Reversal) order(request core.RequestID, step ledger.Step, d core.Deed) Order {
	d.Subject, d.ID = core.OfTransfer, int64(r.Transfer)
	o := Order{
		Posting: ledger.Posting{
			Request: request, Action: ledger.Move, Operation: core.Reverse, From: r.To, To: r.From, Amount: r.Amount,
			Undoes: r.Transfer, Step: step,
		},
		Undo: &Undoing{Reversal: r, Tell: tellUndone},
		Deed: &d,
	}
	if step == ledger.GiveBack {
		o.From, o.To = r.From, r.To
	}
	for _, id := range []core.AccountID{core.Suspense, core.Fees, core.CommissionExpense, r.Commission} {
		if id != 0 {
			o.Entries = append(o.Entries, ledger.Entry{Account: id})
		}
	}
	return o
}

// ReversalByID is a case with its steps, else NoReversal.
func (w *Wallet) ReversalByID(ctx context.Context, id int64) (Reversal, error) {
	return w.undoing.ReversalByID(ctx, id)
}

// mostReversals are listed at a time.
const mostReversals = 50

// Reversals are the newest cases in a state, or in any, before an id if that is not zero.
func (w *Wallet) Reversals(ctx context.Context, in ReversalState, before int64) ([]Reversal, error) {
	return w.undoing.Reversals(ctx, in, before, mostReversals)
}

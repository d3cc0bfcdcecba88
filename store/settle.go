package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

const (
	// It is tried for so long to find out what became of an order. Whoever waits for the answer may have
	// waited for the order before.
	settleWithin = 2 * time.Second

	settleAgain = 20 * time.Millisecond
)

// settle finds out what became of an order when nobody knows whether its commit was carried out. Looking
// is not enough: the order may still be in flight, and come true after it was said not to be. So it is
// closed, see last, which waits for what is in flight. The connection is fresh, as others may be as dead as
// the one that was lost, and the time is its own, as the caller's may be over.
func (s *Store) settle(ctx context.Context, o wallet.Order, unknown error) (ledger.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleWithin)
	defer cancel()
	for {
		outcome, err := s.aside.close(ctx, o)
		if err == nil {
			return outcome, nil
		}
		select {
		case <-time.After(settleAgain):
		case <-ctx.Done():
			return ledger.Outcome{}, core.Errorf(core.OutcomeUnknown, "%w, and it could not be settled: %v", unknown, err)
		}
	}
}

// close posts the last word on an order and tells what became of the order itself.
func (s *Store) close(ctx context.Context, o wallet.Order) (ledger.Outcome, error) {
	err := s.Tx(ctx, func(tx *Tx) error {
		_, err := s.post(tx, []wallet.Order{last(o)})
		return err
	})
	if err != nil {
		return ledger.Outcome{}, err
	}
	known, err := s.outcomes(ctx, s.db, []core.RequestID{o.Request})
	if err != nil {
		return ledger.Outcome{}, told("outcome", err)
	}
	book := ledger.Book{Outcomes: known}
	return book.Apply(o.Posting, time.Time{}), nil
}

// last is what is posted under an order's request id so that the order is decided. It touches the same
// accounts and so waits for the order, if that is in flight, and finds its outcome. Else it voids the
// request: the customer is told so, and the order is refused if it should still come.
//
// A request id that stands for something outside, a hold, a cash request or a bank's reference, must not be used up: there
// the same order is carried out, if it was not.
func last(o wallet.Order) wallet.Order {
	if o.Action == ledger.Release || o.Action == ledger.Expire || o.Action == ledger.Note && o.End != nil {
		return o
	}
	switch o.Operation {
	case core.Issue, core.Redeem, core.Reverse:
		return o
	default:
		if o.Action == ledger.Place {
			o.Hold = 0 // the new one's, which a refusal does not name
		}
		o.Action, o.Code, o.Entries = ledger.Refuse, core.Voided, nil
		return o
	}
}

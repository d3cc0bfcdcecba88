package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

const (
	// It is tried for so long to find out what became of orders. Whoever waits for the answer may have
	// waited for her order before.
	settleWithin = 2 * time.Second

	settleAgain = 20 * time.Millisecond
)

// settle finds out what became of orders that were posted together when nobody knows whether their commit was
// carried out. Looking is not enough: they may still be in flight, and come true after they were said not to
// have. So they are closed, see last, which waits for what is in flight. The connection is fresh, as others
// may be as dead as the one that was lost, and the time is its own, as that of the callers may be over.
func (s *Store) settle(orders []wallet.Order, unknown error) ([]ledger.Outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	for {
		outcomes, err := s.close(ctx, orders)
		if err == nil {
			return outcomes, nil
		}
		select {
		case <-time.After(settleAgain):
		case <-ctx.Done():
			return nil, core.Errorf(core.OutcomeUnknown, "%w, and it could not be settled: %v", unknown, err)
		}
	}
}

// close posts the last word on each order and tells what became of the orders themselves.
func (s *Store) close(ctx context.Context, orders []wallet.Order) ([]ledger.Outcome, error) {
	words, ids := make([]wallet.Order, len(orders)), make([]core.RequestID, len(orders))
	for i, o := range orders {
		words[i], ids[i] = last(o), o.Request
	}
	if _, err := s.postAll(ctx, words); err != nil {
		return nil, err
	}
	known, err := s.outcomes(ctx, s.db, ids)
	if err != nil {
		return nil, told("outcome", err)
	}
	book, outcomes := ledger.Book{Outcomes: known}, make([]ledger.Outcome, len(orders))
	for i, o := range orders {
		outcomes[i] = book.Apply(o.Posting, time.Time{})
	}
	return outcomes, nil
}

// last is what is posted under an order's request id so that the order is decided. It touches the same
// accounts and so waits for the order, if that is in flight, and finds its outcome. Else it voids the
// request: the customer is told so, and the order is refused if it should still come.
//
// A request id that stands for something outside, a hold, a cash request or a bank's reference, must not be used up: there
// the same order is carried out, if it was not.
func last(o wallet.Order) wallet.Order {
	if o.Action == ledger.Release || o.Action == ledger.Expire || o.Action == ledger.Note && o.End != nil || asksOnce(o.Operation) {
		return o
	}
	if o.Action == ledger.Place {
		o.Hold = 0 // the new one's, which a refusal does not name
	}
	o.Action, o.Code, o.Entries = ledger.Refuse, core.Voided, nil
	return o
}

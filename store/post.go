package store

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Post is the one door through which money moves: it has the ledger decide an order and writes down what
// comes of it, in one transaction with others that came at the same time, each decided in its turn. A refusal
// is an outcome, not an error. When the connection is lost while committing it is found out what happened,
// and an order that was not carried out is Voided. Unavailable, and Busy when so many wait that it would be
// too late, mean that nothing happened, and so does any other error but OutcomeUnknown: it was under way
// when the caller's time was over, or the database stayed away from all questions; the same order again
// will tell. An order must not be changed any more, as it may still be under way then.
func (s *Store) Post(ctx context.Context, o wallet.Order) (ledger.Outcome, error) {
	if err := nested(ctx); err != nil { // it would wait for accounts that its own caller has locked
		return ledger.Outcome{}, err
	}
	outcome, err := s.poster.post(ctx, o)
	if err != nil {
		s.poster.tally.failed(o, err)
	}
	return outcome, err
}

// post carries orders out in a transaction, one after the other in the order given, as if each had come
// alone; but what they need is read at once, and what they did is written at once.
//
// Request ids are not claimed beforehand. Postings with the same id and content touch the same accounts, so
// the second waits for the accounts and, looking then, finds the first one's outcome. Where the same id
// comes with other content at the same moment, one meets the other's row when it writes its outcome, is
// rolled back, and finds the other's outcome when it runs again. Locks are always had in one order (cash
// requests, holds, accounts, request ids, each sorted), so nobody waits in a circle.
func (s *Store) post(tx *Tx, orders []wallet.Order) ([]ledger.Outcome, error) {
	orders = append([]wallet.Order(nil), orders...) // it writes ids into them, and may run again
	cash, book, err := tx.lockAll(orders)
	if err != nil {
		return nil, err
	}
	now, err := s.complete(tx, orders, &book)
	if err != nil {
		return nil, err
	}
	if err := tx.readCounter(cash, orders, now); err != nil {
		return nil, err
	}
	undone, err := tx.readReversals(orders)
	if err != nil {
		return nil, err
	}
	before := balances(book)
	outcomes := make([]ledger.Outcome, len(orders))
	for i := range orders {
		o := &orders[i]
		_, again := book.Outcomes[o.Request]
		if !again {
			undone.admit(o, &book)
		}
		tx.stripe.order(o)
		if !again {
			cash.admit(o, now)
		}
		outcomes[i] = book.Apply(o.Posting, now)
		if err := cash.keep(o, outcomes[i]); err != nil {
			return nil, err
		}
		undone.keep(o, outcomes[i])
	}
	tell, err := messagesOf(orders, outcomes)
	if err != nil {
		return nil, err
	}
	if err := tx.writeSteps(undone, now); err != nil {
		return nil, err
	}
	if err := tx.write(rowsOf(orders, outcomes, book, before), cash, tell, now); err != nil {
		return nil, err
	}
	if err := tx.writeDeeds(orders, outcomes); err != nil {
		return nil, err
	}
	return unstriped(outcomes), nil
}

// lockAll locks what orders need, and waits for whoever has it.
func (tx *Tx) lockAll(orders []wallet.Order) (c *counter, b ledger.Book, err error) {
	_, step := core.Begin(tx.ctx, "lock")
	defer func() { step.End(err) }()
	if c, err = tx.lockCash(orders); err != nil {
		return nil, b, err
	}
	b, err = tx.lock(orders)
	return c, b, err
}

// balances copies the accounts, so that it can be seen which of them change.
func balances(b ledger.Book) map[core.AccountID]ledger.Account {
	copied := make(map[core.AccountID]ledger.Account, len(b.Accounts))
	for id, a := range b.Accounts {
		copied[id] = *a
	}
	return copied
}

package store

import (
	"context"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// A batch has so long to be posted, whoever waits for it. A turn has twice as much and more.
const batchWithin = 3 * time.Second

// carryOut posts a batch and answers its callers.
func (p *poster) carryOut(batch []*caller) {
	watched, step := core.Begin(begun(p.ctx, batch), "batch")
	step.Note("orders", strconv.Itoa(len(batch)))
	defer step.End(nil)
	ctx, cancel := context.WithTimeout(watched, batchWithin)
	defer cancel()
	if err := p.books.prepare(ctx, postingSQL()...); err != nil {
		tell(batch, nil, err)
		return
	}
	p.halve(watched, batch)
}

// begun ends the wait of a batch's callers, and is the context of what is done for all of them.
func begun(ctx context.Context, batch []*caller) context.Context {
	var watched []context.Context
	for _, c := range batch {
		c.queued.End(nil)
		if c.within != nil {
			watched = append(watched, c.within)
		}
	}
	return core.Together(ctx, watched)
}

// postingSQL are the statements of a batch.
func postingSQL() []string {
	return []string{
		lockCashSQL, lockHoldsSQL, lockAccountsSQL, numberSQL, readAskersSQL, lastRefsSQL, readDesksSQL, cashIDsSQL, readEarnedSQL,
		writeSQL, writeCashSQL,
	}
}

// halve posts orders in one transaction. When that fails because of one of them, each half is posted by
// itself, until the culprit stands alone and has the error to herself. Halves keep the order of arrival.
// What is Unavailable, or took too long because an account was locked elsewhere, is told to all: nothing happened to
// any of them. Whether a lost commit
// was carried out is found out beside the next batch, which need not wait for that.
func (p *poster) halve(watched context.Context, batch []*caller) {
	orders := make([]wallet.Order, len(batch))
	for i, c := range batch {
		orders[i] = c.order
	}
	ctx, cancel := context.WithTimeout(watched, batchWithin)
	defer cancel()
	outcomes, err := p.books.postAll(ctx, orders)
	if core.CodeOf(err) == core.Unavailable && ctx.Err() == nil { // the connection may have been lost long ago
		outcomes, err = p.books.postAll(ctx, orders)
	}
	if err == nil {
		p.tally.decided(batch, outcomes, false)
	}
	switch code := core.CodeOf(err); {
	case code == core.OutcomeUnknown:
		p.work.Go(func() {
			outcomes, err := p.aside.settle(orders, err)
			p.tally.decided(batch, outcomes, true)
			tell(batch, outcomes, err)
		})
	case code == "", code == core.Unavailable, len(batch) == 1:
		tell(batch, outcomes, err)
	default:
		p.halve(watched, batch[:len(batch)/2])
		p.halve(watched, batch[len(batch)/2:])
	}
}

// tell answers callers: each with her own outcome, or all with one error.
func tell(batch []*caller, outcomes []ledger.Outcome, err error) {
	for i, c := range batch {
		if err != nil {
			c.answer <- answer{err: err}
			continue
		}
		c.answer <- answer{outcome: outcomes[i]}
	}
}

// postAll posts orders in one transaction. An order brings functions of its own, which must not end those
// who only wait beside it: a panic is an error here.
func (s *Store) postAll(ctx context.Context, orders []wallet.Order) (outcomes []ledger.Outcome, err error) {
	err = s.Tx(ctx, func(tx *Tx) (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = core.Errorf(core.Internal, "post: panic: %v\n%s", r, debug.Stack())
			}
		}()
		outcomes, err = s.post(tx, orders)
		return err
	})
	return outcomes, err
}

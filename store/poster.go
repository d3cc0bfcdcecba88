package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

const (
	// So many batches are posted at a time: as one is worked out here, another is written over there.
	posters = 2

	// A second batch is not begun for fewer orders than this. Alone they would cost as much as with those that
	// come meanwhile.
	leastBeside = 64

	// A batch has so many orders at most: beyond, each costs as much as the one before, and only waits longer.
	mostInBatch = 256

	// So many may wait. Whoever comes then would wait for longer than anybody stays on the line.
	mostQueued = 8192

	// When the store closes, what is queued has so long to be posted.
	drainWithin = 5 * time.Second
)

// poster is the queue in front of the books. Callers put their orders into it and wait; a goroutine takes
// what is there, in the order of arrival, posts it in one transaction and answers each with her own outcome.
// It waits for nobody: what came while a batch was away is the next one. The goroutine ends when there is
// nothing for it, so that an idle store has none.
//
// Two batches may be under way at a time, but never two with an account in common, nor one with an order that
// came after another of the same account which is still waiting: see lanes. So for each account orders are
// decided as they came, and since orders that share nothing decide nothing about each other, all of them are as if they
// had been decided one by one.
//
// Its connections are its own, so that nobody who reads or writes otherwise can keep it from posting.
type poster struct {
	books *Store // on connections that post batches
	aside *Store // on fresh connections, for what went wrong on the others
	clock func() time.Time
	limit int // orders in a batch
	most  int // batches at a time
	least int // orders in one beside another
	tally *tally

	ctx  context.Context // of all batches
	stop context.CancelFunc
	work sync.WaitGroup // goroutines that post or settle

	mu     sync.Mutex // for what follows
	lanes  lanes
	busy   int // batches under way
	closed bool
	usual  time.Duration // what a batch took lately
}

// caller is one who waits for what becomes of her order.
type caller struct {
	order  wallet.Order
	shares []key       // what no other batch may touch while her order is under way
	ready  bool        // she may go, as far as was seen when she was last looked at
	answer chan answer // takes one without waiting, as she may have gone

	within context.Context // in which her order is watched; nil when it is not
	queued core.Step       // until it is taken
}

type answer struct {
	outcome ledger.Outcome
	err     error
}

func newCaller(ctx context.Context, o wallet.Order) *caller {
	c := &caller{order: o, shares: sharedBy(o), answer: make(chan answer, 1)}
	if core.Seen(ctx) {
		c.within = ctx
	}
	_, c.queued = core.Begin(ctx, "queue")
	return c
}

func newPoster(books, aside *Store, clock func() time.Time) *poster {
	p := &poster{
		books: books, aside: aside, clock: clock, limit: mostInBatch, most: posters, least: leastBeside, lanes: newLanes(), tally: newTally(),
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

// post is what became of an order, when it is decided.
func (p *poster) post(ctx context.Context, o wallet.Order) (ledger.Outcome, error) {
	c, err := p.enter(ctx, o)
	if err != nil {
		return ledger.Outcome{}, err
	}
	return p.wait(ctx, c)
}

// enter puts an order at the end of the queue, or says why not: nothing has happened then.
func (p *poster) enter(ctx context.Context, o wallet.Order) (*caller, error) {
	if err := ctx.Err(); err != nil {
		return nil, told("post", err)
	}
	c := newCaller(ctx, o)
	if err := p.admit(ctx, c); err != nil {
		c.queued.End(err)
		return nil, err
	}
	return c, nil
}

func (p *poster) admit(ctx context.Context, c *caller) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return core.Errorf(core.Unavailable, "post: the store is closed")
	}
	if p.late(ctx) {
		return core.Errorf(core.Busy, "post: %d are waiting, and a batch takes %s", len(p.lanes.queue), p.usual)
	}
	p.lanes.enter(c)
	if p.worth() {
		p.busy++
		p.work.Go(p.run)
	}
	return nil
}

// worth is whether another batch should be begun now.
func (p *poster) worth() bool {
	return p.busy == 0 || p.busy < p.most && p.lanes.look() >= p.least
}

// late is whether a caller who comes now could not be answered while she waits. It is judged by the time of
// a batch, not of an order: a batch of one takes nearly as long as one of fifty. Where nobody is ahead of
// her she is let in, whatever the last batches took: that is how it is found out that all is well again.
func (p *poster) late(ctx context.Context) bool {
	if len(p.lanes.queue) >= mostQueued {
		return true
	}
	until, ok := ctx.Deadline()
	if !ok || p.busy == 0 {
		return false
	}
	batches := time.Duration(2 + len(p.lanes.queue)/p.limit) // the one that is away, those queued, her own
	return p.clock().Add(batches * p.usual).After(until)
}

// wait is until the order is answered, or its caller's time is over. In the queue it can be taken back. A
// batch that is under way is not broken off for one of its callers: its answer is on its way, and is
// waited for a little longer.
func (p *poster) wait(ctx context.Context, c *caller) (ledger.Outcome, error) {
	select {
	case a := <-c.answer:
		return a.outcome, a.err
	case <-ctx.Done():
	}
	if p.leave(c) {
		c.queued.End(ctx.Err())
		return ledger.Outcome{}, told("post: in the queue", ctx.Err())
	}
	select {
	case a := <-c.answer:
		return a.outcome, a.err
	case <-time.After(settleWithin):
		return ledger.Outcome{}, core.Errorf(core.OutcomeUnknown, "post: in a batch: %w", ctx.Err())
	}
}

// leave takes a caller out of the queue, and is false when her order was taken already.
func (p *poster) leave(c *caller) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lanes.leave(c)
}

// run posts batches as long as there are any.
func (p *poster) run() {
	for batch := p.next(nil); len(batch) > 0; batch = p.next(batch) {
		began := p.clock()
		p.carryOut(batch)
		took := p.clock().Sub(began)
		p.took(took)
		p.tally.batched(len(batch), took)
	}
}

// next ends a batch, and is the one to post now; none when there is too little for it.
func (p *poster) next(done []*caller) []*caller {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lanes.giveBack(done)
	p.busy--
	if !p.worth() {
		return nil
	}
	batch := p.lanes.take(p.limit)
	if len(batch) > 0 {
		p.busy++
	}
	return batch
}

// took keeps what a batch took, as a figure that moves by an eighth.
func (p *poster) took(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.usual += (d - p.usual) / 8
}

// close lets in nobody else, and waits until those who are in have their answers: in a few seconds, if need
// be that nothing happened.
func (p *poster) close() error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	late := time.AfterFunc(drainWithin, p.stop)
	p.work.Wait()
	late.Stop()
	p.stop()
	return errors.Join(p.books.db.Close(), p.aside.db.Close())
}

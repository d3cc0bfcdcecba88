package store

import (
	"database/sql"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Figures are what operators watch of a store: how it stands, and what it has counted since it was opened. How they are
// shown is not its affair.
type Figures struct {
	Money   map[Answered]Sum
	Batch   Spread // orders in a batch
	Seconds Spread // of a batch
	Waiting int    // orders in the queue
	Posting int    // batches under way

	WrongPINs  int64
	LockedPINs int64 // by the last of the wrong tries

	Pools map[string]sql.DBStats // connections, by what they are for
}

// Answered is what an order was, and what was said to it: a code, or what was done. An order that comes again is
// not counted again.
type Answered struct {
	Operation core.Operation
	Said      string
}

// What is said where an order was not refused.
const (
	saidDone     = "done"
	saidHeld     = "held"
	saidReleased = "released"
	saidExpired  = "expired"
	saidNoted    = "noted"
)

// Sum is so many orders, and what they were about, without the fees.
type Sum struct {
	Orders int64
	Amount core.Amount
}

// Spread is how the values of something were spread.
type Spread struct {
	UpTo  []float64 // bounds that grow
	Count []uint64  // of the values up to each bound
	All   uint64
	Sum   float64
}

func newSpread(bounds ...float64) Spread {
	return Spread{UpTo: bounds, Count: make([]uint64, len(bounds))}
}

func (s *Spread) add(v float64) {
	for i, bound := range s.UpTo {
		if v <= bound {
			s.Count[i]++
		}
	}
	s.All++
	s.Sum += v
}

func (s Spread) copy() Spread {
	s.Count = slices.Clone(s.Count)
	return s
}

// Figures are as of now.
func (s *Store) Figures() Figures {
	f := s.poster.figures()
	f.WrongPINs, f.LockedPINs = s.wrongPINs.Load(), s.lockedPINs.Load()
	f.Pools = map[string]sql.DBStats{
		"calls": s.db.Stats(), "batches": s.poster.books.db.Stats(), "settling": s.poster.aside.db.Stats(), "records": s.records.db.Stats(),
	}
	return f
}

// tally is what a poster counts.
type tally struct {
	mu      sync.Mutex
	money   map[Answered]Sum
	batch   Spread
	seconds Spread
}

func newTally() *tally {
	return &tally{
		money:   unanswered(),
		batch:   newSpread(1, 2, 4, 8, 16, 32, 64, 128, mostInBatch),
		seconds: newSpread(.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 5),
	}
}

// unanswered has zeros for what operators are woken by: what is not there before it happens cannot be seen to grow.
func unanswered() map[Answered]Sum {
	none := map[Answered]Sum{}
	for _, op := range core.Operations {
		for _, code := range []core.Code{saidDone, core.Voided, core.OutcomeUnknown, core.Unavailable, core.Busy, core.Internal} {
			none[Answered{op, string(code)}] = Sum{}
		}
	}
	return none
}

func (p *poster) figures() Figures {
	p.mu.Lock()
	f := Figures{Waiting: len(p.lanes.queue), Posting: p.busy}
	p.mu.Unlock()
	p.tally.mu.Lock()
	defer p.tally.mu.Unlock()
	f.Money, f.Batch, f.Seconds = maps.Clone(p.tally.money), p.tally.batch.copy(), p.tally.seconds.copy()
	return f
}

func (t *tally) batched(orders int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.batch.add(float64(orders))
	t.seconds.add(took.Seconds())
}

// decided counts what became of a batch. What is settled was looked for under its request id, and so seems to have come
// before.
func (t *tally) decided(batch []*caller, outcomes []ledger.Outcome, settled bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, o := range outcomes {
		if settled || !o.Again {
			t.add(batch[i].order, said(batch[i].order.Action, o.Code))
		}
	}
}

// failed counts an order of which its caller could not be told what became.
func (t *tally) failed(o wallet.Order, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(o, string(core.CodeOf(err)))
}

func (t *tally) add(o wallet.Order, said string) {
	key := Answered{o.Operation, said}
	sum := t.money[key]
	sum.Orders++
	sum.Amount += o.Amount
	t.money[key] = sum
}

func said(a ledger.Action, refused core.Code) string {
	switch {
	case refused != "":
		return string(refused)
	case a == ledger.Place:
		return saidHeld
	case a == ledger.Release:
		return saidReleased
	case a == ledger.Expire:
		return saidExpired
	case a == ledger.Note:
		return saidNoted
	default:
		return saidDone
	}
}

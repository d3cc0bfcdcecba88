package store

import (
	"hash/maphash"
	"slices"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// lanes are the orders that wait, as they came, and what the batches under way have to themselves. An order may
// go when it shares nothing with those, nor with one that came before it and may not go either. They belong to
// whoever has the poster's lock.
type lanes struct {
	queue  []*caller
	away   map[key]bool // what the batches under way touch
	behind map[key]bool // what those touch who were looked at and may not go
	looked int          // so many of the first of the queue were looked at
	ready  int          // and so many of these may go
}

// It is looked no further than this for orders that may go before others.
const mostLooked = 4 * mostInBatch

func newLanes() lanes { return lanes{away: map[key]bool{}, behind: map[key]bool{}} }

func (l *lanes) enter(c *caller) { l.queue = append(l.queue, c) }

// leave takes a caller out of the queue, and is false when her order was taken already.
func (l *lanes) leave(c *caller) bool {
	at := slices.Index(l.queue, c)
	if at < 0 {
		return false
	}
	l.queue = slices.Delete(l.queue, at, at+1)
	l.lookAgain()
	return true
}

// look is how many may go now.
func (l *lanes) look() int {
	for ; l.looked < min(len(l.queue), mostLooked); l.looked++ {
		c := l.queue[l.looked]
		if c.ready = l.free(c); c.ready {
			l.ready++
			continue
		}
		for _, k := range c.shares {
			l.behind[k] = true
		}
	}
	return l.ready
}

func (l *lanes) free(c *caller) bool {
	if len(l.away) == 0 && len(l.behind) == 0 {
		return true
	}
	for _, k := range c.shares {
		if k == everything || l.away[k] || l.behind[k] {
			return false
		}
	}
	return !l.away[everything] && !l.behind[everything]
}

// take takes the first who may go, so many at most, and keeps from all others what their orders touch.
func (l *lanes) take(most int) []*caller {
	most = min(most, l.look())
	batch := make([]*caller, 0, most)
	l.queue = slices.DeleteFunc(l.queue, func(c *caller) bool {
		if !c.ready || len(batch) == most {
			return false
		}
		batch = append(batch, c)
		for _, k := range c.shares {
			l.away[k] = true
		}
		return true
	})
	l.lookAgain()
	return batch
}

// giveBack lets others have what a batch touched that is over.
func (l *lanes) giveBack(batch []*caller) {
	for _, c := range batch {
		for _, k := range c.shares {
			delete(l.away, k)
		}
	}
	l.lookAgain()
}

// lookAgain forgets who may go.
func (l *lanes) lookAgain() {
	l.looked, l.ready = 0, 0
	clear(l.behind)
}

// key is something that orders share: an account, a cash request, a request id.
type key uint64

// everything is touched by an order of which it is not known what it touches.
const everything key = 0

// The kinds of keys differ in their last bits.
const (
	accountKey = 1 + iota
	cashKey
	requestKey
	kindBits = 2
)

var seed = maphash.MakeSeed()

// sharedBy is what an order touches, each once. The fees and the commission expense are not among it, as every batch
// has a stripe of its own. Two request ids may have one key: then one waits for the other, for nothing.
func sharedBy(o wallet.Order) []key {
	keys := make([]key, 0, 8)
	keys = append(keys, key(maphash.String(seed, string(o.Request)))<<kindBits|requestKey)
	account := func(id core.AccountID) {
		if id != 0 && id != core.Fees && id != core.CommissionExpense {
			keys = append(keys, key(id)<<kindBits|accountKey)
		}
	}
	for _, id := range o.Touches() {
		account(id)
	}
	if o.Earn != nil {
		account(o.Earn.Account)
	}
	if o.End != nil {
		keys = append(keys, key(o.End.ID)<<kindBits|cashKey)
		account(o.End.Customer)
		account(o.End.Agent)
	}
	if o.Hold != 0 && o.Action != ledger.Place && o.From == 0 && (o.End == nil || o.End.Customer == 0) {
		keys = append(keys, everything) // only the hold knows whose it is
	}
	return keys
}

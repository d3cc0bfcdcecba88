package store

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Many callers post a random workload at once, and the same is decided one by one by a book in memory, in the
// order in which they arrived: batches are invisible, one behind the other or side by side. Every outcome is the
// same, and at the end every balance, hold and entry.
func TestBatchesAreTheBook(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		people       int
		beside       int // batches at a time
		least, limit int // orders in one of them
		inBatch      int // on the average, at least
	}{
		{"few people", 8, posters, leastBeside, mostInBatch, 4},
		{"many people, side by side", 150, 4, 1, 6, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const callers, each = 48, 60
			b := open(t)
			b.poster.most, b.poster.least, b.poster.limit = c.beside, c.least, c.limit // while nobody posts
			b.poster.books.db.SetMaxOpenConns(c.beside)
			a := &arrivals{workload: newWorkload(b, rand.New(rand.NewPCG(3, 4)), c.people)}
			together(callers, func(int) {
				for range each {
					n, c := a.enter(t)
					o, err := b.poster.wait(t.Context(), c)
					if err != nil {
						t.Error(err)
						return
					}
					a.answered(t, n, o)
				}
			})
			if a.compared != callers*each {
				t.Fatalf("%d of %d were answered", a.compared, callers*each)
			}
			a.compareEnd(t)
			a.compareRecorded(t)
			batches := b.count(`SELECT count(DISTINCT xmin::text) FROM requests`)
			if t.Logf("%d orders in %d batches", callers*each, batches); int(batches) > callers*each/c.inBatch {
				t.Error("they came alone")
			}
			if beside := b.poster.most; beside > posters && a.beside < 2 {
				t.Error("never were two batches under way")
			}
			b.sound()
		})
	}
}

// arrivals is a workload in the order in which it enters the queue.
type arrivals struct {
	mu sync.Mutex
	*workload
	orders   []wallet.Order
	outcomes []*ledger.Outcome // nil until answered
	compared int               // so many of the first have been decided by the book
	beside   int               // so many batches were under way at the most
}

// enter enters the next order, and is its number.
func (a *arrivals) enter(t *testing.T) (int, *caller) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o := a.order()
	c, err := a.b.poster.enter(t.Context(), o)
	if err != nil {
		t.Error(err)
	}
	a.orders, a.outcomes = append(a.orders, o), append(a.outcomes, nil)
	a.beside = max(a.beside, a.b.poster.underWay())
	return len(a.orders) - 1, c
}

// underWay is how many batches there are.
func (p *poster) underWay() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy
}

// answered has the book decide all those whose turn it is.
func (a *arrivals) answered(t *testing.T, n int, o ledger.Outcome) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.outcomes[n] = &o
	for a.compared < len(a.orders) && a.outcomes[a.compared] != nil {
		a.compare(t, a.orders[a.compared:a.compared+1], []ledger.Outcome{*a.outcomes[a.compared]})
		a.compared++
	}
}

// compareRecorded compares what is kept of each request, its entries too, with what the book keeps.
func (a *arrivals) compareRecorded(t *testing.T) {
	t.Helper()
	recorded, err := a.b.outcomes(t.Context(), a.b.Store.db, slices.Collect(maps.Keys(a.book.Outcomes)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(a.book.Outcomes, recorded, whoseStripe()); diff != "" {
		t.Errorf("outcomes (-book +store)\n%s", diff)
	}
	if n := a.b.count(`SELECT count(*) FROM requests`); n != int64(len(recorded)) {
		t.Errorf("%d requests are recorded, the book knows %d", n, len(recorded))
	}
}

package store

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// BenchmarkPost is one send with a fee, two messages and everything real, one after the other and from
// several callers at once; "hot" is all to one merchant. fsync is off: what a commit costs on a disk is not
// in it.
func BenchmarkPost(b *testing.B) {
	t := newTraffic(b, 10_000)
	for _, callers := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) { t.post(b, callers, t.random) })
		b.Run(fmt.Sprintf("%d callers, hot", callers), func(b *testing.B) { t.post(b, callers, t.hot) })
	}
}

// BenchmarkPosters compares how many batches there are at a time, and how large they may be.
func BenchmarkPosters(b *testing.B) {
	t := newTraffic(b, 10_000)
	for _, posters := range []int{1, 2} {
		for _, limit := range []int{128, 256, 512} {
			for _, callers := range []int{16, 256, 1024} {
				b.Run(fmt.Sprintf("%d posters, %d in a batch, %d callers", posters, limit, callers), func(b *testing.B) {
					t.poster.books.db.SetMaxOpenConns(posters)
					t.poster.books.db.SetMaxIdleConns(posters)
					t.poster.most, t.poster.limit = posters, limit // while nobody posts
					t.post(b, callers, t.random)
				})
			}
		}
	}
}

// traffic is what callers ask for.
type traffic struct {
	bench
	accounts []core.AccountID
	next     atomic.Int64
}

func newTraffic(b *testing.B, accounts int) *traffic {
	t := &traffic{bench: open(b), accounts: make([]core.AccountID, accounts)}
	together(16, func(i int) {
		for ; i < accounts; i += 16 {
			t.accounts[i] = t.party(core.Merchant, core.TierTrade).Account
			t.fund(t.accounts[i], 1_000_000_00)
		}
	})
	return t
}

func (t *traffic) random() wallet.Order {
	i := int(t.next.Add(1))
	return t.move(core.Send, t.accounts[i%len(t.accounts)], t.accounts[(i*7+1)%len(t.accounts)], 1_00, 5)
}

func (t *traffic) hot() wallet.Order {
	i := int(t.next.Add(1))
	return t.move(core.Send, t.accounts[1+i%(len(t.accounts)-1)], t.accounts[0], 1_00, 5)
}

// post has so many callers post b.N orders, each the next as soon as she has her answer.
func (t *traffic) post(b *testing.B, callers int, order func() wallet.Order) {
	var taken atomic.Int64
	before := t.batches()
	b.ResetTimer()
	together(callers, func(int) {
		for taken.Add(1) <= int64(b.N) {
			t.done(order())
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
	b.ReportMetric(float64(b.N)/float64(t.batches()-before), "orders/batch")
}

// batches is how many transactions recorded the requests.
func (t *traffic) batches() int64 {
	return t.count(`SELECT count(DISTINCT xmin::text) FROM requests`)
}

// BenchmarkPostBatch is what a poster can do at most: 250 sends in one transaction, counted each.
func BenchmarkPostBatch(b *testing.B) {
	const size = 250
	t := newTraffic(b, 1000)
	orders := make([]wallet.Order, size)
	b.ResetTimer()
	for n := 0; n < b.N; n += size {
		for i := range orders {
			orders[i] = t.random()
		}
		err := t.Tx(b.Context(), func(tx *Tx) error {
			_, err := t.Store.post(tx, orders)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

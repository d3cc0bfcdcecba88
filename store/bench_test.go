package store

import (
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// BenchmarkPost is one send with a fee, two messages and everything real, one after the other and from
// several callers at once. fsync is off: what a commit costs on a disk is not in it.
func BenchmarkPost(b *testing.B) {
	s := open(b)
	accounts := make([]core.AccountID, 64)
	for i := range accounts {
		accounts[i] = s.party(core.Merchant, core.TierTrade).Account
		s.fund(accounts[i], 1_000_000_00)
	}
	var next atomic.Int64
	order := func() wallet.Order {
		i := int(next.Add(1))
		return s.move(core.Send, accounts[i%64], accounts[(i*7+1)%64], 1_00, 5)
	}
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			s.done(order())
		}
	})
	b.Run("16 callers", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				s.done(order())
			}
		})
	})
}

// BenchmarkPostBatch is what group commit will find: 250 sends in one transaction, counted each.
func BenchmarkPostBatch(b *testing.B) {
	const size = 250
	s := open(b)
	accounts := make([]core.AccountID, 1000)
	for i := range accounts {
		accounts[i] = s.party(core.Merchant, core.TierTrade).Account
		s.fund(accounts[i], 1_000_000_00)
	}
	orders := make([]wallet.Order, size)
	b.ResetTimer()
	for n := 0; n < b.N; n += size {
		for i := range orders {
			orders[i] = s.move(core.Send, accounts[(n+i*3)%1000], accounts[(n+i*7+1)%1000], 1_00, 5)
		}
		err := s.Tx(b.Context(), func(tx *Tx) error {
			_, err := s.post(tx, orders)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

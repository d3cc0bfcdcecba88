package store

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Whatever comes, goes and ends, in whatever order: what a batch touches no other one touches, what two orders
// share they have in the order in which they came, and when nothing else happens everybody is taken in the end.
func TestLanes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := newLanes()
		var (
			away    [][]*caller
			came    = map[*caller]int{}
			waiting []*caller
		)
		take := func() bool {
			batch := l.take(rapid.IntRange(1, 4).Draw(t, "most"))
			for _, c := range batch {
				for _, other := range slices.Concat(away...) {
					if meet(c, other) {
						t.Fatalf("%v goes beside %v", c.order, other.order)
					}
				}
				for _, other := range waiting {
					if came[other] < came[c] && meet(c, other) {
						t.Fatalf("%v goes before %v", c.order, other.order)
					}
				}
				waiting = slices.DeleteFunc(waiting, func(w *caller) bool { return w == c })
			}
			if len(batch) > 0 {
				away = append(away, batch)
			}
			return len(batch) > 0
		}
		end := func() {
			at := rapid.IntRange(0, len(away)-1).Draw(t, "ends")
			l.giveBack(away[at])
			away = slices.Delete(away, at, at+1)
		}
		for n := range rapid.IntRange(0, 60).Draw(t, "steps") {
			switch what := rapid.IntRange(0, 5).Draw(t, "what"); {
			case what < 3:
				o := anyOrder(t, n)
				c := &caller{order: o, shares: sharedBy(o)}
				came[c] = n
				waiting = append(waiting, c)
				l.enter(c)
			case what == 3 && len(waiting) > 0:
				c := rapid.SampledFrom(waiting).Draw(t, "leaves")
				if !l.leave(c) || l.leave(c) {
					t.Fatal("who waits cannot leave, or can twice")
				}
				waiting = slices.DeleteFunc(waiting, func(w *caller) bool { return w == c })
			case what == 4 && len(away) > 0:
				end()
			default:
				take()
			}
		}
		for len(waiting) > 0 {
			if !take() {
				if len(away) == 0 {
					t.Fatalf("%d wait for nothing", len(waiting))
				}
				end()
			}
		}
		for len(away) > 0 {
			end()
		}
		if len(l.away) > 0 || len(l.queue) > 0 {
			t.Fatalf("%d keys and %d callers are left", len(l.away), len(l.queue))
		}
	})
}

// meet is whether two orders share anything, by what the ledger and the counter look at.
func meet(a, b *caller) bool {
	x, known := touched(a.order)
	y, knownToo := touched(b.order)
	return !known || !knownToo || slices.ContainsFunc(x, func(k string) bool { return slices.Contains(y, k) })
}

func touched(o wallet.Order) (keys []string, known bool) {
	keys = append(keys, "request "+string(o.Request))
	accounts := []core.AccountID{o.From, o.To}
	for _, e := range o.Entries {
		accounts = append(accounts, e.Account)
	}
	if o.Earn != nil {
		accounts = append(accounts, o.Earn.Account)
	}
	if o.End != nil {
		keys = append(keys, fmt.Sprint("cash ", o.End.ID))
		accounts = append(accounts, o.End.Customer, o.End.Agent)
	}
	for _, id := range accounts {
		if id != 0 && id != core.Fees && id != core.CommissionExpense {
			keys = append(keys, fmt.Sprint("account ", id))
		}
	}
	return keys, o.Action != ledger.Release || o.End != nil
}

// anyOrder is a payment, a hold's end with or without a word about whose it is, or the confirmation of a deposit.
func anyOrder(t *rapid.T, n int) wallet.Order {
	account := rapid.Custom(func(t *rapid.T) core.AccountID {
		return core.AccountID(1001 + rapid.IntRange(0, 12).Draw(t, "account"))
	})
	var o wallet.Order
	o.Request = core.RequestID(fmt.Sprint("request ", n-rapid.IntRange(0, 2).Draw(t, "again")))
	from, to := account.Draw(t, "from"), account.Draw(t, "to")
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		o.Action, o.Hold = ledger.Release, 7
	case 1:
		o.Action, o.Hold = ledger.Release, 7
		o.End = &wallet.Ending{ID: int64(n % 5), How: wallet.Cancelled, Customer: from, Agent: to}
	case 2:
		o.Action, o.From, o.To = ledger.Move, from, to
		o.Earn = &wallet.Earning{Account: account.Draw(t, "earns")}
	default:
		o.Action, o.From, o.To = ledger.Move, from, to
		o.Entries = []ledger.Entry{{Account: from, Amount: -11}, {Account: to, Amount: 10}, {Account: core.Fees, Amount: 1}}
	}
	return o
}

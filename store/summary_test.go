package store

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/office"
)

// A day's sums are of that day alone, to the millisecond at both ends, and what a reversal gave back counts.
func TestSummary(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.noon()
	jane, john, agent := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 10_000_00)
	year, month, date := b.moment().Date()
	day := time.Date(year, month, date+1, 0, 0, 0, 0, b.zone)
	at := func(when time.Time) { b.offset.Store(int64(time.Until(when))) }

	at(day.Add(-time.Second))
	b.done(b.move(core.Send, jane.Account, john.Account, 100_00, 5_00))
	at(day.Add(time.Second))
	b.done(b.move(core.Send, jane.Account, john.Account, 200_00, 5_00))
	b.done(b.move(core.Send, jane.Account, john.Account, 300_00, 10_00))
	withdraw := b.move(core.Withdraw, jane.Account, agent.Account, 500_00, 27_00)
	withdraw.Entries = append(withdraw.Entries,
		ledger.Entry{Account: core.CommissionExpense, Amount: -8_10}, ledger.Entry{Account: agent.Commission, Amount: 8_10})
	b.done(withdraw)
	back := b.move(core.Reverse, agent.Account, jane.Account, 500_00, 0)
	back.Entries = []ledger.Entry{
		{Account: agent.Account, Amount: -500_00},
		{Account: jane.Account, Amount: 527_00},
		{Account: core.Fees, Amount: -27_00},
		{Account: core.CommissionExpense, Amount: 8_10},
		{Account: agent.Commission, Amount: -8_10},
	}
	b.done(back)
	for range 2 {
		if o, err := b.Post(t.Context(), b.move(core.Send, john.Account, jane.Account, 9000_00, 0)); err != nil || o.Code != core.InsufficientFunds {
			t.Fatalf("%s, %v", o.Code, err)
		}
	}
	at(day.Add(24*time.Hour + time.Second))
	b.done(b.move(core.Send, jane.Account, john.Account, 400_00, 5_00))

	got, err := b.Summary(t.Context(), day, day.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	want := map[core.Operation]office.Sum{
		core.Send:     {Count: 2, Volume: 500_00, Fees: 15_00, Failures: map[core.Code]int64{core.InsufficientFunds: 2}},
		core.Withdraw: {Count: 1, Volume: 500_00, Fees: 27_00, Commissions: 8_10},
		core.Reverse:  {Count: 1, Volume: 500_00, Fees: -27_00, Commissions: -8_10},
	}
	for i, op := range core.Operations {
		sum := want[op]
		sum.Operation = op
		if sum.Failures == nil {
			sum.Failures = map[core.Code]int64{}
		}
		if diff := gocmp.Diff(sum, got.Operations[i]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", op, diff)
		}
	}
	if got.Forgotten {
		t.Error("yesterday is forgotten")
	}
	b.pass(30 * 24 * time.Hour)
	if got, err = b.Summary(t.Context(), day, day.AddDate(0, 0, 1)); err != nil || !got.Forgotten {
		t.Errorf("a month later: %v, %v", got.Forgotten, err)
	}
}

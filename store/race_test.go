package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Everybody at once: the agent by SMS and by menu, her refusal, the customer's cancelling, and the sweepers of
// two gateways just as time is over. 200 rounds; in each the request ends once, the money says how, and both
// sides are told exactly that.
func TestRequestsEndOnce(t *testing.T) {
	t.Parallel()
	const rounds, workers = 200, 4
	s := openShop(t)
	ends := make([]map[wallet.CashEnd]int, workers)
	together(workers, func(n int) {
		ends[n] = map[wallet.CashEnd]int{}
		agent := s.known(core.Agent, 100_000_00)
		for round := range rounds / workers {
			customer := s.known(core.Subscriber, 1_000_00)
			ask := s.withdraw
			if round%2 == 1 {
				ask = s.deposit
			}
			c := ask(customer, agent, 500_00)
			ends[n][s.race(c, round)]++
		}
	})
	all := map[wallet.CashEnd]int{}
	for _, m := range ends {
		for how, n := range m {
			all[how] += n
		}
	}
	t.Logf("ended by %v", all)
	if len(all) < 3 {
		t.Errorf("ended by %v alone: no race", all)
	}
	if n := s.count(`SELECT count(*) FROM holds WHERE ended IS NULL`) + s.count(`SELECT sum(held) FROM accounts`); n != 0 {
		t.Errorf("something is still on hold: %d", n)
	}
	if n := s.count(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
	s.sound()
}

// race is everybody at once at one request, some of them twice, and how it ended.
func (s *shop) race(c wallet.Cash, round int) wallet.CashEnd {
	ctx := context.Background()
	sms, menu := core.RequestID(fmt.Sprintf("sms:%d", c.ID)), s.request()
	word := s.word(c.Agent)
	receipts := make([]core.Receipt, 4)
	moves := []func() error{
		func() (err error) {
			_, receipts[0], err = s.Confirm(ctx, wallet.Authority{Party: c.Agent}, sms, 0, c.Code)
			return err
		},
		func() (err error) {
			_, receipts[1], err = s.Confirm(ctx, word, menu, c.ID, c.Code)
			return err
		},
		func() (err error) { // the same message at another gateway
			_, receipts[2], err = s.Confirm(ctx, wallet.Authority{Party: c.Agent}, sms, 0, c.Code)
			return err
		},
		func() error { return errOf(s.Decline(ctx, c.Agent, c.Ref)) },
		func() error { return errOf(s.Cancel(ctx, c.Customer, c.ID)) },
		func() error { return errOf(s.late(ctx)) },
		func() error { return errOf(s.late(ctx)) },
	}
	together(len(moves), func(i int) {
		n := (i + round) % len(moves)
		switch err := moves[n](); core.CodeOf(err) {
		case "", core.HoldEnded, core.HoldExpired, core.NoRequest:
		default:
			s.t.Errorf("move %d: %v", n, err)
		}
	})
	how := s.kept(c.ID).Ended
	s.truth(c, how, receipts)
	return how
}

// late is a sweeper that comes by when the request's time is over by its clock. One request that it would have to
// wait for too long is for its next round.
func (s *shop) late(ctx context.Context) (ended int, err error) {
	for range 10 {
		n, err := s.sweeper.Expire(ctx)
		ended += n
		if core.CodeOf(err) != core.Unavailable {
			return ended, err
		}
	}
	return ended, errors.New("it waits in every round")
}

// truth is that money, receipts and messages say the same.
func (s *shop) truth(c wallet.Cash, how wallet.CashEnd, receipts []core.Receipt) {
	balance, first := core.Amount(1_000_00), core.Receipt("")
	if how == wallet.Confirmed {
		balance = 473_00
		if c.Operation == core.Deposit {
			balance = 1_500_00
		}
	}
	for _, r := range receipts {
		if first != "" && r != "" && r != first {
			s.t.Errorf("receipts %v", receipts)
		}
		first = max(first, r)
	}
	if (first != "") != (how == wallet.Confirmed) {
		s.t.Errorf("ended by %s with the receipt %q", how, first)
	}
	s.has("the customer", c.Customer.Account, balance)
	want := []string{"sms.cash." + string(how)}
	if how == wallet.Confirmed {
		want[0] = map[core.Operation]string{core.Withdraw: "sms.withdrew", core.Deposit: "sms.deposited"}[c.Operation]
	}
	if diff := gocmp.Diff(want, s.told(c.Customer)[1:]); diff != "" {
		s.t.Errorf("after %s the customer is told (-want +got):\n%s", how, diff)
	}
}

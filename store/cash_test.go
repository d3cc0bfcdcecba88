package store

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

func TestWithdrawal(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	p := s.pay(core.Withdraw, s.jane, s.njeri, 500_00)
	first, err := s.AskWithdraw(t.Context(), p)
	s.wants("ask", err, "")
	again, err := s.AskWithdraw(t.Context(), p)
	s.wants("ask again", err, "")
	if again.Left > first.Left || first.Left > 10*time.Minute {
		t.Errorf("it waits for %s, and then for %s", first.Left, again.Left)
	}
	again.Left = first.Left
	if diff := gocmp.Diff(first, again); diff != "" || first.Code == "" || first.Ref != "R1" {
		t.Errorf("%s %s; the replay (-first +again):\n%s", first.Ref, first.Code, diff)
	}
	if b, _ := s.bench.Balance(t.Context(), s.jane.Account); b.Available != 9_473_00 || b.Held != 527_00 {
		t.Errorf("available %s, held %s", b.Available, b.Held)
	}
	by := core.RequestID("sms:1")
	c, receipt, err := s.Confirm(t.Context(), wallet.Authority{Party: s.njeri}, by, 0, first.Code)
	s.wants("confirm", err, "")
	if c.ID != first.ID || c.Code != "" {
		t.Errorf("confirmed %d, with the code %q", c.ID, c.Code)
	}
	// A crash after the capture: the same message is taken again.
	_, second, err := s.Confirm(t.Context(), wallet.Authority{Party: s.njeri}, by, 0, first.Code)
	s.wants("confirm again", err, "")
	if receipt == "" || receipt != second {
		t.Errorf("receipts %s and %s", receipt, second)
	}
	_, _, err = s.Confirm(t.Context(), wallet.Authority{Party: s.otieno}, by, 0, first.Code)
	s.wants("another with her message", err, core.RequestReused)
	_, err = s.bySMS(s.njeri, first.Code)
	s.wants("the code a second time", err, core.HoldEnded)
	s.has("jane", s.jane.Account, 9_473_00)
	s.has("the float", s.njeri.Account, 100_500_00)
	s.has("commission", s.njeri.Commission, 8_10)
	if n := s.count(`SELECT count(*) FROM entries e JOIN transfers t ON t.id = e.transfer_id WHERE t.operation = 'withdraw'`); n != 5 {
		t.Errorf("%d entries", n)
	}
	want := []string{"sms.cash.code", "sms.withdrew"}
	if diff := gocmp.Diff(want, s.told(s.jane)); diff != "" {
		t.Error(diff)
	}
	want = []string{"sms.cash.asked", "sms.agent.withdrawal"}
	if diff := gocmp.Diff(want, s.told(s.njeri)); diff != "" {
		t.Error(diff)
	}
	s.sound()
}

// forgetful is a store that is gone as soon as something is asked.
type forgetful struct{ *Store }

func (forgetful) CashOf(context.Context, core.RequestID) (wallet.Cash, error) {
	return wallet.Cash{}, core.Errorf(core.Unavailable, "gone")
}

// How long a request still waits is by the database's clock: customers of a gateway whose own is an hour ahead would
// read "waits 0 min", for a code that works.
func TestHowLongARequestWaits(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	want := 10 * time.Minute
	for _, passed := range []time.Duration{0, 4 * time.Minute, 5 * time.Minute, time.Hour} {
		s.pass(passed)
		left := s.kept(c.ID).Left
		want = max(0, want-passed)
		if left > want || left < want-time.Minute {
			t.Errorf("it waits for %s, want %s", left, want)
		}
	}
}

// What is asked but cannot be shown may not be called impossible: the money is on hold, and the SMS comes.
func TestAskedButNotShown(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	w := wallet.New(forgetful{s.Store}, s.vault, nil, time.Now, rand.Reader, "")
	p := s.pay(core.Withdraw, s.jane, s.njeri, 500_00)
	_, err := w.AskWithdraw(t.Context(), p)
	s.wants("ask", err, core.OutcomeUnknown)
	if told := s.told(s.jane); !slices.Equal(told, []string{"sms.cash.code"}) {
		t.Errorf("jane is told %v", told)
	}
	_, err = s.AskWithdraw(t.Context(), p)
	s.wants("the same again", err, "")
	s.sound()
}

func TestDepositAskedFor(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	p := s.pay(core.Deposit, s.jane, s.njeri, 500_00)
	for range 2 {
		c, err := s.AskDeposit(t.Context(), p)
		s.wants("ask", err, "")
		if c.Code != "" || c.Operation != core.Deposit || c.Fee != 0 {
			t.Errorf("the customer gets %v with the code %q", c, c.Code)
		}
	}
	mine, ok, err := s.Mine(t.Context(), s.jane)
	if !ok || err != nil || mine.Code != "" {
		t.Errorf("%v, %v, code %q", ok, err, mine.Code)
	}
	waiting, err := s.Waiting(t.Context(), s.njeri)
	if len(waiting) != 1 || err != nil || waiting[0].Code != "" || waiting[0].Customer.ID != s.jane.ID {
		t.Errorf("%v: %v", waiting, err)
	}
	_, err = s.byMenu(s.njeri, mine.ID, s.kept(mine.ID).Code)
	s.wants("confirm", err, "")
	s.has("jane", s.jane.Account, 10_500_00)
	s.has("the float", s.njeri.Account, 99_500_00)
	s.has("commission", s.njeri.Commission, 1_50)
	if diff := gocmp.Diff([]string{"sms.cash.hand", "sms.deposited"}, s.told(s.jane)); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]string{"sms.cash.deposit", "sms.agent.deposit"}, s.told(s.njeri)); diff != "" {
		t.Error(diff)
	}
	s.sound()
}

func TestWhoEndsARequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end func(*shop, wallet.Cash) error
		how wallet.CashEnd
	}{
		"agent":    {func(s *shop, c wallet.Cash) error { return errOf(s.Decline(s.t.Context(), s.njeri, " r 1")) }, wallet.Declined},
		"customer": {func(s *shop, c wallet.Cash) error { return errOf(s.Cancel(s.t.Context(), s.jane, c.ID)) }, wallet.Cancelled},
		"time": {func(s *shop, c wallet.Cash) error {
			if n, err := s.Expire(s.t.Context()); n != 0 || err != nil {
				s.t.Errorf("%d expired early: %v", n, err)
			}
			s.pass(10 * time.Minute)
			n, err := s.Expire(s.t.Context())
			if n != 1 {
				s.t.Errorf("%d expired", n)
			}
			return err
		}, wallet.Expired},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			for _, ask := range []func(_, _ core.Party, _ core.Amount) wallet.Cash{s.withdraw, s.deposit} {
				asked := ask(s.jane, s.njeri, 500_00)
				_, err := s.Decline(t.Context(), s.otieno, asked.Ref)
				s.wants("another agent", err, core.NoRequest)
				_, err = s.Cancel(t.Context(), s.john, asked.ID)
				s.wants("another customer", err, core.NoRequest)
				if name == "agent" && asked.Ref == "R2" {
					s.wants(name, errOf(s.Decline(t.Context(), s.njeri, "R2")), "")
				} else {
					s.wants(name, c.end(s, asked), "")
				}
				if got := s.kept(asked.ID).Ended; got != c.how {
					t.Errorf("ended by %q", got)
				}
				_, err = s.bySMS(s.njeri, asked.Code)
				want := core.HoldEnded
				if c.how == wallet.Expired {
					want = core.HoldExpired
				}
				s.wants("confirm afterwards", err, want)
				_, err = s.Cancel(t.Context(), s.jane, asked.ID)
				s.wants("cancel afterwards", err, core.HoldEnded)
				s.has("jane", s.jane.Account, 10_000_00)
			}
			key := "sms.cash." + string(c.how)
			if told := s.told(s.jane); !slices.Contains(told, key) || len(told) != 4 {
				t.Errorf("jane is told %v", told)
			}
			s.sound()
		})
	}
}

// A request at a gateway that is gone ends as well, and what is past its time is in nobody's way before.
func TestExpiredIsInNobodysWay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	first := s.withdraw(s.jane, s.njeri, 500_00)
	_, err := s.AskDeposit(t.Context(), s.pay(core.Deposit, s.jane, s.otieno, 100_00))
	s.wants("a second one", err, core.RequestOpen)
	s.pass(11 * time.Minute)
	if _, ok, err := s.Mine(t.Context(), s.jane); ok || err != nil {
		t.Errorf("still hers: %v", err)
	}
	if waiting, err := s.Waiting(t.Context(), s.njeri); len(waiting) != 0 || err != nil {
		t.Errorf("still waiting: %v, %v", waiting, err)
	}
	s.withdraw(s.jane, s.njeri, 200_00)
	if got := s.kept(first.ID).Ended; got != wallet.Expired {
		t.Errorf("the first is %q", got)
	}
	s.sound()
}

func TestSixRequestsAnHour(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for range 6 {
		c := s.deposit(s.jane, s.njeri, 100_00)
		s.wants("cancel", errOf(s.Cancel(t.Context(), s.jane, c.ID)), "")
	}
	p := s.pay(core.Withdraw, s.jane, s.njeri, 100_00)
	_, err := s.AskWithdraw(t.Context(), p)
	s.wants("the seventh", err, core.TooManyRequests)
	s.pass(61 * time.Minute)
	_, err = s.AskWithdraw(t.Context(), p)
	s.wants("the seventh again", err, core.TooManyRequests) // it stands under its request id
	s.withdraw(s.jane, s.njeri, 100_00)
	s.sound()
}

// What keeps money from moving at the confirmation is told to the agent and ends nothing: she may see to it.
func TestConfirmationRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	poor := s.known(core.Agent, 0)
	deposit := s.deposit(s.jane, poor, 500_00)
	by := core.RequestID("sms:poor")
	for range 2 {
		_, _, err := s.Confirm(t.Context(), wallet.Authority{Party: poor}, by, 0, deposit.Code)
		s.wants("without float", err, core.InsufficientFunds)
	}
	s.fund(poor.Account, 500_00)
	_, err := s.bySMS(poor, deposit.Code)
	s.wants("with float", err, "")

	withdrawal := s.withdraw(s.jane, s.njeri, 500_00)
	status := func(p core.Party, status core.Status) {
		if _, err := s.owner.Exec(`UPDATE parties SET status = $2 WHERE id = $1`, p.ID, status); err != nil {
			t.Fatal(err)
		}
	}
	status(s.jane, core.Suspended)
	_, err = s.bySMS(s.njeri, withdrawal.Code)
	s.wants("customer suspended", err, core.PayerSuspended)
	status(s.jane, core.Active)
	status(s.njeri, core.Suspended)
	_, err = s.byMenu(s.njeri, withdrawal.ID, withdrawal.Code)
	s.wants("agent suspended", err, core.PayeeSuspended)
	status(s.jane, core.Suspended)
	s.pass(11 * time.Minute)
	if n, err := s.Expire(t.Context()); n != 1 || err != nil {
		t.Errorf("%d expired: %v", n, err)
	}
	s.has("jane", s.jane.Account, 10_500_00)
	s.sound()
}

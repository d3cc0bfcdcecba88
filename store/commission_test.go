package store

import (
	"context"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

func TestDepositNow(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	p := s.pay(core.Deposit, s.njeri, s.jane, 500_00)
	first, err := s.DepositNow(t.Context(), p)
	s.wants("deposit", err, "")
	again, err := s.DepositNow(t.Context(), p)
	s.wants("again", err, "")
	if first == "" || first != again {
		t.Errorf("receipts %s and %s", first, again)
	}
	s.has("jane", s.jane.Account, 10_500_00)
	s.has("the float", s.njeri.Account, 99_500_00)
	s.has("commission", s.njeri.Commission, 1_50)
	if said := s.texts(s.jane); len(said) != 1 || said[0][10:20] != " Confirmed" {
		t.Errorf("%q", said)
	}
	_, err = s.DepositNow(t.Context(), s.pay(core.Deposit, s.super, s.njeri, 1_000_00))
	s.wants("a super agent's", err, "")
	s.has("the float", s.njeri.Account, 100_500_00)
	s.has("commission, of which that earns none", s.njeri.Commission, 1_50)
	if n := s.count(`SELECT count(*) FROM accounts a JOIN parties p ON p.id = a.party_id WHERE a.kind = 'commission' AND p.kind <> 'agent'`); n != 0 {
		t.Errorf("%d earn who are no agents", n)
	}
	s.sound()
}

// However many deposits at once, an agent earns KES 50 a day on a customer, to the cent, by whatever way they
// are made; on another customer, and on the next day, she earns again.
func TestCommissionOfADay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.fund(s.njeri.Account, 10_000_000_00)
	rich := s.known(core.Subscriber, 0)
	together(30, func(int) {
		_, err := s.DepositNow(context.Background(), s.pay(core.Deposit, s.njeri, rich, 999_99)) // earns 2.99
		s.wants("deposit", err, "")
	})
	s.has("commission", s.njeri.Commission, 50_00)
	asked := s.deposit(rich, s.njeri, 999_99)
	_, err := s.bySMS(s.njeri, asked.Code)
	s.wants("asked for", err, "")
	s.has("commission, all of it earned", s.njeri.Commission, 50_00)
	_, err = s.DepositNow(t.Context(), s.pay(core.Deposit, s.njeri, s.john, 1_000_00))
	s.wants("another customer", err, "")
	s.has("commission", s.njeri.Commission, 53_00)
	s.pass(24 * time.Hour)
	_, err = s.DepositNow(t.Context(), s.pay(core.Deposit, s.njeri, rich, 1_000_00))
	s.wants("the next day", err, "")
	s.has("commission", s.njeri.Commission, 56_00)
	if n := s.count(`SELECT sum(earned) FROM deposit_commissions`); n != 56_00 {
		t.Errorf("%d are counted", n)
	}
	s.sound()
}

// What goes back with a deposit that is undone on its day may be earned again on that day, and no more than that: at once
// with other deposits too.
func TestCommissionOfUndone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.fund(s.njeri.Account, 10_000_000_00)
	rich := s.known(core.Subscriber, 0)
	deposited := func(amount core.Amount) core.Receipt {
		receipt, err := s.DepositNow(context.Background(), s.pay(core.Deposit, s.njeri, rich, amount))
		s.wants("deposit", err, "")
		return receipt
	}
	wrong, yesterdays := deposited(10_000_00), deposited(10_000_00)
	s.has("commission", s.njeri.Commission, 50_00)
	receipts := [10]core.Receipt{wrong}
	for i := range 9 {
		receipts[1+i] = deposited(1_00_00) // earns nothing
	}
	together(20, func(i int) {
		if i < len(receipts) {
			if _, err := s.reverse(receipts[i]); err != nil {
				t.Error(err)
			}
			return
		}
		deposited(3_000_00)
	})
	deposited(20_000_00)
	s.has("commission, 30 of it anew", s.njeri.Commission, 50_00)
	if n := s.count(`SELECT sum(100 * earned + returned) FROM deposit_commissions`); n != 100*80_00+30_00 {
		t.Errorf("%d", n)
	}
	s.pass(24 * time.Hour)
	deposited(20_000_00)
	if _, err := s.reverse(yesterdays); err != nil {
		t.Error(err)
	}
	deposited(20_000_00)
	s.has("commission of another day's", s.njeri.Commission, 80_00)
	s.sound()
}

func TestTakeCommission(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	_, err := s.DepositNow(t.Context(), s.pay(core.Deposit, s.njeri, s.jane, 1_000_00))
	s.wants("deposit", err, "")
	take := func(amount core.Amount) *wallet.Payment {
		return &wallet.Payment{Authority: s.word(s.njeri), Request: s.request(), To: s.njeri, Amount: amount}
	}
	p := take(2_00)
	for range 2 {
		_, err = s.TakeCommission(t.Context(), p)
		s.wants("take", err, "")
	}
	s.has("commission", s.njeri.Commission, 1_00)
	s.has("the float", s.njeri.Account, 99_002_00)
	_, err = s.TakeCommission(t.Context(), take(99))
	s.wants("too little", err, core.BelowSmallest)
	_, err = s.TakeCommission(t.Context(), take(1_01))
	s.wants("too much", err, core.InsufficientFunds)
	b, err := s.Commission(t.Context(), s.word(s.njeri))
	s.wants("balance", err, "")
	if b.Available != 1_00 {
		t.Errorf("%s is left", b.Available)
	}
	_, err = s.Commission(t.Context(), s.word(s.jane))
	s.wants("a subscriber's", err, core.NotAllowed)
	s.sound()
}

// Who took part in a transfer can ask what the ledger holds of it; nobody else learns that there is one.
func TestCheck(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	receipt, err := s.bySMS(s.njeri, c.Code)
	s.wants("confirm", err, "")
	line, err := s.Check(t.Context(), s.jane, receipt)
	s.wants("the customer", err, "")
	if line.Transfer != core.TransferID(s.count(`SELECT id FROM transfers WHERE receipt = $1`, receipt)) {
		t.Errorf("transfer %d", line.Transfer)
	}
	line.At, line.Transfer = time.Time{}, 0
	line.Other = core.Party{ID: line.Other.ID}
	if diff := gocmp.Diff(wallet.Line{
		Receipt: receipt, Operation: core.Withdraw, Amount: 500_00, Fee: 27_00,
		Other: core.Party{ID: s.njeri.ID}, Balance: 9_473_00,
	}, line); diff != "" {
		t.Error(diff)
	}
	line, err = s.Check(t.Context(), s.njeri, receipt)
	s.wants("the agent", err, "")
	if !line.In || line.Amount != 500_00 || line.Balance != 100_500_00 || line.Other.ID != s.jane.ID {
		t.Errorf("%+v", line)
	}
	for range 20 {
		_, err = s.Check(t.Context(), s.otieno, receipt)
		s.wants("another", err, core.UnknownReceipt)
	}
	_, err = s.Check(t.Context(), s.otieno, receipt)
	s.wants("the twenty-first", err, core.TooManyLookups)
	s.pass(time.Hour)
	_, err = s.Check(t.Context(), s.njeri, "QK74J7XW2M")
	s.wants("a made up one", err, core.UnknownReceipt)
}

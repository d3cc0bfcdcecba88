package store

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// redeeming is a payout at the bank, and whose deed it is.
func redeeming(from core.Party, amount core.Amount, reference core.Reference) wallet.Booking {
	return wallet.Booking{Reference: reference, Party: from, Amount: amount, Deed: &core.Deed{
		By: 7, Action: "float.redeem", Subject: core.OfTransfer, Address: "127.0.0.1",
	}}
}

// Two of finance who book the same payout at once, often, book it once: one transfer, one deed, one message.
func TestRedeemOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.fund(s.merchant.Account, 990_000_00)
	var done atomic.Int64
	together(10, func(int) {
		o, err := s.RedeemFloat(t.Context(), redeeming(s.merchant, 400_000_00, "BANK1")) // more than the tier's one transaction
		s.wants("redeem", err, "")
		if !o.Again {
			done.Add(1)
		}
		if left, _ := o.Balance(s.merchant.Account); left != 600_000_00 {
			t.Errorf("after it there are %s", left)
		}
	})
	if n := s.count(`SELECT count(*) FROM audit_log`); done.Load() != 1 || n != 1 {
		t.Errorf("done %d times, with %d deeds", done.Load(), n)
	}
	if told := s.told(s.merchant); !slices.Equal(told, []string{"sms.redeemed"}) {
		t.Errorf("told: %v", told)
	}
	for name, b := range map[string]wallet.Booking{
		"another amount": redeeming(s.merchant, 400_000_01, "BANK1"),
		"another party":  redeeming(s.njeri, 400_000_00, "BANK1"),
	} {
		_, err := s.RedeemFloat(t.Context(), b)
		s.wants(name, err, core.RequestReused)
	}
	issued, err := s.IssueFloat(t.Context(), redeeming(s.super, 1_00, "BANK1"))
	s.wants("a deposit with that reference", err, "")
	s.super.Kind = core.Agent // by now
	again, err := s.IssueFloat(t.Context(), redeeming(s.super, 1_00, "BANK1"))
	if s.wants("that deposit again", err, ""); again.Receipt != issued.Receipt {
		t.Errorf("%s, and %s before", again.Receipt, issued.Receipt)
	}
	_, err = s.IssueFloat(t.Context(), redeeming(s.super, 1_00, "BANK2"))
	s.wants("another", err, core.NotAllowed)
	s.sound()
}

// A refusal does not use up the bank's reference, with this amount or another, and is kept; what is done is done once for all
// who come after.
func TestRefusedReference(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for n := range 3 {
		_, err := s.RedeemFloat(t.Context(), redeeming(s.merchant, 20_000_00+core.Amount(n), "BANK1"))
		s.wants("too much", err, core.InsufficientFunds)
	}
	s.fund(s.merchant.Account, 20_000_00)
	together(8, func(i int) {
		_, err := s.RedeemFloat(t.Context(), redeeming(s.merchant, 15_000_00+core.Amount(i%2), "BANK1"))
		if code := core.CodeOf(err); code != "" && code != core.RequestReused {
			t.Errorf("call %d: %v", i, err)
		}
	})
	if n := s.count(`SELECT count(*) FROM transfers WHERE operation = 'redeem'`); n != 1 {
		t.Errorf("%d payouts", n)
	}
	got := s.count(`SELECT count(*) FROM requests WHERE id LIKE 'redeem:BANK1%' AND code = 'insufficient_funds'`)
	if n := s.count(`SELECT count(*) FROM audit_log`); n != 1 || got != 3 {
		t.Errorf("%d deeds, %d refusals", n, got)
	}
	s.sound()
}

// Refused while others come with the same: whoever is done is the only one.
func TestReferenceAsked(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	var done atomic.Int64
	together(12, func(i int) {
		if i == 6 {
			s.fund(s.merchant.Account, 20_000_00)
		}
		o, err := s.RedeemFloat(t.Context(), redeeming(s.merchant, 15_000_00+core.Amount(i%3), "BANK2"))
		if err == nil && !o.Again {
			done.Add(1)
		}
	})
	if n := s.count(`SELECT count(*) FROM transfers WHERE operation = 'redeem'`); n > 1 || n != done.Load() {
		t.Errorf("%d payouts, %d told", n, done.Load())
	}
	s.sound()
}

func TestBookingRefused(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for i, c := range []struct {
		from   core.Party
		amount core.Amount
		code   core.Code
	}{
		{s.jane, 100_00, core.NotAllowed},
		{s.merchant, 99, core.BelowSmallest},
		{s.merchant, 10_000_01, core.InsufficientFunds},
		{s.njeri, 100_00, ""},
		{s.super, 100_00, ""},
		{s.merchant, 1_00, ""},
	} {
		_, err := s.RedeemFloat(t.Context(), redeeming(c.from, c.amount, core.Reference(fmt.Sprint("BANK", i))))
		s.wants(fmt.Sprintf("%s from a %s", c.amount, c.from.Kind), err, c.code)
	}
	for _, to := range []core.Party{s.jane, s.njeri, s.merchant} {
		_, err := s.IssueFloat(t.Context(), redeeming(to, 100_00, "BANK9"))
		s.wants("float for a "+string(to.Kind), err, core.NotAllowed)
	}
	s.sound()
}

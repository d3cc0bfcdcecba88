package store

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// startCode is the one in the last message that a party was sent.
func (s *shop) startCode(p core.Party) string {
	s.t.Helper()
	var code string
	if err := s.owner.Get(&code, `SELECT args->>'code' FROM messages WHERE party_id = $1 AND key = 'sms.start_code' ORDER BY id DESC LIMIT 1`, p.ID); err != nil {
		s.t.Fatal(err)
	}
	return code
}

func (s *shop) sealed(p core.Party, digits string) wallet.Sealed {
	s.t.Helper()
	sealed, err := s.NewPIN(s.t.Context(), p, s.pin(digits))
	if err != nil {
		s.t.Fatal(err)
	}
	return sealed
}

// knows is the code of her trying a PIN.
func (s *shop) knows(p core.Party, digits string) core.Code {
	_, err := s.Wallet.Balance(s.t.Context(), wallet.Authority{Party: p, PIN: s.pin(digits), Turn: string(s.request())})
	return core.CodeOf(err)
}

func TestResetPIN(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for what, c := range map[string]struct {
		by, of core.Party
		id     string
		want   core.Code
	}{
		"by a customer":     {s.john, s.jane, "12345678", core.NotAllowed},
		"by a super agent":  {s.super, s.jane, "12345678", core.NotAllowed},
		"another id":        {s.njeri, s.jane, "12345679", core.WrongID},
		"no id":             {s.njeri, s.jane, "", core.WrongID},
		"an agent's PIN":    {s.njeri, s.otieno, "12345678", core.NotAllowed},
		"somebody unknown":  {s.njeri, core.Party{Phone: "+254799999999"}, "12345678", core.NotRegistered},
		"as it should be":   {s.njeri, s.jane, "1234 5678", ""},
		"of a merchant too": {s.njeri, s.merchant, "12345678", core.NotAllowed},
	} {
		s.wants(what, s.ResetPIN(t.Context(), s.word(c.by), c.of.Phone, c.id), c.want)
	}
	if s.knows(s.jane, "2580") != "" {
		t.Error("the old PIN is gone before there is a new one")
	}
	code, to := s.startCode(s.jane), s.sealed(s.jane, "7193")
	s.wants("another's code", s.StartWith(t.Context(), s.john, code, s.sealed(s.john, "7193")), core.WrongCode)
	s.wants("start", s.StartWith(t.Context(), s.jane, code, to), "")
	s.wants("the same turn again", s.StartWith(t.Context(), s.jane, code, to), "")
	s.wants("the code again", s.StartWith(t.Context(), s.jane, code, s.sealed(s.jane, "7194")), core.WrongCode)
	if s.knows(s.jane, "7193") != "" || s.knows(s.jane, "2580") != core.WrongPIN {
		t.Error("the new PIN does not work, or the old one does")
	}
	if told := s.told(s.jane); told[0] != "sms.start_code" || told[2] != "sms.pin_changed" {
		t.Errorf("told %v", told)
	}
}

func TestStartCodeDies(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	reset := func() string {
		s.wants("reset", s.ResetPIN(t.Context(), s.word(s.njeri), s.jane.Phone, s.jane.IDNumber), "")
		return s.startCode(s.jane)
	}
	to := s.sealed(s.jane, "7193")
	first := reset()
	second := reset()
	s.wants("an earlier one", s.StartWith(t.Context(), s.jane, first, to), core.WrongCode)
	s.wants("no code at all", s.StartWith(t.Context(), s.jane, "x", to), core.WrongCode)
	if who, err := s.Greet(t.Context(), s.jane.Phone); !who.Starts || err != nil {
		t.Errorf("it works: %t, %v", who.Starts, err)
	}
	s.wants("a third wrong one", s.StartWith(t.Context(), s.jane, other(second[:4])+second[4:], to), core.WrongCode)
	s.wants("too late", s.StartWith(t.Context(), s.jane, second, to), core.WrongCode)
	if who, err := s.Greet(t.Context(), s.jane.Phone); who.Starts || err != nil {
		t.Errorf("it works: %t, %v", who.Starts, err)
	}
	third := reset()
	s.pass(25 * time.Hour)
	s.wants("after a day", s.StartWith(t.Context(), s.jane, third, to), core.WrongCode)
	if s.knows(s.jane, "2580") != "" {
		t.Error("the old PIN is gone")
	}
	fourth := reset()
	var done atomic.Int64
	pins := []wallet.Sealed{to, s.sealed(s.jane, "7194"), s.sealed(s.jane, "7195")}
	together(len(pins), func(i int) {
		if s.StartWith(context.Background(), s.jane, fourth, pins[i]) == nil {
			done.Add(1)
		}
	})
	if done.Load() != 1 {
		t.Errorf("used %d times", done.Load())
	}
}

// A thief who has the SIM gets KES 1,000 out in a day, whichever way, and resetting again is no new allowance.
func TestAfterReset(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	send := func(amount core.Amount) error {
		p := s.pay(core.Withdraw, s.jane, s.njeri, amount)
		p.PIN, p.To, p.Fee = s.pin("7193"), s.john, 0
		if fee, err := s.Quote(t.Context(), s.jane, s.john, amount); err == nil {
			p.Fee = fee
		}
		return errOf(s.Send(t.Context(), p))
	}
	before := s.withdraw(s.jane, s.otieno, 300_00) // counts as long as it is open
	reset := func() {
		s.wants("reset", s.ResetPIN(t.Context(), s.word(s.njeri), s.jane.Phone, s.jane.IDNumber), "")
		s.wants("start", s.StartWith(t.Context(), s.jane, s.startCode(s.jane), s.sealed(s.jane, "7193")), "")
	}
	reset()
	err := send(700_01)
	s.wants("with the open request", err, core.AfterReset)
	if core.ArgsOf(err)["limit"] != "1,000" {
		t.Errorf("the limit is said to be %q", core.ArgsOf(err)["limit"])
	}
	if said := s.texts(s.jane); !strings.Contains(said[len(said)-1], "At most KES 1,000 within a day") {
		t.Errorf("%q", said)
	}
	s.wants("cancel", errOf(s.Cancel(t.Context(), s.jane, before.ID)), "")
	s.wants("some", send(600_00), "")
	s.pass(11 * time.Hour) // a new day soon
	reset()
	s.wants("more than is left", send(400_01), core.AfterReset)
	p := s.pay(core.Withdraw, s.jane, s.njeri, 400_00)
	p.PIN = s.pin("7193")
	_, err = s.AskWithdraw(t.Context(), p)
	s.wants("the rest", err, "")
	s.wants("a cent more", send(10_00), core.AfterReset)
	s.wants("what comes in", errOf(s.DepositNow(t.Context(), s.pay(core.Deposit, s.njeri, s.jane, 500_00))), "")
	s.pass(14 * time.Hour)
	s.wants("a day after the first reset", send(10_00), core.AfterReset)
	s.pass(11 * time.Hour)
	s.wants("a day after the second", send(5_000_00), "")
}

func TestRegisterBy(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	new := wallet.Registration{Phone: "+254733000001", Name: "MARY WAIRIMU", Lang: core.Swahili}
	_, err := s.RegisterBy(t.Context(), s.word(s.jane), new)
	s.wants("by a customer", err, core.NotAllowed)
	mary, err := s.RegisterBy(t.Context(), s.word(s.njeri), new)
	s.wants("by an agent", err, "")
	_, err = s.RegisterBy(t.Context(), s.word(s.njeri), new)
	s.wants("again", err, core.AlreadyRegistered)
	if got := s.knows(mary, "2580"); got != core.PINLocked {
		t.Errorf("without a PIN: %q", got)
	}
	s.wants("start", s.StartWith(t.Context(), mary, s.startCode(mary), s.sealed(mary, "7193")), "")
	if mary.Tier != core.TierNew || s.knows(mary, "7193") != "" {
		t.Errorf("%s, and her PIN does not work", mary.Tier)
	}
	s.fund(mary.Account, 10_000_00)
	p := s.pay(core.Withdraw, mary, s.njeri, 5_000_00)
	p.PIN = s.pin("7193")
	_, err = s.AskWithdraw(t.Context(), p)
	s.wants("her first PIN is no reset", err, "")
}

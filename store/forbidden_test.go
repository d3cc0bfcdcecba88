package store

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// What money.md forbids is refused with its own code, which stands under the request id, and nothing is
// written in the ledger: every operation over a counter, from every kind to every kind and to oneself.
func TestForbiddenCash(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	kinds := []core.Kind{core.Subscriber, core.Agent, core.SuperAgent, core.Merchant}
	one, two := map[core.Kind]core.Party{}, map[core.Kind]core.Party{}
	for _, k := range kinds {
		one[k], two[k] = s.known(k, 1_000_00), s.known(k, 1_000_00)
	}
	allowed := map[string]bool{
		"withdraw subscriber agent": true, "withdraw merchant agent": true, "withdraw agent agent": true,
		"deposit agent subscriber": true, "deposit super_agent agent": true,
		"ask deposit subscriber agent": true, "ask deposit agent super_agent": true,
	}
	errands := map[string]func(*wallet.Payment) error{
		"withdraw":    func(p *wallet.Payment) error { return errOf(s.AskWithdraw(t.Context(), p)) },
		"deposit":     func(p *wallet.Payment) error { return errOf(s.DepositNow(t.Context(), p)) },
		"ask deposit": func(p *wallet.Payment) error { return errOf(s.AskDeposit(t.Context(), p)) },
	}
	for name, do := range errands {
		for _, from := range kinds {
			for _, to := range kinds {
				name := fmt.Sprintf("%s %s %s", name, from, to)
				if from == to {
					s.forbidden(name+" (oneself)", do, one[from], one[to], core.ToOneself)
				}
				if !allowed[name] {
					s.forbidden(name, do, one[from], two[to], core.NotAllowed)
				}
			}
		}
	}
	for _, k := range kinds {
		if k != core.Agent {
			s.forbidden("take commission "+string(k), func(p *wallet.Payment) error { return errOf(s.TakeCommission(t.Context(), p)) },
				one[k], one[k], core.NotAllowed)
		}
	}
	s.sound()
}

func (s *shop) forbidden(name string, do func(*wallet.Payment) error, from, to core.Party, want core.Code) {
	s.t.Helper()
	before := s.count(`SELECT count(*) FROM entries`) + s.count(`SELECT count(*) FROM holds`) + s.count(`SELECT count(*) FROM cash_requests`)
	p := s.pay(core.Withdraw, from, to, 100_00)
	p.Fee = 0
	for range 2 {
		s.wants(name, do(p), want)
	}
	if n := s.count(`SELECT count(*) FROM requests WHERE id = $1 AND code = $2`, p.Request, want); n != 1 {
		s.t.Errorf("%s: the refusal is not under its request id", name)
	}
	if n := s.count(`SELECT count(*) FROM entries`) + s.count(`SELECT count(*) FROM holds`) + s.count(`SELECT count(*) FROM cash_requests`); n != before {
		s.t.Errorf("%s: something was written", name)
	}
}

func TestAgentByNumber(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	agent, err := s.AgentByNumber(t.Context(), s.jane, s.njeri.Number)
	s.wants("an agent", err, "")
	if agent.ID != s.njeri.ID || agent.IDNumber != "" {
		t.Errorf("%+v", agent)
	}
	for number, want := range map[string]core.Code{
		"99999": core.NotRegistered, s.super.Number: core.NotAllowed, s.merchant.Number: core.NotAllowed,
	} {
		_, err := s.AgentByNumber(t.Context(), s.jane, number)
		s.wants(number, err, want)
	}
	_, err = s.AgentByNumber(t.Context(), s.njeri, s.njeri.Number)
	s.wants("oneself", err, core.ToOneself)
	if _, err := s.owner.Exec(`UPDATE parties SET status = 'suspended' WHERE id = $1`, s.otieno.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.AgentByNumber(t.Context(), s.jane, s.otieno.Number)
	s.wants("suspended", err, core.PayeeSuspended)
	for n := range 20 { // different ones: the same again counts once
		_, err = s.AgentByNumber(t.Context(), s.jane, strconv.Itoa(90001+n))
	}
	s.wants("the twenty-first", err, core.TooManyLookups)
}

// What may be refused before a PIN, what costs what, and a fee that is not the one shown.
func TestCashPrices(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, c := range []struct {
		op     core.Operation
		from   core.Party
		to     core.Party
		amount core.Amount
		fee    core.Amount
		code   core.Code
	}{
		{core.Withdraw, s.jane, s.njeri, 500_00, 27_00, ""},
		{core.Withdraw, s.merchant, s.njeri, 1_00, 10_00, ""},
		{core.Withdraw, s.jane, s.njeri, 99, 0, core.BelowSmallest},
		{core.Withdraw, s.jane, s.njeri, 150_000_01, 0, core.OverTransactionLimit},
		{core.Withdraw, s.jane, s.super, 500_00, 0, core.NotAllowed},
		{core.Deposit, s.njeri, s.jane, 500_00, 0, ""},
		{core.Deposit, s.jane, s.njeri, 500_00, 0, ""}, // as it is asked for
		{core.Deposit, s.jane, s.njeri, 9_99, 0, core.BelowSmallest},
		{core.Deposit, s.njeri, s.super, 500_00, 0, core.NotAllowed},
		{core.Send, s.jane, s.john, 500_00, 0, core.NotAllowed},
	} {
		fee, err := s.QuoteCash(t.Context(), c.op, c.from, c.to, c.amount)
		s.wants(fmt.Sprint(c.op, c.amount), err, c.code)
		if fee != c.fee {
			t.Errorf("%s of %s costs %s, not %s", c.op, c.amount, fee, c.fee)
		}
	}
	p := s.pay(core.Withdraw, s.jane, s.njeri, 500_00)
	p.Fee = 10_00
	_, err := s.AskWithdraw(t.Context(), p)
	s.wants("another fee than shown", err, core.FeeChanged)
	_, err = s.AskWithdraw(t.Context(), p)
	s.wants("the new one accepted", err, "")
	if p.Fee != 27_00 || s.balance(s.jane.Account) != 9_473_00 {
		t.Errorf("fee %s", p.Fee)
	}
	small := s.pay(core.Withdraw, s.jane, s.njeri, 99)
	small.To = s.otieno
	_, err = s.AskWithdraw(t.Context(), small)
	s.wants("too little", err, core.BelowSmallest)
	if said := s.texts(s.jane); said[len(said)-1] != "Failed. The smallest is KES 1." {
		t.Errorf("%q", said)
	}
	poor := s.known(core.Subscriber, 100_00)
	_, err = s.AskWithdraw(t.Context(), s.pay(core.Withdraw, poor, s.njeri, 100_00))
	s.wants("without the fee", err, core.InsufficientFunds)
	if said := s.texts(poor); len(said) != 1 || said[0] != "Failed. You do not have enough money for KES 100.00 and the fee." {
		t.Errorf("%q", said)
	}
}

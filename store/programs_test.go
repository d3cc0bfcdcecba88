package store

import (
	"context"
	"crypto/rand"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// bid is what a program of one party asks for another.
func (s *shop) bid(from, to core.Party, amount core.Amount) wallet.Bid {
	return wallet.Bid{Party: from, Request: "rest:" + s.request(), To: to, Amount: amount}
}

// Many programs with one request move money once, all get the same, and the messages are those of a phone's send. What it
// was is no news to whoever dials then.
func TestBidOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	g := wallet.NewPrograms(s.Wallet, false)
	b := s.bid(s.jane, s.john, 500_00)
	var first atomic.Value
	together(10, func(int) {
		got, err := g.Send(t.Context(), b)
		s.wants("send", err, "")
		first.CompareAndSwap(nil, got)
		if diff := gocmp.Diff(first.Load(), got); diff != "" || got.Receipt == "" || got.Transfer == 0 || got.Fee != 5_00 {
			t.Errorf("%+v (-first +this)\n%s", got, diff)
		}
	})
	s.has("jane", s.jane.Account, 9_495_00)
	s.has("john", s.john.Account, 10_500_00)
	if told := append(s.told(s.jane), s.told(s.john)...); !slices.Equal(told, []string{"sms.sent", "sms.received"}) {
		t.Errorf("told: %v", told)
	}
	if e, ok, err := s.LastErrand(t.Context(), s.jane); ok || err != nil {
		t.Errorf("the next call tells of %+v, %v", e, err)
	}
	for name, other := range map[string]wallet.Bid{
		"another amount": {Party: s.jane, Request: b.Request, To: s.john, Amount: 500_01},
		"another payee":  {Party: s.jane, Request: b.Request, To: s.merchant, Amount: 500_00},
	} {
		_, err := g.Send(t.Context(), other)
		s.wants(name, err, core.RequestReused)
	}
	_, err := g.Withdraw(t.Context(), wallet.Bid{Party: s.jane, Request: b.Request, To: s.njeri, Amount: 500_00})
	s.wants("another operation", err, core.RequestReused)
	s.sound()
}

// A refusal is kept under its request, found before the ledger or by it, and stays one when it would be granted by now.
func TestBidRefusedForEver(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	g := wallet.NewPrograms(s.Wallet, true)
	poor, early := s.bid(s.jane, s.john, 9_999_00), s.bid(s.jane, s.njeri, 500_00)
	if _, err := s.owner.Exec(`UPDATE parties SET status = 'suspended' WHERE id = $1`, s.njeri.ID); err != nil {
		t.Fatal(err)
	}
	for _, granted := range []bool{false, true} {
		_, err := g.Send(t.Context(), poor)
		s.wants("beyond her means", err, core.InsufficientFunds)
		_, err = g.Withdraw(t.Context(), early)
		s.wants("at a suspended agent", err, core.PayeeSuspended)
		_, err = g.Deposit(t.Context(), s.bid(s.jane, s.john, 500_00))
		s.wants("a deposit by a subscriber", err, core.NotAllowed)
		if granted {
			break
		}
		s.fund(s.jane.Account, 1_000_00)
		if _, err := s.owner.Exec(`UPDATE parties SET status = 'active'`); err != nil {
			t.Fatal(err)
		}
	}
	s.has("jane", s.jane.Account, 11_000_00)
	if n := s.count(`SELECT count(*) FROM requests WHERE id LIKE 'rest:%' AND code IS NOT NULL`); n != 4 {
		t.Errorf("%d refusals are kept", n)
	}
	s.sound()
}

// mute is a store in front of which every posting is lost.
type mute struct{ *Store }

func (mute) Post(context.Context, wallet.Order) (ledger.Outcome, error) {
	return ledger.Outcome{}, core.Errorf(core.Unavailable, "gone")
}

// What never reached the ledger is voided, and told, as an errand by phone is; asked again before, it is carried out.
func TestBidLost(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	gone := wallet.NewPrograms(wallet.New(mute{s.Store}, s.vault, nil, time.Now, rand.Reader, ""), true)
	g := wallet.NewPrograms(s.Wallet, true)
	again, lost := s.bid(s.jane, s.john, 500_00), s.bid(s.jane, s.njeri, 100_00)
	_, err := gone.Send(t.Context(), again)
	s.wants("lost", err, core.OutcomeUnknown)
	_, err = gone.Withdraw(t.Context(), lost)
	s.wants("lost", err, core.OutcomeUnknown)
	got, err := g.Send(t.Context(), again)
	s.wants("again", err, "")
	if got.Receipt == "" {
		t.Error("no receipt")
	}
	s.offset.Add(int64(31 * time.Second))
	s.void(1)
	s.void(0)
	if told := s.told(s.jane); !slices.Equal(told, []string{"sms.sent", "sms.not_asked_out"}) {
		t.Errorf("told: %v", told)
	}
	_, err = g.Withdraw(t.Context(), lost)
	s.wants("too late", err, core.Voided)
	s.has("jane", s.jane.Account, 9_495_00)
	s.sound()
}

// A withdrawal waits for the agent with its code, which the program is not told; at an agent who confirms by herself it is
// done at once. What it first was it stays, whatever she has set by then.
func TestBidWithdraw(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	waits, done := wallet.NewPrograms(s.Wallet, false), wallet.NewPrograms(s.Wallet, true)
	b := s.bid(s.jane, s.njeri, 500_00)
	first, err := waits.Withdraw(t.Context(), b)
	s.wants("ask", err, "")
	if first.Receipt != "" || first.Ref != "R1" || first.Fee != 27_00 || first.Ended != "" || first.Expires.IsZero() {
		t.Errorf("%+v", first)
	}
	second, err := done.Withdraw(t.Context(), b)
	s.wants("ask again", err, "")
	if diff := gocmp.Diff(first, second); diff != "" {
		t.Errorf("(-first +again)\n%s", diff)
	}
	s.has("the float", s.njeri.Account, 100_000_00)
	kept, err := s.CashOf(t.Context(), b.Request)
	s.wants("kept", err, "")
	receipt, err := s.bySMS(s.njeri, kept.Code)
	s.wants("confirm", err, "")
	if after, err := waits.Withdraw(t.Context(), b); err != nil || after.Ended != wallet.Confirmed || after.Receipt != receipt || after.Transfer == 0 {
		t.Errorf("after the confirmation: %+v, %v", after, err)
	}
	s.has("jane", s.jane.Account, 9_473_00)

	s.otieno.AutoConfirm = true
	b = s.bid(s.john, s.otieno, 500_00)
	first, err = waits.Withdraw(t.Context(), b)
	s.wants("at once", err, "")
	s.otieno.AutoConfirm, b.To.AutoConfirm = false, false
	second, err = waits.Withdraw(t.Context(), b)
	s.wants("at once, again", err, "")
	if diff := gocmp.Diff(first, second); diff != "" || first.Receipt == "" || first.Fee != 27_00 {
		t.Errorf("%+v (-first +again)\n%s", first, diff)
	}
	s.has("john", s.john.Account, 9_473_00)
	s.has("the float", s.otieno.Account, 100_500_00)
	s.has("commission", s.otieno.Commission, 8_10)
	if told := append(s.told(s.john), s.told(s.otieno)...); !slices.Equal(told, []string{"sms.withdrew", "sms.agent.withdrawal"}) {
		t.Errorf("told: %v", told)
	}
	c, err := s.AskWithdraw(t.Context(), s.pay(core.Withdraw, s.john, s.otieno, 100_00))
	if s.wants("by phone", err, ""); c.Code == "" {
		t.Error("by phone it does not wait")
	}
	s.sound()
}

// A fee that is not the expected one is told, and nothing is asked of the ledger; what was done is done, whatever it costs by
// now.
func TestBidFee(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	g := wallet.NewPrograms(s.Wallet, false)
	old := 4 * core.Shilling
	b := s.bid(s.jane, s.john, 500_00)
	b.Fee = &old
	_, err := g.Send(t.Context(), b)
	if s.wants("another fee", err, core.FeeChanged); core.ArgsOf(err)["fee"] != "5" {
		t.Errorf("it tells of %v", core.ArgsOf(err))
	}
	if _, known, err := s.Outcome(t.Context(), b.Request); known || err != nil || s.intents() != 0 {
		t.Errorf("it was asked of the ledger: %v", err)
	}
	b.Fee = nil
	first, err := g.Send(t.Context(), b)
	s.wants("any fee", err, "")
	b.Fee = &old
	again, err := g.Send(t.Context(), b)
	if diff := gocmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("%v (-first +again)\n%s", err, diff)
	}
	b.To = s.merchant
	_, err = g.Send(t.Context(), b)
	s.wants("to another", err, core.RequestReused)
}

// While a request may be under way, by whatever gateway, nobody is told that nothing was asked of the ledger: neither because
// of a fee that is another by now, nor because its payee has another number.
func TestBidUnderWay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	g := wallet.NewPrograms(s.Wallet, false)
	old := 4 * core.Shilling
	b := s.bid(s.jane, s.john, 500_00)
	b.Fee = &old
	s.ok(s.Intend(t.Context(), &wallet.Intent{
		Request: b.Request, Party: s.jane, Errand: "sent",
		Content: ledger.Posting{Operation: core.Send, From: s.jane.Account, To: s.john.Account, Amount: 500_00},
	}))
	_, err := g.Send(t.Context(), b)
	s.wants("another fee", err, core.OutcomeUnknown)
	_, err = g.Payee(t.Context(), s.jane, b.Request, "0799000001", core.Subscriber)
	s.wants("nobody's number", err, core.OutcomeUnknown)
	s.pass(time.Minute)
	if voided, err := s.Void(t.Context()); len(voided) != 1 || err != nil {
		t.Errorf("%v voided, %v", voided, err)
	}
	_, err = g.Send(t.Context(), b)
	s.wants("once it is closed", err, core.Voided)
	_, err = g.Payee(t.Context(), s.jane, b.Request, "0799000001", core.Subscriber)
	s.wants("nobody's number", err, core.RequestReused)
	s.has("jane", s.jane.Account, 10_000_00)
}

// Whom a program names is found by each of her names, as what she comes; the same one again is one look-up.
func TestBidPayee(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	g := wallet.NewPrograms(s.Wallet, false)
	for _, c := range []struct {
		name string
		kind core.Kind
		who  core.Party
		code core.Code
	}{
		{string(s.john.Phone), core.Subscriber, s.john, ""},
		{s.john.Phone.National(), core.Subscriber, s.john, ""},
		{s.njeri.Number, core.Agent, s.njeri, ""},
		{s.njeri.Number, "", s.njeri, ""},
		{s.super.Number, core.Agent, s.super, ""},
		{string(s.merchant.Phone), core.Merchant, s.merchant, ""},
		{s.njeri.Number, core.Merchant, core.Party{}, core.NotRegistered},
		{s.super.Number, core.Subscriber, core.Party{}, core.NotRegistered},
		{"99999", core.Agent, core.Party{}, core.NotRegistered},
		{"nobody@piga.example", core.Agent, core.Party{}, core.NotRegistered},
		{"12", core.Agent, core.Party{}, core.PhoneTooShort},
	} {
		p, err := g.Payee(t.Context(), s.jane, s.request(), c.name, c.kind)
		if s.wants(c.name, err, c.code); p.ID != c.who.ID {
			t.Errorf("%s is party %d", c.name, p.ID)
		}
	}
	if n := s.count(`SELECT cardinality(numbers) FROM lookups`); n != 6 {
		t.Errorf("%d look-ups", n)
	}
}

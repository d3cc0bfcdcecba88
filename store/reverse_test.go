package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// because is a deed of administrator 7.
func because(reason string) core.Deed {
	return core.Deed{By: 7, Reason: reason, Address: "127.0.0.1"}
}

func (s *shop) reverse(receipt core.Receipt) (wallet.Reversal, error) {
	return s.Reverse(context.Background(), receipt, because("a mistake"))
}

func (s *shop) step(r wallet.Reversal, step ledger.Step) (wallet.Reversal, error) {
	return s.StepReversal(context.Background(), s.request(), r.ID, step, because("decided"))
}

// sent is a transfer of KES 500 from jane to john, for KES 5.
func (s *shop) sent() core.Receipt {
	s.t.Helper()
	receipt, err := s.Send(s.t.Context(), &wallet.Payment{Authority: s.word(s.jane), Request: s.request(), To: s.john, Amount: 500_00, Fee: 5_00})
	s.wants("send", err, "")
	return receipt
}

// spends leaves john with so much.
func (s *shop) spends(left core.Amount) {
	s.t.Helper()
	s.done(s.move(core.Pay, s.john.Account, s.merchant.Account, s.balance(s.john.Account)-left, 0))
}

// takes moves so much of what njeri has earned to her float.
func (s *shop) takes(amount core.Amount) core.Receipt {
	s.t.Helper()
	receipt, err := s.TakeCommission(s.t.Context(), &wallet.Payment{Authority: s.word(s.njeri), Request: s.request(), To: s.njeri, Amount: amount})
	s.wants("take", err, "")
	return receipt
}

func (s *shop) stands(r wallet.Reversal, err error, state wallet.ReversalState, taken, returned core.Amount) wallet.Reversal {
	s.t.Helper()
	if err != nil || r.State != state || r.Taken != taken || r.Returned != returned {
		s.t.Fatalf("%s with %s taken, %s returned: %v (%v)", r.State, r.Taken, r.Returned, err, errors.Unwrap(err))
	}
	return r
}

// Each operation that can be reversed is undone as a whole, once, with fee and commission, also when the agent has
// taken that to her float.
func TestReverse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do       func(s *shop) (core.Receipt, error)
		returned core.Amount
	}{
		"send": {func(s *shop) (core.Receipt, error) { return s.sent(), nil }, 505_00},
		"pay": {func(s *shop) (core.Receipt, error) {
			return s.Send(s.t.Context(), &wallet.Payment{Authority: s.word(s.jane), Request: s.request(), To: s.merchant, Amount: 500_00})
		}, 500_00},
		"deposit": {func(s *shop) (core.Receipt, error) {
			return s.DepositNow(s.t.Context(), s.pay(core.Deposit, s.njeri, s.john, 1_000_00))
		}, 1_000_00},
		"withdraw": {func(s *shop) (core.Receipt, error) {
			return s.bySMS(s.njeri, s.withdraw(s.jane, s.njeri, 500_00).Code)
		}, 527_00},
		"deposit, commission taken": {func(s *shop) (core.Receipt, error) {
			receipt, err := s.DepositNow(s.t.Context(), s.pay(core.Deposit, s.njeri, s.john, 1_000_00))
			s.takes(2_00)
			return receipt, err
		}, 998_00},
		"withdraw, commission taken": {func(s *shop) (core.Receipt, error) {
			receipt, err := s.bySMS(s.njeri, s.withdraw(s.jane, s.njeri, 500_00).Code)
			s.takes(8_00)
			return receipt, err
		}, 527_00},
		"from super agent": {func(s *shop) (core.Receipt, error) {
			return s.DepositNow(s.t.Context(), s.pay(core.Deposit, s.super, s.njeri, 1_000_00))
		}, 1_000_00},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			before := s.held()
			receipt, err := c.do(s)
			s.wants("the transfer", err, "")
			r, err := s.reverse(receipt)
			s.stands(r, err, wallet.Whole, 0, c.returned)
			if len(r.Steps) != 1 || r.Steps[0].By != 7 || r.Steps[0].Held != 0 || r.Ended.IsZero() || r.Reason != "a mistake" {
				t.Errorf("%+v", r)
			}
			if after := s.held(); !slices.Equal(before, after) {
				t.Errorf("people and the system have %v, and had %v", after, before)
			}
			again, err := s.reverse(receipt)
			s.stands(again, err, wallet.Whole, 0, c.returned)
			if again.ID != r.ID || s.count(`SELECT count(*) FROM transfers WHERE operation = 'reverse'`) != 1 {
				t.Errorf("again it is reversal %d", again.ID)
			}
			if n := s.count(`SELECT count(*) FROM audit_log WHERE action = 'transfer.reverse' AND subject_id = $1 AND admin_id = 7
				AND reason = 'a mistake' AND before IS NULL AND after->>'state' = 'whole'`, r.Transfer); n != 1 {
				t.Errorf("%d deeds", n)
			}
			_, err = s.reverse(r.Steps[0].Receipt)
			s.wants("reverse the reversal", err, core.NotReversible)
			s.sound()
		})
	}
}

// Who asks again is told what came of it, whoever has closed her account since.
func TestReversedThenClosed(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	receipt := s.sent()
	s.spends(500_00)
	r, err := s.reverse(receipt)
	s.stands(r, err, wallet.Whole, 0, 505_00)
	s.ok(s.shut(s.john))
	again, err := s.reverse(receipt)
	s.stands(again, err, wallet.Whole, 0, 505_00)
}

// held is what each party has, her accounts together, and each of the system's own.
func (s *shop) held() (all []string) {
	s.t.Helper()
	err := s.owner.Select(&all, `
		SELECT coalesce(party_id::text, kind) || ' ' || sum(balance)
		FROM accounts
		WHERE kind <> 'trust'
		GROUP BY coalesce(party_id::text, kind)
		ORDER BY 1`)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// Who was paid has spent part: what is left is held, and taken again once there is more; then all goes back.
func TestReverseWhatIsSpent(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	receipt := s.sent()
	s.spends(200_00)
	r, err := s.reverse(receipt)
	r = s.stands(r, err, wallet.Open, 200_00, 0)
	s.has("john", s.john.Account, 0)
	s.has("the suspense", core.Suspense, 200_00)
	again, err := s.reverse(receipt)
	s.stands(again, err, wallet.Open, 200_00, 0)
	_, err = s.step(r, ledger.Collect)
	s.wants("nothing there", err, core.NothingToCollect)

	s.fund(s.john.Account, 100_00)
	r, err = s.step(r, ledger.Collect)
	r = s.stands(r, err, wallet.Open, 300_00, 0)
	s.fund(s.john.Account, 300_00)
	had := s.balance(s.jane.Account)
	r, err = s.step(r, ledger.Collect)
	r = s.stands(r, err, wallet.Whole, 0, 505_00)
	s.has("john", s.john.Account, 100_00)
	s.has("jane", s.jane.Account, had+505_00)
	s.has("the suspense", core.Suspense, 0)
	for _, step := range []ledger.Step{ledger.Collect, ledger.Settle, ledger.GiveBack} {
		_, err = s.step(r, step)
		s.wants(string(step)+" when it is over", err, core.ReversalEnded)
	}
	if told := s.told(s.john); !slices.Equal(told[len(told)-3:], []string{"sms.reversal.held", "sms.reversal.held", "sms.reversal.taken"}) {
		t.Errorf("john was told %v", told)
	}
	if told := s.told(s.jane); !slices.Equal(told[len(told)-3:], []string{"sms.reversal.waits", "sms.reversal.waits", "sms.reversal.back"}) {
		t.Errorf("jane was told %v", told)
	}
	if n := s.count(`SELECT count(*) FROM audit_log WHERE action = 'reversal.collect' AND reason = 'decided' AND before->>'state' = 'open'`); n != 2 {
		t.Errorf("%d deeds of collecting", n)
	}
	s.sound()
}

// The three ways in which a case ends, with something held and with nothing.
func TestReversalEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		left     core.Amount
		step     ledger.Step
		state    wallet.ReversalState
		returned core.Amount
		john     core.Amount
		told     []string // john, jane
	}{
		"settled":                    {120_00, ledger.Settle, wallet.Settled, 125_00, 0, []string{"sms.reversal.over", "sms.reversal.settled"}},
		"settled with nothing":       {0, ledger.Settle, wallet.Settled, 5_00, 0, []string{"sms.reversal.over", "sms.reversal.settled"}},
		"given back":                 {120_00, ledger.GiveBack, wallet.Given, 0, 120_00, []string{"sms.reversal.given_back", "sms.reversal.refused"}},
		"given back, and it was nil": {0, ledger.GiveBack, wallet.Given, 0, 0, []string{"sms.reversal.over", "sms.reversal.refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			receipt := s.sent()
			s.spends(c.left)
			r, err := s.reverse(receipt)
			r = s.stands(r, err, wallet.Open, c.left, 0)
			had := s.balance(s.jane.Account)
			request := s.request()
			for range 2 { // the same request again is told the same
				got, err := s.StepReversal(t.Context(), request, r.ID, c.step, because("decided"))
				s.stands(got, err, c.state, 0, c.returned)
			}
			s.has("john", s.john.Account, c.john)
			s.has("jane", s.jane.Account, had+c.returned)
			s.has("the suspense", core.Suspense, 0)
			john, jane := s.told(s.john), s.told(s.jane)
			if got := []string{john[len(john)-1], jane[len(jane)-1]}; !slices.Equal(got, c.told) {
				t.Errorf("they were told %v", got)
			}
			if n := s.count(`SELECT count(*) FROM audit_log WHERE action = 'reversal.' || $1 AND after->>'state' = $2`, c.step, c.state); n != 1 {
				t.Errorf("%d deeds", n)
			}
			s.sound()
		})
	}
}

// A free payment of which nothing is left, settled: nothing moves at all, and yet it has ended, once.
func TestReverseNothing(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	receipt, err := s.Send(t.Context(), &wallet.Payment{Authority: s.word(s.jane), Request: s.request(), To: s.merchant, Amount: 500_00})
	s.wants("pay", err, "")
	s.done(s.move(core.Pay, s.merchant.Account, s.john.Account, s.balance(s.merchant.Account), 0))
	r, err := s.reverse(receipt)
	r = s.stands(r, err, wallet.Open, 0, 0)
	request := s.request()
	for range 2 {
		r, err = s.StepReversal(t.Context(), request, r.ID, ledger.Settle, because("he is gone"))
		s.stands(r, err, wallet.Settled, 0, 0)
	}
	if told := s.told(s.jane); told[len(told)-1] != "sms.reversal.lost" {
		t.Errorf("jane was told %v", told)
	}
	if len(r.Steps) != 2 || r.Steps[0].Receipt != "" || s.count(`SELECT count(*) FROM transfers WHERE operation = 'reverse'`) != 0 {
		t.Errorf("%+v", r.Steps)
	}
	s.sound()
}

// A hundred reverse the same transfer while he spends: one case, and every cent is somewhere.
func TestReversedByAHundred(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	receipt := s.sent()
	s.spends(500_00)
	var spent atomic.Int64
	together(120, func(i int) {
		if i%6 == 0 {
			if o, err := s.Post(context.Background(), s.move(core.Pay, s.john.Account, s.merchant.Account, 20_00, 0)); err != nil {
				t.Error(err)
			} else if o.Code == "" {
				spent.Add(20_00)
			}
			return
		}
		if _, err := s.reverse(receipt); err != nil {
			t.Error(err)
		}
	})
	r, err := s.ReversalByID(t.Context(), 1)
	s.wants("the case", err, "")
	if left := 500_00 - core.Amount(spent.Load()); r.State == wallet.Open && r.Taken != left || r.State == wallet.Whole && left != 500_00 {
		t.Errorf("%s with %s, and %s was left", r.State, r.Taken, left)
	}
	if s.count(`SELECT count(*) FROM reversals`) != 1 || len(r.Steps) != 1 || s.count(`SELECT count(*) FROM audit_log WHERE action = 'transfer.reverse'`) != 1 {
		t.Errorf("%+v", r)
	}
	s.sound()
}

// Two administrators decide otherwise at the same moment, with others who collect: one of them has decided.
func TestDecidedByTwo(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for n := range 6 {
		receipt := s.sent()
		s.spends(core.Amount(n) * 50_00)
		r, err := s.reverse(receipt)
		s.stands(r, err, wallet.Open, core.Amount(n)*50_00, 0)
		var ended atomic.Int64
		together(12, func(i int) {
			step := []ledger.Step{ledger.Settle, ledger.GiveBack, ledger.Collect}[i%3]
			_, err := s.step(r, step)
			switch code := core.CodeOf(err); {
			case code == "" && step != ledger.Collect:
				ended.Add(1)
			case code != core.ReversalEnded && (code != core.NothingToCollect || step != ledger.Collect):
				t.Errorf("%s: %v", step, err)
			}
		})
		if ended.Load() != 1 {
			t.Errorf("%d have decided", ended.Load())
		}
	}
	s.has("the suspense", core.Suspense, 0)
	if n := s.count(`SELECT count(*) FROM audit_log WHERE action IN ('reversal.settle', 'reversal.give_back')`); n != 6 {
		t.Errorf("%d deeds", n)
	}
	s.sound()
}

// What cannot be reversed is refused, and leaves no case.
func TestNotReversible(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	issued, err := s.IssueFloat(t.Context(), wallet.Booking{Reference: "BANK1", Party: s.super, Amount: 1_000_00})
	s.wants("issue", err, "")
	s.done(s.move(core.Withdraw, core.Trust, s.njeri.Commission, 10_00, 0))
	taken := s.takes(1_00)
	sent := s.sent()
	s.spends(0)
	for what, c := range map[string]struct {
		receipt core.Receipt
		want    core.Code
	}{
		"an issue of float": {issued.Receipt, core.NotReversible},
		"one's commission":  {taken, core.NotReversible},
		"nothing":           {"QK74J7XW2M", core.UnknownReceipt},
	} {
		_, err := s.reverse(c.receipt)
		s.wants(what, err, c.want)
	}
	if _, err := s.owner.Exec(`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = $1`, s.john.ID); err != nil {
		t.Fatal(err)
	}
	_, err = s.reverse(sent)
	s.wants("who was paid is closed", err, core.PayerClosed)
	_, err = s.StepReversal(t.Context(), s.request(), 99, ledger.Collect, because("?"))
	s.wants("no case", err, core.NoReversal)
	if n := s.count(`SELECT count(*) FROM reversals`) + s.count(`SELECT count(*) FROM requests WHERE id LIKE 'reverse%'`); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

// Reversals are for trouble: who is suspended is taken from, who has a largest balance is given more, what is on hold
// stays there, and nothing counts against a limit.
func TestReverseInTrouble(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	receipt := s.sent()
	s.spends(500_00)
	s.withdraw(s.john, s.otieno, 100_00) // and 10 of a fee
	for _, query := range []string{
		`UPDATE parties SET status = 'suspended' WHERE id IN (` + fmt.Sprint(s.jane.ID, ",", s.john.ID) + `)`,
		`INSERT INTO limits (tier, effective_at, one_transaction, largest_balance) VALUES ('full', '2001-01-01', 1000, 1000)`,
	} {
		if _, err := s.owner.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	spent := s.count(`SELECT spent_today FROM accounts WHERE id = $1`, s.john.Account)
	r, err := s.reverse(receipt)
	r = s.stands(r, err, wallet.Open, 390_00, 0)
	if b, err := s.Store.Balance(t.Context(), s.john.Account); err != nil || b.Available != 0 || b.Held != 110_00 {
		t.Errorf("%+v, %v", b, err)
	}
	r, err = s.step(r, ledger.Settle)
	s.stands(r, err, wallet.Settled, 0, 395_00)
	if now := s.count(`SELECT spent_today FROM accounts WHERE id = $1`, s.john.Account); now != spent {
		t.Errorf("%d counts against his limits, and %d did", now, spent)
	}
	s.sound()
}

// Nobody goes while it is undecided what she gets back, or gives.
func TestNobodyClosesInAReversal(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	receipt := s.sent()
	s.spends(100_00)
	r, err := s.reverse(receipt)
	r = s.stands(r, err, wallet.Open, 100_00, 0)
	if s.balance(s.john.Account) != 0 {
		t.Fatal("john has something left")
	}
	s.wants("who was paid", s.shut(s.john), core.StillOpen)
	_, err = s.step(r, ledger.Settle)
	s.wants("settle", err, "")
	s.wants("who was paid, afterwards", s.shut(s.john), "")
	s.sound()
}

// A gateway whose commits are lost has reversed nothing and cannot say so; another does. One that loses one commit, before
// or after it was carried out, does so once.
func TestReversedThroughALostCommit(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for n, pass := range []bool{false, true, false, true} {
		receipt := s.sent()
		if n < 2 {
			s.spends(0)
		} else {
			s.fund(s.john.Account, 200_00)
		}
		dead := &wire{}
		dead.losses.Store(1000)
		_, err := s.at(s.through(dead)).Reverse(t.Context(), receipt, because("a mistake"))
		s.wants("by who is cut off", err, core.OutcomeUnknown)
		if got := s.count(`SELECT count(*) FROM reversals`); got != int64(n) {
			t.Fatalf("%d reversals", got)
		}
		w := &wire{pass: pass}
		w.losses.Store(1)
		r, err := s.at(s.through(w)).Reverse(t.Context(), receipt, because("a mistake"))
		if n < 2 {
			s.stands(r, err, wallet.Open, 0, 0)
		} else {
			s.stands(r, err, wallet.Whole, 0, 505_00)
		}
		if len(r.Steps) != 1 || s.count(`SELECT count(*) FROM audit_log WHERE subject_id = $1`, r.Transfer) != 1 {
			t.Errorf("%+v", r)
		}
	}
	s.sound()
}

// at is another gateway.
func (s *shop) at(db *Store) *wallet.Wallet {
	return wallet.New(db, s.vault, nil, nil, rand.Reader, "*384*96#")
}

package store

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

// about is the deed of something done about a party.
func about(action string, p core.Party) core.Deed {
	return core.Deed{By: 7, Action: "party." + action, Subject: core.OfParty, ID: int64(p.ID), Reason: "a letter", Address: "127.0.0.1"}
}

// token gives a party one, and says whether a token opens still.
func (b bench) token(p core.Party) (opens func() bool) {
	b.t.Helper()
	hash := login.Hash{byte(b.serial.Add(1))}
	if err := b.KeepToken(b.t.Context(), hash, login.Bearer{Party: p}, login.Shown{}, time.Hour); err != nil {
		b.t.Fatal(err)
	}
	return func() bool {
		_, err := b.BearerOf(context.Background(), hash)
		return err == nil
	}
}

func (b bench) suspend(p core.Party) error {
	return errOf(b.Suspend(b.t.Context(), p.ID, about("suspend", p)))
}

func (b bench) reinstate(p core.Party) error {
	return errOf(b.Reinstate(b.t.Context(), p.ID, about("reinstate", p)))
}

func (b bench) shut(p core.Party) error {
	return errOf(b.CloseParty(b.t.Context(), p.ID, about("close", p)))
}

func (b bench) edit(p core.Party, e office.Edit) error {
	e.Left, e.Came = []notice.Notice{{When: notice.Done, Key: "sms.phone_left"}}, []notice.Notice{{When: notice.Done, Key: "sms.phone_came"}}
	return errOf(b.Edit(b.t.Context(), p.ID, e, about("edit", p)))
}

// deeds are what the audit log has, oldest first.
func (b bench) deeds() (lines []string) {
	b.t.Helper()
	if err := b.owner.Select(&lines, `SELECT concat_ws(' ', action, before, '->', after) FROM audit_log ORDER BY id`); err != nil {
		b.t.Fatal(err)
	}
	return lines
}

func (s *shop) wantDeeds(want ...string) {
	s.t.Helper()
	if diff := gocmp.Diff(want, s.deeds()); diff != "" {
		s.t.Errorf("deeds (-want +got)\n%s", diff)
	}
}

// Who is suspended has no token any more, nor has she one when she is let in again. What she has on hold stays, is not
// captured while she is suspended, and is given back when its time is over.
func TestSuspend(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	opens, c := s.token(s.jane), s.withdraw(s.jane, s.njeri, 500_00)
	d := s.deposit(s.john, s.otieno, 100_00)
	for range 2 {
		s.ok(s.suspend(s.jane))
	}
	s.ok(s.suspend(s.otieno))
	if opens() {
		t.Error("her token opens")
	}
	_, err := s.bySMS(s.njeri, c.Code)
	s.wants("the agent confirms", err, core.PayerSuspended)
	_, err = s.bySMS(s.otieno, d.Code)
	s.wants("a suspended agent confirms", err, core.PayerSuspended)
	s.ok(s.reinstate(s.jane))
	if opens() {
		t.Error("her token opens again")
	}
	if _, err := s.bySMS(s.njeri, c.Code); err != nil {
		t.Errorf("reinstated: %v", err)
	}
	c = s.withdraw(s.jane, s.njeri, 500_00)
	s.ok(s.suspend(s.jane))
	if ended, err := s.sweeper.Expire(t.Context()); ended != 2 || err != nil {
		t.Errorf("%d ended, %v", ended, err)
	}
	if c = s.kept(c.ID); c.Ended != wallet.Expired {
		t.Errorf("the request ended %q", c.Ended)
	}
	if b, err := s.Store.Balance(t.Context(), s.jane.Account); err != nil || b.Held != 0 {
		t.Errorf("%s is on hold, %v", b.Held, err)
	}
	const stop, let = `party.suspend {"status": "active"} -> {"status": "suspended"}`, `party.reinstate {"status": "suspended"} -> {"status": "active"}`
	s.wantDeeds(stop, stop, let, stop)
	s.sound()
}

// Nobody is closed with money, with some on hold, or with a request open on either side; closed, she is closed for ever,
// and her number and her e-mail may be somebody else's.
func TestClose(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.wants("with money", s.shut(s.jane), core.BalanceLeft)
	poor := s.known(core.Subscriber, 0)
	opens := s.token(poor)
	c := s.deposit(poor, s.njeri, 100_00)
	s.wants("with a request", s.shut(poor), core.StillOpen)
	s.done(s.move(core.Withdraw, s.otieno.Account, core.Trust, 100_000_00, 0))
	d := s.deposit(s.john, s.otieno, 100_00)
	s.wants("with a request at her counter", s.shut(s.otieno), core.StillOpen)
	for _, one := range []struct {
		of core.Party
		id int64
	}{{poor, c.ID}, {s.john, d.ID}} {
		if _, err := s.Cancel(t.Context(), one.of, one.id); err != nil {
			t.Fatal(err)
		}
	}
	s.done(s.move(core.Issue, core.Trust, s.otieno.Commission, 1, 0))
	s.wants("with commission", s.shut(s.otieno), core.BalanceLeft)
	if len(s.deeds()) != 0 {
		t.Errorf("refused, and yet %q", s.deeds())
	}
	s.ok(s.suspend(poor))
	for range 2 {
		s.ok(s.shut(poor))
	}
	if opens() {
		t.Error("her token opens")
	}
	s.wantDeeds(`party.suspend {"status": "active"} -> {"status": "suspended"}`, `party.close {"status": "suspended"} -> {"status": "closed"}`)
	s.wants("suspend", s.suspend(poor), core.NotAllowed)
	s.wants("reinstate", s.reinstate(poor), core.NotAllowed)
	s.wants("edit", s.edit(poor, office.Edit{Name: "ANOTHER"}), core.NotAllowed)
	s.wants("nobody", s.shut(core.Party{ID: 9}), core.NotRegistered)
	if _, err := s.PartyByPhone(t.Context(), poor.Phone); core.CodeOf(err) != core.NotRegistered {
		t.Errorf("found by her number: %v", err)
	}
	next, err := s.Wallet.Open(t.Context(), core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierNew, Lang: core.English, Name: "NEXT", Phone: poor.Phone,
	}, s.pin("2580"), "")
	if err != nil || next.ID == poor.ID {
		t.Fatal(err)
	}
	both, err := s.Search(t.Context(), office.Search{Phone: poor.Phone, Most: 9})
	if err != nil || len(both) != 2 {
		t.Errorf("found %v, %v", both, err)
	}
	if old, err := s.Customer(t.Context(), poor.ID); err != nil || old.Closed.IsZero() || len(old.Messages) == 0 || old.Messages[0].To != poor.ID {
		t.Errorf("%+v, %v", old, err)
	}
	s.bench.sound()
}

// However closing meets money that is on its way, none is ever in a closed account: either she is closed and the money is
// refused, or it came and she is not.
func TestCloseAgainstMoney(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	closed := 0
	for round := range 12 {
		poor := s.known(core.Subscriber, 0)
		var came, shut atomic.Int64
		together(6, func(i int) {
			if i == 0 || i == 1 {
				if code := core.CodeOf(s.shut(poor)); code == "" {
					shut.Add(1)
				} else if code != core.BalanceLeft {
					t.Errorf("close: %s", code)
				}
				return
			}
			o, err := s.Post(t.Context(), s.move(core.Send, s.jane.Account, poor.Account, 100, 0))
			if err != nil || o.Code != "" && o.Code != core.PayeeClosed {
				t.Errorf("%s, %v", o.Code, err)
			}
			if o.Code == "" {
				came.Add(1)
			}
		})
		if got := s.balance(poor.Account); got != core.Amount(came.Load()*100) || (shut.Load() > 0) != (got == 0) {
			t.Errorf("round %d: %d closed her, %d came, and she has %s", round, shut.Load(), came.Load(), got)
		}
		if shut.Load() > 0 {
			closed++
		}
	}
	if n := s.count(`SELECT count(*) FROM audit_log`); int(n) != closed {
		t.Errorf("%d were closed, with %d deeds", closed, n)
	}
	s.sound()
}

// Money that is in the middle of a transaction is waited for.
func TestCloseWaitsForMoney(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	poor := s.known(core.Subscriber, 0)
	order := s.move(core.Send, s.jane.Account, poor.Account, 100, 0)
	result := make(chan error, 1)
	err := s.Tx(t.Context(), func(tx *Tx) error {
		if _, err := s.post(tx, []wallet.Order{order}); err != nil {
			return err
		}
		go func() { result <- s.shut(poor) }()
		s.until("closing waits", func() bool {
			return s.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wants("close", <-result, core.BalanceLeft)
	s.sound()
}

// Two administrators who suspend and close the same one at once, many times over: what comes of it is one after the
// other, and the deeds tell which.
func TestSuspendAgainstClose(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for range 8 {
		poor := s.known(core.Subscriber, 0)
		together(4, func(i int) {
			do := s.shut
			if i%2 == 0 {
				do = s.suspend
			}
			if err := do(poor); err != nil && core.CodeOf(err) != core.NotAllowed {
				t.Error(err)
			}
		})
		var was []string
		if err := s.owner.Select(&was, `SELECT after->>'status' FROM audit_log WHERE subject_id = $1 ORDER BY id`, poor.ID); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(was, " "); got != "closed" && got != "suspended closed" {
			t.Errorf("she was %s", got)
		}
	}
	s.sound()
}

// An application is approved or refused, whoever comes at once; refused, the number and the e-mail are free.
func TestRefuse(t *testing.T) {
	t.Parallel()
	b := open(t)
	for range 6 {
		p := b.pending()
		var approved, refused atomic.Int64
		together(4, func(i int) {
			if i%2 == 0 {
				if did, err := b.approve(p); did {
					approved.Add(1)
				} else if err != nil && core.CodeOf(err) != core.NotAllowed {
					t.Error(err)
				}
				return
			}
			tell := []notice.Notice{{When: notice.Done, Key: "sms.application_refused"}}
			if did, err := b.Refuse(t.Context(), p.ID, tell, about("refuse", p)); did {
				refused.Add(1)
			} else if core.CodeOf(err) != core.NotAllowed {
				t.Errorf("refused twice: %v", err)
			}
		})
		_, err := b.PartyByPhone(t.Context(), p.Phone)
		if approved.Load()+refused.Load() != 1 || (core.CodeOf(err) == core.NotRegistered) != (refused.Load() == 1) {
			t.Errorf("%d approved, %d refused, %v", approved.Load(), refused.Load(), err)
		}
		if n := b.count(`SELECT count(*) FROM messages WHERE party_id = $1 AND phone = $2`, p.ID, p.Phone); n != 1 {
			t.Errorf("told %d times", n)
		}
	}
	if err := b.shut(b.pending()); core.CodeOf(err) != core.NotAllowed {
		t.Errorf("close who waits: %v", err)
	}
}

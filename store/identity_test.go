package store

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

// A locked PIN is unlocked once, with a message; one that is not locked is left alone.
func TestUnlockPIN(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for range 3 {
		s.knows(s.jane, "1111")
	}
	if code := s.knows(s.jane, "2580"); code != core.PINLocked {
		t.Errorf("%q", code)
	}
	var unlocked atomic.Int64
	together(4, func(int) {
		did, err := s.UnlockPIN(t.Context(), s.jane.ID, []notice.Notice{{When: notice.Done, Key: "sms.pin_unlocked"}}, about("unlock_pin", s.jane))
		if err != nil {
			t.Error(err)
		}
		if did {
			unlocked.Add(1)
		}
	})
	if told := s.told(s.jane); unlocked.Load() != 1 || len(told) != 1 || len(s.deeds()) != 1 {
		t.Errorf("%d unlocked it, she was told %v, the deeds are %q", unlocked.Load(), told, s.deeds())
	}
	if code := s.knows(s.jane, "2580"); code != "" {
		t.Errorf("still %s", code)
	}
}

// A new PIN ends the tokens that were given for the old one, or for a password, whichever way it is set.
func TestNewPINEndsTokens(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	opens, others := s.token(s.jane), s.token(s.john)
	s.ok(s.SetPIN(t.Context(), s.jane.ID, s.sealed(s.jane, "602413"), nil))
	if opens() || !others() {
		t.Error("hers opens after her PIN was changed, or another's does not")
	}
	s.ok(s.ResetPIN(t.Context(), s.word(s.njeri), s.jane.Phone, s.jane.IDNumber))
	opens = s.token(s.jane) // by the old PIN, which is good until then
	s.ok(s.StartWith(t.Context(), s.jane, s.startCode(s.jane), s.sealed(s.jane, "913570")))
	if opens() {
		t.Error("it opens after her PIN was reset")
	}
}

// A new PIN, and another phone number, end what the old one opened: tokens at once, and logins that were under way,
// whichever comes first.
func TestNoLoginOutlivesWhatWasShown(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *shop, round int) error{
		"a new PIN": func(s *shop, _ int) error {
			return s.SetPIN(context.Background(), s.jane.ID, s.sealed(s.jane, "602413"), nil)
		},
		"another phone": func(s *shop, round int) error {
			return s.edit(s.jane, office.Edit{Phone: core.MSISDN(fmt.Sprintf("+25479900000%d", round))})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			for round := range 10 {
				p, err := s.Customer(t.Context(), s.jane.ID)
				s.ok(err)
				known, err := s.ByPhone(t.Context(), p.Phone)
				s.ok(err)
				together(4, func(i int) {
					if i == 0 {
						s.ok(change(s, round))
						return
					}
					err := s.KeepToken(context.Background(), login.Hash{byte(round), byte(i)}, known.Bearer, login.Shown{PIN: known.PIN}, time.Hour)
					if err != nil && core.CodeOf(err) != core.WrongLogin {
						t.Error(err)
					}
				})
				if n := s.count(`SELECT count(*) FROM tokens`); n != 0 {
					t.Errorf("round %d: %d tokens are left", round, n)
				}
			}
			p, err := s.Customer(t.Context(), s.jane.ID)
			s.ok(err)
			known, err := s.ByPhone(t.Context(), p.Phone)
			s.ok(err)
			s.ok(s.KeepToken(t.Context(), login.Hash{255}, known.Bearer, login.Shown{PIN: known.PIN}, time.Hour))
		})
	}
}

// Care begins a reset as an agent does: by the ID number, with a code that only her phone is told, and a day in which
// little goes out. Who never had a PIN has nothing to lose by the code.
func TestResetByCare(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	reset := func(p core.Party, id string) error {
		start, tell, err := s.NewStart(t.Context(), p)
		if err != nil {
			return err
		}
		return s.Store.ResetPIN(t.Context(), p.ID, id, start, tell, about("reset_pin", p))
	}
	s.wants("another ID number", reset(s.jane, "87654321"), core.WrongID)
	s.wants("no ID number", reset(s.party(core.Subscriber, core.TierNew), ""), core.WrongID)
	opens := s.token(s.jane)
	s.ok(reset(s.jane, s.jane.IDNumber))
	if opens() || s.knows(s.jane, "2580") != "" {
		t.Error("her token opens, or her PIN is gone")
	}
	s.wants("start", s.StartWith(t.Context(), s.jane, s.startCode(s.jane), s.sealed(s.jane, "602413")), "")
	over := &wallet.Payment{Authority: wallet.Authority{Party: s.jane, PIN: s.pin("602413"), Turn: "a"}, Request: s.request(), To: s.john, Amount: 1_001_00}
	over.Fee, _ = s.Quote(t.Context(), s.jane, s.john, over.Amount)
	_, err := s.Send(t.Context(), over)
	s.wants("much money", err, core.AfterReset)
	s.ok(s.suspend(s.jane))
	s.wants("suspended", reset(s.jane, s.jane.IDNumber), core.NotAllowed)
	if c, err := s.Customer(t.Context(), s.jane.ID); err != nil || c.Reset.IsZero() || !c.PIN.Set || c.PIN.Starts {
		t.Errorf("%+v, %v", c.PIN, err)
	}
	s.wantDeeds(`party.reset_pin -> {"start_code": "sent"}`, `party.suspend {"status": "active"} -> {"status": "suspended"}`)
}

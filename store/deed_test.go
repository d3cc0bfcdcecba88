package store

import (
	"errors"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// The store implements what the office needs.
var _ office.Store = (*Store)(nil)

func deedOf(action string, id int64) core.Deed {
	return core.Deed{By: 7, Action: action, Subject: core.OfParty, ID: id, After: map[string]int{"n": 1}, Address: "127.0.0.1"}
}

// A deed is written in the transaction of the posting, if that is done, and once: not when it is refused, nor when it
// comes again; and those of a batch each with their own.
func TestDeedsOfPostings(t *testing.T) {
	t.Parallel()
	b := open(t)
	super := b.party(core.SuperAgent, core.TierTrade)
	issue := b.move(core.Issue, core.Trust, super.Account, 1000_00, 0)
	issue.Deed = &core.Deed{By: 7, Action: "float.issue", Subject: core.OfTransfer, Reason: "a deposit", Address: "127.0.0.1"}
	first := b.done(issue)
	if again := b.done(issue); !again.Again || again.Transfer != first.Transfer {
		t.Errorf("%+v", again)
	}
	if n := b.count(`SELECT count(*) FROM audit_log WHERE subject_id = $1 AND admin_id = 7 AND reason = 'a deposit' AND before IS NULL`, first.Transfer); n != 1 {
		t.Errorf("%d rows of it", n)
	}
	if n := b.count(`SELECT count(*) FROM audit_log l JOIN transfers t ON t.id = l.subject_id WHERE l.at = t.at`); n != 1 {
		t.Error("the deed is of another time than the transfer")
	}
	redeem := b.move(core.Redeem, super.Account, core.Trust, 5000_00, 0)
	redeem.Deed = issue.Deed
	if o, err := b.Post(t.Context(), redeem); err != nil || o.Code != core.InsufficientFunds {
		t.Errorf("%s, %v", o.Code, err)
	}
	if n := b.count(`SELECT count(*) FROM audit_log`); n != 1 {
		t.Errorf("%d rows after a refusal", n)
	}
	together(20, func(int) {
		o := b.move(core.Issue, core.Trust, super.Account, 100, 0)
		d := *issue.Deed
		o.Deed = &d
		if _, err := b.Post(t.Context(), o); err != nil {
			t.Error(err)
		}
	})
	if n := b.count(`SELECT count(DISTINCT subject_id) FROM audit_log l JOIN transfers t ON t.id = l.subject_id`); n != 21 {
		t.Errorf("%d transfers have a deed", n)
	}
	b.sound()
}

// A posting whose deed cannot be written is not carried out, and those beside it in the batch are.
func TestNoPostingWithoutItsDeed(t *testing.T) {
	t.Parallel()
	b := open(t)
	super := b.party(core.SuperAgent, core.TierTrade)
	bad := b.move(core.Issue, core.Trust, super.Account, 1000_00, 0)
	bad.Deed = &core.Deed{By: 7, Action: "no action", Subject: core.OfTransfer, Address: "127.0.0.1"}
	together(8, func(i int) {
		o := b.move(core.Issue, core.Trust, super.Account, 100, 0)
		if i == 0 {
			o = bad
		}
		_, err := b.Post(t.Context(), o)
		if want := map[bool]core.Code{true: core.Internal}[i == 0]; core.CodeOf(err) != want {
			t.Errorf("order %d: %v", i, err)
		}
	})
	if got := b.balance(super.Account); got != 700 {
		t.Errorf("the float is %s", got)
	}
	if n := b.count(`SELECT count(*) FROM audit_log`); n != 0 {
		t.Errorf("%d deeds", n)
	}
}

// Whatever fails after the deed takes the deed along.
func TestDeedGoesWithItsTransaction(t *testing.T) {
	t.Parallel()
	b := open(t)
	failed := errors.New("on the way")
	err := b.Tx(t.Context(), func(tx *Tx) error {
		if err := tx.record(deedOf("party.approve", 1)); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) || b.count(`SELECT count(*) FROM audit_log`) != 0 {
		t.Errorf("%v, and the deed stayed", err)
	}
}

package ledger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// The content is stored with the request, so its form must not change while replays may come.
func TestContent(t *testing.T) {
	t.Parallel()
	p := ledger.Posting{Operation: core.Withdraw, From: 12, To: 7, Amount: 50000, Fee: 2700, Hold: 3}
	for action, want := range map[ledger.Action]string{
		ledger.Move:    "withdraw 12>7 50000 hold 3",
		ledger.Place:   "withdraw 12>7 50000 hold 0",
		ledger.Capture: "withdraw 12>7 50000 hold 3",
		ledger.Release: "withdraw 12>7 50000 hold 3 release",
		ledger.Expire:  "withdraw 12>7 50000 hold 3 expire",
		ledger.Refuse:  "withdraw 12>7 50000 hold 3",
	} {
		p.Action = action
		if got := p.Content(); got != want {
			t.Errorf("%s: %q, want %q", action, got, want)
		}
	}
}

func TestTouches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		p    ledger.Posting
		want []core.AccountID
	}{
		{"send", ledger.Posting{From: 9, To: 4, Entries: []ledger.Entry{{Account: 9}, {Account: 4}, {Account: 2}}}, []core.AccountID{2, 4, 9}},
		{"nobody is no account", ledger.Posting{Entries: []ledger.Entry{{Account: 9}, {Account: 4}}}, []core.AccountID{4, 9}},
		{"place", ledger.Posting{From: 9, To: 4}, []core.AccountID{4, 9}},
		{"refuse", ledger.Posting{}, []core.AccountID{}},
	} {
		if diff := cmp.Diff(c.want, c.p.Touches()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Whoever writes outcomes down must leave out those that are written already.
func TestRecorded(t *testing.T) {
	t.Parallel()
	book := &ledger.Book{} // its maps may be nil
	p := ledger.Posting{Request: "a", Action: ledger.Refuse, Code: core.FeeChanged, Amount: 1}
	other := p
	other.Amount = 2
	for _, c := range []struct {
		name string
		p    ledger.Posting
		want bool
	}{
		{"the first", p, true},
		{"again", p, false},
		{"reused", other, false},
		{"no request", ledger.Posting{}, false},
	} {
		if got := book.Apply(c.p, day).Recorded(); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
	if len(book.Outcomes) != 1 {
		t.Errorf("%d outcomes are kept, want 1", len(book.Outcomes))
	}
}

func TestOutcomeTellsOfTheTransferOnlyWhenItWasDone(t *testing.T) {
	t.Parallel()
	book := ledger.Book{Accounts: map[core.AccountID]*ledger.Account{
		1: {ID: 1, Status: core.Active, Balance: 100},
		2: {ID: 2, Status: core.Active},
	}}
	p := ledger.Posting{
		Request: "a", Action: ledger.Move, Operation: core.Send, From: 1, To: 2, Amount: 60,
		Entries:  []ledger.Entry{{Account: 1, Amount: -60}, {Account: 2, Amount: 60}},
		Transfer: 7, Receipt: "QK74J7XW2M",
	}
	done := book.Apply(p, day)
	if done.Transfer != 7 || done.Receipt != "QK74J7XW2M" || !done.At.Equal(day) || done.Err() != nil {
		t.Errorf("done: %+v", done)
	}
	if left, touched := done.Balance(1); left != 40 || !touched {
		t.Errorf("account 1: %v, %t", left, touched)
	}
	if _, touched := done.Balance(3); touched {
		t.Error("account 3 is touched")
	}
	p.Request = "b"
	refused := book.Apply(p, day)
	if refused.Transfer != 0 || refused.Receipt != "" || core.CodeOf(refused.Err()) != core.InsufficientFunds {
		t.Errorf("refused: %+v", refused)
	}
}

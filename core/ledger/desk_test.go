package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// A desk is a book whose accounts have names, and a clock.
type desk struct {
	book     ledger.Book
	names    []string // of account 1, 2, …
	now      time.Time
	requests int
}

func (d *desk) add(name string) *ledger.Account {
	d.names = append(d.names, name)
	id := core.AccountID(len(d.names))
	d.book.Accounts[id] = &ledger.Account{ID: id, Status: core.Active}
	return d.book.Accounts[id]
}

func (d *desk) account(name string) *ledger.Account { return d.book.Accounts[d.id(name)] }

// id of "-" is nobody's; a name that is not known gets an id that is not known either.
func (d *desk) id(name string) core.AccountID {
	if name == "-" {
		return 0
	}
	if i := slices.Index(d.names, name); i >= 0 {
		return core.AccountID(i + 1)
	}
	return 999
}

func (d *desk) post(t *testing.T, p ledger.Posting) string {
	before := d.copy()
	o := d.book.Apply(p, d.now)
	if o.Code != "" || o.Again {
		if diff := cmp.Diff(before, d.copy()); diff != "" {
			t.Errorf("refused or repeated, and yet changed (-before +after):\n%s", diff)
		}
	}
	return d.say(o)
}

// copy is the accounts and the holds as they are now.
func (d *desk) copy() any {
	accounts, holds := map[core.AccountID]ledger.Account{}, map[core.HoldID]ledger.Hold{}
	for id, a := range d.book.Accounts {
		accounts[id] = *a
	}
	for id, h := range d.book.Holds {
		holds[id] = *h
	}
	return []any{accounts, holds}
}

func (d *desk) sum() (sum core.Amount) {
	for _, a := range d.book.Accounts {
		sum += a.Balance
	}
	return sum
}

func (d *desk) say(o ledger.Outcome) string {
	var b strings.Builder
	if o.Again {
		b.WriteString("again: ")
	}
	if o.Code != "" {
		fmt.Fprintf(&b, "refused: %s\n", o.Code)
		return b.String()
	}
	b.WriteString("done\n")
	for _, e := range o.Entries {
		fmt.Fprintf(&b, "%-8s %10v leaves %10v  entry %d\n", d.names[e.Account-1], e.Amount, e.Balance, e.Version)
	}
	return b.String()
}

// balances leaves out what nothing happened to.
func (d *desk) balances() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-8s %10s %10s %10s %10s %10s\n", "", "balance", "held", "available", "today", "month")
	for i, name := range d.names {
		a := *d.book.Accounts[core.AccountID(i+1)]
		if a.Balance != 0 || a.Held != 0 || a.Spent.Month != 0 {
			fmt.Fprintf(&b, "%-8s %10v %10v %10v %10v %10v\n",
				name, a.Balance, a.Held, a.Available(), a.Spent.Today, a.Spent.Month)
		}
	}
	return b.String()
}

func (d *desk) holds() string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(d.book.Holds)) {
		h := d.book.Holds[id]
		state := "runs until " + h.Expires.Format("15:04")
		if h.Ended != "" {
			state = "ended by " + string(h.Ended)
		}
		fmt.Fprintf(&b, "hold %d: %v of %s, %s\n", id, h.Amount, d.names[h.Account-1], state)
	}
	return b.String()
}

package ledger_test

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// An auditor knows what the ledger ought to say, and gets there another way: she keeps no balance, no
// counter and no hold, only the list of what was accepted, and adds it all up anew each time she is asked.
// She does not stop at the first thing that is wrong, but notes every one and picks the gravest.
type auditor struct {
	book  *ledger.Book // for the statuses, floors and limits; never for an amount
	facts []fact
	heard map[core.RequestID]heard
}

// A fact is a posting that was accepted, and on which day, such as "2026-11-21".
type fact struct {
	ledger.Posting
	day    string
	posted []ledger.Posted
}

// What a request asked the first time, and what it was told.
type heard struct {
	asked asked
	told  ledger.Outcome
}

type asked struct {
	operation core.Operation
	from, to  core.AccountID
	amount    core.Amount
	hold      core.HoldID
	back      ledger.Action
}

func whatIsAsked(p ledger.Posting) asked {
	a := asked{p.Operation, p.From, p.To, p.Amount, p.Hold, ""}
	if p.Action == ledger.Place {
		a.hold = 0
	}
	if p.Action == ledger.Release || p.Action == ledger.Expire {
		a.back = p.Action
	}
	return a
}

// A tally is what the facts add up to on a day.
type tally struct {
	balance, held, today, month, ever [nobody + 1]core.Amount // by account
	entries                           [nobody + 1]int64
	placed                            map[core.HoldID]*fact
	ended                             map[core.HoldID]ledger.Action
}

func (a *auditor) tally(day string) *tally {
	t := &tally{placed: map[core.HoldID]*fact{}, ended: map[core.HoldID]ledger.Action{}}
	for i := range a.facts {
		f := &a.facts[i]
		switch f.Action {
		case ledger.Move:
			t.spend(f, day)
		case ledger.Place:
			t.placed[f.Hold] = f
		case ledger.Note:
		default:
			t.ended[f.Hold] = f.Action
		}
		for _, e := range f.posted {
			t.entries[e.Account]++
			t.balance[e.Account] += e.Amount
		}
	}
	for id, f := range t.placed {
		if t.ended[id] == "" {
			t.held[f.From] += f.Amount + f.Fee
		}
		if t.ended[id] == "" || t.ended[id] == ledger.Capture {
			t.spend(f, day)
		}
	}
	return t
}

// unlimited is true of what is put right, or was paid out at the bank.
func unlimited(op core.Operation) bool { return op == core.Reverse || op == core.Redeem }

func (t *tally) spend(f *fact, day string) {
	if unlimited(f.Operation) {
		return
	}
	t.ever[f.From] += f.Amount
	if f.day[:len("2026-11")] == day[:len("2026-11")] {
		t.month[f.From] += f.Amount
	}
	if f.day == day {
		t.today[f.From] += f.Amount
	}
}

// Objections are what is wrong with a posting; the one with the least rank is told.
type objections struct {
	rank int
	code core.Code
}

func (o *objections) add(wrong bool, rank int, code core.Code) {
	if wrong && rank < o.rank {
		*o = objections{rank, code}
	}
}

// verdict is what the ledger ought to say of a request that is new.
func (a *auditor) verdict(p ledger.Posting, now time.Time) core.Code {
	if p.Action == ledger.Refuse {
		return p.Code
	}
	o, t := &objections{math.MaxInt, ""}, a.tally(now.Format(time.DateOnly))
	if p.Action == ledger.Move || p.Action == ledger.Capture {
		a.entries(o, p, t)
	}
	if p.Action == ledger.Move || p.Action == ledger.Place {
		o.add(p.Amount <= 0, 100, core.BadPosting)
		a.limits(o, p, t)
	}
	if p.Action == ledger.Place {
		a.place(o, p, t)
	} else if p.Action == ledger.Note {
		a.between(o, p)
	} else if p.Action != ledger.Move {
		a.ending(o, p, t, now)
	}
	return o.code
}

// entries are looked at on their own: shape, statuses, funds and room of each account.
func (a *auditor) entries(o *objections, p ledger.Posting, t *tally) {
	seen, sum := map[core.AccountID]bool{}, core.Amount(0)
	for i, e := range p.Entries {
		o.add(seen[e.Account] || e.Amount == 0, 100, core.BadPosting)
		seen[e.Account] = true
		sum += e.Amount
		account, known := a.book.Accounts[e.Account]
		if !known {
			o.add(true, 300, core.UnknownAccount)
			continue
		}
		after := t.balance[e.Account] + e.Amount
		if e.Amount < 0 {
			held := t.placed[p.Hold]
			ours := p.Action == ledger.Capture && held != nil && e.Account == held.From
			a.payer(o, p, account, 500+i)
			o.add(after-t.held[e.Account] < account.Floor && !ours, 800, core.InsufficientFunds)
			continue
		}
		a.payee(o, p, account, 600+i)
		largest := account.Limits.Largest
		o.add(largest != 0 && after > largest && !unlimited(p.Operation), 900, core.OverLargestBalance)
	}
	o.add(len(p.Entries) < 2, 100, core.BadPosting)
	o.add(sum != 0, 200, core.Unbalanced)
}

func (a *auditor) payer(o *objections, p ledger.Posting, account *ledger.Account, rank int) {
	undoes := p.Operation == core.Reverse
	o.add(account.Status == core.Suspended && !undoes, rank, core.PayerSuspended)
	o.add(account.Status == core.Dormant && !undoes, rank, core.PayerDormant)
	o.add(account.Status == core.Pending && !undoes, rank, core.PayerPending)
	o.add(account.Status == core.Closed, rank, core.PayerClosed)
}

func (a *auditor) payee(o *objections, p ledger.Posting, account *ledger.Account, rank int) {
	o.add((account.Status == core.Suspended || account.Status == core.Pending) && p.Operation != core.Reverse, rank, core.PayeeSuspended)
	o.add(account.Status == core.Closed, rank, core.PayeeClosed)
}

func (a *auditor) limits(o *objections, p ledger.Posting, t *tally) {
	from, known := a.book.Accounts[p.From]
	if !known || unlimited(p.Operation) {
		return
	}
	l := from.Limits
	o.add(l.Transaction != 0 && p.Amount > l.Transaction, 700, core.OverTransactionLimit)
	o.add(l.Day != 0 && t.today[p.From]+p.Amount > l.Day, 701, core.OverDayLimit)
	o.add(l.Month != 0 && t.month[p.From]+p.Amount > l.Month, 702, core.OverMonthLimit)
	o.add(l.AfterReset != 0 && t.ever[p.From]+p.Amount > l.AfterReset, 703, core.AfterReset)
}

func (a *auditor) place(o *objections, p ledger.Posting, t *tally) {
	a.between(o, p)
	_, taken := t.placed[p.Hold]
	o.add(taken, 400, core.HoldExists)
	if from, paying := a.book.Accounts[p.From]; paying {
		left := t.balance[p.From] - t.held[p.From] - p.Amount - p.Fee
		o.add(left < from.Floor, 800, core.InsufficientFunds)
	}
}

// between looks at the two whom something is agreed between.
func (a *auditor) between(o *objections, p ledger.Posting) {
	from, paying := a.book.Accounts[p.From]
	to, paid := a.book.Accounts[p.To]
	o.add(p.Amount <= 0 || p.From == p.To, 100, core.BadPosting)
	o.add(!paying || !paid, 300, core.UnknownAccount)
	if paying && paid {
		a.payer(o, p, from, 500)
		a.payee(o, p, to, 600)
	}
}

func (a *auditor) ending(o *objections, p ledger.Posting, t *tally, now time.Time) {
	f := t.placed[p.Hold]
	if f == nil {
		o.add(true, 400, core.UnknownHold)
		return
	}
	over := !now.Before(f.Expires)
	o.add(t.ended[p.Hold] != "", 401, core.HoldEnded)
	o.add(!over && p.Action == ledger.Expire, 402, core.HoldRunning)
	if p.Action == ledger.Capture {
		o.add(over, 402, core.HoldExpired)
		o.add(!slices.Contains(p.Entries, ledger.Entry{Account: f.From, Amount: -f.Amount - f.Fee}), 403, core.HoldMismatch)
		o.add(p.From != f.From || p.To != f.To || p.Amount != f.Amount, 403, core.HoldMismatch)
	}
}

// audit compares the book with what the facts add up to.
func (a *auditor) audit(now time.Time) error {
	t, sum := a.tally(now.Format(time.DateOnly)), core.Amount(0)
	for id, account := range a.book.Accounts {
		sum += account.Balance
		today, month := account.Spent.Today, account.Spent.Month
		if account.Spent.Day != ledger.DayOf(now) {
			today = 0
		}
		if account.Spent.Day/100 != ledger.DayOf(now)/100 {
			month = 0
		}
		got := [...]int64{int64(account.Balance), int64(account.Held), account.Version, int64(today), int64(month)}
		want := [...]int64{int64(t.balance[id]), int64(t.held[id]), t.entries[id], int64(t.today[id]), int64(t.month[id])}
		l := account.Limits
		switch {
		case got != want:
			return fmt.Errorf("account %d: balance, held, entries, today, month are %d, want %d", id, got, want)
		case account.Floor != ledger.NoFloor && account.Available() < account.Floor:
			return fmt.Errorf("account %d: %v is available, below its floor %v", id, account.Available(), account.Floor)
		case l.AfterReset != 0 && (account.Spent.AfterReset != t.ever[id] || t.ever[id] > l.AfterReset):
			return fmt.Errorf("account %d: spent %v since its reset, want %v of at most %v", id, account.Spent.AfterReset, t.ever[id], l.AfterReset)
		case (l.Day != 0 && today > l.Day) || (l.Month != 0 && month > l.Month):
			return fmt.Errorf("account %d: spent %v and %v, over its limits", id, today, month)
		}
	}
	if sum != 0 {
		return fmt.Errorf("the balances sum to %v", sum)
	}
	return a.chains(t)
}

// chains looks at what was posted, entry after entry, and at how the holds stand.
func (a *auditor) chains(t *tally) error {
	var version [nobody]int64
	var balance [nobody]core.Amount
	for i := range a.facts {
		for _, e := range a.facts[i].posted {
			version[e.Account]++
			balance[e.Account] += e.Amount
			if e.Version != version[e.Account] || e.Balance != balance[e.Account] {
				return fmt.Errorf("account %d: entry %d leaves %v, want entry %d and %v",
					e.Account, e.Version, e.Balance, version[e.Account], balance[e.Account])
			}
		}
	}
	if len(a.book.Holds) != len(t.placed) {
		return fmt.Errorf("there are %d holds, want %d", len(a.book.Holds), len(t.placed))
	}
	for id, h := range a.book.Holds {
		if h.Ended != t.ended[id] || h.Amount != t.placed[id].Amount+t.placed[id].Fee {
			return fmt.Errorf("hold %d of %v ended by %q, want %q", id, h.Amount, h.Ended, t.ended[id])
		}
	}
	return nil
}

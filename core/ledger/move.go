package ledger

import (
	"time"

	"github.com/piga-money/piga/core"
)

// A line is an entry before it is written: its account and what the balance would be after it. An account
// has at most one line in a posting, so no line depends on another.
type line struct {
	account *Account
	amount  core.Amount
	after   core.Amount
}

// usual is how many lines a posting has at most, save rare ones: room for them costs no allocation.
const usual = 8

func (b *Book) move(p *Posting, at time.Time) ([]Posted, core.Code) {
	var room [usual]line
	lines, code := b.lines(room[:0], p)
	if code != "" {
		return nil, code
	}
	if code = statuses(lines, p); code != "" {
		return nil, code
	}
	payer := b.Accounts[p.From] // nil when From is zero
	spent, code := count(payer, p, at)
	if code != "" {
		return nil, code
	}
	if code = affordable(lines, nil); code != "" {
		return nil, code
	}
	if code = roomy(lines, p); code != "" {
		return nil, code
	}
	if payer != nil {
		payer.Spent = spent
	}
	return write(lines), ""
}

// lines checks the shape of a posting with entries and finds its accounts. It appends to room.
func (b *Book) lines(room []line, p *Posting) ([]line, core.Code) {
	if p.Amount <= 0 || p.Fee < 0 || !wellFormed(p.Entries) {
		return nil, core.BadPosting
	}
	if code := balanced(p.Entries); code != "" {
		return nil, code
	}
	if !b.knows(p.From) || !b.knows(p.To) {
		return nil, core.UnknownAccount
	}
	for _, e := range p.Entries {
		account := b.Accounts[e.Account]
		if account == nil {
			return nil, core.UnknownAccount
		}
		after, fits := add(account.Balance, e.Amount)
		if !fits {
			return nil, core.Overflow
		}
		room = append(room, line{account, e.Amount, after})
	}
	return room, ""
}

// wellFormed is true of two entries or more, none of them zero, and no account twice.
func wellFormed(entries []Entry) bool {
	for i, e := range entries {
		if e.Amount == 0 {
			return false
		}
		for _, earlier := range entries[:i] {
			if earlier.Account == e.Account {
				return false
			}
		}
	}
	return len(entries) >= 2
}

func balanced(entries []Entry) core.Code {
	var sum core.Amount
	for _, e := range entries {
		next, fits := add(sum, e.Amount)
		if !fits {
			return core.Overflow
		}
		sum = next
	}
	if sum != 0 {
		return core.Unbalanced
	}
	return ""
}

// knows is true of nobody too: From and To may be left out.
func (b *Book) knows(id core.AccountID) bool { return id == 0 || b.Accounts[id] != nil }

// affordable is InsufficientFunds when a debit leaves less than its account's floor. The account whose
// hold is being captured is let off: that money was found when the hold was placed, and taking it leaves
// what is available as it was.
func affordable(lines []line, captured *Account) core.Code {
	for _, l := range lines {
		if l.amount > 0 || l.account == captured {
			continue
		}
		if code := aboveFloor(l.account, l.after, l.account.Held); code != "" {
			return code
		}
	}
	return ""
}

// aboveFloor looks at what an account would have available with this balance and so much on hold.
func aboveFloor(a *Account, balance, held core.Amount) core.Code {
	available, fits := add(balance, -held)
	switch {
	case !fits:
		return core.Overflow
	case available < a.Floor:
		return core.InsufficientFunds
	default:
		return ""
	}
}

// write changes the accounts. Nothing can go wrong any more.
func write(lines []line) []Posted {
	posted := make([]Posted, len(lines))
	for i, l := range lines {
		l.account.Balance = l.after
		l.account.Version++
		posted[i] = Posted{Entry{l.account.ID, l.amount}, l.account.Version, l.after}
	}
	return posted
}

// add is a + b, and false when that is more than an Amount can be.
func add(a, b core.Amount) (core.Amount, bool) {
	sum := a + b
	return sum, (sum > a) == (b > 0)
}

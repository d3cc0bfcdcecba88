// Package ledger is double entry as pure arithmetic: given accounts, holds and what became of earlier
// requests, it decides what a posting does. It knows no database, no clock and nobody's name; package
// store reads a Book, lets it decide, and writes down what it decided.
package ledger

import (
	"math"
	"time"

	"github.com/piga-money/piga/core"
)

// NoFloor is the floor of the system's own accounts: their balance may be anything.
const NoFloor core.Amount = math.MinInt64

// Account is one account as a Book sees it.
type Account struct {
	ID      core.AccountID
	Status  core.Status // its party's
	Balance core.Amount // what Piga owes its owner: the sum of its entries
	Held    core.Amount // part of the balance that is on hold
	Floor   core.Amount // the least that balance − held may be
	Version int64       // the number of its entries; the next takes Version + 1
	Limits  Limits
	Spent   Spent
}

// Available is what may be spent.
func (a Account) Available() core.Amount { return a.Balance - a.Held }

// Limits are what an account may move. Zero is no limit.
type Limits struct {
	Transaction core.Amount // out, at once
	Day         core.Amount // out, in a day
	Month       core.Amount // out, in a month
	AfterReset  core.Amount // out, in the time after a PIN was reset; zero once that is over
	Largest     core.Amount // balance that a credit may lift it to
}

// Spent is what counts against the limits so far: Today's amount on Day, Month's in Day's month, and what went
// out since the PIN was reset, as long as there is a limit to that. Fees do not count.
type Spent struct {
	Day        Day
	Today      core.Amount
	Month      core.Amount
	AfterReset core.Amount
}

// Day is a date in the zone whose days and months limits follow, as the number 20261121.
type Day int

// DayOf is the day of a time, in that time's own zone.
func DayOf(t time.Time) Day {
	year, month, day := t.Date()
	return Day(year*10000 + int(month)*100 + day)
}

// month is the number 202611: equal for two days exactly when they lie in the same month.
func (d Day) month() Day { return d / 100 }

// Hold is money set aside: it counts as spent until it is captured or released, once.
type Hold struct {
	ID      core.HoldID
	Account core.AccountID
	To      core.AccountID // who is to be paid at the capture
	Amount  core.Amount    // amount and fee together
	Counted core.Amount    // how much of it counts against the limits: the amount without the fee
	Day     Day            // on which it was counted; zero if it was not
	Expires time.Time
	Ended   Action // zero while it runs; else Capture, Release or Expire
}

// Book is the part of the books that some postings need: their accounts and holds, and the outcomes of
// requests that have come before. Apply changes it. A nil map is an empty one. A Book belongs to one
// goroutine.
type Book struct {
	Accounts map[core.AccountID]*Account
	Holds    map[core.HoldID]*Hold
	Outcomes map[core.RequestID]Outcome
}

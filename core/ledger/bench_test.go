package ledger_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

const (
	wallets = 10_000
	batch   = 250 // postings that share a Book, as when they are committed together
)

// A transfer with a fee between two of many wallets, each under its limits.
func BenchmarkMove(b *testing.B) { bench(b, sends(wallets, 0), move) }

// The same when all pay one wallet: in here that costs nothing more.
func BenchmarkMoveToOne(b *testing.B) { bench(b, sends(wallets, 2), move) }

// A hold and its capture, which are two postings.
func BenchmarkPlaceAndCapture(b *testing.B) { bench(b, sends(wallets, 0), placeAndCapture) }

func bench(b *testing.B, postings []ledger.Posting, do func(*testing.B, *ledger.Book, ledger.Posting)) {
	accounts := crowd()
	var book *ledger.Book
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%wallets == 0 {
			refill(accounts)
		}
		if i%batch == 0 {
			book = newBook(accounts)
		}
		do(b, book, postings[i%wallets])
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "transfers/s")
}

func move(b *testing.B, book *ledger.Book, p ledger.Posting) { must(b, book.Apply(p, day)) }

func placeAndCapture(b *testing.B, book *ledger.Book, p ledger.Posting) {
	p.Action, p.Hold, p.Expires = ledger.Place, core.HoldID(p.From), day.Add(time.Hour)
	must(b, book.Apply(p, day))
	p.Action, p.Request = ledger.Capture, p.Request+" captured"
	must(b, book.Apply(p, day))
}

func newBook(accounts map[core.AccountID]*ledger.Account) *ledger.Book {
	return &ledger.Book{
		Accounts: accounts,
		Holds:    make(map[core.HoldID]*ledger.Hold, batch),
		Outcomes: make(map[core.RequestID]ledger.Outcome, batch),
	}
}

func must(b *testing.B, o ledger.Outcome) {
	if o.Code != "" {
		b.Fatal(o.Err())
	}
}

// crowd is the fees account, 1, and the wallets after it.
func crowd() map[core.AccountID]*ledger.Account {
	accounts := map[core.AccountID]*ledger.Account{1: {ID: 1, Status: core.Active, Floor: ledger.NoFloor}}
	for i := range core.AccountID(wallets) {
		accounts[i+2] = &ledger.Account{ID: i + 2, Status: core.Active}
	}
	refill(accounts)
	return accounts
}

func refill(accounts map[core.AccountID]*ledger.Account) {
	for _, a := range accounts {
		a.Balance, a.Spent = 1_000_000, ledger.Spent{}
		a.Limits = ledger.Limits{Transaction: 500_000, Day: 1_000_000, Month: 2_000_000, Largest: 50_000_000_000}
	}
}

// sends makes n transfers, each from another wallet, to one wallet or, when that is zero, to any.
func sends(n int, one core.AccountID) []ledger.Posting {
	postings := make([]ledger.Posting, n)
	for i := range postings {
		from, to := core.AccountID(i+2), one
		if one == 0 {
			to = core.AccountID((i*7919+1)%n + 2) // scattered, since 7919 is a prime
		}
		if to == from {
			to++
		}
		postings[i] = ledger.Posting{
			Request: core.RequestID("ussd:*150*01#:" + strconv.Itoa(i)), Action: ledger.Move, Operation: core.Send,
			From: from, To: to, Amount: 50_000, Fee: 500,
			Entries: []ledger.Entry{{Account: from, Amount: -50_500}, {Account: to, Amount: 50_000}, {Account: 1, Amount: 500}},
		}
	}
	return postings
}

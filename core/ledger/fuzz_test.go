package ledger_test

import (
	"math"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// Amounts at which arithmetic goes wrong, if it does.
var wild = []core.Amount{
	0, 1, -1, 2, 100, -100, 1 << 31, 1 << 62, -1 << 62, math.MaxInt64, math.MaxInt64 - 1, -math.MaxInt64, math.MinInt64,
}

// Whatever is asked, the ledger does not panic, its sum stays zero where 64 bits would wrap around, nobody
// falls below a floor, and no more is held than is placed.
func FuzzApply(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 4, 9, 0, 1, 4, 9, 0, 1, 4, 9}) // all there is, to and fro
	f.Add([]byte{1, 1, 4, 9, 3, 0, 0, 9, 1, 1, 4, 4, 4, 200, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		book, now := wildBook(), day
		data = data[:min(len(data), 4*200)] // longer is not odder, only slower
		for i := 0; len(data) >= 4; i, data = i+1, data[4:] {
			now = now.Add(time.Duration(data[3]) * time.Hour)
			book.Apply(wildPosting(i, data[:4], now), now)
			sane(t, book)
		}
	})
}

func wildBook() *ledger.Book {
	book := &ledger.Book{Accounts: map[core.AccountID]*ledger.Account{}}
	for id := core.AccountID(1); id <= 5; id++ {
		book.Accounts[id] = &ledger.Account{ID: id, Status: core.Active}
	}
	book.Accounts[1].Floor, book.Accounts[2].Floor = ledger.NoFloor, ledger.NoFloor
	book.Accounts[3].Floor = -1 << 40
	book.Accounts[4].Limits = ledger.Limits{Transaction: math.MaxInt64, Day: math.MaxInt64, Month: math.MaxInt64, Largest: math.MaxInt64}
	return book
}

// wildPosting makes four bytes a posting: the action, two accounts in one, and two amounts.
func wildPosting(i int, b []byte, now time.Time) ledger.Posting {
	amount, fee := wild[int(b[2])%len(wild)], wild[int(b[3])%len(wild)]
	from, to := core.AccountID(b[1]%7), core.AccountID(b[1]/7%7) // 0 is nobody, 6 is not there
	entries := []ledger.Entry{{Account: from, Amount: -amount - fee}, {Account: to, Amount: amount}, {Account: 2, Amount: fee}}
	if fee == 0 {
		entries = entries[:2]
	}
	return ledger.Posting{
		Request: core.RequestID(strconv.Itoa(i / 2 * int(1+b[0]%2))), // now and then one that has come before
		Action:  append(ledger.Actions, "burn")[int(b[0])%(len(ledger.Actions)+1)],
		From:    from, To: to, Amount: amount, Fee: fee, Entries: entries,
		Hold:    core.HoldID(b[0] / 16),
		Expires: now.Add(time.Duration(b[3]) * time.Minute),
		Code:    []core.Code{core.Voided, core.FeeChanged, ""}[b[3]%3],
	}
}

func sane(t *testing.T, book *ledger.Book) {
	sum, held := new(big.Int), map[core.AccountID]core.Amount{}
	for _, h := range book.Holds {
		if h.Ended == "" {
			held[h.Account] += h.Amount
		}
	}
	for id, a := range book.Accounts {
		sum.Add(sum, big.NewInt(int64(a.Balance)))
		if a.Floor != ledger.NoFloor && a.Available() < a.Floor {
			t.Fatalf("account %d: %v is available, below its floor %v", id, a.Available(), a.Floor)
		}
		if a.Held != held[id] || a.Held < 0 || a.Spent.Today < 0 || a.Spent.Month < a.Spent.Today {
			t.Fatalf("account %d: %v is held, want %v; spent %+v", id, a.Held, held[id], a.Spent)
		}
	}
	if sum.Sign() != 0 {
		t.Fatalf("the balances sum to %v", sum)
	}
}

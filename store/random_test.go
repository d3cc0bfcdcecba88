package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// TestStoreIsTheBook runs a long random workload through the database, in batches of random size, and the
// same postings one by one through a book in memory. Every outcome, every balance and every hold is the
// same at the end: the store adds nothing to what the ledger decides, and loses nothing.
func TestStoreIsTheBook(t *testing.T) {
	t.Parallel()
	const postings = 2000
	b := open(t)
	w := newWorkload(b, rand.New(rand.NewPCG(1, 2)), 8)
	for made := 0; made < postings; {
		orders := make([]wallet.Order, 1+w.random.IntN(12))
		for i := range orders {
			orders[i] = w.order()
		}
		made += len(orders)
		if w.random.IntN(5) == 0 {
			w.crash(t, orders)
			if w.random.IntN(2) == 0 {
				continue // nobody comes back to ask again
			}
		}
		if w.random.IntN(20) == 0 {
			b.pass(time.Duration(w.random.IntN(40)) * time.Hour)
		}
		var got []ledger.Outcome
		if err := b.Tx(t.Context(), func(tx *Tx) (err error) {
			got, err = b.post(tx, orders)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.compare(t, orders, got)
	}
	w.compareEnd(t)
	b.sound()
}

// crash is a gateway that dies in the middle of a batch, such as between placing a hold and ending it: what it
// did is gone as if it had never been.
func (w *workload) crash(t *testing.T, orders []wallet.Order) {
	t.Helper()
	died := errors.New("died")
	if err := w.b.Tx(t.Context(), func(tx *Tx) error {
		if _, err := w.b.post(tx, orders); err != nil {
			return err
		}
		return died
	}); !errors.Is(err, died) {
		t.Fatal(err)
	}
}

type workload struct {
	b        bench
	random   *rand.Rand
	book     ledger.Book
	accounts []core.AccountID
	past     []wallet.Order
	holds    []core.HoldID
	now      time.Time
	codes    map[core.Code]int
}

func newWorkload(b bench, random *rand.Rand, people int) *workload {
	w := &workload{b: b, random: random, codes: map[core.Code]int{}, now: time.Now()}
	for i := range people {
		kind, tier := core.Subscriber, core.TierNew
		if i%2 == 0 {
			kind, tier = core.Merchant, core.TierTrade
		}
		w.accounts = append(w.accounts, b.party(kind, tier).Account)
	}
	w.book.Accounts = w.stored() // the book begins as the database does
	w.book.Accounts[core.Fees] = &ledger.Account{ID: core.Fees, Status: core.Active, Floor: ledger.NoFloor}
	w.book.Holds = map[core.HoldID]*ledger.Hold{}
	return w
}

// stored are the accounts as they are in the database, but for the fees.
func (w *workload) stored() (accounts map[core.AccountID]*ledger.Account) {
	w.b.t.Helper()
	err := w.b.Tx(w.b.t.Context(), func(tx *Tx) (err error) {
		if accounts, err = tx.lockAccounts(append([]core.AccountID{core.Trust}, w.accounts...)); err != nil {
			return err
		}
		var limits []byte
		if err := tx.GetContext(tx.ctx, &limits, `SELECT `+limitsSQL+` FROM (SELECT clock_timestamp() AS now) clock`); err != nil {
			return err
		}
		err = tx.limitTiers(&ledger.Book{Accounts: accounts}, limits)
		return err
	})
	if err != nil {
		w.b.t.Fatal(err)
	}
	return accounts
}

func (w *workload) order() wallet.Order {
	from, to := w.accounts[w.random.IntN(len(w.accounts))], w.accounts[w.random.IntN(len(w.accounts))]
	amount, fee := core.Amount(1+w.random.IntN(9_000_00)), core.Amount(w.random.IntN(50_00))
	var o wallet.Order
	switch n := w.random.IntN(20); {
	case n < 4:
		o = w.b.move(core.Issue, core.Trust, to, amount, 0)
	case n < 11:
		o = w.b.move(core.Pay, from, to, amount, fee)
	case n < 14:
		o = w.b.place(from, to, amount, fee)
		o.Expires = w.now.Add(time.Duration(w.random.IntN(2000)) * time.Hour)
	case n < 17 && len(w.holds) > 0:
		o = w.endHold(w.holds[w.random.IntN(len(w.holds))])
	case n < 18:
		o = wallet.Order{Posting: ledger.Posting{Request: w.b.request(), Action: ledger.Refuse, Code: core.NoTariff, From: from}}
	case n < 19:
		o = w.b.move(core.Pay, from, 5, amount, 0) // no such account
	case len(w.past) > 0:
		o = w.past[w.random.IntN(len(w.past))]
		if w.random.IntN(4) == 0 {
			o.Amount++
		}
		return o
	}
	w.past = append(w.past, o)
	return o
}

func (w *workload) endHold(id core.HoldID) wallet.Order {
	h := w.book.Holds[id]
	var o wallet.Order
	switch w.random.IntN(4) {
	case 0:
		o = w.b.end(id)
	case 1:
		o = w.b.end(id)
		o.Action = ledger.Expire
	default:
		o = w.b.move(core.Withdraw, h.Account, h.To, h.Counted, h.Amount-h.Counted)
		o.Action = ledger.Capture
	}
	o.Hold = id
	return o
}

// compare has the book decide the same at the same time and with the same ids, and compares the outcomes.
func (w *workload) compare(t *testing.T, orders []wallet.Order, got []ledger.Outcome) {
	t.Helper()
	for i, o := range orders {
		p := o.Posting
		p.Transfer, p.Receipt = got[i].Transfer, got[i].Receipt
		if p.Action == ledger.Place {
			p.Hold = got[i].Hold
			if p.Hold == 0 { // it was refused, so its id is nowhere
				p.Hold = core.HoldID(1_000_000 + len(w.past))
			}
		}
		want := w.book.Apply(p, got[i].At)
		if diff := gocmp.Diff(want, got[i], whoseStripe()); diff != "" {
			t.Fatalf("%s %+v (-book +store)\n%s", p.Action, p, diff)
		}
		w.now = got[i].At
		w.codes[want.Code]++
		if p.Action == ledger.Place && want.Code == "" && !want.Again {
			w.holds = append(w.holds, want.Hold)
		}
	}
}

// whoseStripe compares entries. Which stripe of the fees has one, and so its version and balance, is the store's
// own affair.
func whoseStripe() gocmp.Option {
	return gocmp.Comparer(func(a, b ledger.Posted) bool {
		return a == b || a.Account == core.Fees && a.Entry == b.Entry
	})
}

func (w *workload) compareEnd(t *testing.T) {
	t.Helper()
	var holds map[core.HoldID]*ledger.Hold
	err := w.b.Tx(t.Context(), func(tx *Tx) (err error) {
		holds, err = tx.lockHolds(w.holds)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if want, got := w.book.Accounts[core.Fees].Balance, w.b.balance(core.Fees); want != got || got == 0 {
		t.Errorf("fees of %s in the book, %s in the store", want, got)
	}
	delete(w.book.Accounts, core.Fees)
	if diff := gocmp.Diff(w.book.Accounts, w.stored()); diff != "" {
		t.Errorf("accounts (-book +store)\n%s", diff)
	}
	if diff := gocmp.Diff(w.book.Holds, holds, cmpopts.EquateApproxTime(time.Microsecond)); diff != "" {
		t.Errorf("holds (-book +store)\n%s", diff)
	}
	t.Logf("outcomes: %s", fmt.Sprint(w.codes))
	codes := []core.Code{"", core.InsufficientFunds, core.HoldEnded, core.RequestReused}
	if len(w.accounts) < 20 { // among many nobody becomes rich enough
		codes = append(codes, core.OverLargestBalance)
	}
	for _, code := range codes {
		if _, ok := w.codes[code]; !ok {
			t.Errorf("the workload never meets %q", code)
		}
	}
	want := w.codes[""]
	if n := w.b.count(`SELECT count(*) FROM requests WHERE code IS NULL`); n > int64(want) || n == 0 {
		t.Errorf("%d were carried out, of %d", n, want)
	}
}

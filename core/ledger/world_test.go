package ledger_test

import (
	"fmt"
	"maps"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// The accounts of the world.
const (
	trust core.AccountID = iota + 1
	fees
	expense
	jane  // tightly limited
	juma  // has a largest balance
	bold  // may owe 300
	shop  // an agent's float
	shop2 // another's
	earned
	nobody // is not there
)

var parties = []core.AccountID{jane, juma, bold, shop, shop2}

// A world is a book with an auditor, and everything that was ever asked of it.
type world struct {
	book    *ledger.Book
	auditor *auditor
	now     time.Time
	asked   []ledger.Posting
	met     map[core.Code]int // how often each was said, in all worlds
}

func newWorld(t *rapid.T, met map[core.Code]int) *world {
	book := &ledger.Book{Accounts: map[core.AccountID]*ledger.Account{}}
	for id := trust; id < nobody; id++ {
		book.Accounts[id] = &ledger.Account{ID: id, Status: core.Active}
	}
	for _, id := range []core.AccountID{trust, fees, expense} {
		book.Accounts[id].Floor = ledger.NoFloor
	}
	book.Accounts[jane].Limits = ledger.Limits{Transaction: 300, Day: 500, Month: 900}
	book.Accounts[juma].Limits = ledger.Limits{Largest: 1500}
	book.Accounts[bold].Floor = -300
	book.Accounts[shop].Limits = ledger.Limits{Day: 2500}
	book.Accounts[shop2].Limits = ledger.Limits{AfterReset: 1800}
	w := &world{book, &auditor{book: book, heard: map[core.RequestID]heard{}}, day, nil, met}
	for _, id := range parties {
		w.post(t, w.move(core.Issue, trust, id, 1000, 0))
	}
	return w
}

func (w *world) step(t *rapid.T, s step) {
	switch s.kind {
	case "nothing":
	case "wait":
		w.now = w.now.Add(waits[s.pick%len(waits)])
	case "crash":
		w.crash(s)
	case "status":
		w.book.Accounts[s.from].Status = statuses[s.pick%len(statuses)]
	default:
		if p := w.posting(s); p.Action != "" {
			w.post(t, p)
		}
	}
}

// crash is a gateway that dies before what it did is written down: the next one has the book as it was, holds
// that nobody knows any more included.
func (w *world) crash(s step) {
	left := w.copied()
	s.kind = []string{"place", "capture", "release", "expire", "send", "withdraw"}[s.pick%6]
	if p := w.posting(s); p.Action != "" {
		w.book.Apply(p, w.now)
	}
	w.book, w.auditor.book = left, left
}

// copied is the book as the next gateway reads it.
func (w *world) copied() *ledger.Book {
	book := &ledger.Book{
		Accounts: map[core.AccountID]*ledger.Account{}, Holds: map[core.HoldID]*ledger.Hold{},
		Outcomes: maps.Clone(w.book.Outcomes),
	}
	for id, a := range w.book.Accounts {
		copied := *a
		book.Accounts[id] = &copied
	}
	for id, h := range w.book.Holds {
		copied := *h
		book.Holds[id] = &copied
	}
	return book
}

// posting is what the step asks for; nothing when there is nothing yet to ask it of.
func (w *world) posting(s step) ledger.Posting {
	fee := core.Amount(s.pick % 7)
	switch s.kind {
	case "send":
		return w.move(core.Send, s.from, s.to, s.amount, fee)
	case "withdraw":
		return w.commission(w.move(core.Withdraw, s.from, shop, s.amount, fee), fee/2)
	case "deposit":
		return w.commission(w.move(core.Deposit, shop, s.to, s.amount, 0), s.amount/100)
	case "place":
		return w.place(s, fee)
	case "note":
		p := w.move(core.Deposit, s.from, s.to, s.amount, 0)
		p.Action, p.Entries = ledger.Note, nil
		return p
	case "refuse":
		p := w.move(core.Send, s.from, s.to, s.amount, fee)
		p.Action, p.Code = ledger.Refuse, []core.Code{core.FeeChanged, core.Voided}[s.pick%2]
		return p
	case "mistake":
		return w.mistake(w.move(core.Send, s.from, s.to, s.amount, fee), s.pick)
	case "again", "reuse":
		p := w.asked[s.pick%len(w.asked)]
		if s.kind == "reuse" {
			p.Amount++
		}
		return p
	case "reverse":
		return w.reverse(s)
	default:
		return w.end(s)
	}
}

func (w *world) move(op core.Operation, from, to core.AccountID, amount, fee core.Amount) ledger.Posting {
	p := ledger.Posting{
		Request: core.RequestID(fmt.Sprint(len(w.asked))), Action: ledger.Move, Operation: op,
		From: from, To: to, Amount: amount, Fee: fee,
		Entries: []ledger.Entry{{Account: from, Amount: -amount - fee}, {Account: to, Amount: amount}},
	}
	if fee != 0 {
		p.Entries = append(p.Entries, ledger.Entry{Account: fees, Amount: fee})
	}
	return p
}

func (w *world) commission(p ledger.Posting, amount core.Amount) ledger.Posting {
	if amount != 0 {
		p.Entries = append(p.Entries, ledger.Entry{Account: expense, Amount: -amount}, ledger.Entry{Account: earned, Amount: amount})
	}
	return p
}

// place takes an id that exists, now and then, and counts nothing for a reversal.
func (w *world) place(s step, fee core.Amount) ledger.Posting {
	p := w.move([]core.Operation{core.Withdraw, core.Redeem, core.Withdraw, core.Reverse}[s.pick%4], s.from, s.to, s.amount, fee)
	p.Action, p.Entries = ledger.Place, nil
	p.Hold = core.HoldID(len(w.book.Holds) + 1)
	if s.pick%32 == 19 {
		p.Hold = 1
	}
	p.Expires = w.now.Add([]time.Duration{10 * time.Minute, 10 * time.Minute, 30 * time.Hour, 300 * time.Hour}[s.pick%4])
	return p
}

// mistake makes a transfer that is no book-keeping.
func (w *world) mistake(p ledger.Posting, pick int) ledger.Posting {
	switch pick % 4 {
	case 0:
		p.Entries[1].Amount++
	case 1:
		p.Entries[1].Account = nobody
	case 2:
		p.Entries = p.Entries[:1]
	case 3:
		p.Entries[0].Amount = 0
	}
	return p
}

// reverse mirrors some transfer, be it reversed already: whether it may is not the ledger's to say.
func (w *world) reverse(s step) ledger.Posting {
	f := w.auditor.facts[s.pick%len(w.auditor.facts)]
	p := w.move(core.Reverse, f.To, f.From, max(f.Amount, 1), 0)
	p.Entries = nil
	for _, e := range f.Entries {
		p.Entries = append(p.Entries, ledger.Entry{Account: e.Account, Amount: -e.Amount})
	}
	return p
}

// end ends one of the holds that were ever placed, most likely a late one, and the capture is wrong now
// and then.
func (w *world) end(s step) ledger.Posting {
	if len(w.book.Holds) == 0 {
		return ledger.Posting{}
	}
	id := core.HoldID(max(0, len(w.book.Holds)-s.pick%4))
	var f fact
	for _, placed := range w.auditor.facts {
		if placed.Action == ledger.Place && placed.Hold == id {
			f = placed
		}
	}
	p := w.move(f.Operation, f.From, f.To, f.Amount, f.Fee)
	p.Action, p.Hold = ledger.Action(s.kind), id
	if p.Action != ledger.Capture {
		p.Entries = nil
	} else if s.pick%8 == 5 {
		p = w.move(f.Operation, f.From, s.to, s.amount, f.Fee)
		p.Action, p.Hold = ledger.Capture, id
	}
	return p
}

// post asks the ledger and the auditor, and compares.
func (w *world) post(t *rapid.T, p ledger.Posting) {
	before := w.accounts()
	o := w.book.Apply(p, w.now)
	w.asked = append(w.asked, p)
	w.met[o.Code]++
	if first, known := w.auditor.heard[p.Request]; known {
		w.repeated(t, p, o, first)
	} else {
		if want := w.auditor.verdict(p, w.now); o.Code != want {
			t.Fatalf("%+v: said %q, want %q", p, o.Code, want)
		}
		w.auditor.heard[p.Request] = heard{whatIsAsked(p), o}
		if o.Code == "" {
			w.auditor.facts = append(w.auditor.facts, fact{p, w.now.Format(time.DateOnly), o.Entries})
		}
	}
	if (o.Code != "" || o.Again) && before != w.accounts() {
		t.Fatalf("%+v: %q, and yet changed from %+v to %+v", p, o.Code, before, w.accounts())
	}
	if err := w.auditor.audit(w.now); err != nil {
		t.Fatalf("after %+v: %v", p, err)
	}
}

func (w *world) repeated(t *rapid.T, p ledger.Posting, o ledger.Outcome, first heard) {
	if first.told.Code != core.Voided && first.asked != whatIsAsked(p) {
		if o.Code != core.RequestReused || o.Again {
			t.Fatalf("%+v: said %q to other content than %+v", p, o.Code, first.asked)
		}
		return
	}
	first.told.Again = true
	if diff := cmp.Diff(first.told, o); diff != "" {
		t.Fatalf("%+v: the first result has changed (-first +now):\n%s", p, diff)
	}
}

func (w *world) accounts() (all [nobody]ledger.Account) {
	for id, a := range w.book.Accounts {
		all[id] = *a
	}
	return all
}

package store

import (
	"cmp"
	"slices"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// rows are what a batch of orders came to, as it is written.
type rows struct {
	requests  []ledger.Outcome
	transfers []ledger.Posting
	entries   []entryRow
	placed    []holdRow
	ended     []holdRow
	accounts  []accountMove
}

// accountMove is how an account stands at the end, and its last transfer, zero when it has only holds to show.
type accountMove struct {
	ledger.Account
	last core.TransferID
}

type entryRow struct {
	ledger.Posted
	transfer core.TransferID
	line     int
}

type holdRow struct {
	ledger.Hold
	request  core.RequestID  // that placed it
	transfer core.TransferID // that captured it
}

// rowsOf takes from the outcomes what was done now, and from the book how accounts and holds stand at the
// end. Accounts that are as before are left out: a refusal writes none.
func rowsOf(
	orders []wallet.Order, outcomes []ledger.Outcome, book ledger.Book, before map[core.AccountID]ledger.Account,
) rows {
	var w rows
	for i, o := range outcomes {
		if !o.Recorded() {
			continue
		}
		w.requests = append(w.requests, o)
		if o.Code == "" {
			w.done(orders[i].Posting, o, book)
		}
	}
	last := make(map[core.AccountID]core.TransferID, len(book.Accounts))
	for _, e := range w.entries {
		last[e.Account] = e.transfer
	}
	for id, a := range book.Accounts {
		if *a != before[id] {
			w.accounts = append(w.accounts, accountMove{*a, last[id]})
		}
	}
	slices.SortFunc(w.requests, func(a, b ledger.Outcome) int { return cmp.Compare(a.Request, b.Request) })
	slices.SortFunc(w.accounts, func(a, b accountMove) int { return cmp.Compare(a.ID, b.ID) })
	return w
}

// done adds the transfer of a posting and the hold that it placed or ended.
func (w *rows) done(p ledger.Posting, o ledger.Outcome, book ledger.Book) {
	if len(o.Entries) > 0 {
		w.transfers = append(w.transfers, p)
		for line, e := range o.Entries {
			w.entries = append(w.entries, entryRow{Posted: e, transfer: o.Transfer, line: line + 1})
		}
	}
	switch p.Action {
	case ledger.Place:
		w.placed = append(w.placed, holdRow{Hold: *book.Holds[p.Hold], request: p.Request})
	case ledger.Capture, ledger.Release, ledger.Expire:
		w.ended = append(w.ended, holdRow{Hold: *book.Holds[p.Hold], transfer: o.Transfer})
	default: // the others know no hold
	}
}

package store

import (
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
)

// Receipts of a day differ by six characters of chance. At a million transfers a day one new receipt in 900 is
// taken already, and so is one of a batch in every fourth, which then would have to be run again. So they are
// drawn first, and it is asked which are taken in the question that a batch asks anyway. Two batches that draw
// the same at the same moment are told apart by the index.

// receipts are drawn for a batch, all different, with a date in UTC, which is that of the month in whose tables
// they are looked for.
type receipts struct {
	store *Store
	date  time.Time // some time of that day
	all   []core.Receipt
}

// draw draws for the day of the last batch, which nearly always is this one's. Where there was none, it is left
// for later.
func (s *Store) draw(n int) (*receipts, error) {
	lately := s.lately.Load()
	r := &receipts{store: s, date: time.UnixMilli(lately).UTC(), all: make([]core.Receipt, n)}
	if lately == 0 {
		return r, nil
	}
	return r, r.redraw(func(core.Receipt) bool { return true })
}

// redraw draws anew those of which something is true.
func (r *receipts) redraw(these func(core.Receipt) bool) (err error) {
	drawn := make(map[core.Receipt]bool, len(r.all))
	for i := range r.all {
		for keep := !these(r.all[i]); !keep || drawn[r.all[i]]; keep = true {
			if r.all[i], err = core.NewReceipt(r.date, r.store.random); err != nil {
				return err
			}
		}
		drawn[r.all[i]] = true
	}
	return nil
}

func (r *receipts) column() textColumn {
	return texts(r.all, func(one core.Receipt) core.Receipt { return one })
}

// month is between which ids the transfers of the month lie.
func (r *receipts) month() (from, to core.TransferID) {
	first := time.Date(r.date.Year(), r.date.Month(), 1, 0, 0, 0, 0, time.UTC)
	return transferID(first, 0), transferID(first.AddDate(0, 1, 0), 0)
}

// settleReceipts draws again what was taken, and all of them when the day was another.
func (tx *Tx) settleReceipts(r *receipts, taken pq.StringArray) error {
	at := tx.at.UTC()
	r.store.lately.Store(at.UnixMilli())
	another := !sameDay(at, r.date)
	r.date = at
	for another || len(taken) > 0 {
		err := r.redraw(func(one core.Receipt) bool { return another || slices.Contains(taken, string(one)) })
		if err != nil {
			return err
		}
		another = false
		from, to := r.month()
		if err := tx.GetContext(tx.ctx, &taken, `SELECT `+takenSQL, r.column(), from, to); err != nil {
			return err
		}
	}
	return nil
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

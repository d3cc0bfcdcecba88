package store

import (
	"time"

	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

var numberSQL = `
	SELECT
		clock.now,
		ARRAY(SELECT nextval('transfer_ids') FROM generate_series(1, $5::integer)),
		ARRAY(SELECT nextval('hold_ids') FROM generate_series(1, $6::integer)),
		ARRAY(SELECT id FROM requests WHERE id = ANY($7::text[])),
		` + limitsSQL + `,
		` + takenSQL + `
	FROM (SELECT clock_timestamp() + $4::bigint * interval '1 microsecond' AS now OFFSET 0) clock`

// takenSQL is the SQL for those of some receipts that are taken, of transfers with ids between two. LIMIT keeps the
// search by receipt, and the ids lead it to one month.
const takenSQL = `ARRAY(
			SELECT u.receipt
			FROM unnest($1::text[]) AS u (receipt), LATERAL (
				SELECT
				FROM transfers t
				WHERE t.receipt = u.receipt AND t.id >= $2 AND t.id < $3
				LIMIT 1
			) t
		)`

// complete gives each order the ids that it may need, completes the book by the outcomes of requests that
// have come before, and tells the time: all as of now, when the accounts are locked, in one question.
func (s *Store) complete(tx *Tx, orders []wallet.Order, book *ledger.Book) (time.Time, error) {
	var moves, places int
	for _, o := range orders {
		switch o.Action {
		case ledger.Move, ledger.Capture:
			moves++
		case ledger.Place:
			places++
		default: // the others need no id
		}
	}
	receipts, err := s.draw(moves)
	if err != nil {
		return tx.at, err
	}
	ids := texts(orders, func(o wallet.Order) core.RequestID { return o.Request })
	var known, taken pq.StringArray
	var transfers, holds pq.Int64Array
	var limits []byte
	from, to := receipts.month()
	err = tx.hot(numberSQL).QueryRowxContext(tx.ctx, receipts.column(), from, to, s.shift(), moves, places, ids).
		Scan(&tx.at, &transfers, &holds, &known, &limits, &taken)
	if err != nil {
		return tx.at, err
	}
	tx.at = s.local(tx.at)
	if err := tx.limitTiers(book, limits); err != nil {
		return tx.at, err
	}
	if err := tx.limitResets(book); err != nil {
		return tx.at, err
	}
	if len(known) > 0 {
		again := make([]core.RequestID, len(known))
		for i, id := range known {
			again[i] = core.RequestID(id)
		}
		if book.Outcomes, err = s.outcomes(tx.ctx, tx, again); err != nil {
			return tx.at, err
		}
	}
	if err := tx.settleReceipts(receipts, taken); err != nil {
		return tx.at, err
	}
	number(orders, transfers, holds, receipts.all, tx.at)
	return tx.at, nil
}

// transferID begins with the time, so that it leads to the month in which the transfer is kept; see migrations.
func transferID(at time.Time, number int64) core.TransferID {
	const bits = 20
	return core.TransferID(at.UnixMilli()<<bits | number&(1<<bits-1))
}

// number hands out the ids and the receipts.
func number(orders []wallet.Order, transfers, holds []int64, receipts []core.Receipt, now time.Time) {
	for i := range orders {
		o := &orders[i]
		switch o.Action {
		case ledger.Move, ledger.Capture:
			o.Transfer, transfers = transferID(now, transfers[0]), transfers[1:]
			o.Receipt, receipts = receipts[0], receipts[1:]
		case ledger.Place:
			o.Hold, holds = core.HoldID(holds[0]), holds[1:]
		default:
		}
	}
}

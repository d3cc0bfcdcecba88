package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

const numberSQL = `
	SELECT
		clock_timestamp() + $1::bigint * interval '1 microsecond',
		ARRAY(SELECT nextval('transfer_ids') FROM generate_series(1, $2::integer)),
		ARRAY(SELECT nextval('hold_ids') FROM generate_series(1, $3::integer)),
		ARRAY(SELECT id FROM requests WHERE id = ANY($4::text[]))`

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
	ids := texts(orders, func(o wallet.Order) core.RequestID { return o.Request })
	var known pq.StringArray
	var transfers, holds pq.Int64Array
	err := tx.hot(numberSQL).QueryRowxContext(tx.ctx, s.shift(), moves, places, ids).Scan(&tx.at, &transfers, &holds, &known)
	if err != nil {
		return tx.at, err
	}
	tx.at = s.local(tx.at)
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
	return tx.at, s.number(orders, transfers, holds, tx.at)
}

// transferID begins with the time, so that it leads to the month in which the transfer is kept; see migrations.
func transferID(at time.Time, number int64) core.TransferID {
	const bits = 20
	return core.TransferID(at.UnixMilli()<<bits | number&(1<<bits-1))
}

// number hands out the ids and makes the receipts, which have the date of the month in whose partition they are
// looked for.
func (s *Store) number(orders []wallet.Order, transfers, holds []int64, now time.Time) (err error) {
	for i := range orders {
		o := &orders[i]
		switch o.Action {
		case ledger.Move, ledger.Capture:
			o.Transfer, transfers = transferID(now, transfers[0]), transfers[1:]
			if o.Receipt, err = core.NewReceipt(now.UTC(), s.random); err != nil {
				return err
			}
		case ledger.Place:
			o.Hold, holds = core.HoldID(holds[0]), holds[1:]
		default:
		}
	}
	return nil
}

type outcomeRow struct {
	Request  core.RequestID `db:"id"`
	Content  string
	Code     core.Code
	Transfer core.TransferID `db:"transfer_id"`
	Receipt  core.Receipt
	Hold     core.HoldID `db:"hold_id"`
	At       time.Time
	Accounts pq.Int64Array
	Amounts  pq.Int64Array
	Versions pq.Int64Array
	Balances pq.Int64Array
}

// outcomes reads what became of requests, those that have come before.
func (s *Store) outcomes(
	ctx context.Context, q sqlx.QueryerContext, ids []core.RequestID,
) (map[core.RequestID]ledger.Outcome, error) {
	var rows []outcomeRow
	err := sqlx.SelectContext(ctx, q, &rows, `
		SELECT
			r.id,
			r.content,
			coalesce(r.code, '') AS code,
			coalesce(r.transfer_id, 0) AS transfer_id,
			coalesce(t.receipt, '') AS receipt,
			coalesce(r.hold_id, 0) AS hold_id,
			r.at,
			e.accounts,
			e.amounts,
			e.versions,
			e.balances
		FROM requests r
		LEFT JOIN transfers t ON t.id = r.transfer_id
		LEFT JOIN LATERAL (
			SELECT
				array_agg(account_id ORDER BY line) AS accounts,
				array_agg(amount ORDER BY line) AS amounts,
				array_agg(version ORDER BY line) AS versions,
				array_agg(balance ORDER BY line) AS balances
			FROM entries
			WHERE transfer_id = r.transfer_id
		) e ON true
		WHERE r.id = ANY($1::text[])`,
		texts(ids, func(id core.RequestID) core.RequestID { return id }))
	known := make(map[core.RequestID]ledger.Outcome, len(rows))
	for _, r := range rows {
		known[r.Request] = r.outcome(s.zone)
	}
	return known, err
}

func (r outcomeRow) outcome(zone *time.Location) ledger.Outcome {
	o := ledger.Outcome{
		Request: r.Request, Content: r.Content, Code: r.Code, Transfer: r.Transfer,
		Receipt: r.Receipt, Hold: r.Hold, At: r.At.In(zone),
	}
	for i := range r.Accounts {
		o.Entries = append(o.Entries, ledger.Posted{
			Entry:   ledger.Entry{Account: whole(core.AccountID(r.Accounts[i])), Amount: core.Amount(r.Amounts[i])},
			Version: r.Versions[i],
			Balance: core.Amount(r.Balances[i]),
		})
	}
	return o
}

package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

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

// Outcome is what became of a request, and false when it has no outcome.
func (s *Store) Outcome(ctx context.Context, r core.RequestID) (ledger.Outcome, bool, error) {
	known, err := s.outcomes(ctx, s.db, []core.RequestID{r})
	o, ok := known[r]
	return o, ok, told("outcome", err)
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

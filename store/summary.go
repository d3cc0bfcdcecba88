package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// Summary sums up what happened from a moment until another. It reads what lies between their numbers, in one go, and
// nothing else; PutAway when not all of that is there any more.
func (s *Store) Summary(ctx context.Context, from, until time.Time) (office.Summary, error) {
	sum := office.Summary{From: from, Until: until, Operations: make([]office.Sum, len(core.Operations))}
	of := map[core.Operation]*office.Sum{}
	for i, op := range core.Operations {
		sum.Operations[i] = office.Sum{Operation: op, Failures: map[core.Code]int64{}}
		of[op] = &sum.Operations[i]
	}
	err := s.look(ctx, func(tx *sqlx.Tx) error {
		if err := allThere(ctx, tx, from); err != nil {
			return err
		}
		if err := sumTransfers(ctx, tx, of, idOf(from), idOf(until)); err != nil {
			return err
		}
		if err := sumSystem(ctx, tx, of, idOf(from), idOf(until)); err != nil {
			return err
		}
		if err := sumFailures(ctx, tx, of, from, until); err != nil {
			return err
		}
		return tx.GetContext(ctx, &sum.Forgotten, `SELECT $2::timestamptz < `+now+` - $3::bigint * interval '1 second'`,
			s.shift(), from, int64(keepsRequests.Seconds()))
	})
	return sum, told("summary", err)
}

func sumTransfers(ctx context.Context, tx *sqlx.Tx, of map[core.Operation]*office.Sum, from, until core.TransferID) error {
	var rows []struct {
		Operation core.Operation
		Count     int64
		Volume    core.Amount
	}
	err := tx.SelectContext(ctx, &rows, `
		SELECT operation, count(*) AS count, sum(amount)::bigint AS volume
		FROM transfers
		WHERE id >= $1 AND id < $2
		GROUP BY operation`, from, until)
	for _, r := range rows {
		of[r.Operation].Count, of[r.Operation].Volume = r.Count, r.Volume
	}
	return err
}

// sumSystem sums up what the system's own accounts had of them, so that what a reversal gives back counts too.
func sumSystem(ctx context.Context, tx *sqlx.Tx, of map[core.Operation]*office.Sum, from, until core.TransferID) error {
	var rows []struct {
		Operation core.Operation
		Fees      core.Amount
		Expense   core.Amount
	}
	err := tx.SelectContext(ctx, &rows, `
		SELECT
			t.operation,
			coalesce(sum(e.amount) FILTER (WHERE e.account_id = ANY ($3::bigint[])), 0)::bigint AS fees,
			coalesce(sum(e.amount) FILTER (WHERE e.account_id = ANY ($4::bigint[])), 0)::bigint AS expense
		FROM entries e
		JOIN transfers t ON t.id = e.transfer_id
		WHERE e.transfer_id >= $1 AND e.transfer_id < $2
			AND t.id >= $1 AND t.id < $2
			AND e.account_id = ANY ($3::bigint[] || $4::bigint[])
		GROUP BY t.operation`, from, until, stripes(core.Fees), stripes(core.CommissionExpense))
	for _, r := range rows {
		of[r.Operation].Fees, of[r.Operation].Commissions = r.Fees, -r.Expense
	}
	return err
}

func sumFailures(ctx context.Context, tx *sqlx.Tx, of map[core.Operation]*office.Sum, from, until time.Time) error {
	var rows []struct {
		Operation core.Operation
		Code      core.Code
		Count     int64
	}
	err := tx.SelectContext(ctx, &rows, `
		SELECT split_part(content, ' ', 1) AS operation, code, count(*) AS count
		FROM requests
		WHERE code IS NOT NULL AND at >= $1 AND at < $2
		GROUP BY 1, 2`, from, until)
	for _, r := range rows {
		if one := of[r.Operation]; one != nil {
			one.Failures[r.Code] = r.Count
		}
	}
	return err
}

package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// Safeguarding is how accounts of each kind stood at a moment: after all transfers that have a smaller number than the
// first of that moment, and none of the others. Settled has waited for those that were on their way. It works back from
// today's balances: so it reads the accounts once, and the entries since, and needs nothing of what was put away as long
// as the moment is later. Its memory does not grow with either, here or at the server, which sorts on disk.
//
// PutAway when not all that moved since is there; Busy while another is being made by this copy.
func (s *Store) Safeguarding(ctx context.Context, at time.Time) (office.Safeguarding, error) {
	select {
	case s.reporting <- struct{}{}:
		defer func() { <-s.reporting }()
	default:
		return office.Safeguarding{}, core.Errorf(core.Busy, "a safeguarding report is being made")
	}
	r := office.Safeguarding{At: at}
	err := s.look(ctx, func(tx *sqlx.Tx) error {
		if err := allThere(ctx, tx, at); err != nil {
			return err
		}
		var stood [3]map[office.AccountKind]core.Amount
		for i, read := range []struct {
			query string
			arg   any
		}{{standNowSQL, nil}, {movedSinceSQL, idOf(at)}, {heldThenSQL, at}} {
			var err error
			if stood[i], err = byKind(ctx, tx, read.query, read.arg); err != nil {
				return err
			}
		}
		for _, k := range office.AccountKinds {
			r.Kinds = append(r.Kinds, office.Stood{Kind: k, Now: stood[0][k], Since: stood[1][k], Held: stood[2][k]})
		}
		return nil
	})
	return r, told("safeguarding", err)
}

const (
	standNowSQL = `
	SELECT kind, sum(balance)::bigint AS amount
	FROM accounts
	GROUP BY kind`

	// Entries are summed up by account first: they are many more. What belongs to no account is missing in the sum, which
	// is off then.
	movedSinceSQL = `
	SELECT a.kind, sum(e.amount)::bigint AS amount
	FROM (
		SELECT account_id, sum(amount) AS amount
		FROM entries
		WHERE transfer_id >= $1
		GROUP BY account_id
	) e
	JOIN accounts a ON a.id = e.account_id
	GROUP BY a.kind`

	// heldThenSQL is what was placed before the moment, as its cash request tells, or its own request, and has not
	// ended, or ended since.
	heldThenSQL = `
	SELECT a.kind, sum(h.amount)::bigint AS amount
	FROM (
		SELECT account_id, id, request_id, amount
		FROM holds
		WHERE ended IS NULL AND account_id IS NOT NULL
		UNION ALL
		SELECT account_id, id, request_id, amount
		FROM holds
		WHERE ended_at >= $1
	) h
	JOIN accounts a ON a.id = h.account_id
	LEFT JOIN cash_requests c ON c.hold_id = h.id
	LEFT JOIN requests q ON q.id = h.request_id
	WHERE coalesce(c.asked_at, q.at) < $1
	GROUP BY a.kind`
)

func byKind(ctx context.Context, tx *sqlx.Tx, query string, arg any) (map[office.AccountKind]core.Amount, error) {
	var rows []struct {
		Kind   office.AccountKind
		Amount core.Amount
	}
	var args []any
	if arg != nil {
		args = append(args, arg)
	}
	err := tx.SelectContext(ctx, &rows, query, args...)
	sums := make(map[office.AccountKind]core.Amount, len(rows))
	for _, r := range rows {
		sums[r.Kind] = r.Amount
	}
	return sums, err
}

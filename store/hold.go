package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

const heldColumns = `
	id,
	account_id,
	coalesce(to_account, 0) AS to_account,
	amount,
	counted,
	day,
	expires_at,
	coalesce(ended, '') AS ended`

type heldRow struct {
	ID      core.HoldID
	Account core.AccountID `db:"account_id"`
	To      core.AccountID `db:"to_account"`
	Amount  core.Amount
	Counted core.Amount
	Day     ledger.Day
	Expires time.Time `db:"expires_at"`
	Ended   ledger.Action
}

func (r heldRow) hold(s *Store) ledger.Hold {
	return ledger.Hold{
		ID: r.ID, Account: r.Account, To: r.To, Amount: r.Amount, Counted: r.Counted,
		Day: r.Day, Expires: s.local(r.Expires), Ended: r.Ended,
	}
}

// ExpiredHolds lists at most n holds that still run past their time, the first to expire first. They are
// not locked: whoever posts their expiry may find that somebody else did.
func (s *Store) ExpiredHolds(ctx context.Context, n int) ([]ledger.Hold, error) {
	var rows []heldRow
	err := s.db.SelectContext(ctx, &rows, `
		SELECT`+heldColumns+`
		FROM holds
		WHERE ended IS NULL AND expires_at <= `+now+`
		ORDER BY expires_at
		LIMIT $2`, s.shift(), n)
	holds := make([]ledger.Hold, len(rows))
	for i, r := range rows {
		holds[i] = r.hold(s)
	}
	return holds, told("expired holds", err)
}

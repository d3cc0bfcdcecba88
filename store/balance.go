package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Balance is what an account can spend and what is on hold, else UnknownAccount.
func (s *Store) Balance(ctx context.Context, id core.AccountID) (wallet.Balance, error) {
	var b wallet.Balance
	err := s.db.QueryRowxContext(ctx, `
		SELECT sum(balance - held)::bigint, sum(held)::bigint, `+now+`
		FROM accounts
		WHERE id = ANY($2::bigint[])
		HAVING count(*) > 0`, s.shift(), stripes(id)).Scan(&b.Available, &b.Held, &b.At)
	if errors.Is(err, sql.ErrNoRows) {
		return b, core.Errorf(core.UnknownAccount, "account %d", id)
	}
	b.At = s.local(b.At)
	return b, told("balance", err)
}

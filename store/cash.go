package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

const cashColumns = `
	c.id,
	c.operation,
	c.customer_id,
	c.agent_id,
	c.amount,
	c.fee,
	coalesce(c.hold_id, 0) AS hold_id,
	c.ref,
	c.code,
	c.wrong,
	c.expires_at,
	coalesce(c.ended, '') AS ended,
	coalesce(c.ended_by, '') AS ended_by`

type cashRow struct {
	ID        int64
	Operation core.Operation
	Customer  core.PartyID `db:"customer_id"`
	Agent     core.PartyID `db:"agent_id"`
	Amount    core.Amount
	Fee       core.Amount
	Hold      core.HoldID `db:"hold_id"`
	Ref       int
	Code      string
	Wrong     int
	Expires   time.Time `db:"expires_at"`
	Ended     wallet.CashEnd
	By        core.RequestID `db:"ended_by"`
}

// isOpen is the SQL of a request that may still be confirmed, with the time as a parameter.
func isOpen(time string) string {
	return ` c.ended IS NULL AND c.wrong < 3 AND c.expires_at > ` + time + ` `
}

// CashOf is what a request id asked for, else NoRequest.
func (s *Store) CashOf(ctx context.Context, r core.RequestID) (wallet.Cash, error) {
	return s.onlyCash(ctx, `SELECT`+cashColumns+` FROM cash_requests c WHERE c.request_id = $1`, r)
}

// CashByID is the cash request with an id, else NoRequest.
func (s *Store) CashByID(ctx context.Context, id int64) (wallet.Cash, error) {
	return s.onlyCash(ctx, `SELECT`+cashColumns+` FROM cash_requests c WHERE c.id = $1`, id)
}

// CashByRef is the last cash request that had a ref at an agent, else NoRequest.
func (s *Store) CashByRef(ctx context.Context, agent core.PartyID, ref int) (wallet.Cash, error) {
	return s.onlyCash(ctx, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.agent_id = $1 AND c.ref = $2
		ORDER BY c.id DESC
		LIMIT 1`, agent, ref)
}

// CashOpen is the customer's open request, else NoRequest.
func (s *Store) CashOpen(ctx context.Context, customer core.PartyID) (wallet.Cash, error) {
	return s.onlyCash(ctx, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.customer_id = $2 AND`+isOpen(now), s.shift(), customer)
}

// CashWaiting are at most n open requests at an agent, oldest first.
func (s *Store) CashWaiting(ctx context.Context, agent core.PartyID, n int) ([]wallet.Cash, error) {
	return s.cash(ctx, s.db, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.agent_id = $2 AND`+isOpen(now)+`
		ORDER BY c.id
		LIMIT $3`, s.shift(), agent, n)
}

// CashDue are at most n requests, of one customer or of any, that are past their time or out of tries and have
// not ended, the first to expire first. They are not locked: whoever ends one may find that somebody else did. That a time
// is not NULL, which it never is, leads to the index of what is open.
func (s *Store) CashDue(ctx context.Context, customer core.PartyID, n int) ([]wallet.Cash, error) {
	mine := ``
	args := []any{s.shift(), n}
	if customer != 0 {
		mine, args = ` AND c.customer_id = $3`, append(args, customer)
	}
	return s.cash(ctx, s.db, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.ended IS NULL AND c.expires_at IS NOT NULL AND NOT (`+isOpen(now)+`)`+mine+`
		ORDER BY c.expires_at
		LIMIT $2`, args...)
}

// Answered is what became of a request id that confirmed, if it has come before. What was refused names no
// cash request.
func (s *Store) Answered(ctx context.Context, by core.RequestID) (wallet.Cash, ledger.Outcome, bool, error) {
	known, err := s.outcomes(ctx, s.db, []core.RequestID{by})
	if err != nil || len(known) == 0 {
		return wallet.Cash{}, ledger.Outcome{}, false, told("answered", err)
	}
	o := known[by]
	o.Again = true
	if o.Code != "" {
		return wallet.Cash{}, o, true, nil
	}
	c, err := s.onlyCash(ctx, `SELECT`+cashColumns+` FROM cash_requests c WHERE c.ended_by = $1`, by)
	if core.CodeOf(err) == core.NoRequest { // the id carried out something else
		err = core.Errorf(core.RequestReused, "request %s", by)
	}
	return c, o, true, err
}

func (s *Store) onlyCash(ctx context.Context, query string, args ...any) (wallet.Cash, error) {
	all, err := s.cash(ctx, s.db, query, args...)
	if err == nil && len(all) == 0 {
		err = core.Errorf(core.NoRequest, "no such cash request")
	}
	if err != nil {
		return wallet.Cash{}, err
	}
	return all[0], nil
}

// cash reads cash requests and then the parties on both sides, who are never removed.
func (s *Store) cash(ctx context.Context, q sqlx.QueryerContext, query string, args ...any) ([]wallet.Cash, error) {
	var rows []cashRow
	if err := sqlx.SelectContext(ctx, q, &rows, query, args...); err != nil {
		return nil, told("cash requests", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	ids := append(ints(rows, func(r cashRow) core.PartyID { return r.Customer }),
		ints(rows, func(r cashRow) core.PartyID { return r.Agent })...)
	var sides []struct {
		partyRow
		Now time.Time
	}
	err := sqlx.SelectContext(ctx, q, &sides, `
		SELECT`+partyColumns+`,
			`+now+` AS now
		FROM parties p
		WHERE p.id = ANY($2::bigint[])`, s.shift(), ids)
	if err != nil {
		return nil, told("sides of cash requests", err)
	}
	parties := make(map[core.PartyID]core.Party, len(sides))
	for _, r := range sides {
		r.IDNumber = ""
		parties[r.ID] = r.party()
	}
	all := make([]wallet.Cash, len(rows))
	for i, r := range rows {
		all[i] = wallet.Cash{
			CashRequest: wallet.CashRequest{
				ID: r.ID, Ref: wallet.Ref(r.Ref), Operation: r.Operation, Customer: parties[r.Customer], Agent: parties[r.Agent],
				Amount: r.Amount, Fee: r.Fee, Code: r.Code, Expires: s.local(r.Expires),
				Left: max(0, r.Expires.Sub(sides[0].Now)),
			},
			Hold: r.Hold, Ended: r.Ended, By: r.By, Wrong: r.Wrong,
		}
	}
	return all, nil
}

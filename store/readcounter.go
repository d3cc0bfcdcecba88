package store

import (
	"maps"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

const (
	lockCashSQL = `
		SELECT` + cashColumns + `
		FROM cash_requests c
		WHERE c.id = ANY($1::bigint[])
		ORDER BY c.id
		FOR NO KEY UPDATE`

	cashIDsSQL = `SELECT nextval('cash_request_ids') FROM generate_series(1, $1::integer)`

	readAskersSQL = `
		SELECT
			u.id,
			EXISTS (SELECT FROM cash_requests c WHERE c.customer_id = u.id AND c.ended IS NULL) AS open,
			(SELECT count(*) FROM cash_requests c WHERE c.customer_id = u.id AND c.asked_at > $2) AS lately
		FROM unnest($1::bigint[]) AS u (id)`

	lastRefsSQL = `
		SELECT
			u.id,
			coalesce((SELECT c.ref FROM cash_requests c WHERE c.agent_id = u.id ORDER BY c.id DESC LIMIT 1), 0) AS ref
		FROM unnest($1::bigint[]) AS u (id)`

	readDesksSQL = `
		SELECT c.agent_id, c.ref, c.code
		FROM cash_requests c
		WHERE c.agent_id = ANY($1::bigint[]) AND c.ended IS NULL`

	readEarnedSQL = `
		SELECT d.agent_id, d.customer_id, d.earned, d.returned
		FROM unnest($1::bigint[], $2::bigint[]) AS u (agent_id, customer_id)
		JOIN deposit_commissions d ON d.agent_id = u.agent_id AND d.customer_id = u.customer_id AND d.day = $3`
)

// lockCash locks the requests that orders end, in the order of their ids, before anything else is locked.
func (tx *Tx) lockCash(orders []wallet.Order) (*counter, error) {
	if !busy(orders) {
		return nil, nil //nolint:nilnil // no counter is a counter with nothing to do
	}
	c := &counter{kept: map[int64]*cashRow{}, paid: map[pair]earned{}}
	ids := intColumn{}
	for _, o := range orders {
		if o.End != nil {
			ids = append(ids, o.End.ID)
		}
	}
	if len(ids) == 0 {
		return c, nil
	}
	var rows []*cashRow
	err := tx.hot(lockCashSQL).SelectContext(tx.ctx, &rows, ids)
	for _, r := range rows {
		c.kept[r.ID] = r
	}
	return c, err
}

// readCounter reads, when the accounts are locked, what the orders' customers and agents have open and have
// earned.
func (tx *Tx) readCounter(c *counter, orders []wallet.Order, now time.Time) error {
	if c == nil {
		return nil
	}
	c.stripe = tx.stripe
	customers, agents, asks := map[core.PartyID]bool{}, map[core.PartyID]bool{}, 0
	for _, o := range orders {
		if o.Ask != nil {
			customers[o.Ask.Customer.ID], agents[o.Ask.Agent.ID] = true, true
			asks++
		}
	}
	if asks > 0 {
		if err := tx.readAskers(c, partyIDs(customers), now); err != nil {
			return err
		}
		if err := tx.readDesks(c, partyIDs(agents)); err != nil {
			return err
		}
		if err := tx.hot(cashIDsSQL).SelectContext(tx.ctx, &c.ids, asks); err != nil {
			return err
		}
	}
	return tx.readEarned(c, orders, now)
}

func partyIDs(set map[core.PartyID]bool) intColumn {
	return ints(slices.Sorted(maps.Keys(set)), func(id core.PartyID) core.PartyID { return id })
}

func (tx *Tx) readAskers(c *counter, ids intColumn, now time.Time) error {
	var rows []struct {
		ID core.PartyID
		asker
	}
	err := tx.hot(readAskersSQL).SelectContext(tx.ctx, &rows, ids, now.Add(-time.Hour))
	c.customers = make(map[core.PartyID]*asker, len(rows))
	for i := range rows {
		c.customers[rows[i].ID] = &rows[i].asker
	}
	return err
}

func (tx *Tx) readDesks(c *counter, ids intColumn) error {
	c.agents = make(map[core.PartyID]*desk, len(ids))
	var last []struct {
		ID  core.PartyID
		Ref int
	}
	if err := tx.hot(lastRefsSQL).SelectContext(tx.ctx, &last, ids); err != nil {
		return err
	}
	for _, a := range last {
		c.agents[a.ID] = &desk{last: a.Ref, refs: map[int]bool{}, codes: map[string]bool{}}
	}
	var open []struct {
		Agent core.PartyID `db:"agent_id"`
		Ref   int
		Code  string
	}
	err := tx.hot(readDesksSQL).SelectContext(tx.ctx, &open, ids)
	for _, r := range open {
		c.agents[r.Agent].refs[r.Ref], c.agents[r.Agent].codes[r.Code] = true, true
	}
	return err
}

func (tx *Tx) readEarned(c *counter, orders []wallet.Order, now time.Time) error {
	var pairs []pair
	for _, o := range orders {
		switch {
		case o.Earn != nil:
			pairs = append(pairs, pair{o.Earn.Agent, o.Earn.Customer})
		case undoesDeposit(o):
			pairs = append(pairs, pair{o.Undo.Payer.ID, o.Undo.Payee.ID})
		}
	}
	c.earned, c.today, c.zone = make(map[pair]earned, len(pairs)), ledger.DayOf(now), now.Location()
	if len(pairs) == 0 {
		return nil
	}
	var rows []struct {
		Agent    core.PartyID `db:"agent_id"`
		Customer core.PartyID `db:"customer_id"`
		earned
	}
	err := tx.hot(readEarnedSQL).SelectContext(tx.ctx, &rows,
		ints(pairs, func(p pair) core.PartyID { return p.agent }), ints(pairs, func(p pair) core.PartyID { return p.customer }),
		c.today)
	for _, r := range rows {
		c.earned[pair{r.Agent, r.Customer}] = r.earned
	}
	return err
}

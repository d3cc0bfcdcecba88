package store

import (
	"maps"
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// counter is what a batch of orders does over agents' counters: how things stood when everything was locked,
// and what is to be written. An order is admitted by it, then decided by the ledger, then kept by it. All that
// it knows of a customer, an agent or the two together is under the lock of their accounts, which each such
// order touches; a request that ends is locked itself.
type counter struct {
	kept      map[int64]*cashRow
	customers map[core.PartyID]*asker
	agents    map[core.PartyID]*desk
	earned    map[pair]core.Amount
	ids       []int64 // for new requests

	asked []askedRow
	ended []endedRow
	paid  map[pair]core.Amount
}

type (
	asker struct { // a customer
		Open   bool
		Lately int // asked in the last hour
	}
	desk struct { // an agent
		last  int // ref
		refs  map[int]bool
		codes map[string]bool
	}
	pair     struct{ agent, customer core.PartyID }
	askedRow struct {
		wallet.Cash
		ref     int
		request core.RequestID
	}
	endedRow struct {
		wallet.Ending
		by       core.RequestID
		transfer core.TransferID
	}
)

// busy is whether any of the orders has to do with a counter at all; most have not.
func busy(orders []wallet.Order) bool {
	return slices.ContainsFunc(orders, func(o wallet.Order) bool { return o.Ask != nil || o.End != nil || o.Earn != nil })
}

// lockCash locks the requests that orders end, in the order of their ids, before anything else is locked.
func (tx *Tx) lockCash(orders []wallet.Order) (*counter, error) {
	if !busy(orders) {
		return nil, nil //nolint:nilnil // no counter is a counter with nothing to do
	}
	c := &counter{kept: map[int64]*cashRow{}, paid: map[pair]core.Amount{}}
	ids := pq.Int64Array{}
	for _, o := range orders {
		if o.End != nil {
			ids = append(ids, o.End.ID)
		}
	}
	if len(ids) == 0 {
		return c, nil
	}
	var rows []*cashRow
	err := tx.SelectContext(tx.ctx, &rows, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.id = ANY($1::bigint[])
		ORDER BY c.id
		FOR NO KEY UPDATE`, ids)
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
		if err := tx.SelectContext(tx.ctx, &c.ids, `SELECT nextval('cash_request_ids') FROM generate_series(1, $1::integer)`, asks); err != nil {
			return err
		}
	}
	return tx.readEarned(c, orders, now)
}

func partyIDs(set map[core.PartyID]bool) pq.Int64Array {
	return ints(slices.Sorted(maps.Keys(set)), func(id core.PartyID) core.PartyID { return id })
}

func (tx *Tx) readAskers(c *counter, ids pq.Int64Array, now time.Time) error {
	var rows []struct {
		ID core.PartyID
		asker
	}
	err := tx.SelectContext(tx.ctx, &rows, `
		SELECT
			u.id,
			EXISTS (SELECT FROM cash_requests c WHERE c.customer_id = u.id AND c.ended IS NULL) AS open,
			(SELECT count(*) FROM cash_requests c WHERE c.customer_id = u.id AND c.asked_at > $2) AS lately
		FROM unnest($1::bigint[]) AS u (id)`, ids, now.Add(-time.Hour))
	c.customers = make(map[core.PartyID]*asker, len(rows))
	for i := range rows {
		c.customers[rows[i].ID] = &rows[i].asker
	}
	return err
}

func (tx *Tx) readDesks(c *counter, ids pq.Int64Array) error {
	c.agents = make(map[core.PartyID]*desk, len(ids))
	var last []struct {
		ID  core.PartyID
		Ref int
	}
	if err := tx.SelectContext(tx.ctx, &last, `
		SELECT
			u.id,
			coalesce((SELECT c.ref FROM cash_requests c WHERE c.agent_id = u.id ORDER BY c.id DESC LIMIT 1), 0) AS ref
		FROM unnest($1::bigint[]) AS u (id)`, ids); err != nil {
		return err
	}
	for _, a := range last {
		c.agents[a.ID] = &desk{last: a.Ref, refs: map[int]bool{}, codes: map[string]bool{}}
	}
	var open []cashRow
	err := tx.SelectContext(tx.ctx, &open, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.agent_id = ANY($1::bigint[]) AND c.ended IS NULL`, ids)
	for _, r := range open {
		c.agents[r.Agent].refs[r.Ref], c.agents[r.Agent].codes[r.Code] = true, true
	}
	return err
}

func (tx *Tx) readEarned(c *counter, orders []wallet.Order, now time.Time) error {
	var pairs []pair
	for _, o := range orders {
		if o.Earn != nil {
			pairs = append(pairs, pair{o.Earn.Agent, o.Earn.Customer})
		}
	}
	c.earned = make(map[pair]core.Amount, len(pairs))
	if len(pairs) == 0 {
		return nil
	}
	var rows []struct {
		Agent    core.PartyID `db:"agent_id"`
		Customer core.PartyID `db:"customer_id"`
		Earned   core.Amount
	}
	err := tx.SelectContext(tx.ctx, &rows, `
		SELECT d.agent_id, d.customer_id, d.earned
		FROM unnest($1::bigint[], $2::bigint[]) AS u (agent_id, customer_id)
		JOIN deposit_commissions d ON d.agent_id = u.agent_id AND d.customer_id = u.customer_id AND d.day = $3`,
		ints(pairs, func(p pair) core.PartyID { return p.agent }), ints(pairs, func(p pair) core.PartyID { return p.customer }),
		ledger.DayOf(now))
	for _, r := range rows {
		c.earned[pair{r.Agent, r.Customer}] = r.Earned
	}
	return err
}

// admit completes an order by what the counter knows, or makes it one that writes down a refusal. A hold that
// is given back is left to the ledger, which knows whether it still runs.
func (c *counter) admit(o *wallet.Order, now time.Time) {
	if c == nil {
		return
	}
	if code := c.refuses(o, now); code != "" {
		if o.Action == ledger.Place {
			o.Hold = 0
		}
		o.Action, o.Code, o.Entries = ledger.Refuse, code, nil
		return
	}
	if o.Ask != nil && o.Action == ledger.Place {
		o.Expires = now.Add(o.Ask.Lasts)
	}
	if o.Earn != nil {
		if earned := o.Earn.Of(c.earned[pair{o.Earn.Agent, o.Earn.Customer}]); earned > 0 {
			o.Entries = append(slices.Clip(o.Entries),
				ledger.Entry{Account: core.CommissionExpense, Amount: -earned}, ledger.Entry{Account: o.Earn.Account, Amount: earned})
		}
	}
}

func (c *counter) refuses(o *wallet.Order, now time.Time) core.Code {
	if o.Ask != nil && (o.Action == ledger.Place || o.Action == ledger.Note) {
		switch customer := c.customers[o.Ask.Customer.ID]; {
		case customer.Open:
			return core.RequestOpen
		case customer.Lately >= o.Ask.Most:
			return core.TooManyRequests
		}
	}
	if o.End == nil || (o.Action != ledger.Capture && o.Action != ledger.Move && o.Action != ledger.Note) {
		return ""
	}
	r := c.kept[o.End.ID]
	switch over := r != nil && !now.Before(r.Expires); {
	case r == nil:
		return core.NoRequest
	case r.Ended != "", o.End.How == wallet.Confirmed && r.Wrong >= wallet.MostCodes:
		return core.HoldEnded
	case o.End.How == wallet.Confirmed && over:
		return core.HoldExpired
	case o.End.How == wallet.Expired && !over:
		return core.HoldRunning
	default:
		return ""
	}
}

// keep takes down what an order that was done now began, ended or earned.
func (c *counter) keep(o *wallet.Order, done ledger.Outcome) error {
	if c == nil || done.Code != "" || done.Again {
		return nil
	}
	if o.Earn != nil {
		c.earn(*o.Earn, o.Entries)
	}
	if o.End != nil {
		if r := c.kept[o.End.ID]; r != nil {
			c.close(r, o.End.How)
			c.ended = append(c.ended, endedRow{*o.End, o.Request, done.Transfer})
		}
	}
	if o.Ask != nil {
		return c.open(o, done)
	}
	return nil
}

func (c *counter) earn(e wallet.Earning, entries []ledger.Entry) {
	for _, entry := range entries {
		if entry.Account == e.Account {
			p := pair{e.Agent, e.Customer}
			c.earned[p] += entry.Amount
			c.paid[p] = c.earned[p]
		}
	}
}

// close lets what comes later in the batch find that the request has ended.
func (c *counter) close(r *cashRow, how wallet.CashEnd) {
	r.Ended = how
	if customer := c.customers[r.Customer]; customer != nil {
		customer.Open = false
	}
	if agent := c.agents[r.Agent]; agent != nil {
		delete(agent.refs, r.Ref)
		delete(agent.codes, r.Code)
	}
}

// mostRefs is after which refs begin anew: people read them out.
const mostRefs = 999

// open gives a new request its names and its code, and addresses those who are told.
func (c *counter) open(o *wallet.Order, done ledger.Outcome) (err error) {
	agent, customer := c.agents[o.Ask.Agent.ID], c.customers[o.Ask.Customer.ID]
	row := askedRow{Cash: wallet.Cash{CashRequest: o.Ask.CashRequest, Hold: done.Hold}, ref: agent.last, request: o.Request}
	for row.ref = row.ref%mostRefs + 1; agent.refs[row.ref]; {
		row.ref = row.ref%mostRefs + 1
	}
	for row.Code == "" || agent.codes[row.Code] {
		if row.Code, err = o.Ask.Draw(); err != nil {
			return err
		}
	}
	row.ID, c.ids = c.ids[0], c.ids[1:]
	row.Ref, row.Expires = wallet.Ref(row.ref), done.At.Add(o.Ask.Lasts)
	agent.last, agent.refs[row.ref], agent.codes[row.Code] = row.ref, true, true
	customer.Open = true
	customer.Lately++
	c.asked = append(c.asked, row)
	o.Tell = append(append([]notice.Notice(nil), o.Tell...), o.Ask.Tell(row.Cash)...)
	return nil
}

package store

import (
	"slices"
	"time"

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
	earned    map[pair]earned
	today     ledger.Day
	zone      *time.Location
	ids       []int64 // for new requests
	stripe    stripe

	asked []askedRow
	ended []endedRow
	paid  map[pair]earned
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
	pair   struct{ agent, customer core.PartyID }
	earned struct { // today, by deposits
		Earned   core.Amount
		Returned core.Amount // of that, by deposits that were undone
	}
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
	return slices.ContainsFunc(orders, func(o wallet.Order) bool {
		return o.Ask != nil || o.End != nil || o.Earn != nil || undoesDeposit(o)
	})
}

func undoesDeposit(o wallet.Order) bool { return o.Undo != nil && o.Undo.Operation == core.Deposit }

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
		if earned := o.Earn.Of(c.earned[pair{o.Earn.Agent, o.Earn.Customer}].kept()); earned > 0 {
			o.Entries = append(slices.Clip(o.Entries),
				ledger.Entry{Account: c.stripe.of(core.CommissionExpense), Amount: -earned}, ledger.Entry{Account: o.Earn.Account, Amount: earned})
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
	if undoesDeposit(*o) {
		c.giveBack(o)
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
			today := c.earned[p]
			today.Earned += entry.Amount
			c.earned[p], c.paid[p] = today, today
		}
	}
}

// giveBack lets an agent earn anew what she gives up of today's.
func (c *counter) giveBack(o *wallet.Order) {
	if ledger.DayOf(transferTime(o.Undoes).In(c.zone)) != c.today {
		return
	}
	for _, entry := range o.Entries {
		if whole(entry.Account) == core.CommissionExpense {
			p := pair{o.Undo.Payer.ID, o.Undo.Payee.ID}
			today := c.earned[p]
			today.Returned += entry.Amount
			if today.kept() >= 0 { // else it was counted on another day, in another zone
				c.earned[p], c.paid[p] = today, today
			}
		}
	}
}

func (e earned) kept() core.Amount { return e.Earned - e.Returned }

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

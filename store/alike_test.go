package store

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// What is decided over a counter is the same whether orders come one by one or in one batch: who asks, who
// confirms and who cancels may meet there, twice over and under each other's request ids.
func TestCounterInBatches(t *testing.T) {
	t.Parallel()
	one, all := openCounter(t), openCounter(t)
	random := rand.New(rand.NewPCG(4, 4))
	var asked, before []errand
	for round := range 60 {
		errands := make([]errand, 2+random.IntN(14))
		for i := range errands {
			errands[i] = anErrand(random, fmt.Sprintf("%d:%d", round, i), asked, before)
		}
		var singly []answer
		for _, e := range errands {
			singly = append(singly, one.batch(one.order(e))...)
		}
		orders := make([]wallet.Order, len(errands))
		for i, e := range errands {
			orders[i] = all.order(e)
		}
		if diff := gocmp.Diff(codesOf(singly), codesOf(all.batch(orders...))); diff != "" {
			t.Fatalf("round %d, %+v (-singly +together)\n%s", round, errands, diff)
		}
		for _, e := range errands {
			if e.kind == "withdraw" || e.kind == "deposit" {
				asked = append(asked, e)
			}
		}
		before = errands
		if diff := gocmp.Diff(one.standing(), all.standing()); diff != "" {
			t.Fatalf("round %d, %+v (-singly +together)\n%s", round, errands, diff)
		}
		if random.IntN(4) == 0 {
			one.pass(7 * time.Minute)
			all.pass(7 * time.Minute)
		}
	}
	one.bench.sound()
	all.bench.sound()
	if n := all.count(`SELECT count(DISTINCT coalesce(code, '')) FROM requests`); n < 5 {
		t.Errorf("only %d kinds of outcomes", n)
	}
}

// errand is an order as it is in both worlds, where ids differ.
type errand struct {
	kind            string
	request         string
	customer, agent int
	amount          core.Amount
	of              string // the request that asked
	ofKind          string
}

func anErrand(random *rand.Rand, request string, asked, before []errand) errand {
	e := errand{
		request: request, customer: random.IntN(3), agent: random.IntN(2), amount: core.Amount(1+random.IntN(9)) * 100_00,
		kind: []string{"withdraw", "deposit", "send", "confirm", "cancel", "expired", "again", "reused"}[random.IntN(8)],
	}
	switch e.kind {
	case "confirm", "cancel", "expired":
		if len(asked) == 0 {
			e.kind = "withdraw"
			return e
		}
		of := asked[len(asked)-1-random.IntN(min(6, len(asked)))]
		e.of, e.ofKind, e.customer, e.agent, e.amount = of.request, of.kind, of.customer, of.agent, of.amount
	case "again", "reused":
		if len(before) == 0 {
			e.kind = "send"
			return e
		}
		kind := e.kind
		e = before[random.IntN(len(before))]
		if kind == "reused" {
			e.amount += 1_00
		}
	}
	return e
}

type counterBench struct {
	*shop
	customers, agents []core.Party
	code              int
}

func openCounter(t *testing.T) *counterBench {
	s := openShop(t)
	return &counterBench{shop: s, customers: []core.Party{s.jane, s.john, s.known(core.Subscriber, 300_00)}, agents: []core.Party{s.njeri, s.otieno}}
}

func (c *counterBench) draw() (string, error) {
	c.code++
	return fmt.Sprintf("%04d", c.code), nil
}

func (c *counterBench) order(e errand) (o wallet.Order) {
	customer, agent := c.customers[e.customer], c.agents[e.agent]
	tell := []notice.Notice{
		{To: customer.ID, Phone: customer.Phone, Lang: core.English, When: notice.Done, Key: "sms.sent", Balance: customer.Account},
		{To: agent.ID, Phone: agent.Phone, Lang: core.English, When: notice.Done, Key: "sms.sent", Balance: agent.Account},
	}
	var kept struct{ ID, Hold int64 }
	if e.of != "" {
		_ = c.owner.Get(&kept, `SELECT id, coalesce(hold_id, 0) AS hold FROM cash_requests WHERE request_id = $1`, e.of)
	}
	p := ledger.Posting{Request: core.RequestID(e.request), Amount: e.amount}
	switch e.kind {
	case "send":
		o = c.move(core.Send, customer.Account, c.customers[(e.customer+1)%3].Account, e.amount, 5_00)
		o.Request = p.Request
		return o
	case "withdraw":
		p.Action, p.Operation, p.From, p.To, p.Fee = ledger.Place, core.Withdraw, customer.Account, agent.Account, 27_00
	case "deposit":
		p.Action, p.Operation, p.From, p.To = ledger.Note, core.Deposit, agent.Account, customer.Account
	case "confirm":
		if e.ofKind == "withdraw" {
			o = c.move(core.Withdraw, customer.Account, agent.Account, e.amount, 27_00)
			o.Entries = append(o.Entries, ledger.Entry{Account: core.CommissionExpense, Amount: -8_10}, ledger.Entry{Account: agent.Commission, Amount: 8_10})
			o.Action, o.Hold = ledger.Capture, core.HoldID(kept.Hold)
		} else {
			o = c.move(core.Deposit, agent.Account, customer.Account, e.amount, 0)
			o.Earn = &wallet.Earning{Agent: agent.ID, Customer: customer.ID, Account: agent.Commission, Of: func(today core.Amount) core.Amount {
				return max(0, min(e.amount*3/1000, 6_00-today))
			}}
		}
		o.Request, o.Tell = p.Request, tell
		o.End = &wallet.Ending{ID: kept.ID, How: wallet.Confirmed}
		return o
	case "cancel", "expired":
		how := wallet.Cancelled
		p.Action = ledger.Release
		if e.kind == "expired" {
			how, p.Action = wallet.Expired, ledger.Expire
		}
		p.Operation, p.Hold = core.Withdraw, core.HoldID(kept.Hold)
		if e.ofKind == "deposit" {
			p.Operation, p.Action = core.Deposit, ledger.Note
		}
		return wallet.Order{Posting: p, End: &wallet.Ending{ID: kept.ID, How: how}}
	}
	o = wallet.Order{Posting: p}
	o = asks(o, customer, agent, c.draw)
	o.Ask.Most = 1000
	return o
}

func (c *counterBench) standing() (all []string) {
	c.t.Helper()
	if err := c.owner.Select(&all, `SELECT id || ' ' || balance || ' ' || held || ' ' || spent_today || ' ' || spent_month FROM accounts WHERE id > 1000
		UNION ALL SELECT request_id || ' ' || coalesce(ended, '') || ' ' || ref || ' ' || code || ' ' || coalesce(ended_by, '') FROM cash_requests
		UNION ALL SELECT agent_id || '>' || customer_id || ' ' || earned FROM deposit_commissions
		UNION ALL SELECT id || ' ' || content || coalesce(code, '') FROM requests WHERE content !~ 'hold [1-9]' AND content NOT LIKE 'issue%'
		UNION ALL SELECT party_id || ' ' || count(*) FROM messages GROUP BY party_id
		ORDER BY 1`); err != nil {
		c.t.Fatal(err)
	}
	return all
}

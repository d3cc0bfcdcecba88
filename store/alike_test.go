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
// confirms, who cancels and whose money goes back may meet there, twice over and under each other's request ids.
func TestCounterInBatches(t *testing.T) {
	t.Parallel()
	one, all := openCounter(t), openCounter(t)
	for _, c := range []*counterBench{one, all} { // who has little cannot give back all that she was paid
		c.done(c.move(core.Pay, c.jane.Account, c.merchant.Account, 9_000_00, 0))
		c.done(c.move(core.Pay, c.john.Account, c.merchant.Account, 9_000_00, 0))
	}
	random := rand.New(rand.NewPCG(4, 4))
	var asked, moved, before []errand
	for round := range 60 {
		errands := make([]errand, 2+random.IntN(14))
		for i := range errands {
			errands[i] = anErrand(random, fmt.Sprintf("%d:%d", round, i), asked, moved, before)
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
		for i, e := range errands {
			if done := singly[i]; done.err != nil || done.outcome.Code != "" || done.outcome.Again {
				continue
			}
			switch e.kind {
			case "withdraw", "deposit":
				asked = append(asked, e)
			case "send", "confirm", "reverse":
				moved = append(moved, e)
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
	for _, op := range []string{"send", "deposit", "withdraw"} {
		t.Logf("%s: %d, reversed %d", op, all.count(`SELECT count(*) FROM transfers WHERE operation = $1`, op), all.count(`SELECT count(*) FROM reversals WHERE operation = $1`, op))
	}
	if n := all.count(`SELECT count(DISTINCT state) FROM reversals`); n < 3 {
		t.Errorf("reversals in only %d states", n)
	}
	if n := all.count(`SELECT count(*) FROM deposit_commissions WHERE returned > 0`); n == 0 {
		t.Error("no commission went back")
	}
}

// errand is an order as it is in both worlds, where ids differ.
type errand struct {
	kind            string
	request         string
	customer, agent int
	amount          core.Amount
	of              string // the request that asked, or whose transfer is undone
	ofKind          string
	step            ledger.Step
}

func anErrand(random *rand.Rand, request string, asked, moved, before []errand) errand {
	e := errand{
		request: request, customer: random.IntN(3), agent: random.IntN(2), amount: core.Amount(1+random.IntN(9)) * 100_00,
		kind: []string{"withdraw", "deposit", "send", "confirm", "cancel", "expired", "again", "reused", "reverse", "confirm"}[random.IntN(10)],
	}
	switch e.kind {
	case "confirm", "cancel", "expired":
		if len(asked) == 0 {
			e.kind = "withdraw"
			return e
		}
		of := asked[len(asked)-1-random.IntN(min(6, len(asked)))]
		e.of, e.ofKind, e.customer, e.agent, e.amount = of.request, of.kind, of.customer, of.agent, of.amount
	case "reverse":
		if len(moved) == 0 {
			e.kind = "send"
			return e
		}
		of := moved[len(moved)-1-random.IntN(min(20, len(moved)))]
		if of.kind == "send" {
			of = moved[len(moved)-1-random.IntN(min(20, len(moved)))]
		}
		if e.of, e.step = of.request, ledger.Collect; of.kind == "reverse" { // in an earlier round: there is a case
			e.kind, e.of, e.step = "step", of.of, []ledger.Step{ledger.Collect, ledger.Settle, ledger.GiveBack}[random.IntN(3)]
		}
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
	case "reverse", "step":
		return c.undoing(e)
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

// undoing is a step in undoing a transfer of an earlier round, if there is that transfer, and a case where it does not begin
// one; else nothing but a request that is refused.
func (c *counterBench) undoing(e errand) wallet.Order {
	receipt := core.Receipt("QK74J7XW2M") // nobody's
	_ = c.owner.Get(&receipt, `SELECT receipt FROM transfers WHERE request_id = $1`, e.of)
	r, err := c.Undoable(c.t.Context(), receipt)
	request := core.RequestID(e.request)
	if e.kind == "reverse" {
		request = core.RequestID("reverse:" + e.of)
	} else if err == nil {
		r, err = c.ReversalOf(c.t.Context(), r.Transfer)
	}
	if err != nil {
		return wallet.Order{Posting: ledger.Posting{Request: core.RequestID(e.request), Action: ledger.Refuse, Code: core.CodeOf(err)}}
	}
	o := wallet.Order{
		Posting: ledger.Posting{
			Request: request, Action: ledger.Move, Operation: core.Reverse, From: r.To, To: r.From, Amount: r.Amount,
			Undoes: r.Transfer, Step: e.step,
		},
		Undo: &wallet.Undoing{Reversal: r, Begins: e.kind == "reverse", Tell: func(after wallet.Reversal, _ ledger.Undone) []notice.Notice {
			return []notice.Notice{
				{To: after.Payer.ID, Phone: after.Payer.Phone, Lang: core.English, When: notice.Done, Key: "sms.sent"},
				{To: after.Payee.ID, Phone: after.Payee.Phone, Lang: core.English, When: notice.Done, Key: "sms.sent"},
			}
		}},
	}
	d := because("a mistake")
	d.Action, d.Subject, d.ID = "transfer.reverse", core.OfTransfer, int64(r.Transfer)
	o.Deed = &d
	for _, id := range []core.AccountID{core.Suspense, core.Fees, core.CommissionExpense, r.Commission} {
		if id != 0 {
			o.Entries = append(o.Entries, ledger.Entry{Account: id})
		}
	}
	if e.step == ledger.GiveBack {
		o.From, o.To = r.From, r.To
	}
	return o
}

func (c *counterBench) standing() (all []string) {
	c.t.Helper()
	if err := c.owner.Select(&all, `SELECT id || ' ' || balance || ' ' || held || ' ' || spent_today || ' ' || spent_month FROM accounts WHERE id > 1000 OR kind = 'suspense'
		UNION ALL SELECT request_id || ' ' || coalesce(ended, '') || ' ' || ref || ' ' || code || ' ' || coalesce(ended_by, '') FROM cash_requests
		UNION ALL SELECT agent_id || '>' || customer_id || ' ' || earned || ' ' || returned FROM deposit_commissions
		UNION ALL SELECT t.request_id || ' ' || r.state || ' ' || r.taken || ' ' || r.returned FROM reversals r JOIN transfers t ON t.id = r.transfer_id
		UNION ALL SELECT id || ' ' || content || coalesce(code, '') FROM requests WHERE content !~ 'hold [1-9]' AND content !~ '^(issue|reverse)'
		UNION ALL SELECT party_id || ' ' || count(*) FROM messages GROUP BY party_id
		ORDER BY 1`); err != nil {
		c.t.Fatal(err)
	}
	return all
}

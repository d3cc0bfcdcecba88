package store

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// A random day at the counters, by several gateways at once, which die in the middle of what they do: their
// connection is cut, whatever it was doing, and half of the time nobody asks again. At the end time passes and
// one gateway sweeps. Nothing is on hold then, and everybody has what her requests that were confirmed say.
func TestChaosAtTheCounters(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := &chaos{shop: s, agents: []core.Party{s.njeri, s.otieno}}
	for range 6 {
		c.customers = append(c.customers, s.known(core.Subscriber, 100_000_00))
	}
	together(4, func(n int) {
		random := rand.New(rand.NewPCG(uint64(n), 7))
		for range 80 {
			c.step(random)
		}
	})
	s.pass(30 * time.Minute)
	for {
		n, err := s.Expire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	if n := s.count(`SELECT count(*) FROM cash_requests WHERE ended IS NULL`) + s.count(`SELECT count(*) FROM holds WHERE ended IS NULL`) +
		s.count(`SELECT sum(held)::bigint FROM accounts`); n != 0 {
		t.Errorf("not all has ended: %d", n)
	}
	for _, p := range c.customers {
		s.has("a customer", p.Account, core.Amount(100_000_00+s.count(`
			SELECT coalesce(sum(CASE operation WHEN 'deposit' THEN amount ELSE -amount - fee END), 0)::bigint
			FROM cash_requests WHERE ended = 'confirmed' AND customer_id = $1`, p.ID)))
	}
	t.Logf("%d requests, %d confirmed, %d cut off", s.count(`SELECT count(*) FROM cash_requests`),
		s.count(`SELECT count(*) FROM cash_requests WHERE ended = 'confirmed'`), c.cut.Load())
	if c.cut.Load() == 0 || s.count(`SELECT count(DISTINCT ended) FROM cash_requests`) < 4 {
		t.Error("too quiet a day")
	}
	s.sound()
}

type chaos struct {
	*shop
	customers, agents []core.Party
	cut               atomic.Int64
}

// step does one thing with a customer's open request, or asks for one; now and then twice, and now and then it
// is cut off.
func (c *chaos) step(random *rand.Rand) {
	customer, agent := c.customers[random.IntN(len(c.customers))], c.agents[random.IntN(len(c.agents))]
	do := c.errand(random, customer, agent)
	if random.IntN(5) == 0 {
		c.pass(4 * time.Minute)
	}
	ctx, done := context.WithCancel(context.Background())
	defer done()
	if random.IntN(3) == 0 {
		c.cut.Add(1)
		time.AfterFunc(time.Duration(random.IntN(12_000))*time.Microsecond, done)
	}
	_ = do(ctx) // most of it is refused, which is no matter here
	if random.IntN(2) == 0 {
		_ = do(context.Background())
	}
}

func (c *chaos) errand(random *rand.Rand, customer, agent core.Party) func(context.Context) error {
	open, err := c.CashOpen(context.Background(), customer.ID)
	if err != nil {
		op := []core.Operation{core.Withdraw, core.Deposit}[random.IntN(2)]
		p := c.pay(op, customer, agent, core.Amount(100_00+random.IntN(900_00)))
		if op == core.Deposit {
			return func(ctx context.Context) error { return errOf(c.AskDeposit(ctx, p)) }
		}
		return func(ctx context.Context) error { return errOf(c.AskWithdraw(ctx, p)) }
	}
	auth, by, id, code := wallet.Authority{Party: open.Agent}, "sms:"+c.request(), int64(0), open.Code
	switch random.IntN(8) {
	case 0:
		return func(ctx context.Context) error { return errOf(c.Cancel(ctx, customer, open.ID)) }
	case 1:
		return func(ctx context.Context) error { return errOf(c.Decline(ctx, open.Agent, open.Ref)) }
	case 2:
		return func(ctx context.Context) error { return errOf(c.Expire(ctx)) }
	case 3, 4:
		code = "x"
	case 5:
		id, code = open.ID, "x"
	}
	return func(ctx context.Context) error {
		_, _, err := c.Confirm(ctx, auth, by, id, code)
		return err
	}
}

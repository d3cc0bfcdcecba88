package store

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/store/local"
)

// openPair is a bench on a primary and its standby.
func openPair(t *testing.T) (bench, *local.Pair) {
	t.Helper()
	p := local.OwnPair(t, local.Config{})
	if _, err := p.Primary().Create(t.Context(), "piga", true); err != nil {
		t.Fatal(err)
	}
	b := bench{t: t, url: p.URL("piga"), offset: new(atomic.Int64), serial: new(atomic.Int64)}
	if err := Migrate(t.Context(), b.url, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	s, err := Open(Options{URL: b.url, Zone: nairobi(t), Random: rand.Reader, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	b.Store = s
	b.owner = sqlx.MustConnect("postgres", p.Primary().URL("piga"))
	t.Cleanup(func() {
		_ = b.owner.Close()
		_ = s.Close()
	})
	return b, p
}

// A turn has 8 s, and its posting less.
const (
	postWithin = 6 * time.Second
	turnWithin = 8 * time.Second
)

// The primary dies, or is there and says nothing, in the middle of what everybody does, and the standby is promoted.
// What was acknowledged is there, what was unknown is settled under its request id, nobody waits for longer than a turn,
// and all is well again soon without a hand laid on the store.
func TestFailover(t *testing.T) {
	t.Parallel()
	for name, fell := range map[string]func(*local.Server) error{
		"killed": (*local.Server).Kill,
		"frozen": (*local.Server).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, pair := openPair(t)
			crowd := newCrowd(b)
			crowd.busy()
			old := pair.Primary()
			if err := fell(old); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second) // somebody has to notice
			if err := pair.Promote(t.Context()); err != nil {
				t.Fatal(err)
			}
			promoted := time.Now()
			crowd.busy()
			t.Logf("all are served again %s after the promotion", time.Since(promoted))
			crowd.goHome()
			_ = b.owner.Close()
			b.owner = sqlx.MustConnect("postgres", pair.Primary().URL("piga"))
			crowd.ask(b)
			b.sound()
		})
	}
}

// crowd are people who post, read and try PINs until they go home.
type crowd struct {
	bench
	accounts []core.AccountID
	parties  []core.Party
	leave    context.CancelFunc
	all      sync.WaitGroup
	posted   []atomic.Int64
	read     []atomic.Int64

	mu      sync.Mutex
	told    map[core.RequestID]ledger.Outcome
	unknown map[core.RequestID]wallet.Order
	codes   map[core.Code]int
	longest time.Duration
}

func newCrowd(b bench) *crowd {
	c := &crowd{
		bench: b, posted: make([]atomic.Int64, 8), read: make([]atomic.Int64, 20),
		told: map[core.RequestID]ledger.Outcome{}, unknown: map[core.RequestID]wallet.Order{}, codes: map[core.Code]int{},
	}
	for range 8 {
		p := b.party(core.Merchant, core.TierTrade)
		b.fund(p.Account, 100_000_00)
		c.parties, c.accounts = append(c.parties, p), append(c.accounts, p.Account)
	}
	ctx, leave := context.WithCancel(context.Background())
	c.leave = leave
	for i := range c.posted {
		c.all.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				c.post(i, b.move(core.Send, c.accounts[n%8], c.accounts[(n+1)%8], 1_00, 5))
			}
		})
	}
	for i := range c.read {
		c.all.Go(func() {
			for n := i; ctx.Err() == nil; n++ {
				c.look(i, c.parties[n%8])
			}
		})
	}
	b.t.Cleanup(c.goHome)
	return c
}

func (c *crowd) post(i int, o wallet.Order) {
	ctx, done := context.WithTimeout(context.Background(), postWithin)
	defer done()
	began := time.Now()
	outcome, err := c.Post(ctx, o)
	c.waited(time.Since(began))
	c.mu.Lock()
	defer c.mu.Unlock()
	code := max(core.CodeOf(err), outcome.Code)
	c.codes[code]++
	switch {
	case code == core.OutcomeUnknown:
		c.unknown[o.Request] = o
	case err != nil:
		c.told[o.Request] = ledger.Outcome{Code: core.Unavailable}
		if code != core.Unavailable && code != core.Busy {
			c.t.Error(err)
		}
	default:
		c.told[o.Request] = outcome
		c.posted[i].Add(1)
	}
}

// look does what a turn does beside posting.
func (c *crowd) look(i int, p core.Party) {
	ctx, done := context.WithTimeout(context.Background(), postWithin)
	defer done()
	began := time.Now()
	_, err := c.Balance(ctx, p.Account)
	if err == nil && i%2 == 0 {
		_, err = c.Try(ctx, p.ID, string(c.request()), nil)
	}
	if err == nil && i%2 == 0 {
		err = c.Right(ctx, p.ID)
	}
	c.waited(time.Since(began))
	switch core.CodeOf(err) {
	case "", core.Busy, core.PINLocked:
		c.read[i].Add(1)
	case core.Unavailable:
	default:
		c.t.Error(err)
	}
}

func (c *crowd) waited(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.longest = max(c.longest, d)
}

// busy is until everybody was served twice from now on, and fails after 30 s.
func (c *crowd) busy() {
	c.t.Helper()
	by := time.Now().Add(30 * time.Second)
	for _, all := range [][]atomic.Int64{c.posted, c.read} {
		for i := range all {
			for was := all[i].Load(); all[i].Load() < was+2; time.Sleep(time.Millisecond) {
				if time.Now().After(by) {
					c.t.Fatal("not everybody is served within 30 s")
				}
			}
		}
	}
}

func (c *crowd) goHome() {
	c.leave()
	c.all.Wait()
}

// ask compares what they were told with what the ledger holds by now, and asks again for what was unknown.
func (c *crowd) ask(b bench) {
	c.t.Helper()
	c.t.Logf("told: %v; the longest waited %s", c.codes, c.longest)
	if c.longest > turnWithin {
		c.t.Errorf("somebody waited for %s", c.longest)
	}
	for id, order := range c.unknown {
		o, err := b.Post(c.t.Context(), order)
		if err != nil {
			c.t.Errorf("%s is unknown for ever: %v", id, err)
			continue
		}
		c.told[id] = o
	}
	b.compareTold(c.told)
}

// A primary that has lost its standby commits nothing that a failover would lose. When somebody stops it waiting, us or an
// operator, it says that all went well, and nobody is told so.
func TestNothingIsAcknowledgedWithoutTheStandby(t *testing.T) {
	t.Parallel()
	b, pair := openPair(t)
	names := []string{"her time is over", "an operator cancels"}
	orders := map[string]wallet.Order{}
	for _, name := range names {
		jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
		b.fund(jane.Account, 1000_00)
		orders[name] = b.move(core.Send, jane.Account, john.Account, 100_00, 0)
	}
	_, intent := b.intended(b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull), 100_00)
	if err := pair.Standby().Kill(); err != nil {
		t.Fatal(err)
	}
	b.noPromise(intent)
	stop, cancel := context.WithCancel(t.Context())
	defer cancel()
	for n, name := range names {
		if n == 1 {
			go b.cancelWaits(stop)
		}
		ctx, done := context.WithTimeout(t.Context(), postWithin)
		began := time.Now()
		o, err := b.Post(ctx, orders[name])
		done()
		if code := max(core.CodeOf(err), o.Code); code != core.OutcomeUnknown || time.Since(began) > turnWithin {
			t.Errorf("%s: told %q after %s: %v", name, code, time.Since(began), err)
		}
	}
	cancel()
	if err := pair.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := pair.Standby().Restart(t.Context(), local.Fast); err != nil {
		t.Fatal(err)
	}
	if err := pair.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	_ = b.owner.Close()
	b.owner = sqlx.MustConnect("postgres", pair.Primary().URL("piga"))
	if n := b.count(`SELECT count(*) FROM transfers WHERE operation = 'send'`); n != 0 {
		t.Errorf("the standby has %d of them: nothing was tried", n)
	}
	for _, order := range orders {
		b.done(order)
	}
	b.sound()
}

// noPromise is that nobody takes an intent for written, and promises an SMS, of which a failover would leave nothing.
func (b bench) noPromise(i *wallet.Intent) {
	b.t.Helper()
	for name, write := range map[string]func(context.Context) error{
		"with a try": func(ctx context.Context) error {
			_, err := b.Try(ctx, i.Party.ID, string(i.Request), i)
			return err
		},
		"for a program": func(ctx context.Context) error { return b.Intend(ctx, i) },
	} {
		ctx, done := context.WithTimeout(b.t.Context(), time.Second)
		err := write(ctx)
		done()
		if core.CodeOf(err) != core.Unavailable {
			b.t.Errorf("an intent %s: %v", name, err)
		}
	}
}

// cancelWaits stops everybody who waits for the standby.
func (b bench) cancelWaits(ctx context.Context) {
	for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		_, err := b.owner.ExecContext(ctx, `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)
		if err != nil && ctx.Err() == nil {
			b.t.Error(err)
			return
		}
	}
}

package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	mathrand "math/rand/v2"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// wire stands between a store and its database, and loses commits.
type wire struct {
	net.Listener
	server string
	losses atomic.Int64  // so many commits are still to be lost
	pass   bool          // a lost commit reaches the server; only its answer does not come back
	late   time.Duration // but so late
	lost   func()        // is called when one is lost; nil for none
	gone   atomic.Bool   // nobody gets through any more
	mute   atomic.Bool   // what the client says is not heard any more
}

// through is a store of b's database over a wire.
func (b bench) through(w *wire) *Store {
	b.t.Helper()
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	w.server = u.Host
	if w.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		b.t.Fatal(err)
	}
	u.Host = w.Addr().String()
	s, err := Open(Options{URL: u.String(), Zone: b.zone, Random: rand.Reader})
	if err != nil {
		b.t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := w.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.carry(client) })
		}
	})
	b.t.Cleanup(func() {
		_ = s.Close()
		_ = w.Close()
		all.Wait()
	})
	return s
}

func (w *wire) carry(client net.Conn) {
	defer client.Close() //nolint:errcheck // a test's
	if w.gone.Load() {
		return
	}
	server, err := net.Dial("tcp", w.server)
	if err != nil {
		return
	}
	defer server.Close() //nolint:errcheck // a test's
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	said := make([]byte, 64<<10)
	for {
		n, err := client.Read(said)
		if err != nil {
			return
		}
		if bytes.Contains(said[:n], []byte("COMMIT")) && w.losses.Add(-1) >= 0 {
			if w.lost != nil {
				w.lost()
			}
			_ = client.Close()
			if w.pass {
				time.Sleep(w.late)                                     // the commit is on its way all this time
				_, _ = server.Write(append(said[:n], 'X', 0, 0, 0, 4)) // and goodbye, as no client is there any more
				_, _ = io.Copy(io.Discard, server)
			}
			return
		}
		if w.mute.Load() {
			continue
		}
		if _, err := server.Write(said[:n]); err != nil {
			return
		}
	}
}

// A commit that nobody answered: the order is either done or voided, and never comes true later.
func TestLostCommitIsSettled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wire   *wire
		losses int64
		want   core.Code
	}{
		"carried out":                   {&wire{pass: true}, 1, ""},
		"still in flight":               {&wire{pass: true, late: 300 * time.Millisecond}, 1, ""},
		"never came":                    {&wire{}, 1, core.Voided},
		"lost again, and again":         {&wire{}, 4, core.Voided},
		"the voids come late":           {&wire{pass: true, late: 50 * time.Millisecond}, 4, ""},
		"nobody waits, carried out":     {&wire{pass: true, lost: func() {}}, 1, ""},
		"nobody waits, still in flight": {&wire{pass: true, late: 300 * time.Millisecond, lost: func() {}}, 1, ""},
		"nobody waits, never came":      {&wire{lost: func() {}}, 1, core.Voided},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
			b.fund(jane.Account, 1000_00)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.wire.lost != nil {
				c.wire.lost = cancel
			}
			s := b.through(c.wire)
			c.wire.losses.Store(c.losses)
			order := b.move(core.Send, jane.Account, john.Account, 100_00, 5_00)
			before := b.count(`SELECT count(*) FROM messages`)
			o, err := s.Post(ctx, order)
			if err != nil || o.Code != c.want || (c.want == "") != (o.Receipt != "") {
				t.Fatalf("%q: %v", o.Code, err)
			}
			if again, err := b.Post(t.Context(), order); err != nil || again.Code != o.Code || again.Receipt != o.Receipt {
				t.Errorf("told %q %s, and again %q %s: %v", o.Code, o.Receipt, again.Code, again.Receipt, err)
			}
			want := int64(2) // one to each side, or one of the refusal
			if c.want != "" {
				want = 1
			}
			if n := b.count(`SELECT count(*) FROM messages`) - before; n != want {
				t.Errorf("%d messages", n)
			}
			b.sound()
		})
	}
}

// What becomes of each kind of order whose commit never came.
func TestLostOrdersAreClosed(t *testing.T) {
	t.Parallel()
	b := open(t)
	w := &wire{}
	s := b.through(w)
	jane, agent := b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	hold := func() core.HoldID { return b.done(b.place(jane.Account, agent.Account, 100_00, 10_00)).Hold }
	capture := b.move(core.Withdraw, jane.Account, agent.Account, 100_00, 10_00)
	capture.Action, capture.Hold = ledger.Capture, hold()
	expire := b.end(hold())
	expire.Action = ledger.Expire
	for name, c := range map[string]struct {
		order wallet.Order
		want  core.Code
	}{
		"send":    {b.move(core.Send, jane.Account, agent.Account, 1_00, 0), core.Voided},
		"place":   {b.place(jane.Account, agent.Account, 10_00, 0), core.Voided},
		"capture": {capture, core.Voided},
		"refuse":  {wallet.Order{Posting: ledger.Posting{Request: b.request(), Action: ledger.Refuse, Code: core.NoTariff}}, core.Voided},
		"release": {b.end(hold()), ""},
		"expire":  {expire, core.HoldRunning},
		"issue":   {b.move(core.Issue, core.Trust, agent.Account, 1_00, 0), ""},
	} {
		w.losses.Store(1)
		if o, err := s.Post(t.Context(), c.order); err != nil || o.Code != c.want {
			t.Errorf("%s is %q, not %q: %v", name, o.Code, c.want, err)
		}
	}
	if n := b.count(`SELECT count(*) FROM holds WHERE ended IS NULL`); n != 2 {
		t.Errorf("%d holds run", n)
	}
}

// Only where the database stays away nobody knows.
func TestDatabaseStaysAway(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 1000_00)
	w := &wire{}
	w.lost = func() { w.gone.Store(true) }
	s := b.through(w)
	w.losses.Store(1)
	_, err := s.Post(t.Context(), b.move(core.Send, jane.Account, john.Account, 100_00, 0))
	if core.CodeOf(err) != core.OutcomeUnknown {
		t.Error(err)
	}
}

// Backends are killed all the time, callers run out of time, and everybody who gets an outcome gets the one
// that the ledger holds; who is told that it did not happen finds nothing there.
func TestEverybodyKnowsInAStorm(t *testing.T) {
	t.Parallel()
	b := open(t)
	parties := make([]core.Party, 6)
	for i := range parties {
		parties[i] = b.party(core.Merchant, core.TierTrade)
		b.fund(parties[i].Account, 100_000_00)
	}
	// A quarter of those who commit are killed in the middle of it, however many orders they commit.
	if _, err := b.owner.Exec(`
		CREATE FUNCTION killed() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			IF hashtext(pg_current_xact_id()::text) % 4 = 0 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
			RETURN NULL;
		END $$;
		CREATE CONSTRAINT TRIGGER killed AFTER INSERT ON requests DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION killed();
		ALTER FUNCTION killed SECURITY DEFINER`); err != nil {
		t.Fatal(err)
	}
	storm, calm := context.WithCancel(t.Context())
	var killer sync.WaitGroup
	killer.Go(func() { b.kill(storm) })
	var mu sync.Mutex
	told := map[core.RequestID]ledger.Outcome{}
	count := map[core.Code]int{}
	together(12, func(i int) {
		for n := range 15 {
			order := b.move(core.Send, parties[(i+n)%6].Account, parties[(i+n+1)%6].Account, 1_00, 5)
			longest := []int{10, 1000}[n%2] // half of them leave while they are still queued
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(1+mathrand.IntN(longest))*time.Millisecond)
			o, err := b.Post(ctx, order)
			cancel()
			if err != nil {
				o = ledger.Outcome{Code: core.CodeOf(err)}
				if o.Code != core.Unavailable {
					t.Error(err)
				}
			}
			mu.Lock()
			told[order.Request] = o
			count[o.Code]++
			mu.Unlock()
		}
	})
	calm()
	killer.Wait()
	b.compareTold(told)
	t.Logf("told: %v", count)
	if count[""] == 0 || count[core.Voided] == 0 || count[core.Unavailable] == 0 || count[core.OutcomeUnknown] > 0 {
		t.Errorf("told: %v", count)
	}
	b.sound()
}

// kill ends one of the store's few connections now and then, so that each lives for some batches.
func (b bench) kill(ctx context.Context) {
	for ctx.Err() == nil {
		_, err := b.owner.Exec(`
			SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'piga' AND pid <> pg_backend_pid()
			ORDER BY random() LIMIT 1`)
		if err != nil {
			b.t.Error(err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(150 * time.Millisecond):
		}
	}
}

// compareTold compares what callers were told with what the ledger holds.
func (b bench) compareTold(told map[core.RequestID]ledger.Outcome) {
	b.t.Helper()
	var held []struct {
		ID      core.RequestID
		Code    core.Code
		Receipt core.Receipt
	}
	if err := b.owner.Select(&held, `
		SELECT r.id, coalesce(r.code, '') AS code, coalesce(t.receipt, '') AS receipt
		FROM requests r LEFT JOIN transfers t ON t.id = r.transfer_id`); err != nil {
		b.t.Fatal(err)
	}
	found := map[core.RequestID]bool{}
	for _, h := range held {
		o, asked := told[h.ID]
		found[h.ID] = true
		if asked && (o.Code != h.Code || o.Receipt != h.Receipt) {
			b.t.Errorf("%s: told %q %s, the ledger holds %q %s", h.ID, o.Code, o.Receipt, h.Code, h.Receipt)
		}
	}
	for id, o := range told {
		if !found[id] && o.Code != core.Unavailable {
			b.t.Errorf("%s: told %q, the ledger holds nothing", id, o.Code)
		}
	}
}

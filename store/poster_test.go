package store

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// road is a bench whose poster can be stopped under way: by an order of jane's, while her account is locked.
type road struct {
	bench
	jane, john, mary core.Party
}

func openRoad(t *testing.T) road {
	b := open(t)
	r := road{b, b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)}
	b.fund(r.jane.Account, 1000_00)
	b.fund(r.mary.Account, 1000_00)
	return r
}

// block locks jane's account until it is opened again.
func (r road) block() (open func()) {
	r.t.Helper()
	lock, err := r.owner.Beginx()
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := lock.Exec(`SELECT id FROM accounts WHERE id = $1 FOR UPDATE`, r.jane.Account); err != nil {
		r.t.Fatal(err)
	}
	open = sync.OnceFunc(func() { _ = lock.Rollback() })
	r.t.Cleanup(open)
	return open
}

// blocked posts jane's order, and returns when it is waiting for her account.
func (r road) blocked(ctx context.Context, s *Store) *caller {
	r.t.Helper()
	c := r.enter(ctx, s, r.move(core.Send, r.jane.Account, r.john.Account, 10_00, 0))
	r.until("the batch waits for the account", func() bool {
		return r.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0
	})
	return c
}

// batches sets how large they may be.
func (p *poster) batches(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = limit
}

func (r road) enter(ctx context.Context, s *Store, o wallet.Order) *caller {
	r.t.Helper()
	c, err := s.poster.enter(ctx, o)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// free is an order that jane's account does not hold up, but for the batch before.
func (r road) free() wallet.Order {
	return r.move(core.Send, r.mary.Account, r.john.Account, 1_00, 0)
}

// until polls for something that happens by itself.
func (b bench) until(what string, so func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	for !so() {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			b.t.Fatalf("not so: %s", what)
		}
	}
}

// hears compares what a caller is told.
func (b bench) hears(ctx context.Context, s *Store, what string, c *caller, want core.Code) ledger.Outcome {
	b.t.Helper()
	o, err := s.poster.wait(ctx, c)
	if code := max(core.CodeOf(err), o.Code); code != want {
		b.t.Errorf("%s: %q, not %q: %v", what, code, want, err)
	}
	return o
}

func (b bench) recorded(o wallet.Order) bool {
	b.t.Helper()
	return b.count(`SELECT count(*) FROM requests WHERE id = $1`, o.Request) > 0
}

// Who waits in the queue can go, and then nothing happens; those behind her are served as before.
func TestCallerLeavesTheQueue(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	open := r.block()
	first := r.blocked(t.Context(), r.Store)
	ctx, cancel := context.WithCancel(t.Context())
	gone, stays := r.enter(ctx, r.Store, r.free()), r.enter(t.Context(), r.Store, r.free())
	cancel()
	r.hears(ctx, r.Store, "who went", gone, core.Unavailable)
	if _, err := r.Post(ctx, r.free()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("who comes when her time is over: %v", err)
	}
	open()
	r.hears(t.Context(), r.Store, "the first", first, "")
	r.hears(t.Context(), r.Store, "who stayed", stays, "")
	if r.recorded(gone.order) || r.count(`SELECT count(*) FROM transfers WHERE operation = 'send'`) != 2 {
		t.Error("what was taken back is posted")
	}
	r.sound()
}

// Who goes while her order is under way is told what became of it, if that is soon.
func TestCallerGoesUnderWay(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	for name, want := range map[string]core.Code{"soon": "", "late": core.OutcomeUnknown} {
		open := r.block()
		ctx, cancel := context.WithCancel(t.Context())
		c := r.blocked(ctx, r.Store)
		cancel()
		if want == "" {
			open()
		}
		o := r.hears(ctx, r.Store, name, c, want)
		open()
		again, err := r.Post(t.Context(), c.order)
		if err != nil || again.Code != "" || (want == "" && again.Receipt != o.Receipt) {
			t.Errorf("%s: told %s, and again %q %s: %v", name, o.Receipt, again.Code, again.Receipt, err)
		}
	}
	r.sound()
}

// A batch that cannot get on is given up, and the next is posted.
func TestBatchHasItsTime(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	defer r.block()()
	stuck := r.blocked(t.Context(), r.Store)
	next := r.enter(t.Context(), r.Store, r.free())
	r.hears(t.Context(), r.Store, "the stuck", stuck, core.Unavailable)
	r.hears(t.Context(), r.Store, "the next", next, "")
	if r.recorded(stuck.order) {
		t.Error("what did not happen is recorded")
	}
}

// An account that is locked elsewhere holds up those who share it, and nobody else once there are enough of them.
func TestOthersGoBeside(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	peter := r.party(core.Merchant, core.TierTrade)
	open := r.block()
	stuck := r.blocked(t.Context(), r.Store)
	behind := r.enter(t.Context(), r.Store, r.free()) // mary to john, whom jane pays
	var beside []*caller
	for range leastBeside {
		beside = append(beside, r.enter(t.Context(), r.Store, r.move(core.Issue, core.Trust, peter.Account, 1_00, 0)))
	}
	for _, c := range beside {
		r.hears(t.Context(), r.Store, "who shares nothing", c, "")
	}
	if r.recorded(stuck.order) || r.recorded(behind.order) {
		t.Error("who must wait did not")
	}
	open()
	r.hears(t.Context(), r.Store, "the stuck", stuck, "")
	r.hears(t.Context(), r.Store, "who shares an account", behind, "")
	r.sound()
}

// Nobody waits in vain: who would be too late is told so at once, and so is everybody when too many wait.
func TestBusyAtOnce(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	s, err := Open(Options{URL: r.url, Zone: r.zone, Random: rand.Reader, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	slow := func() {
		s.poster.mu.Lock()
		defer s.poster.mu.Unlock()
		s.poster.usual = 500 * time.Millisecond
	}
	within := func(d time.Duration) core.Code {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		o := r.free()
		c, err := s.poster.enter(ctx, o)
		if err == nil && !s.poster.leave(c) {
			_, err = s.poster.wait(t.Context(), c)
		} else if r.recorded(o) {
			t.Error("what was refused is posted")
		}
		return core.CodeOf(err)
	}
	slow()
	if code := within(300 * time.Millisecond); code != "" {
		t.Errorf("with nobody ahead: %q", code)
	}
	open := r.block()
	first := r.blocked(t.Context(), s)
	slow()
	if soon, later := within(900*time.Millisecond), within(1500*time.Millisecond); soon != core.Busy || later != "" {
		t.Errorf("with a batch ahead: %q and %q", soon, later)
	}
	var queued []*caller
	for range s.poster.limit {
		queued = append(queued, r.enter(t.Context(), s, r.free()))
	}
	if soon, later := within(1400*time.Millisecond), within(2*time.Second); soon != core.Busy || later != "" {
		t.Errorf("with two batches ahead: %q and %q", soon, later)
	}
	for range mostQueued - s.poster.limit {
		queued = append(queued, r.enter(t.Context(), s, r.free()))
	}
	if _, err := s.Post(t.Context(), r.free()); core.CodeOf(err) != core.Busy {
		t.Errorf("with a full queue: %v", err)
	}
	for _, c := range queued[1:] {
		s.poster.leave(c)
	}
	open()
	r.hears(t.Context(), s, "the first", first, "")
	r.hears(t.Context(), s, "the second", queued[0], "")
}

// Whoever was let in is answered before the connections end; nobody else is.
func TestCloseDrains(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	s, err := Open(Options{URL: r.url, Zone: r.zone, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s.poster.batches(7)
	open := r.block()
	callers := []*caller{r.blocked(t.Context(), s)}
	for range 30 {
		callers = append(callers, r.enter(t.Context(), s, r.free()))
	}
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	r.until("it is closing", func() bool {
		s.poster.mu.Lock()
		defer s.poster.mu.Unlock()
		return s.poster.closed
	})
	if _, err := s.Post(t.Context(), r.free()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("while it is closing: %v", err)
	}
	open()
	for _, c := range callers {
		r.hears(t.Context(), s, "a caller", c, "")
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, err := s.Post(t.Context(), r.free()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("afterwards: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	r.sound()
}

// A database that does not get on cannot keep a store open for long.
func TestCloseGivesUp(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	s, err := Open(Options{URL: r.url, Zone: r.zone, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s.poster.batches(1)
	defer r.block()()
	callers := []*caller{r.blocked(t.Context(), s)}
	for range 30 {
		callers = append(callers, r.enter(t.Context(), s, r.move(core.Send, r.jane.Account, r.john.Account, 1_00, 0)))
	}
	began := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > drainWithin+2*time.Second {
		t.Errorf("it took %s", took)
	}
	for _, c := range callers {
		r.hears(t.Context(), s, "a caller", c, core.Unavailable)
		if r.recorded(c.order) {
			t.Error("what did not happen is recorded")
		}
	}
}

// An idle store has no goroutine at work.
func TestPosterRests(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	together(20, func(int) { r.done(r.free()) })
	r.until("the poster rests", func() bool {
		r.poster.mu.Lock()
		defer r.poster.mu.Unlock()
		return r.poster.busy == 0
	})
	r.done(r.free())
}

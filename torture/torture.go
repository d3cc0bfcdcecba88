package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/soak"
)

// torture is one run.
type torture struct {
	seed      uint64
	within    time.Duration // of calling
	people    int
	think     time.Duration
	calm      time.Duration // between two faults, at the least
	faults    []fault
	briefly   bool          // nobody calls any more when they are over
	voids     time.Duration // how long is waited for gateways to void what got no further than the PIN; 0 leaves it to what comes after
	hostility sandbox.Hostility
	limits    sandbox.Limits
	then      func(r *report) error // at the end, while the servers are still there: for tests

	site     site
	provider *sandbox.Sandbox
	wire     soak.Wire
	seen     *seen
	soak     *soak.Soak
}

// longTorture has every fault.
func longTorture(seed uint64, within time.Duration) *torture {
	h := sandbox.All()
	delete(h, sandbox.ProviderDown) // is a fault here, with a beginning and an end
	return &torture{
		seed: seed, within: within, people: 144, think: 1500 * time.Millisecond, calm: 6 * time.Second, voids: 45 * time.Second,
		faults: script(seed, everyFault()), hostility: h,
		limits: sandbox.Limits{RepeatAfter: 2 * time.Second, Delay: time.Second, Hang: 11 * time.Second},
		site:   site{cost: "4096x1", skews: []time.Duration{time.Hour, -time.Hour}, pace: 1, alone: 8 * time.Second},
	}
}

// run has them call, and gives what came of it.
func (t *torture) run(ctx context.Context) (r *report, err error) {
	words, err := text.LoadAll()
	if err != nil {
		return nil, err
	}
	t.seen = newSeen(words)
	t.wire.NoAnswer = func(sandbox.Line) {} // judged by what was the matter at the time
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t.site.began = time.Now()
	defer func() { err = errors.Join(err, t.site.close()) }()
	if err := t.site.open(ctx, listener.Addr()); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	stop := t.play(ctx, listener)
	defer stop()
	people := soak.People(t.seed, t.people)
	if err := t.site.settle(ctx, people); err != nil {
		return nil, err
	}
	t.soak, err = soak.New(soak.Config{
		Sandbox: t.provider, Wire: &t.wire, Words: words, Service: service, People: people, Seed: t.seed,
		Calls: 1 << 30, Callers: t.people, Acts: 1 << 30, Think: t.pause, // one round, as time passes by itself
		Between: func(ctx context.Context, _ int) error { return ctx.Err() },
	})
	if err != nil {
		return nil, err
	}
	return t.torment(ctx)
}

// play runs the provider and the phones until the run is over.
func (t *torture) play(ctx context.Context, listener net.Listener) (stop func()) {
	t.provider = sandbox.New(sandbox.Config{
		Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Key: apiKey, ShortCode: shortCode, Codes: []string{service},
		Callback: t.site.front + "/at/" + secret + "/ussd", Events: t.site.front + "/at/" + secret + "/events",
		Reports: t.site.front + "/at/" + secret + "/delivery", Inbound: t.site.front + "/at/" + secret + "/sms",
		Phones: 1000, Seed: t.seed, Hostility: t.hostility, Limits: t.limits, Watch: t.watch,
	})
	e := echo.New()
	t.provider.Mount(e)
	server := &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var behind sync.WaitGroup
	behind.Go(func() { t.provider.Run(ctx) })
	behind.Go(func() { _ = server.Serve(listener) }) // ends with Close
	return func() {
		cancel()
		_ = server.Close()
		behind.Wait()
	}
}

func (t *torture) watch(l sandbox.Line) {
	t.wire.Watch(l)
	t.seen.Watch(l)
}

// pause is how long people think.
func (t *torture) pause(ctx context.Context) { _ = rest(ctx, mathrand.N(2*t.think+1)) }

// torment has them call while the faults happen, and then asks what became of everything.
func (t *torture) torment(ctx context.Context) (*report, error) {
	t.site.say("they call")
	r := &report{began: time.Now()}
	t.site.began = r.began
	calling, enough := context.WithTimeout(ctx, t.within)
	defer enough()
	suffering, over := context.WithTimeout(calling, t.within*9/10) // in the end all is well for a while
	defer over()
	var called error
	var behind sync.WaitGroup
	behind.Go(func() {
		called = t.soak.Run(calling)
		if calling.Err() != nil {
			called = nil
		}
	})
	happened, err := t.suffer(suffering)
	if err != nil || t.briefly {
		enough()
	}
	behind.Wait()
	if err := errors.Join(err, called, ctx.Err()); err != nil {
		return nil, err
	}
	r.ended, r.happened, r.planned = time.Now(), happened, len(t.faults)
	if err := t.after(ctx, r); err != nil {
		return nil, err
	}
	if err := t.judge(ctx, r); err != nil {
		return nil, err
	}
	if t.then != nil {
		return r, t.then(r)
	}
	return r, nil
}

// audit asks Piga itself, as an operator does.
func (t *torture) audit(ctx context.Context) (said string, err error) {
	cmd := exec.CommandContext(ctx, t.site.program, "audit")
	cmd.Env = append(ours(), "PIGA_POSTGRES_URL="+t.site.pair.Primary().URL(databaseName))
	b, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(b)), err
}

// judge fills in the report.
func (t *torture) judge(ctx context.Context, r *report) error {
	db, err := sql.Open("postgres", t.site.pair.Primary().URL(databaseName))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only read
	if err := t.site.sieve.SiftTables(ctx, db); err != nil {
		return err
	}
	for _, m := range t.soak.Memory.Inbox {
		t.site.sieve.Sift("an SMS", m.Text)
	}
	books, err := soak.ReadBooks(ctx, db)
	if err != nil {
		return fmt.Errorf("the books: %w", err)
	}
	r.soak = t.soak.Report(books, r.ended.Sub(r.began), t.site.sieve.Found(t.soak.Memory.PINs))
	r.audited, r.auditFailed = t.audit(ctx)
	t.verdict(r, books)
	return nil
}

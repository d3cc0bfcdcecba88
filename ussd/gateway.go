package ussd

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/room"
	"github.com/piga-money/piga/core/text"
)

// Config is what a Gateway needs. All of it is required but Limits and Pause.
type Config struct {
	Calls    Calls
	Menus    Menus
	Errands  Errands
	Room     *room.Room // for turns, and whatever else this copy does for somebody who waits
	Words    text.Catalogs
	Services []string // the codes that are served: "*384*96#"
	Key      []byte   // for the hashes of texts and the seal of stored calls, at least 32 bytes, the same in all copies of the program
	Clock    core.Clock
	Random   io.Reader // secure random bytes
	Log      *slog.Logger
	Metrics  *Metrics
	Limits   Limits
	// Pause waits between two looks at a call that another worker has. It is a wait on the machine's own
	// clock if nil; its error means to look no more.
	Pause func(context.Context, time.Duration) error
}

// Limits are the times of a turn. Zero is the default.
type Limits struct {
	Deadline time.Duration // from the callback's arrival to the answer: 8 s, as the aggregator allows 10
	Patience time.Duration // with another worker that has the same turn: 2 s
	Poll     time.Duration // between two looks at it: 50 ms
	Lease    time.Duration // of a claim: 15 s, longer than the deadline so that nobody loses it at work
	GoOn     time.Duration // within which a call that broke off may be taken up in the next: 15 min
	TTL      time.Duration // of a call: 16 min, longer than GoOn and than any network lets a session last
}

// Gateway carries out turns. It may be used by many at once, in any number of copies over one store.
type Gateway struct {
	Config
	services map[string]bool
	sealer   sealer
	marking  chan struct{} // one for each end of a call that is being marked
}

// New checks the configuration.
func New(cfg Config) (*Gateway, error) {
	l := &cfg.Limits
	for _, d := range []struct {
		given     *time.Duration
		otherwise time.Duration
	}{
		{&l.Deadline, 8 * time.Second},
		{&l.Patience, 2 * time.Second},
		{&l.Poll, 50 * time.Millisecond},
		{&l.Lease, 15 * time.Second},
		{&l.GoOn, 15 * time.Minute},
		{&l.TTL, 16 * time.Minute},
	} {
		if *d.given == 0 {
			*d.given = d.otherwise
		}
	}
	switch {
	case l.Lease <= l.Deadline:
		return nil, fmt.Errorf("ussd: the lease of %s does not outlive the deadline of %s", l.Lease, l.Deadline)
	case len(cfg.Key) < 32:
		return nil, fmt.Errorf("ussd: the key has %d bytes and needs 32", len(cfg.Key))
	case len(cfg.Services) == 0:
		return nil, errors.New("ussd: no service code is served")
	}
	if cfg.Pause == nil {
		cfg.Pause = pause
	}
	sealer, err := newSealer(cfg.Key)
	if err != nil {
		return nil, err
	}
	g := &Gateway{Config: cfg, sealer: sealer, services: map[string]bool{}, marking: make(chan struct{}, mostMarks)}
	for _, code := range cfg.Services {
		if code == "" || strings.ContainsAny(code, ": ") { // it is part of request ids
			return nil, fmt.Errorf("ussd: %q is not a service code", code)
		}
		g.services[code] = true
	}
	return g, nil
}

// Turn carries out one callback and returns within the deadline. It never fails: what goes wrong is a reply
// too. That the aggregator hangs up meanwhile changes nothing, as money may be moving.
func (g *Gateway) Turn(ctx context.Context, cb Callback) Reply {
	began := g.Clock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.Limits.Deadline)
	defer cancel()
	ctx, step := core.Begin(ctx, "turn")
	r := g.attempt(ctx, cb)
	r.tell(step, cb)
	took := g.Clock().Sub(began)
	g.Metrics.turn(r.reply.Screen, r.outcome, took)
	g.log(ctx, cb, r, took)
	return r.reply
}

// result is what a turn came to.
type result struct {
	reply   Reply
	outcome kind
	number  int       // of the turn in its call
	code    core.Code // of the trouble that the page tells, if any
	err     error     // for operators
}

// tell ends the step of the turn.
func (r result) tell(step core.Step, cb Callback) {
	step.Note("call", cb.Session)
	step.Note("turn", strconv.Itoa(r.number))
	step.Note("screen", string(r.reply.Screen))
	step.Note("outcome", string(r.outcome))
	step.Note("code", string(r.code))
	step.End(r.err)
}

// attempt has nothing get past it: an answer that is not ours would be an error page on the phone.
func (g *Gateway) attempt(ctx context.Context, cb Callback) (r result) {
	a := &attempt{Gateway: g, cb: cb, marker: marker{key: g.Key, session: cb.Session}}
	defer func() {
		if p := recover(); p != nil {
			r = a.say("call.unavailable", panicked, trace(p))
		}
	}()
	if !g.services[cb.Service] {
		return a.say("call.unknown_service", unserved, nil)
	}
	token := make([]byte, 16)
	if _, err := io.ReadFull(g.Random, token); err != nil {
		return a.say("call.unavailable", unavailable, err)
	}
	a.token = hex.EncodeToString(token)
	return a.run(ctx)
}

// log writes one line a turn. What callers typed is in none: an error on their input often quotes it, so
// that such a one is told by its code alone.
func (g *Gateway) log(ctx context.Context, cb Callback, r result, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("call", cb.Session), slog.Int("turn", r.number), slog.String("request", string(cb.Request())),
		slog.Any("phone", cb.Phone), slog.String("outcome", string(r.outcome)),
		slog.String("screen", string(r.reply.Screen)), slog.Bool("end", r.reply.End), slog.Duration("took", took),
	}
	if r.code != "" {
		attrs = append(attrs, slog.String("code", string(r.code)))
	}
	if r.err != nil {
		level = slog.LevelError
		switch core.CodeOf(r.err) {
		case core.Internal, core.Unavailable, core.Busy, core.OutcomeUnknown:
			attrs = append(attrs, slog.String("err", r.err.Error()))
		default:
			attrs = append(attrs, slog.String("err", string(core.CodeOf(r.err))))
		}
	}
	g.Log.LogAttrs(ctx, level, "turn", attrs...)
}

// trace tells where a panic was, and its kind; its words may quote what was typed.
func trace(p any) error { return fmt.Errorf("panic: %T\n%s", p, debug.Stack()) }

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

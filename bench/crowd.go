package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// U4: more callers than can be served. They dial whether those before them were answered or not, so that what is too
// much does not slow down by itself. Measured once, for longer than others: what is too much takes time to pile up.

const inTime = 8 * time.Second // that a turn may take

// crowd is what became of calls at one rate.
type crowd struct {
	from, until time.Time // what is dialled and what ends between these counts

	mu      sync.Mutex
	dialled int
	away    []time.Duration // how long it took to turn some away
	turns   []time.Duration // of the others
	broken  int             // calls that did not come to what they were for, or not in time
	why     error           // the last of them
	whole   int             // calls that did
	sent    int             // and those before and after
}

// crowd has whole sends dialled at a rate, at times that do not hang together.
func (l *lab) crowd(ctx context.Context, g *gateway, rate float64) (*crowd, error) {
	client := newClient()
	client.Transport = &http.Transport{MaxIdleConnsPerHost: withPIN}
	defer client.CloseIdleConnections()
	idle := make(chan int, withPIN)
	for _, who := range rand.Perm(withPIN) {
		idle <- who
	}
	taken := g.provider.taken.Load()
	began := time.Now()
	c := &crowd{from: began.Add(2 * l.seconds), until: began.Add(6 * l.seconds)}
	var all sync.WaitGroup
	for next := began; next.Before(c.until); next = next.Add(time.Duration(rand.ExpFloat64() / rate * float64(time.Second))) {
		if err := until(ctx, next); err != nil {
			return nil, err
		}
		select {
		case who := <-idle:
			all.Go(func() {
				if c.call(ctx, g, client, who) { // else she is asked what she wanted, when she dials again
					idle <- who
				}
			})
		default:
			if c.counts(next) {
				c.note(0, 0, false, errors.New("everybody is on the line"))
			}
		}
	}
	all.Wait()
	if c.why != nil {
		l.say("  one of %d that broke off: %v", c.broken, c.why)
	}
	return c, errors.Join(ctx.Err(), g.provider.drain(ctx, taken+2*int64(c.sent)))
}

func until(ctx context.Context, at time.Time) error {
	select {
	case <-time.After(time.Until(at)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// call is one from its beginning to its end, and whether it left nothing behind.
func (c *crowd) call(ctx context.Context, g *gateway, client *http.Client, who int) bool {
	counts := c.counts(time.Now())
	g.sent[who]++
	h := dial(client, g.callbacks(), who)
	for i, s := range sendSteps((who+withPIN/2)%withPIN, amountOf(g.sent[who])) {
		asked := time.Now()
		page, err := h.say(ctx, s.answer)
		took := time.Since(asked)
		away := err == nil && i == 0 && page == busyPage
		switch {
		case err != nil || away:
		case !strings.Contains(page, s.page):
			err = fmt.Errorf("turn %d has the page %q", i+1, page)
		case took > inTime:
			err = fmt.Errorf("turn %d took %s", i+1, took)
		}
		if counts {
			c.note(i, took, away, err)
		}
		if err != nil || away {
			return away
		}
	}
	c.end(time.Now())
	return h.seen(ctx) == nil
}

func (c *crowd) counts(at time.Time) bool { return !at.Before(c.from) && at.Before(c.until) }

// note counts a turn of a call that counts.
func (c *crowd) note(number int, took time.Duration, away bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if number == 0 {
		c.dialled++
	}
	switch {
	case away:
		c.away = append(c.away, took)
	case err != nil:
		c.broken++
		c.why = err
	default:
		c.turns = append(c.turns, took)
	}
}

// end counts a call that came to its end.
func (c *crowd) end(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	if c.counts(at) {
		c.whole++
	}
}

// reading is what became of it, against what was done at another rate, zero for nothing.
func (c *crowd) reading(against float64) reading {
	slices.Sort(c.turns)
	slices.Sort(c.away)
	seconds, dialled := c.until.Sub(c.from).Seconds(), float64(c.dialled)
	return reading{
		value: float64(c.whole) / seconds, against: against,
		parts: []part{
			{"dialled", dialled / seconds, "/s"},
			{"turns p50", millis(percentile(c.turns, 0.50)), "ms"},
			{"p99", millis(percentile(c.turns, 0.99)), "ms"},
			{"turned away", 100 * ratio(float64(len(c.away)), dialled), "%"},
			{"within p50", millis(percentile(c.away, 0.50)), "ms"},
			{"within p99", millis(percentile(c.away, 0.99)), "ms"},
			{"broke off", 100 * ratio(float64(c.broken), dialled), "%"},
		},
	}
}

func crowdRow() row {
	return row{
		name: "U4",
		once: true,
		lines: []line{
			{key: "U4", what: "whole sends in time, dialled at the rate that 64 callers came to", unit: "/s", against: "theirs"},
			{key: "U4 2×", what: "the same, dialled twice as often", unit: "/s", against: "U4"},
			{key: "U4 4×", what: "the same, dialled four times as often", unit: "/s", against: "U4", aims: []aim{{least: 0.8}}},
			{key: "U4 menus", what: "p99 of a turn in the menus, one caller, while 16 ask for nothing but their balances", unit: "ms", against: "alone"},
		},
		round: func(ctx context.Context, l *lab, _ bool) (map[string]reading, error) {
			g, err := l.gateway(ctx)
			if err != nil {
				return nil, err
			}
			menus, err := l.rushReading(ctx, g)
			if err != nil {
				return nil, err
			}
			found := map[string]reading{"U4 menus": menus}
			var most, against float64
			for range 3 {
				closed, err := l.wholeSends(g)(ctx)
				if err != nil {
					return nil, err
				}
				most = max(most, closed.Rate)
				against = most
			}
			for _, one := range []struct {
				key   string
				times float64
			}{{"U4", 1}, {"U4 2×", 2}, {"U4 4×", 4}} {
				c, err := l.crowd(ctx, g, one.times*most)
				if err != nil {
					return nil, err
				}
				found[one.key] = c.reading(against)
				against = found["U4"].value
			}
			return found, nil
		},
	}
}

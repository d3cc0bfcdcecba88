package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"time"
)

// patience is how long is waited for a moment to come.
const patience = 15 * time.Second

// notReached is said of a moment that did not come.
const notReached = ", and the moment did not come"

// killedAt kills a gateway at a point.
func killedAt(p point) fault {
	return fault{"killed " + p.name, func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		g := s.anyGateway(r)
		sprung, giveUp := g.lieInWait(p)
		defer giveUp()
		select {
		case <-sprung:
		case <-ctx.Done():
			return g.name + notReached, nil
		case <-time.After(patience):
			return g.name + notReached, nil
		}
		return s.away(ctx, g, seconds(r, 2, 6))
	}}
}

// killedAny kills one at any moment.
func killedAny() fault {
	return fault{"killed", func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		g := s.anyGateway(r)
		g.kill()
		return s.away(ctx, g, seconds(r, 2, 6))
	}}
}

// away leaves a gateway dead for a while.
func (s *site) away(ctx context.Context, g *gateway, d time.Duration) (string, error) {
	d = time.Duration(float64(d) * s.pace)
	_ = rest(ctx, d)
	return fmt.Sprintf("%s, for %s", g.name, d.Round(100*time.Millisecond)), g.start(context.WithoutCancel(ctx), s.program)
}

// replaced is a gateway that is stopped in order and started again, while calls are on.
func replaced() fault {
	return fault{"replaced", func(ctx context.Context, s *site, _ *rand.Rand) (string, error) {
		for _, g := range s.gateways {
			if err := g.stop(); err != nil {
				return g.name, err
			}
			if err := g.start(context.WithoutCancel(ctx), s.program); err != nil {
				return g.name, err
			}
		}
		return "each in its turn", nil
	}}
}

// clockWrong is a gateway whose clock is wrong.
func clockWrong(by time.Duration) fault {
	return fault{"clock wrong", func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		g, d := s.anyGateway(r), seconds(r, 15, 25)
		program, err := s.build(ctx, by)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s by %s, for %s", g.name, by, d.Round(time.Second)), s.instead(ctx, g, d, func() error {
			return g.start(ctx, program)
		})
	}}
}

// memoryShort is a gateway that is given little more memory than it needs to begin. Go gives some of it back all the
// time; when that does not do, it ends, and is started again.
func memoryShort() fault {
	return fault{shortage, func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		g, d, began := s.anyGateway(r), seconds(r, 15, 25), time.Now()
		err := s.instead(ctx, g, d, func() error {
			if err := g.start(ctx, s.program, "GOMEMLIMIT=16MiB"); err != nil {
				return err
			}
			return g.squeeze(ctx)
		})
		return fmt.Sprintf("%s, for %s; it ended %d times", g.name, d.Round(time.Second), len(s.endsSince(began))), err
	}}
}

// shortage is what it is called: only then a gateway may end by itself.
const shortage = "memory short"

// instead runs something in a gateway's place for a while.
func (s *site) instead(ctx context.Context, g *gateway, d time.Duration, start func() error) error {
	if err := g.stop(); err != nil {
		return err
	}
	if err := start(); err != nil {
		return err
	}
	_ = rest(ctx, d)
	g.kill() // in mid-air, as it may hang by now
	return g.start(context.WithoutCancel(ctx), s.program)
}

// squeeze leaves it the memory that it has, and a little more.
func (g *gateway) squeeze(ctx context.Context) error {
	g.mu.Lock()
	p := g.process
	g.mu.Unlock()
	if p == nil {
		return nil
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid()))
	if err != nil {
		return err
	}
	_, data, _ := strings.Cut(string(status), "VmData:")
	var kilobytes int
	if _, err := fmt.Sscan(data, &kilobytes); err != nil {
		return fmt.Errorf("the memory of %s: %w", g.name, err)
	}
	limit := fmt.Sprintf("--data=%d", kilobytes<<10+memoryMore)
	return exec.CommandContext(ctx, "prlimit", "--pid", fmt.Sprint(p.pid()), limit).Run()
}

// memoryMore is as much as a few PINs take while they are checked.
const memoryMore = 24 << 20

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// rushers are enough to have a PIN checked on every core all the time, and few enough that nobody is turned away.
const rushers = 16

// rushOfPINs is callers who ask for nothing but their balances, each with her PIN.
func (l *lab) rushOfPINs(g *gateway) side {
	return func(ctx context.Context) (tally, error) {
		return load{callers: rushers, do: func(ctx context.Context, caller int) (int, error) {
			h := dial(g.phones, g.callbacks(), caller)
			page, err := h.deep(ctx, "4")
			if err != nil || page == busyPage {
				return 0, err
			}
			page, err = h.say(ctx, thePIN)
			if err == nil && !strings.HasPrefix(page, "END Balance KES ") {
				err = fmt.Errorf("a balance has the page %q", page)
			}
			return 1, err
		}}.run(ctx, l.warm, 2*l.seconds)
	}
}

// menusInRush is one caller in the menus while others rush, and those.
func (l *lab) menusInRush(ctx context.Context, g *gateway) (menus, rush tally, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	over := make(chan error)
	go func() {
		var err error
		if rush, err = l.rushOfPINs(g)(ctx); err != nil {
			stop(err)
		}
		over <- err
	}()
	menus, err = l.strolls(g, g.callbacks(), 1, true)(ctx)
	return menus, rush, errors.Join(err, <-over)
}

// rushReading is what one caller in the menus feels of a rush of PINs: the slowest of a hundred turns, against those of
// one who is alone.
func (l *lab) rushReading(ctx context.Context, g *gateway) (reading, error) {
	alone, err := l.strolls(g, g.callbacks(), 1, true)(ctx)
	if err != nil {
		return reading{}, err
	}
	menus, rush, err := l.menusInRush(ctx, g)
	return reading{value: millis(menus.P99), against: millis(alone.P99), parts: []part{
		{"p50", millis(menus.P50), "ms"}, {"p50 alone", millis(alone.P50), "ms"}, {"PINs", rush.Rate, "/s"}, {"their p99", millis(rush.P99), "ms"},
	}}, err
}

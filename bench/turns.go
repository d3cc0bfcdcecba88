package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
)

// U1: turns of the menus in which no money moves.

// turnsOfACall is as many as a send has.
const turnsOfACall = 6

// strolls are calls that go to the account menu and back home, again and again: a turn each time. Where there is a
// page to be checked, it is.
func (l *lab) strolls(g *gateway, address string, callers int, check bool) side {
	return func(ctx context.Context) (tally, error) {
		calls := make([]*handset, callers)
		turn := make([]int, callers)
		return load{callers: callers, do: func(ctx context.Context, caller int) (int, error) {
			n := turn[caller] % turnsOfACall
			turn[caller]++
			if n == 0 {
				calls[caller] = dial(g.phones, address, rand.IntN(g.people))
			}
			answer, want := "6", "My account"
			if n%2 == 0 {
				answer, want = "0", "6 My account"
			}
			page, err := calls[caller].say(ctx, answer)
			if err != nil {
				return 0, fmt.Errorf("a turn: %w", err)
			}
			if check && n == 0 && page == busyPage {
				turn[caller] = 0
				return 0, nil
			}
			if check && (!strings.HasPrefix(page, "CON ") || !strings.Contains(page, want)) {
				return 0, fmt.Errorf("a turn has the page %q", page)
			}
			return 1, nil
		}}.run(ctx, l.warm, l.seconds)
	}
}

// strollsOfGateway are those at the real one.
func (l *lab) strollsOfGateway(g *gateway) side { return l.strolls(g, g.callbacks(), callersOfU, true) }

// callbacks is where the gateway takes them.
func (g *gateway) callbacks() string { return g.address + "/at/" + gatewaySecret }

// strollsOfBare are the same requests to the bare handler, in a process of its own as the gateway is.
func (l *lab) strollsOfBare(g *gateway) side {
	return func(ctx context.Context) (t tally, err error) {
		c, err := l.spawn(ctx, bareName)
		if err != nil {
			return t, err
		}
		defer func() { err = errors.Join(err, c.end()) }()
		if err := c.tell(bareJob{l.redis.URL()}); err != nil {
			return t, err
		}
		address, err := c.hear()
		if err != nil {
			return t, fmt.Errorf("the bare handler does not answer: %w", err)
		}
		return l.strolls(g, strings.TrimSpace(string(address)), callersOfU, false)(ctx)
	}
}

func turnsRow() row {
	return row{
		name: "U1",
		lines: []line{{
			key: "U1", what: "turns of a menu without money, 64 callers", unit: "/s", against: "bare Echo and two Redis scripts",
			aims: []aim{{least: 0.6}},
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			g, err := l.gateway(ctx)
			if err != nil {
				return nil, err
			}
			ours, bare, err := sideBySide(ctx, swap, l.strollsOfGateway(g), l.strollsOfBare(g))
			return map[string]reading{"U1": {value: ours.Rate, against: bare.Rate, parts: latency(ours)}}, err
		},
	}
}

package main

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/piga-money/piga/core/wallet"
)

// L4: withdrawals at one agent, each a hold that begins with a cash request and a capture that ends with it, as
// when the customer asks and the agent confirms. What a PIN and a code cost is not in it.

// counter counts the codes that are drawn at the agent, so that two that are open at once are different.
type counter struct{ drawn atomic.Int64 }

func (c *counter) draw() string { return code(int(c.drawn.Add(1))) }

// withdrawals is callers with customers of their own, each of whom may have one request open.
func (l *lab) withdrawals(b *books) side {
	return func(ctx context.Context) (tally, error) {
		var desk counter
		turn := make([]int, l.callers)
		return load{callers: l.callers, do: func(ctx context.Context, caller int) (int, error) {
			customer := caller + l.callers*(turn[caller]%(b.people/l.callers))
			turn[caller]++
			return b.withdraw(ctx, customer, &desk)
		}}.run(ctx, l.warm, l.seconds)
	}
}

// withdraw asks and confirms, and counts both postings.
func (b *books) withdraw(ctx context.Context, customer int, desk *counter) (int, error) {
	var asked wallet.Cash
	o, err := b.store.Post(ctx, askOrder(person(customer), agent(), someAmount(), desk.draw, &asked))
	if err != nil {
		return 0, fmt.Errorf("ask: %w", err)
	}
	if o.Code != "" {
		return 0, nil
	}
	done, err := b.post(ctx, confirmOrder(asked, o.Hold))
	if err != nil || done == 0 {
		return 0, err
	}
	return 2, nil
}

func withdrawRow() row {
	return row{
		name: "L4",
		lines: []line{{
			key: "L4", what: "all withdraw at one agent: postings, 256 callers", unit: "/s", against: "L1", aims: []aim{{least: 0.9}},
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			hot, random, err := sideBySide(ctx, swap, l.withdrawals(b), l.posts(b, l.callers, b.anySend))
			r := reading{value: hot.Rate, against: random.Rate}
			r.parts = append(r.parts, part{"whole withdrawals", hot.Rate / 2, "/s"})
			r.parts = append(r.parts, latency(hot)...)
			return map[string]reading{"L4": r}, err
		},
	}
}

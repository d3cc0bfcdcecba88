package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// U2: whole sends, from dialling to the message that was taken.

// send is a call that sends money, five turns and the event behind them.
func (g *gateway) send(ctx context.Context, from, to int, amount core.Amount) error {
	h := dial(g.phones, g.callbacks(), from)
	return errors.Join(h.walk(ctx, sendSteps(to, amount)), h.seen(ctx))
}

func sendSteps(to int, amount core.Amount) []step {
	return []step{
		{"", "1 Send money"},
		{"1", "Phone number:"},
		{person(to).Phone.National(), "Amount (KES):"},
		{strconv.Itoa(int(amount / 100)), "PIN to confirm"},
		{thePIN, " Sent KES "},
	}
}

// wholeSends is callers with customers of their own, who always send to the same one: names may be looked up
// only so often. What counts is whole: as many as were told to both sides within the time.
func (l *lab) wholeSends(g *gateway) side {
	return func(ctx context.Context) (tally, error) {
		began, before := time.Now(), g.provider.taken.Load()
		var turn [callersOfU]int
		var all atomic.Int64
		t, err := load{callers: callersOfU, do: func(ctx context.Context, caller int) (int, error) {
			who := caller + callersOfU*(turn[caller]%(withPIN/callersOfU))
			turn[caller]++
			g.sent[who]++
			err := g.send(ctx, who, (who+withPIN/2)%withPIN, amountOf(g.sent[who]))
			if errors.Is(err, errAway) {
				return 0, nil
			}
			if err != nil {
				return 0, fmt.Errorf("a send: %w", err)
			}
			all.Add(1)
			return 1, nil
		}}.run(ctx, l.warm, l.seconds)
		if err != nil {
			return t, err
		}
		told := float64(g.provider.taken.Load()-before) / 2 / time.Since(began).Seconds()
		t.Rate = min(t.Rate, told)
		return t, g.provider.drain(ctx, before+2*all.Load())
	}
}

// amountOf is what somebody sends for the nth time: another amount than lately, or the gateway would ask whether
// it is meant, and one that costs the usual fee.
func amountOf(n int) core.Amount { return core.Amount(101+n%399) * 100 }

// checks is PINs checked on all cores.
func (l *lab) checks(ctx context.Context, g *gateway) (tally, error) {
	pin, err := core.ParsePIN(thePIN)
	if err != nil {
		return tally{}, err
	}
	owner := wallet.Owner(person(0).ID)
	sealed, err := g.vault.Seal(ctx, pin, owner)
	if err != nil {
		return tally{}, err
	}
	return load{callers: runtime.NumCPU(), do: func(ctx context.Context, _ int) (int, error) {
		right, err := g.vault.Check(ctx, pin, sealed, owner)
		if err != nil || !right {
			return 0, errors.Join(err, errors.New("the PIN is wrong"))
		}
		return 1, nil
	}}.run(ctx, l.warm, l.seconds/4)
}

func sendsRow() row {
	return row{
		name: "U2",
		lines: []line{{
			key: "U2", what: "whole sends: 6 callbacks, PIN, ledger, 2 messages, 64 callers", unit: "/s", against: "the sum of its parts",
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			g, err := l.gateway(ctx)
			if err != nil {
				return nil, err
			}
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			var turns, pins, posts tally
			whole, parts, err := sideBySide(ctx, swap, l.wholeSends(g), func(ctx context.Context) (t tally, err error) {
				if turns, err = l.strollsOfGateway(g)(ctx); err != nil {
					return t, err
				}
				if pins, err = l.checks(ctx, g); err != nil {
					return t, err
				}
				if posts, err = l.posts(b, l.callers, b.anySend)(ctx); err != nil {
					return t, err
				}
				t.Rate = 1 / (turnsOfACall/turns.Rate + 1/pins.Rate + 1/posts.Rate)
				return t, nil
			})
			return map[string]reading{"U2": {value: whole.Rate, against: parts.Rate, parts: append(latency(whole),
				part{"6 turns", 1000 * turnsOfACall / turns.Rate, "ms"},
				part{"PIN", 1000 / pins.Rate, "ms"},
				part{"ledger", 1000 / posts.Rate, "ms of all cores"},
			)}}, err
		},
	}
}

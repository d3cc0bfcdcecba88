package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/time/rate"

	"github.com/piga-money/piga/core"
)

// L7: balances and statements while others pay, through the one store that a gateway has.

const (
	readers        = 16
	statementLines = 5
)

// reads is callers who read a balance and a statement in turns.
func (l *lab) reads(b *books) side {
	return func(ctx context.Context) (tally, error) {
		turn := make([]int, readers)
		return load{callers: readers, do: func(ctx context.Context, caller int) (int, error) {
			id := core.AccountID(firstPerson + rand.IntN(b.people))
			turn[caller]++
			var err error
			if turn[caller]%2 == 0 {
				_, err = b.store.Balance(ctx, id)
			} else {
				_, err = b.store.Statement(ctx, id, statementLines)
			}
			if err != nil {
				return 0, fmt.Errorf("read: %w", err)
			}
			return 1, nil
		}}.run(ctx, l.warm, l.seconds)
	}
}

// readsBeside is reads while as many callers as in L1 send at a rate. sent is how many they came to a second.
func (l *lab) readsBeside(ctx context.Context, b *books, perSecond float64) (read tally, sent float64, err error) {
	limit := rate.NewLimiter(rate.Limit(perSecond), l.callers)
	sending := make(chan error, 1)
	go func() {
		t, err := load{callers: l.callers, do: func(ctx context.Context, _ int) (int, error) {
			if err := limit.Wait(ctx); err != nil {
				return 0, err
			}
			return b.post(ctx, b.anySend())
		}}.run(ctx, l.warm, l.seconds)
		sent = t.Rate
		sending <- err
	}()
	read, err = l.reads(b)(ctx)
	return read, sent, errors.Join(err, <-sending)
}

func readsRow() row {
	return row{
		name: "L7",
		lines: []line{{
			key: "L7", what: "balances and statements beside L1 at half load", unit: "/s", against: "alone",
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			full, err := l.posts(b, l.callers, b.anySend)(ctx)
			if err != nil {
				return nil, err
			}
			var sent float64
			beside, alone, err := sideBySide(ctx, swap, func(ctx context.Context) (t tally, err error) {
				t, sent, err = l.readsBeside(ctx, b, full.Rate/2)
				return t, err
			}, l.reads(b))
			parts := append(latency(beside), part{"sends beside", sent, "/s"}, part{"of", full.Rate, "/s"})
			return map[string]reading{"L7": {value: beside.Rate, against: alone.Rate, parts: parts}}, err
		},
	}
}

// latency is how long callers waited.
func latency(t tally) []part {
	parts := []part{{"p50", millis(t.P50), "ms"}, {"p99", millis(t.P99), "ms"}}
	if t.Refused > 0 {
		parts = append(parts, part{"refused", float64(t.Refused), ""})
	}
	return parts
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

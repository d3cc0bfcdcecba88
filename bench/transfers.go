package main

import (
	"context"
	"fmt"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// L1 to L3: sends and payments through Post.

const (
	manyCallers = 256
	fewCallers  = 16
)

func (l *lab) ledger(ctx context.Context) (*books, error) {
	return l.openBooks(ctx, &l.books, "ledger", fill{people: l.people})
}

// ceilingBooks are what the ledger is compared with: the same people, and functions that work without it.
func (l *lab) ceilingBooks(ctx context.Context) (*books, error) {
	if l.ceiling != nil {
		return l.ceiling, nil
	}
	b, err := l.openBooks(ctx, &l.ceiling, "ceiling", fill{people: l.people})
	if err != nil {
		return nil, err
	}
	if _, err := b.owner.ExecContext(ctx, ceilingSQL); err != nil {
		return nil, fmt.Errorf("the functions of the ceiling: %w", err)
	}
	return b, nil
}

// posts is callers who post orders until it is over, on books of their own or others'.
func (l *lab) posts(b *books, callers int, order func() wallet.Order) side {
	return func(ctx context.Context) (tally, error) {
		return load{callers: callers, do: func(ctx context.Context, _ int) (int, error) {
			return b.post(ctx, order())
		}}.run(ctx, l.warm, l.seconds)
	}
}

// post carries an order out; zero when it is refused.
func (b *books) post(ctx context.Context, o wallet.Order) (int, error) {
	outcome, err := b.store.Post(ctx, o)
	if err != nil {
		return 0, fmt.Errorf("post: %w", err)
	}
	if outcome.Code != "" {
		return 0, nil
	}
	return 1, nil
}

// anySend is a send between any two, L1's.
func (b *books) anySend() wallet.Order {
	from, to := two(b.people)
	return sendOrder(person(from), person(to), someAmount())
}

// anyPayment is a payment of anybody to the one merchant.
func (b *books) anyPayment() wallet.Order {
	from, _ := two(b.people)
	return sendOrder(person(from), merchant(), someAmount())
}

func manyRow() row {
	return row{
		name: "L1",
		lines: []line{{
			key: "L1", what: "transfers, random, 256 callers", unit: "/s", against: "one SQL call per 250",
			aims: []aim{{least: 0.6}, {value: true, least: 12_000}},
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			c, err := l.ceilingBooks(ctx)
			if err != nil {
				return nil, err
			}
			var one, two tally
			ours, best, err := sideBySide(ctx, swap, l.posts(b, l.callers, b.anySend), func(ctx context.Context) (best tally, err error) {
				if one, err = l.batches(c, 1)(ctx); err != nil {
					return best, err
				}
				if two, err = l.batches(c, 2)(ctx); err != nil {
					return best, err
				}
				best.Rate = max(one.Rate, two.Rate)
				return best, nil
			})
			r := reading{value: ours.Rate, against: best.Rate, parts: append(latency(ours),
				part{"ceiling on 1 connection", one.Rate, "/s"}, part{"on 2", two.Rate, "/s"})}
			return map[string]reading{"L1": r}, err
		},
	}
}

func fewRow() row {
	against := "pgbench, a call each, 16 clients"
	return row{
		name: "L2",
		lines: []line{
			{key: "L2", what: "transfers, random, 16 callers", unit: "/s", against: against, aims: []aim{{least: 1}}},
			{key: "L2 hot", what: "payments to one merchant, 16 callers", unit: "/s", against: against, aims: []aim{{least: 3}}},
		},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			c, err := l.ceilingBooks(ctx)
			if err != nil {
				return nil, err
			}
			found := map[string]reading{}
			for _, pair := range []struct {
				key   string
				order func() wallet.Order
				hot   core.AccountID
			}{{"L2", b.anySend, 0}, {"L2 hot", b.anyPayment, merchant().Account}} {
				ours, theirs, err := sideBySide(ctx, swap, l.posts(b, fewCallers, pair.order), l.pgbench(c, pair.hot))
				if err != nil {
					return nil, err
				}
				r := reading{value: ours.Rate, against: theirs.Rate, parts: latency(ours)}
				if theirs.Rate == 0 {
					r.missing = "pgbench is not installed"
				} else {
					r.parts = append(r.parts, part{"pgbench p50", millis(theirs.P50), "ms"}, part{"pgbench p99", millis(theirs.P99), "ms"})
				}
				found[pair.key] = r
			}
			return found, nil
		},
	}
}

func merchantRow() row {
	return row{
		name: "L3",
		lines: []line{{
			key: "L3", what: "all pay one merchant, 256 callers", unit: "/s", against: "L1", aims: []aim{{least: 0.9}},
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			hot, random, err := sideBySide(ctx, swap,
				l.posts(b, l.callers, b.anyPayment), l.posts(b, l.callers, b.anySend))
			return map[string]reading{"L3": {value: hot.Rate, against: random.Rate, parts: latency(hot)}}, err
		},
	}
}

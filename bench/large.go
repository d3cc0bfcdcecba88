package main

import (
	"context"
	"fmt"
)

// L5: the same sends where there are many people and a long history.
//
// After a checkpoint the server writes each page whole into its log when it is first touched. Among millions of accounts
// nearly every transfer touches pages that nobody has touched since, for a while; then most have been. So it is
// measured between two checkpoints, as a ledger is most of its time, and besides what is left of it right after one.

// settling is so many times as long as a side is measured: as it takes to touch most pages once.
const settling = 30

func largeLedgerRow() row {
	return row{
		name: "L5",
		lines: []line{{
			key: "L5", what: "L1 in large tables", unit: "/s", against: "L1 at start", aims: []aim{{least: 0.8}},
		}},
		settled: true,
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			first := l.history == nil
			many, err := l.openBooks(ctx, &l.history, "large", l.large)
			if err != nil {
				return nil, err
			}
			if first {
				if err := l.settle(ctx, many); err != nil {
					return nil, err
				}
			}
			before, err := l.logged(ctx)
			if err != nil {
				return nil, err
			}
			ours, start, err := sideBySide(ctx, swap,
				l.posts(many, l.callers, many.anySend), l.posts(b, l.callers, b.anySend))
			r := reading{value: ours.Rate, against: start.Rate, parts: append(latency(ours),
				part{"accounts", float64(many.people), ""}, part{"entries", float64(many.entries()), ""},
				part{"right after a checkpoint", l.atWorst, "/s"})}
			if err != nil {
				return nil, err
			}
			after, err := l.logged(ctx)
			l.say("  %d MB of log", (after-before)>>20)
			return map[string]reading{"L5": r}, err
		},
	}
}

// settle measures what is left right after a checkpoint, and then goes on until most pages were touched.
func (l *lab) settle(ctx context.Context, b *books) error {
	if err := l.checkpoint(ctx); err != nil {
		return err
	}
	worst, err := l.posts(b, l.callers, b.anySend)(ctx)
	if err != nil {
		return err
	}
	l.atWorst = worst.Rate
	l.say("  right after a checkpoint: %.0f /s", worst.Rate)
	for range settling {
		t, err := l.posts(b, l.callers, b.anySend)(ctx)
		if err != nil {
			return err
		}
		l.say("  settling: %.0f /s", t.Rate)
	}
	return nil
}

// logged is how many bytes the server has written to its log.
func (l *lab) logged(ctx context.Context) (n int64, err error) {
	if err := l.admin.QueryRowContext(ctx, "SELECT pg_current_wal_insert_lsn() - '0/0'").Scan(&n); err != nil {
		return 0, fmt.Errorf("the log: %w", err)
	}
	return n, nil
}

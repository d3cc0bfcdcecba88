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
// And with what postings read in the server's buffers, as it is in a server that has run for hours: to fill them by
// sends alone takes longer than all the rest.

// settling is so many times as long as a side is measured: as it takes to touch most pages once.
const settling = 60

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
	if err := l.prewarm(ctx, b); err != nil {
		return err
	}
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

// prewarm reads into the server's buffers what a send reads at random: people and their accounts, and the indexes that
// do not grow at their right edge alone. Where the server came without the means, it says so.
func (l *lab) prewarm(ctx context.Context, b *books) error {
	if _, err := b.owner.ExecContext(ctx, `CREATE EXTENSION pg_prewarm`); err != nil {
		l.say("the buffers are cold: %v", err)
		return nil
	}
	const query = `
		SELECT coalesce(sum(pg_prewarm(c.oid::regclass)) * 8 / 1024, 0)::bigint
		FROM pg_class c
		WHERE c.relname IN ('accounts', 'accounts_pkey', 'parties', 'parties_pkey', 'one_outcome_per_request')
			OR c.relkind = 'i' AND (c.relname LIKE 'one_entry_per_version_2%' OR c.relname LIKE 'one_transfer_per_receipt_2%')`
	var read int64
	if err := b.owner.QueryRowContext(ctx, query).Scan(&read); err != nil {
		return fmt.Errorf("read into the buffers: %w", err)
	}
	l.say("%d MB are in the buffers", read)
	return nil
}

// logged is how many bytes the server has written to its log.
func (l *lab) logged(ctx context.Context) (n int64, err error) {
	if err := l.admin.QueryRowContext(ctx, "SELECT pg_current_wal_insert_lsn() - '0/0'").Scan(&n); err != nil {
		return 0, fmt.Errorf("the log: %w", err)
	}
	return n, nil
}

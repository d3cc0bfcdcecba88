package main

import "context"

// L5: the same sends where there are many people and a long history.

func largeLedgerRow() row {
	return row{
		name: "L5",
		lines: []line{{
			key: "L5", what: "L1 in large tables", unit: "/s", against: "L1 at start", aims: []aim{{least: 0.8}},
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			many, err := l.openBooks(ctx, &l.history, "large", l.large)
			if err != nil {
				return nil, err
			}
			ours, start, err := sideBySide(ctx, swap,
				l.posts(many, l.callers, many.anySend), l.posts(b, l.callers, b.anySend))
			r := reading{value: ours.Rate, against: start.Rate, parts: append(latency(ours),
				part{"accounts", float64(many.people), ""}, part{"entries", float64(many.entries()), ""})}
			return map[string]reading{"L5": r}, err
		},
	}
}

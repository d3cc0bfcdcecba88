package main

import "context"

// row is a row of the specification. It may fill several lines of the table.
type row struct {
	name  string
	lines []line
	once  bool // is measured once, after all rounds
	// settled is for tables so large that they must not be measured right after a checkpoint.
	settled bool
	// round measures it once: a reading for each of its lines that could be measured, by their keys.
	round func(ctx context.Context, l *lab, swap bool) (map[string]reading, error)
}

// line is a line of the table.
type line struct {
	key     string
	what    string
	unit    string
	against string // empty when it is compared with nothing
	aims    []aim
}

// aim is what a line should come to: a ratio, or a value where so marked.
type aim struct {
	value bool
	least float64 // zero for none
	most  float64 // zero for none
}

// reading is what one round found for a line.
type reading struct {
	value   float64
	against float64
	parts   []part // what else is worth knowing
	missing string // why there is nothing to compare with
}

// part is a figure beside the main one.
type part struct {
	name  string
	value float64
	unit  string
}

// rowsOfTheTable are those of the specification, in its order.
func rowsOfTheTable() []row {
	return []row{
		manyRow(), fewRow(), merchantRow(), withdrawRow(), largeLedgerRow(), processesRow(), readsRow(),
		turnsRow(), sendsRow(), crowdRow(), liveRow(), // which leaves calls that could be gone on with
	}
}

// side is one of two that are compared.
type side func(context.Context) (tally, error)

// sideBySide measures two sides one after the other, every other round in the other order, so that neither is
// always the one that comes first.
func sideBySide(ctx context.Context, swap bool, a, b side) (ta, tb tally, err error) {
	if swap {
		if tb, err = b(ctx); err == nil {
			ta, err = a(ctx)
		}
		return ta, tb, err
	}
	if ta, err = a(ctx); err == nil {
		tb, err = b(ctx)
	}
	return ta, tb, err
}

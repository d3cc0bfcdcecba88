package store

import (
	"context"
	"errors"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Transfers and entries are kept by months, see migrations.

// monthsAhead is how many months have their tables before they begin, with the one that runs.
const monthsAhead = 3

// MakeMonths makes the tables of this month and the next ones, where they are missing. A transaction that finds
// none does so too, but then somebody waits.
func (s *Store) MakeMonths(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `
		SELECT make_month((date_trunc('month', `+now+` AT TIME ZONE 'UTC') + n * interval '1 month')::date)
		FROM generate_series(0, $2::integer - 1) AS n`,
		s.shift(), monthsAhead)
	return told("make months", err)
}

// noMonth is true when there was no table for what was written.
func noMonth(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && e.Code == pqerror.CheckViolation && e.Constraint == "" && e.Table != ""
}

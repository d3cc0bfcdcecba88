package store

import (
	"context"
	"errors"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
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

// transferTime is when a transfer was given its number, to a millisecond; see transferID.
func transferTime(id core.TransferID) time.Time { return time.UnixMilli(int64(id) >> 20).UTC() }

// firstKept is the SQL for the first number of a transfer that can be there: those before it were put away with their
// months. It is 0 as long as none was.
const firstKept = `(
		SELECT coalesce(min(CASE
			WHEN c.relname LIKE '%before_months' THEN 0
			ELSE first_id_of(to_date(right(c.relname, 7), 'YYYY_MM')::timestamp AT TIME ZONE 'UTC') END), 0)
		FROM pg_inherits i
		JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'transfers'::regclass
	)`

// noMonth is true when there was no table for what was written.
func noMonth(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && e.Code == pqerror.CheckViolation && e.Constraint == "" && e.Table != ""
}

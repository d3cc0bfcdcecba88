package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"
)

// Progress is how far an audit is.
type Progress struct {
	Doing string // "accounts and entries"
	Rows  int64  // read so far, of all kinds
	Of    int64  // about; zero when the database does not know how large its tables are
}

// Audit looks at everything in the ledger, as it was at one moment, while postings go on, and says which rows are not
// as they must be. It changes nothing, and its memory does not grow with the ledger. It reads several streams side by
// side, each over a connection and in a transaction of its own, six at most, which share one snapshot: while it runs the
// database cannot clean up rows that were changed since.
//
// progress is called every few thousand rows, by one goroutine; it may be nil. After an error nothing is known.
func (s *Store) Audit(ctx context.Context, progress func(Progress)) (AuditReport, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends what still streams, if something went wrong
	var r AuditReport
	a := &audit{ctx: ctx, store: s, progress: progress}
	if err := a.begin(); err != nil {
		return AuditReport{}, told("audit", err)
	}
	defer a.end()
	r.At = s.local(a.At)
	for _, part := range []struct {
		doing string
		do    func(*AuditReport)
	}{
		{"accounts and entries", a.chains},
		{"transfers, requests and messages", a.transfers},
		{"holds", a.holds},
		{"cash requests", a.cash},
		{"reversals", a.reversals},
	} {
		a.now.Doing = part.doing
		a.tell()
		part.do(&r)
		if err := a.finish(); err != nil {
			return AuditReport{}, told("audit of "+part.doing, err)
		}
	}
	a.tell()
	return r, nil
}

// audit is one that runs.
type audit struct {
	ctx      context.Context
	store    *Store
	progress func(Progress)
	now      Progress

	first   *sqlx.Tx // whose snapshot the others take; it lives as long as the audit
	streams []stream // of the part that is being looked at
	failed  error

	Snapshot string
	At       time.Time
	Kept     int64
	Rows     int64
}

type stream struct {
	tx   *sqlx.Tx
	rows *sql.Rows
}

// askedFor is how long requests are certainly there: an hour less than they are kept, since the clock goes on.
const askedFor = keepsRequests - time.Hour

// begin takes the snapshot. Before that it locks the tables, as every reader does, so that no month is put away
// meanwhile: a snapshot would not show how accounts stood at its end.
func (a *audit) begin() (err error) {
	if a.first, err = a.transaction(byIndex); err != nil {
		return err
	}
	if _, err := a.first.ExecContext(a.ctx, `LOCK TABLE transfers, entries IN ACCESS SHARE MODE`); err != nil {
		a.end()
		return err
	}
	err = a.first.GetContext(a.ctx, a, `
		SELECT
			pg_export_snapshot() AS snapshot,
			`+now+` AS at,
			`+firstKept+` AS kept,
			(
				SELECT coalesce(sum(greatest(c.reltuples, 0) * CASE
					WHEN c.relname LIKE 'entries%' THEN 2 -- they are read by account and by transfer
					WHEN c.relname = 'messages' THEN 0.5 -- and these counted by transfer, of which most have two
					ELSE 1 END), 0)::bigint
				FROM pg_class c
				WHERE c.relkind = 'r'
					AND c.relnamespace = 'public'::regnamespace
					AND (c.relname IN ('accounts', 'requests', 'messages', 'holds', 'cash_requests', 'reversals')
						OR (c.relispartition AND c.relname ~ '^(transfers|entries)_'))
			) AS rows`,
		a.store.shift())
	if err != nil {
		a.end()
	}
	a.now.Of = a.Rows
	return err
}

func (a *audit) end() { _ = a.first.Rollback() } // it wrote nothing

func (a *audit) transaction(settings string) (*sqlx.Tx, error) {
	tx, err := a.store.db.BeginTxx(a.ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	// One stream may wait for long while others are read.
	if _, err := tx.ExecContext(a.ctx, `SET LOCAL idle_in_transaction_session_timeout = 0;`+settings); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

// read streams the rows of a query. into says where the columns of a row go.
func read[R keyed](a *audit, settings, query string, into func(*R) []any) *feed[R] {
	rows, err := a.stream(settings, query) //nolint:rowserrcheck // finish does
	if err != nil {
		a.failed = errors.Join(a.failed, err)
		return feeding(func() (none R, more bool) { return none, false })
	}
	var row R
	columns := into(&row)
	return feeding(func() (R, bool) {
		if !rows.Next() || a.failed != nil {
			return row, false
		}
		if err := rows.Scan(columns...); err != nil {
			a.failed = err
			return row, false
		}
		if a.now.Rows++; a.now.Rows%(1<<13) == 0 {
			a.tell()
		}
		return row, true
	})
}

func (a *audit) stream(settings, query string) (*sql.Rows, error) {
	tx, err := a.transaction(settings)
	if err != nil {
		return nil, err
	}
	a.streams = append(a.streams, stream{tx: tx})
	if _, err := tx.ExecContext(a.ctx, `SET TRANSACTION SNAPSHOT '`+a.Snapshot+`'`); err != nil { // takes no parameter
		return nil, err
	}
	rows, err := tx.QueryContext(a.ctx, query)
	a.streams[len(a.streams)-1].rows = rows
	return rows, err
}

// finish ends the streams of a part. One that was broken off looks as one that is over, and rows of the others as if
// nothing belonged to them: so an error in any spoils all that was found.
func (a *audit) finish() error {
	for _, s := range a.streams {
		if s.rows != nil {
			a.failed = errors.Join(a.failed, s.rows.Err(), s.rows.Close())
		}
		_ = s.tx.Rollback()
	}
	a.streams = nil
	return a.failed
}

func (a *audit) tell() {
	if a.progress != nil {
		a.progress(a.now)
	}
}

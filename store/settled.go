package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
)

// writersSQL names the transactions that have accounts locked, as postings do before they are told their time.
const writersSQL = `
	SELECT virtualtransaction
	FROM pg_locks
	WHERE locktype = 'relation'
		AND relation = 'accounts'::regclass
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND mode = 'RowShareLock'
		AND granted`

const settledWait = 5 * time.Millisecond

// Settled waits until all that was posted before a moment can be read, and gives the moment, to a millisecond: now, if
// it has not come yet. A transfer has its time before it is committed, so at a moment some that came before it are not
// there yet. But each of those has its accounts locked by then: when the transactions that have any at this moment are
// over, none is missing. Nobody waits for this, and those who come meanwhile are not waited for.
func (s *Store) Settled(ctx context.Context, at time.Time) (time.Time, error) {
	var clock time.Time
	if err := s.records.get(ctx, &clock, `SELECT `+now, s.shift()); err != nil {
		return at, told("settled", err)
	}
	if clock.Before(at) {
		at = clock
	}
	var writing pq.StringArray
	if err := s.records.get(ctx, &writing, `SELECT ARRAY(`+writersSQL+`)`); err != nil {
		return at, told("settled", err)
	}
	for len(writing) > 0 {
		select {
		case <-time.After(settledWait):
		case <-ctx.Done():
			return at, told("settled", ctx.Err())
		}
		still := `SELECT ARRAY(` + writersSQL + ` AND virtualtransaction = ANY($1::text[]))`
		if err := s.records.get(ctx, &writing, still, textColumn(writing)); err != nil {
			return at, told("settled", err)
		}
	}
	return s.local(at.Truncate(time.Millisecond)), nil
}

// summing are the settings of whoever reads the ledger by the month, as nobody else may: whole tables, on disk where
// they do not fit.
const summing = `
	SET LOCAL enable_seqscan = on;
	SET LOCAL enable_bitmapscan = on;
	SET LOCAL enable_hashjoin = on;
	SET LOCAL work_mem = '64MB'`

// look reads several things as of one moment. The tables are locked first, as every reader locks them, so that no month
// is put away between the snapshot and what is read in it.
func (s *Store) look(ctx context.Context, do func(*sqlx.Tx) error) error {
	tx, err := s.records.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // it wrote nothing
	if _, err := tx.ExecContext(ctx, summing+`; LOCK TABLE transfers, entries IN ACCESS SHARE MODE`); err != nil {
		return err
	}
	return do(tx)
}

// allThereSQL is the first number whose transfers are all there, under numbers that tell their times: of those that were
// put away, and of the small ones from before there were months, nobody can tell here.
const allThereSQL = `
	SELECT CASE
		WHEN ` + firstKept + ` = 0 AND NOT EXISTS (SELECT FROM transfers t WHERE t.id < 1::bigint << 40) THEN 0
		ELSE (
			SELECT min(first_id_of(to_date(right(c.relname, 7), 'YYYY_MM')::timestamp AT TIME ZONE 'UTC'))
			FROM pg_inherits i
			JOIN pg_class c ON c.oid = i.inhrelid
			WHERE i.inhparent = 'transfers'::regclass AND c.relname NOT LIKE '%before_months'
		) END`

// allThere is PutAway unless every transfer since a moment can be read.
func allThere(ctx context.Context, tx *sqlx.Tx, since time.Time) error {
	var first core.TransferID
	err := tx.GetContext(ctx, &first, allThereSQL)
	if err == nil && idOf(since) < first {
		err = core.Errorf(core.PutAway, "only what came after %s is there", transferTime(first).Format(time.RFC3339))
	}
	return err
}

package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
)

// Tx is one transaction, READ COMMITTED: what needs more takes locks. It belongs to one goroutine.
type Tx struct {
	*sqlx.Tx
	ctx   context.Context // the transaction's own; it marks whatever is called with it as inside
	store *Store
	at    time.Time
	tells bool // it writes messages

	striped bool   // it moves accounts that have stripes
	stripe  stripe // which it has

	tiers  map[core.AccountID]core.Tier // whose limits locked accounts have
	resets map[core.AccountID]time.Time // until when little may go out of locked accounts
}

const (
	tries     = 5
	firstWait = 5 * time.Millisecond
)

type inside struct{}

// nested is an error inside of a transaction.
func nested(ctx context.Context) error {
	if ctx.Value(inside{}) == nil {
		return nil
	}
	return core.Errorf(core.Internal, "a transaction inside a transaction")
}

// Tx does something in a transaction, and all of it again, a few times at most, when the database asks for
// that: do must change nothing of its own that a second run could not. A transaction inside a transaction
// is refused. An error is Unavailable when the connection was lost before the commit, and OutcomeUnknown
// when it was lost while committing.
func (s *Store) Tx(ctx context.Context, do func(*Tx) error) error {
	if err := nested(ctx); err != nil {
		return err
	}
	for try := 1; ; try++ {
		err := s.once(ctx, do)
		if err == nil || try == tries || !asksAgain(err) {
			return told("transaction", err)
		}
		if noMonth(err) {
			if err := s.MakeMonths(ctx); err != nil {
				return err
			}
		}
		wait := firstWait << (try - 1)
		wait += rand.N(wait) // so that those who met do not meet again
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return told("transaction", err)
		}
	}
}

func (s *Store) once(ctx context.Context, do func(*Tx) error) error {
	t, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }() // does nothing after the commit
	tx := &Tx{Tx: t, ctx: context.WithValue(ctx, inside{}, true), store: s}
	if err := do(tx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil { // while it is certain that nothing happened
		return err
	}
	_, step := core.Begin(ctx, "commit")
	err = committed(t.Commit())
	step.End(err)
	if err != nil {
		return err
	}
	if tx.tells {
		s.told()
	}
	return nil
}

// forGood is Tx for one statement of which somebody is promised something. A statement by itself is told as done, too, when the
// server was stopped waiting for its standby, and a failover would lose it. Unavailable means that it may be there or not.
func (s *Store) forGood(ctx context.Context, do func(*Tx) error) error {
	err := s.Tx(ctx, do)
	if core.CodeOf(err) == core.OutcomeUnknown { // which would say that it is found out
		return core.Errorf(core.Unavailable, "for good: %w", err)
	}
	return err
}

// committed tells what is known from the answer to COMMIT. Only the server can say that it did not happen,
// and when it was being shut down not even that is certain.
func committed(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*pq.Error](err); ok &&
		e.Code.Class() != pqerror.ClassOperatorIntervention && e.Code.Class() != pqerror.ClassConnectionException {
		return err
	}
	return core.Errorf(core.OutcomeUnknown, "commit: %w", err)
}

// Now is the transaction's one time, by the database's clock, in the store's zone. It is read when it is
// first asked for: after the locks were taken, time passes in the order in which they were had.
func (tx *Tx) Now() (time.Time, error) {
	if !tx.at.IsZero() {
		return tx.at, nil
	}
	var at time.Time
	err := tx.GetContext(tx.ctx, &at, `SELECT clock_timestamp() + $1::bigint * interval '1 microsecond'`, tx.store.shift())
	tx.at = tx.store.local(at)
	return tx.at, err
}

// alone lets one transaction at a time do what a name stands for. What comes in a statement after it sees what the
// one before has done, and has a later time.
func (tx *Tx) alone(name string) error {
	_, err := tx.hot(lockAlone).ExecContext(tx.ctx, name)
	return err
}

const lockAlone = `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`

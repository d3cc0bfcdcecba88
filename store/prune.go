package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
)

const (
	// keepsRequests is for how long a request id is known, save those that are never forgotten; see migrations.
	keepsRequests = 30 * 24 * time.Hour

	pruneAtOnce = 5000 // rows; so that nobody waits long for a lock, nor a standby for its log
)

// asksOnce is whether the request of an operation stands for something at the bank, or undoes a transfer: its id is
// used once for ever. notOnce is the SQL for the requests of others; the guards of the schema say the same.
func asksOnce(op core.Operation) bool {
	return op == core.Issue || op == core.Redeem || op == core.Reverse
}

const notOnce = `split_part(content, ' ', 1) NOT IN ('issue', 'redeem', 'reverse')`

// then is the SQL for the time before which rows are old, with its age in seconds as the first parameter.
const then = `(statement_timestamp() - $1::double precision * interval '1 second')`

// prunable is what is pruned: rows of a table of which a condition holds, with then in it.
var prunable = []struct {
	table string
	where string
	age   time.Duration
}{
	{"requests", `at < ` + then + ` AND ` + notOnce, keepsRequests},
	{"inbound_messages", `taken_at < ` + then, keepsRequests},
	{"delivery_reports", `at < ` + then, keepsRequests},
	{"wrong_codes", `at < ` + then, 2 * 24 * time.Hour},
	{"tokens", `ends_at < ` + then, 0},
}

// Prune removes what only says that something has come before and cannot come again, and says how many rows
// went. Of several copies that do so at once one works. It goes by the database's own clock, whatever the
// offset, since the guards do.
func (s *Store) Prune(ctx context.Context) (rows int64, err error) {
	for _, o := range prunable {
		for {
			n, err := s.pruneSome(ctx, o.table, o.where, o.age)
			if err != nil {
				return rows, err
			}
			rows += n
			if n < pruneAtOnce {
				break
			}
		}
	}
	return rows, nil
}

func (s *Store) pruneSome(ctx context.Context, table, where string, age time.Duration) (n int64, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		var mine bool
		if err := tx.GetContext(tx.ctx, &mine, `SELECT pg_try_advisory_xact_lock(hashtextextended('prune', 0))`); err != nil || !mine {
			return err
		}
		// An index of ranges is read as a bitmap, and a small table whole.
		if _, err := tx.ExecContext(tx.ctx, `SET LOCAL enable_bitmapscan = on; SET LOCAL enable_seqscan = on`); err != nil {
			return err
		}
		result, err := tx.ExecContext(tx.ctx, `
			DELETE FROM `+table+`
			WHERE ctid = ANY(ARRAY(
				SELECT ctid
				FROM `+table+`
				WHERE `+where+`
				LIMIT $2
			))`, age.Seconds(), pruneAtOnce)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, told("prune", err)
}

package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
)

// Archived is a month that was put away: its tables stand alone now, to be dumped and dropped.
type Archived struct {
	Month                        string // as it was asked for
	Accounts, Transfers, Entries int64
	Tables                       []string
}

// BeforeMonths is the name of the first month: all that there was before the ledger had months.
const BeforeMonths = "before"

// keepsMonths is how many months stay, with the one that runs: longer than requests are kept.
const keepsMonths = 3

// Archive puts the oldest month away, "2026-08" or BeforeMonths, as the login of the URL, which must own the tables. Of
// the options it takes the URL and the clock. First it proves that the entries of the month lead every account from how
// it stood before to where the next months go on, and keeps that in closings; then it takes the tables out of the
// ledger. All of it happens or nothing. Postings go on, but for half a second at a time while the tables are taken out.
//
// NotAllowed is of a month that is not the oldest, or too young, or still has requests that a replay could find;
// Internal with the row of one that is wrong; Unavailable when somebody reads the ledger for long: an audit, a dump.
func Archive(ctx context.Context, o Options, month string) (Archived, error) {
	c, err := connector(o.URL, "", 0)
	if err != nil {
		return Archived{}, err
	}
	db := openDB(c)
	defer func() { _ = db.Close() }()
	var shift int64
	if o.ClockOffset != nil {
		shift = o.ClockOffset().Microseconds()
	}
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return Archived{}, told("archive", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	a := archive{tx: tx, ctx: ctx, shift: shift, done: Archived{Month: month}}
	for _, step := range []func() error{a.choose, a.lock, a.unasked, a.prove, a.close, a.goesOn, a.detach} {
		if err := step(); err != nil {
			return Archived{}, told("archive", err)
		}
	}
	return a.done, told("archive", committed(tx.Commit()))
}

// archive is a month that is being put away.
type archive struct {
	tx    *sqlx.Tx
	ctx   context.Context
	shift int64
	done  Archived

	transfers, entries string // its tables
	Next               int64  // the first number of a transfer that stays
}

const (
	transfersOf = "transfers_"
	entriesOf   = "entries_"
	beforeAll   = "before_months"
)

// choose refuses any month but the oldest, and that when it is too young.
func (a *archive) choose() error {
	if err := a.tx.GetContext(a.ctx, new(string), `SELECT pg_advisory_xact_lock(hashtextextended('archive', 0))::text`); err != nil {
		return err
	}
	var tables []string
	err := a.tx.SelectContext(a.ctx, &tables, `
		SELECT c.relname
		FROM pg_inherits i
		JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'transfers'::regclass
		ORDER BY c.relname = 'transfers_`+beforeAll+`' DESC, c.relname`)
	if err != nil {
		return err
	}
	suffix := strings.ReplaceAll(a.done.Month, "-", "_")
	if a.done.Month == BeforeMonths {
		suffix = beforeAll
	}
	a.transfers, a.entries = transfersOf+suffix, entriesOf+suffix
	a.done.Tables = []string{a.transfers, a.entries}
	switch {
	case !aMonth.MatchString(a.done.Month):
		return core.Errorf(core.NotAllowed, "%q is no month: write 2026-08, or %s for all that there was before the ledger had months", a.done.Month, BeforeMonths)
	case !slices.Contains(tables, a.transfers):
		return a.missing(tables)
	case tables[0] != a.transfers:
		return core.Errorf(core.NotAllowed, "months are put away in their order, and %s is older: begin with it", monthOf(tables[0]))
	case len(tables) < 2:
		return core.Errorf(core.NotAllowed, "it is the only month")
	}
	return a.old(strings.TrimPrefix(tables[1], transfersOf))
}

var aMonth = regexp.MustCompile(`^([0-9]{4}-(0[1-9]|1[0-2])|` + BeforeMonths + `)$`)

// missing says why a month is none of those that the ledger has, which come in their order.
func (a *archive) missing(tables []string) error {
	oldest, newest := monthOf(tables[0]), monthOf(tables[len(tables)-1])
	if a.done.Month != BeforeMonths && a.done.Month > newest {
		return core.Errorf(core.NotAllowed, "%s is yet to come: the oldest month that is here is %s", a.done.Month, oldest)
	}
	return core.Errorf(core.NotAllowed, "%s was put away already, or nothing of it was ever here: the oldest month that is here is %s", a.done.Month, oldest)
}

func monthOf(table string) string {
	if table == transfersOf+beforeAll {
		return BeforeMonths
	}
	return strings.ReplaceAll(strings.TrimPrefix(table, transfersOf), "_", "-")
}

// old finds out where the next month begins.
func (a *archive) old(next string) error {
	var old bool
	err := a.tx.QueryRowxContext(a.ctx, `
		SELECT
			first_id_of(begins AT TIME ZONE 'UTC'),
			begins <= date_trunc('month', `+now+` AT TIME ZONE 'UTC') - $2::integer * interval '1 month'
		FROM (SELECT to_date($3::text, 'YYYY_MM')::timestamp) AS next (begins)`,
		a.shift, keepsMonths-1, next).Scan(&a.Next, &old)
	if err == nil && !old {
		return core.Errorf(core.NotAllowed, "this month and the last %d stay", keepsMonths-1)
	}
	return err
}

// lock keeps everybody from writing to the month. Nobody would: it is over.
func (a *archive) lock() error {
	_, err := a.tx.ExecContext(a.ctx, fmt.Sprintf(`LOCK TABLE %s, %s IN SHARE MODE`, a.transfers, a.entries))
	return err
}

// unasked refuses while a request would be told that it was carried out, and could not be told how. Those that stand
// for something at the bank are kept for ever, without their receipts.
func (a *archive) unasked() error {
	var asked int64
	err := a.tx.GetContext(a.ctx, &asked, `
		SELECT count(*)
		FROM requests
		WHERE transfer_id < $1 AND `+notOnce, a.Next)
	if err == nil && asked > 0 {
		return core.Errorf(core.NotAllowed, "%d requests of that time are still there: gateways prune them after 30 days", asked)
	}
	return err
}

// prove goes along the entries of each account, from how it stood when the month before was put away, or from nothing.
func (a *archive) prove() error {
	var wrong []struct{ Account, Version int64 }
	if err := a.tx.SelectContext(a.ctx, &wrong, fmt.Sprintf(`
		SELECT e.account_id AS account, e.version
		FROM (
			SELECT
				account_id,
				version,
				amount,
				balance,
				lag(version) OVER w AS version_before,
				lag(balance) OVER w AS balance_before
			FROM %s
			WINDOW w AS (PARTITION BY account_id ORDER BY version)
		) e
		LEFT JOIN closings c ON c.account_id = e.account_id
		WHERE e.version <> coalesce(e.version_before, c.version, 0) + 1
			OR e.balance <> coalesce(e.balance_before, c.balance, 0) + e.amount
		ORDER BY e.account_id, e.version
		LIMIT 1`, a.entries)); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return core.Errorf(core.Internal, "entry %d of account %d does not follow the one before it: run piga audit", wrong[0].Version, wrong[0].Account)
	}
	var sum, orphans int64
	err := a.tx.QueryRowxContext(a.ctx, fmt.Sprintf(`
		SELECT
			count(*),
			coalesce(sum(e.amount), 0)::bigint,
			count(*) FILTER (WHERE t.id IS NULL),
			(SELECT count(*) FROM %s)
		FROM %s e
		LEFT JOIN %[1]s t ON t.id = e.transfer_id`, a.transfers, a.entries)).Scan(&a.done.Entries, &sum, &orphans, &a.done.Transfers)
	if err == nil && (sum != 0 || orphans != 0) {
		return core.Errorf(core.Internal, "its entries sum to %s, and %d are of no transfer: run piga audit", kes(core.Amount(sum)), orphans)
	}
	return err
}

// close keeps how the accounts that moved in the month stood at its end.
func (a *archive) close() error {
	result, err := a.tx.ExecContext(a.ctx, fmt.Sprintf(`
		INSERT INTO closings (account_id, version, balance, transfer_id, closed_at)
		SELECT DISTINCT ON (account_id) account_id, version, balance, transfer_id, `+now+`
		FROM %s
		ORDER BY account_id, version DESC
		ON CONFLICT (account_id) DO UPDATE SET
			version = excluded.version,
			balance = excluded.balance,
			transfer_id = excluded.transfer_id,
			closed_at = excluded.closed_at`, a.entries), a.shift)
	if err != nil {
		return err
	}
	a.done.Accounts, err = result.RowsAffected()
	return err
}

// goesOn proves that what stays begins where the month ended: the next entry, or the account itself when there is none.
func (a *archive) goesOn() error {
	var wrong []int64
	err := a.tx.SelectContext(a.ctx, &wrong, fmt.Sprintf(`
		SELECT c.account_id
		FROM (SELECT DISTINCT account_id FROM %s) m
		JOIN closings c ON c.account_id = m.account_id
		LEFT JOIN accounts a ON a.id = c.account_id
		LEFT JOIN LATERAL (
			SELECT e.version - 1 AS version, e.balance - e.amount AS balance
			FROM entries e
			WHERE e.account_id = c.account_id AND e.version > c.version
			ORDER BY e.version
			LIMIT 1
		) n ON true
		WHERE (coalesce(n.version, a.version), coalesce(n.balance, a.balance)) IS DISTINCT FROM (c.version, c.balance)
		ORDER BY c.account_id
		LIMIT 1`, a.entries))
	if err == nil && len(wrong) > 0 {
		return core.Errorf(core.Internal, "account %d does not go on where the month ended: run piga audit", wrong[0])
	}
	return err
}

const (
	detachTries = 20
	detachWait  = time.Second
)

// detach takes the tables out of the ledger. For that it must be alone with it for a moment, and while it waits, every
// posting waits behind it: so it waits for half a second only, and comes again.
func (a *archive) detach() error {
	for try := 1; ; try++ {
		_, err := a.tx.ExecContext(a.ctx, fmt.Sprintf(`
			SAVEPOINT detach;
			SET LOCAL lock_timeout = '500ms';
			ALTER TABLE transfers DETACH PARTITION %s;
			ALTER TABLE entries DETACH PARTITION %s`, a.transfers, a.entries))
		if e, ok := errors.AsType[*pq.Error](err); !ok || e.Code != pqerror.LockNotAvailable {
			return err
		}
		if try == detachTries {
			return core.Errorf(core.Unavailable, "somebody has been reading the ledger all the time, perhaps an audit or a dump: %w", err)
		}
		if _, err := a.tx.ExecContext(a.ctx, `ROLLBACK TO SAVEPOINT detach`); err != nil {
			return err
		}
		select {
		case <-time.After(detachWait):
		case <-a.ctx.Done():
			return a.ctx.Err()
		}
	}
}

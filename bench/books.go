package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	_ "embed" // the SQL
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/piga-money/piga/store"
)

// fill says how much is in a database: people, and how many sends the history has for each.
type fill struct {
	people int
	sweeps int
}

// sweepsFor is how many make at least so many entries of people who have two each to begin with.
func sweepsFor(people, entries int) int {
	each := 3 * max(people, 1)
	return max(0, (entries-2*people+each-1)/each)
}

// entries are how many there are at the beginning.
func (f fill) entries() int { return 2*f.people + 3*f.people*f.sweeps }

// books are a database of the ledger with people in it.
type books struct {
	fill
	url   string
	store *store.Store // as a gateway has it
	owner *sql.DB      // past the grants
}

//go:embed fill.sql
var fillSQL string

const (
	historyAmount = 101_00
	historyFee    = 5_00
	startMoney    = 200_000_00
)

// zoneName is where the days and months of the limits are counted.
const zoneName = "Africa/Nairobi"

// openBooks makes a database with people, and remembers it in the place given.
func (l *lab) openBooks(ctx context.Context, at **books, name string, f fill) (*books, error) {
	if *at != nil {
		return *at, nil
	}
	l.say("filling %s: %d people, %d entries", name, f.people, f.entries())
	url, err := l.server.Create(ctx, name, true)
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx, url, slog.New(slog.DiscardHandler)); err != nil {
		return nil, err
	}
	b := &books{fill: f, url: url}
	if b.owner, err = sql.Open("postgres", url); err != nil {
		return nil, err
	}
	l.made.add(b.owner.Close)
	if err := b.write(ctx); err != nil {
		return nil, fmt.Errorf("fill %s: %w", name, err)
	}
	if b.store, err = openStore(url); err != nil {
		return nil, err
	}
	l.made.add(b.store.Close)
	*at = b
	return b, nil
}

// write fills the empty tables.
func (b *books) write(ctx context.Context) error {
	conn, err := b.owner.Conn(ctx) // the settings are a session's
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for name, value := range map[string]int{
		"people": b.people, "sweeps": b.sweeps, "first": firstPerson,
		"start": startMoney, "amount": historyAmount, "fee": historyFee,
	} {
		if _, err := conn.ExecContext(ctx, `SELECT set_config('bench.' || $1, $2, false)`, name, fmt.Sprint(value)); err != nil {
			return err
		}
	}
	// The filling writes each account twice: real ones have no such gaps.
	for _, statements := range []string{fillSQL, "VACUUM (FULL) accounts", "VACUUM (ANALYZE)"} {
		if _, err := conn.ExecContext(ctx, statements); err != nil {
			return err
		}
	}
	return nil
}

func openStore(url string) (*store.Store, error) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return nil, err
	}
	return store.Open(store.Options{URL: url, Zone: zone, Random: rand.Reader})
}

// sound is nil when the books are as an auditor would have them.
func (b *books) sound(ctx context.Context) error {
	var errs []error
	for rule, query := range map[string]string{
		"the sum of all balances is zero": `SELECT sum(balance) FROM accounts`,
		"a balance is the sum of its entries": `SELECT count(*) FROM accounts a WHERE (balance, version) <>
			(SELECT coalesce(sum(amount), 0)::bigint, count(*) FROM entries WHERE account_id = a.id)`,
		"an entry adds to the one before it": `SELECT count(*) FROM (
			SELECT balance - amount - lag(balance, 1, 0) OVER w AS gap, version - lag(version, 1, 0) OVER w AS step
			FROM entries WINDOW w AS (PARTITION BY account_id ORDER BY version)) e WHERE gap <> 0 OR step <> 1`,
		"a transfer sums to zero and has its entries": `SELECT count(*) FROM transfers t
			WHERE (0, lines) <> (SELECT sum(amount), count(*) FROM entries WHERE transfer_id = t.id)`,
		"a transfer is its request's": `SELECT count(*) FROM transfers t
			WHERE NOT EXISTS (SELECT FROM requests r WHERE r.id = t.request_id AND r.transfer_id = t.id)`,
		"held is what is on hold": `SELECT count(*) FROM accounts a WHERE held <>
			(SELECT coalesce(sum(amount), 0) FROM holds WHERE account_id = a.id AND ended IS NULL)`,
	} {
		var wrong int64
		if err := b.owner.QueryRowContext(ctx, query).Scan(&wrong); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", rule, err))
		} else if wrong != 0 {
			errs = append(errs, fmt.Errorf("not so: %s (%d)", rule, wrong))
		}
	}
	return errors.Join(errs...)
}

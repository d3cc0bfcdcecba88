// Package store keeps Piga's people, books, messages and prices in PostgreSQL. It is the only place with SQL,
// and implements what core/wallet and sms need of a store. It must not know a screen, how a message is sent,
// or what a PIN is: it keeps PINs sealed.
//
// Every connection works as the role piga_app, whatever login the URL has, so that a mistake of ours meets
// the grants. It is no wall against somebody who can run SQL of his own on it: SET ROLE NONE leads back to
// the login. So the login should be able to do no more than the role; OwnsTables tells when it can. The
// guards in the schema hold for everybody, but their owner can take them away.
package store

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/piga-money/piga/core"
)

// Options are what a Store needs. URL, Zone and Random must be given.
type Options struct {
	URL    string         // see Open
	Zone   *time.Location // whose days and months limits follow; all times that are handed out are in it
	Random io.Reader      // secure random bytes, for receipts; safe for concurrent use
	Conns  int            // connections at most; zero is 16

	// ClockOffset moves the database's clock, for development and tests. Nil, as in production, is not
	// at all.
	ClockOffset func() time.Duration

	// Clock measures how long postings take, so that who could not be answered in time is told Busy at
	// once. Nil is a clock that stands still, and nobody is late.
	Clock func() time.Time

	// Told is called when messages have been committed, so that nobody need look for them all the time.
	// It must not block. It may be nil.
	Told func()
}

// Store is a database. Its methods may be used by many at once; their errors are core.Errors.
type Store struct {
	db     *sqlx.DB
	zone   *time.Location
	random io.Reader
	offset func() time.Duration
	told   func()
	plans  prepared
	lately atomic.Int64 // the time of the last batch, in milliseconds since 1970
	poster *poster      // nil in those that it posts with

	wrongPINs, lockedPINs atomic.Int64

	records   *Store        // with which administrators read, so that they keep no connection from a call
	reporting chan struct{} // full while a safeguarding report is being made
}

const (
	defaultConns = 16
	readers      = 4                // connections at most with which administrators read
	connLife     = 10 * time.Minute // after a failover the new primary is used by all within this time
)

// Open makes a store of the database that a postgres:// URL or a key=value list names. It connects when it
// is first used, and again after every loss; Ready tells whether it can be used now.
//
// Several hosts may be named, postgres://user@host1:5432,host2:5432/piga; then only one that accepts writes
// is taken. Where the URL does not set sslmode it is "prefer": TLS if the server has it, unverified. Outside
// of one machine set sslmode=verify-full.
func Open(o Options) (*Store, error) {
	c, err := connector(o.URL, appRole, idleWithin)
	if err != nil {
		return nil, err
	}
	posting, err := connector(o.URL, appRole, silentFor) // a frozen one has the accounts of a whole batch
	if err != nil {
		return nil, err
	}
	posting.seen = c.seen
	if o.Zone == nil || o.Random == nil {
		return nil, core.Errorf(core.Internal, "a store needs a zone and a source of randomness")
	}
	if o.Conns == 0 {
		o.Conns = defaultConns
	}
	if o.ClockOffset == nil {
		o.ClockOffset = func() time.Duration { return 0 }
	}
	if o.Clock == nil {
		o.Clock = func() time.Time { return time.Time{} }
	}
	if o.Told == nil {
		o.Told = func() {}
	}
	s := o.store(c, o.Conns, o.Conns)
	s.records, s.reporting = o.store(c, readers, 1), make(chan struct{}, 1)
	s.poster = newPoster(o.store(posting, posters, posters), o.store(posting, o.Conns, 0), o.Clock)
	return s, nil
}

// store has so many connections at most, and keeps so many idle ones.
func (o Options) store(c *hosts, most, idle int) *Store {
	db := openDB(c)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(idle)
	db.SetConnMaxLifetime(connLife)
	return &Store{db: db, zone: o.Zone, random: o.Random, offset: o.ClockOffset, told: o.Told}
}

// Close waits until all orders that were taken are answered, and ends all connections. Orders that come later
// are refused as Unavailable.
func (s *Store) Close() error {
	return errors.Join(s.poster.close(), s.records.db.Close(), s.db.Close())
}

// Ready is nil when the database answers, accepts writes, and its schema is not older than this binary.
func (s *Store) Ready(ctx context.Context) error {
	var reading bool
	if err := s.db.GetContext(ctx, &reading, `SELECT pg_is_in_recovery()`); err != nil {
		return told("ready", err)
	}
	if reading {
		return core.Errorf(core.Unavailable, "ready: the database is a standby")
	}
	version, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if need := Current(); version < need {
		return core.Errorf(core.Unavailable, "ready: the schema is at version %d and %d is needed: run piga migrate", version, need)
	}
	return nil
}

// shift is ClockOffset as SQL takes it. now is the SQL for the time of a statement that stands alone, with
// the shift as its first parameter; what runs in a Tx uses Tx.Now.
func (s *Store) shift() int64 { return s.offset().Microseconds() }

const now = `(statement_timestamp() + $1::bigint * interval '1 microsecond')`

// local is a time of the database as it is handed out.
func (s *Store) local(t time.Time) time.Time { return t.In(s.zone) }

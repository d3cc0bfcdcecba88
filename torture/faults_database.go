package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/piga-money/piga/store/local"
)

// connectionsCut ends every connection to the database, whatever it is doing.
func connectionsCut() fault {
	return fault{"connections cut", func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		n := 1 + r.IntN(3)
		for range n {
			if err := s.pair.Primary().Cut(ctx); err != nil {
				return "", err
			}
			_ = rest(ctx, seconds(r, 0, 0.5))
		}
		return fmt.Sprintf("%d times", n), nil
	}}
}

// databaseRestarted is in order, or as after a crash.
func databaseRestarted(how local.Shutdown, words string) fault {
	return fault{"PostgreSQL restarted", func(ctx context.Context, s *site, _ *rand.Rand) (string, error) {
		return words, s.pair.Primary().Restart(context.WithoutCancel(ctx), how)
	}}
}

// promoted is the primary killed, and the standby in its place. In the end it has a new standby.
func promoted() fault {
	return fault{promotion, func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		d := seconds(r, 0, 3)
		if err := s.pair.Kill(); err != nil {
			return "", err
		}
		return s.promote(ctx, d, "killed")
	}}
}

// frozenOut is the primary as a machine that does not answer any more, and does not say so.
func frozenOut() fault {
	return fault{promotion, func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		d := seconds(r, 1, 4)
		if err := s.pair.Primary().Freeze(); err != nil {
			return "", err
		}
		return s.promote(ctx, d, "frozen")
	}}
}

// promotion is what those two are called: the report and the verdict tell how long it took.
const promotion = "standby promoted"

// promote has the standby take over after a while, and builds another when calls must be answered again.
func (s *site) promote(ctx context.Context, after time.Duration, what string) (string, error) {
	ctx = context.WithoutCancel(ctx) // what has begun is brought to its end
	_ = rest(ctx, after)
	if err := s.pair.Promote(ctx); err != nil {
		return "", err
	}
	s.promotions = append(s.promotions, time.Now())
	_ = rest(ctx, s.alone)
	began := time.Now()
	err := s.pair.Rebuild(ctx)
	return fmt.Sprintf("the primary %s, promoted after %s, a new standby in %s", what, after.Round(100*time.Millisecond),
		time.Since(began).Round(100*time.Millisecond)), err
}

// nextLog has the primary begin another piece of its log. It fails when there is no room for one, or no server.
func (s *site) nextLog(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	db, err := sql.Open("postgres", s.pair.Primary().URL("postgres"))
	if err != nil {
		return
	}
	defer db.Close() //nolint:errcheck // nothing was read
	_, _ = db.ExecContext(ctx, `
		DO $$ BEGIN
			FOR i IN 1..50 LOOP
				PERFORM pg_logical_emit_message(false, 'torture', 'so that there is something to switch from'), pg_switch_wal();
			END LOOP;
		END $$`)
}

// logFull leaves no room for what PostgreSQL writes first of all; in the end it has some again.
func logFull() fault {
	return fault{"disk full for the WAL", func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		ctx = context.WithoutCancel(ctx)
		d, primary := seconds(r, 5, 8), s.pair.Primary()
		if err := primary.FillWAL(ctx); errors.Is(err, local.ErrNoMount) {
			return "not here: " + err.Error(), nil
		} else if err != nil {
			return "", err
		}
		for until := time.Now().Add(d); primary.Alive() && time.Now().Before(until); {
			s.nextLog(ctx) // pieces that are there already have room
			_ = rest(ctx, 100*time.Millisecond)
		}
		ended := !primary.Alive()
		if err := primary.FreeWAL(); err != nil {
			return "", err
		}
		words := fmt.Sprintf("for %s", d.Round(100*time.Millisecond))
		if !ended && s.answers(ctx, 3*time.Second) {
			return words + ", and it went on", nil
		}
		return words + ", and it ended", primary.Restart(ctx, local.Immediate)
	}}
}

// answers is whether the primary does, within a time.
func (s *site) answers(ctx context.Context, within time.Duration) bool {
	return s.becomes(ctx, within, `SELECT true`)
}

// followed is whether the primary has a standby that it waits for, within a time. Without one nothing is committed.
func (s *site) followed(ctx context.Context, within time.Duration) bool {
	return s.becomes(ctx, within, `SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync')`)
}

// becomes is whether the primary says that something is so, within a time.
func (s *site) becomes(ctx context.Context, within time.Duration, query string) (so bool) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	db, err := sql.Open("postgres", s.pair.Primary().URL("postgres"))
	if err != nil {
		return false
	}
	defer db.Close() //nolint:errcheck // only read
	for {
		if db.QueryRowContext(ctx, query).Scan(&so) == nil && so {
			return true
		}
		if rest(ctx, 100*time.Millisecond) != nil {
			return false
		}
	}
}

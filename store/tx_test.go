package store

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

func TestTxRefusesNesting(t *testing.T) {
	t.Parallel()
	b := open(t)
	err := b.Tx(t.Context(), func(tx *Tx) error {
		return b.Tx(tx.ctx, func(*Tx) error { return nil })
	})
	if core.CodeOf(err) != core.Internal || !strings.Contains(err.Error(), "inside") {
		t.Error(err)
	}
	// A posting would have to wait for the accounts that are locked here, and we for the posting.
	err = b.Tx(t.Context(), func(tx *Tx) error { return errOf(b.Post(tx.ctx, wallet.Order{})) })
	if core.CodeOf(err) != core.Internal || !strings.Contains(err.Error(), "inside") {
		t.Error(err)
	}
}

func TestTxRunsAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	for code, want := range map[pqerror.Code]int{
		pqerror.TRSerializationFailure: tries, pqerror.TRDeadlockDetected: tries, pqerror.CheckViolation: 1,
	} {
		runs := 0
		err := b.Tx(t.Context(), func(tx *Tx) error {
			runs++
			_, err := tx.ExecContext(tx.ctx, fmt.Sprintf(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '%s'; END $$`, code))
			return err
		})
		if runs != want || err == nil {
			t.Errorf("%s: ran %d times: %v", code, runs, err)
		}
	}
	runs := 0
	if err := b.Tx(t.Context(), func(*Tx) error {
		if runs++; runs < 3 {
			return &pq.Error{Code: pqerror.TRDeadlockDetected}
		}
		return nil
	}); err != nil || runs != 3 {
		t.Errorf("ran %d times: %v", runs, err)
	}
}

func TestTxHasOneTime(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pass(24 * time.Hour)
	var first, second time.Time
	if err := b.Tx(t.Context(), func(tx *Tx) (err error) {
		if first, err = tx.Now(); err != nil {
			return err
		}
		second, err = tx.Now()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(first); first != second || ahead < 23*time.Hour || first.Location() != b.zone {
		t.Errorf("%s and %s", first, second)
	}
}

// terminate ends a transaction's connection.
func (b bench) terminate(tx *Tx) error {
	var pid int
	if err := tx.GetContext(tx.ctx, &pid, `SELECT pg_backend_pid()`); err != nil {
		return err
	}
	_, err := b.owner.Exec(`SELECT pg_terminate_backend($1, 5000)`, pid)
	return err
}

// A connection that is lost before the commit is Unavailable, and nothing happened.
func TestLostBeforeCommit(t *testing.T) {
	t.Parallel()
	b := open(t)
	err := b.Tx(t.Context(), func(tx *Tx) error {
		if err := b.terminate(tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(tx.ctx, `SELECT 1`)
		return err
	})
	if core.CodeOf(err) != core.Unavailable {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Tx(ctx, func(*Tx) error { return nil }); core.CodeOf(err) != core.Unavailable {
		t.Error(err)
	}
}

// One that is lost at the commit is OutcomeUnknown; and what can be found out is.
func TestLostAtCommit(t *testing.T) {
	t.Parallel()
	b := open(t)
	if err := b.Tx(t.Context(), b.terminate); core.CodeOf(err) != core.OutcomeUnknown {
		t.Error(err)
	}
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 1000_00)
	order := b.move(core.Send, jane.Account, john.Account, 10_00, 0)
	first := b.done(order)
	if o, err := b.poster.aside.settle([]wallet.Order{order}, core.Errorf(core.OutcomeUnknown, "lost")); err != nil || o[0].Receipt != first.Receipt {
		t.Errorf("%+v: %v", o, err)
	}
}

func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	s, err := Open(Options{URL: "postgres://nobody@127.0.0.1:1/none", Zone: nairobi(t), Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); core.CodeOf(err) != core.Unavailable {
		t.Error(err)
	}
}

func TestErrorsHaveCodes(t *testing.T) {
	t.Parallel()
	for want, errs := range map[core.Code][]error{
		core.Unavailable: {
			driver.ErrBadConn, io.ErrUnexpectedEOF, context.DeadlineExceeded, fmt.Errorf("read: %w", io.EOF),
			&pq.Error{Code: "57P01"}, &pq.Error{Code: "53300"}, &pq.Error{Code: "08006"}, &pq.Error{Code: "25006"},
			&pq.Error{Code: "40001"},
		},
		core.AlreadyRegistered: {&pq.Error{Code: "23505", Constraint: "one_open_party_per_phone"}},
		core.Busy:              {core.Errorf(core.Busy, "as it is")},
		core.Internal:          {errors.New("strange"), &pq.Error{Code: "42P01"}},
		core.OutcomeUnknown:    {committed(driver.ErrBadConn), committed(&pq.Error{Code: "57P01"})},
	} {
		for _, err := range errs {
			if got := core.CodeOf(told("test", err)); got != want {
				t.Errorf("%v is %q, not %q", err, got, want)
			}
		}
	}
	if told("test", nil) != nil || committed(nil) != nil {
		t.Error("nothing is an error")
	}
}

func TestManyHosts(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://u:p@a/db":                     "postgres://u:p@a/db",
		"postgres://u:p@a:1/db?x=y":               "postgres://u:p@a:1/db?x=y",
		"postgres://u:p@a,b/db":                   "postgres://u:p@a,b/db",
		"postgres://u:p@a:1,b:2/db":               "postgres://u:p@a,b/db?port=1%2C2",
		"postgres://u:p@a:1,b/db?sslmode=disable": "postgres://u:p@a,b/db?port=1%2C5432&sslmode=disable",
		"postgres://a:1,[::1]:2?dbname=x":         "postgres://a,[::1]?port=1%2C2&dbname=x",
		"host=a,b port=1,2":                       "host=a,b port=1,2",
	} {
		if got := manyPorts(url); got != want {
			t.Errorf("%s is read as %s", url, got)
		}
	}
	if _, err := connector("postgres://u:secret@a:x/db", "", 0); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

// The second host answers when the first does not, and sees the same role.
func TestSecondHostAnswers(t *testing.T) {
	t.Parallel()
	b := open(t)
	s, err := Open(Options{URL: strings.Replace(b.url, "@", "@127.0.0.1:1,", 1), Zone: b.zone, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

package local_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/piga-money/piga/store/local"
)

// Twice, so that each server has been both.
func TestWhatWasAcknowledgedOutlivesThePrimary(t *testing.T) {
	t.Parallel()
	database(t) // obtains the programs
	p := local.OwnPair(t, local.Config{})
	query(t, p.Primary().URL("postgres"), "CREATE TABLE kept (word text)")
	for _, word := range []string{"moja", "mbili"} {
		query(t, p.Primary().URL("postgres"), "INSERT INTO kept VALUES ('"+word+"')")
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := p.Promote(t.Context()); err != nil {
			t.Fatal(err)
		}
		query(t, p.Primary().URL("postgres"), "INSERT INTO kept VALUES ('peke yake')") // waits for no standby
		if err := p.Rebuild(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const all = "SELECT string_agg(word, ' ') FROM kept"
	want := "moja peke yake mbili peke yake"
	for _, s := range []*local.Server{p.Primary(), p.Standby()} {
		if got := query(t, s.URL("postgres"), all); got != want {
			t.Errorf("there is %q, want %q", got, want)
		}
		for _, how := range []local.Shutdown{local.Fast, local.Immediate} {
			if err := s.Restart(t.Context(), how); err != nil {
				t.Fatal(err)
			}
		}
		if got := query(t, s.URL("postgres"), all); got != want {
			t.Errorf("after restarts there is %q, want %q", got, want)
		}
	}
}

func TestAServerIsCutOffAndFrozen(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	defer stop(t, s)
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(t.Context()) // the pool would try again on another one
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	asked := make(chan error)
	ask := func(in interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}, statement string,
	) {
		_, err := in.ExecContext(context.Background(), statement)
		asked <- err
	}
	go ask(conn, "SELECT pg_sleep(60)")
	for query(t, s.URL("postgres"), "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'") == "0" {
		time.Sleep(5 * time.Millisecond)
	}
	if err := s.Cut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-asked; err == nil {
		t.Error("a connection that was cut answers")
	}
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	go ask(db, "SELECT")
	select {
	case err := <-asked:
		t.Errorf("a frozen server answers: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := s.Thaw(); err != nil {
		t.Fatal(err)
	}
	if err := <-asked; err != nil {
		t.Errorf("a thawed server: %v", err)
	}
}

func TestNoRoomForTheLog(t *testing.T) {
	t.Parallel()
	s, err := local.Start(t.Context(), local.Config{Dir: folder(t), WAL: 32 << 20})
	if errors.Is(err, local.ErrNoMount) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec("CREATE TABLE kept (word text)"); err != nil {
		t.Fatal(err)
	}
	if err := s.FillWAL(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := 0; err == nil; n++ {
		if n == 100 {
			t.Fatal("it has room for all that")
		}
		_, err = db.Exec("INSERT INTO kept SELECT md5(random()::text) FROM generate_series(1, 20000)")
	}
	if err := s.FreeWAL(); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(t.Context(), local.Immediate); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO kept VALUES ('karibu')"); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

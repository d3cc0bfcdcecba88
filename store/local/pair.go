package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Pair is a primary PostgreSQL and a synchronous standby: whatever the primary acknowledged is on the disks of both. Its
// servers keep their addresses whatever happens to them. Its methods are called one at a time.
type Pair struct {
	servers [2]*Server
	first   int // which is the primary
}

// OwnPair is a pair for one test that breaks it. It ends with the test, whose package needs Main.
func OwnPair(t testing.TB, cfg Config) *Pair {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil { // as root, the servers run as another user
		t.Fatal(err)
	}
	cfg.Dir = filepath.Join(dir, "pair")
	p, err := startPair(t.Context(), cfg, download)
	if errors.Is(err, errMissing) {
		unavailable(t, err)
	} else if errors.Is(err, ErrNoMount) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// StartPair runs a pair outside of tests until Stop, and returns when the standby has all that the primary has. Its
// folder must be empty or not there. The programs are obtained as by Start.
func StartPair(ctx context.Context, cfg Config) (*Pair, error) {
	return startPair(ctx, cfg, install, download)
}

func startPair(ctx context.Context, cfg Config, obtain ...source) (_ *Pair, err error) {
	p := new(Pair)
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Stop())
		}
	}()
	one, other := cfg, cfg
	one.Dir, other.Dir = filepath.Join(cfg.Dir, "one"), filepath.Join(cfg.Dir, "other")
	if p.servers[0], err = start(ctx, one, obtain...); err != nil {
		return p, err
	}
	home, err := openHome(other)
	if err != nil {
		return p, err
	}
	home.programs = p.servers[0].home.programs
	p.servers[1] = &Server{home: home}
	return p, p.Rebuild(ctx)
}

// Primary is the server that is or was the primary, until another one is promoted.
func (p *Pair) Primary() *Server { return p.servers[p.first] }

// Standby is the other one: the standby or, after a promotion and until Rebuild, what was the primary.
func (p *Pair) Standby() *Server { return p.servers[1-p.first] }

// URL is where a superuser finds one of the databases on whichever server takes writes. lib/pq reads it as
// store.Open writes it anew: by itself it knows no ports beside hosts.
func (p *Pair) URL(database string) string {
	one, other := p.servers[0], p.servers[1]
	return one.home.url(one.password, database, one.address()+","+other.address(),
		"sslmode=disable&target_session_attrs=read-write")
}

// Kill kills the primary.
func (p *Pair) Kill() error { return p.Primary().Kill() }

// Promote makes the standby the primary, and returns when it takes writes. It waits for no standby until Rebuild. What
// was the primary is not touched: when it was not killed there are two.
func (p *Pair) Promote(ctx context.Context) error {
	if err := p.Standby().ask(ctx, `SELECT pg_promote(true, 30)`); err != nil {
		return fmt.Errorf("promote the standby: %w", err)
	}
	p.first = 1 - p.first
	return nil
}

// Rebuild ends what is left of the other server, makes it a standby of the primary as that is now, and returns when the
// primary waits for it again.
func (p *Pair) Rebuild(ctx context.Context) error {
	if err := p.rebuild(ctx, p.Primary(), p.Standby()); err != nil {
		return fmt.Errorf("build a standby: %w", err)
	}
	return nil
}

func (p *Pair) rebuild(ctx context.Context, primary, standby *Server) (err error) {
	if err := standby.Kill(); err != nil {
		return err
	}
	h := standby.home
	if err := os.RemoveAll(h.data()); err != nil {
		return err
	}
	if standby.password, err = h.makeData(ctx, primary.password, primary.copyTo(h)); err != nil {
		return err
	}
	if err := standby.run(ctx); err != nil {
		return err
	}
	// It has the primary's own settings by the copy. Once promoted, it would wait for a standby that nobody has built.
	if err := standby.set(ctx, "synchronous_standby_names", ""); err != nil {
		return err
	}
	if err := primary.set(ctx, "synchronous_standby_names", "*"); err != nil {
		return err
	}
	return primary.ask(ctx, `SELECT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming')`)
}

// copyTo fills a folder with a standby of the server.
func (s *Server) copyTo(h *home) filler {
	return func(ctx context.Context, data, _ string) error {
		if !isProgram(filepath.Join(h.programs, "pg_basebackup")) {
			return fmt.Errorf("pg_basebackup, of PostgreSQL, %w", errMissing)
		}
		args := []string{
			"--pgdata=" + data, "--host=127.0.0.1", "--port=" + strconv.Itoa(s.port), "--username=" + superuser,
			"--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf",
		}
		if !h.Fsync {
			args = append(args, "--no-sync")
		}
		if h.WAL != 0 {
			args = append(args, "--waldir="+h.walDir())
		}
		said, err := h.outputOf(ctx, []string{"PGPASSWORD=" + s.password}, "pg_basebackup", args...)
		if err != nil {
			return errors.Join(err, lastOf(said))
		}
		return nil
	}
}

// set changes one of the server's settings, also for the time after a restart.
func (s *Server) set(ctx context.Context, name, value string) error {
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, statement := range []string{"ALTER SYSTEM SET " + name + " = '" + value + "'", "SELECT pg_reload_conf()"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// Stop kills both servers and removes their data.
func (p *Pair) Stop() error {
	var errs []error
	for _, s := range p.servers {
		if s == nil {
			continue
		}
		errs = append(errs, s.Kill(), s.home.close(), os.RemoveAll(s.home.dir))
	}
	return errors.Join(errs...)
}

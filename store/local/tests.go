package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// tests is what the tests of this process share, and the ports of whatever it starts. It is the one variable of the package, as package
// testing has no other place for what outlives a test.
var tests shared

type shared struct {
	hasMain bool // Main runs the tests, and will end what they start
	mu      sync.Mutex

	folder string
	server *Server
	admin  *sql.DB
	broken error // why there is no server or no template; it is not tried again
	made   int

	ports    atomic.Int32 // how many were given
	redis    *RedisServer
	sentinel *SentinelServers
	cluster  *ClusterServers
}

// Main runs a package's tests and ends the servers that they used: os.Exit(local.Main(m)).
func Main(m *testing.M) int {
	tests.hasMain = true
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		_ = tests.end()
		os.Exit(1)
	}()
	code := m.Run()
	if err := tests.end(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	return code
}

// Database is the URL of a fresh database, a copy of one that template has filled once per process.
// It is dropped at the test's end. Tests may call it in parallel; their package needs Main.
func Database(t testing.TB, template func(url string) error) string {
	t.Helper()
	name, err := tests.database(t.Context(), template)
	if errors.Is(err, errMissing) {
		unavailable(t, err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context is over by now. FORCE ends the connections that it forgot.
		if _, err := tests.admin.ExecContext(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return tests.server.URL(name)
}

// unavailable skips a test whose server is not on the machine, unless that must not happen.
func unavailable(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// database makes a database and returns its name.
func (s *shared) database(ctx context.Context, template func(string) error) (string, error) {
	s.mu.Lock()
	if s.server == nil && s.broken == nil {
		s.broken = s.start(template)
	}
	s.made++
	name, err := fmt.Sprintf("test_%d", s.made), s.broken
	s.mu.Unlock()
	if err != nil {
		return "", err
	}
	if _, err := s.admin.ExecContext(ctx, "CREATE DATABASE "+name+" TEMPLATE template_of_tests"); err != nil {
		return "", fmt.Errorf("copy the template: %w", err)
	}
	return name, nil
}

// start starts the server and has the template filled. It runs in the time of the first test that
// asks, but for all of them, and so without that test's context.
func (s *shared) start(template func(string) error) (err error) {
	if !s.hasMain {
		return errors.New("a package that uses local.Database needs func TestMain(m *testing.M) { os.Exit(local.Main(m)) }")
	}
	if s.folder, err = os.MkdirTemp("", "piga-postgresql-"); err != nil {
		return err
	}
	if err := os.Chmod(s.folder, 0o711); err != nil { // as root, the server runs as another user
		return err
	}
	// A test run does not install packages; that is for make test, once for all.
	s.server, err = start(context.Background(), Config{Dir: filepath.Join(s.folder, "server")}, download)
	if err != nil {
		return err
	}
	if s.admin, err = sql.Open("postgres", s.server.URL("postgres")); err != nil {
		return err
	}
	s.admin.SetMaxOpenConns(4)
	for _, statement := range []string{
		"ALTER SYSTEM SET autovacuum = off", // it would visit the template and hold up the copies
		"SELECT pg_reload_conf()",
		"CREATE DATABASE template_of_tests",
	} {
		if _, err := s.admin.Exec(statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := template(s.server.URL("template_of_tests")); err != nil {
		return fmt.Errorf("fill the template of the tests' databases: %w", err)
	}
	return nil
}

// end ends what was started.
func (s *shared) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	if s.admin != nil {
		errs = append(errs, s.admin.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Stop())
	}
	if s.redis != nil {
		errs = append(errs, s.redis.kill())
	}
	if s.sentinel != nil {
		errs = append(errs, s.sentinel.stop())
	}
	if s.cluster != nil {
		errs = append(errs, s.cluster.stop())
	}
	if s.folder != "" {
		errs = append(errs, os.RemoveAll(s.folder))
	}
	return errors.Join(errs...)
}

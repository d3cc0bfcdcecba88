package local_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/piga-money/piga/store/local"
)

// TestMain is also the process that TestStartAfterKill kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LOCAL_TEST_SERVE"); dir != "" {
		serveUntilKilled(dir)
	}
	os.Exit(local.Main(m))
}

func serveUntilKilled(dir string) {
	s, err := local.Start(context.Background(), local.Config{Dir: dir})
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
	fmt.Println(s.URL("postgres"))
	select {}
}

func TestDataSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, dir)
	query(t, first.URL("postgres"), "CREATE TABLE kept (word text)")
	query(t, first.URL("postgres"), "INSERT INTO kept VALUES ('karibu')")
	stop(t, first)

	second := start(t, dir)
	defer stop(t, second)
	if got := query(t, second.URL("postgres"), "SELECT word FROM kept"); got != "karibu" {
		t.Errorf("after a restart there is %q, want %q", got, "karibu")
	}
}

func TestStartAfterKill(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LOCAL_TEST_SERVE="+dir)
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "failed") {
		t.Fatalf("the process to be killed says %q, %v", line, err)
	}
	query(t, strings.TrimSpace(line), "CREATE TABLE kept (word text)")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed

	s := start(t, dir) // waits for the orphan to end, which is what the parent's death is to bring about
	defer stop(t, s)
	if got := query(t, s.URL("postgres"), "SELECT count(*) FROM kept"); got != "0" {
		t.Errorf("after a kill there are %q rows, want 0", got)
	}
}

func TestStartDespiteAStalePIDFile(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	stop(t, start(t, dir))
	// The number of a process that lives and is no PostgreSQL: this one.
	stale := fmt.Sprintf("%d\n%s\n0\n0\n\n127.0.0.1\n", os.Getppid(), filepath.Join(dir, "data"))
	if err := os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, dir))
}

func TestFolderIsRefused(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	_, err := local.Start(t.Context(), local.Config{Dir: dir})
	wantError(t, err, dir, fmt.Sprintf("in use by process %d", os.Getpid()))
	stop(t, s)

	version := filepath.Join(dir, "data", "PG_VERSION")
	if err := os.WriteFile(version, []byte("7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = local.Start(t.Context(), local.Config{Dir: dir})
	wantError(t, err, dir, "made by PostgreSQL 7")
}

func TestClosedFolderIsNamed(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root's server runs as another user")
	}
	home := filepath.Dir(folder(t))
	if err := os.Chmod(home, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := local.Start(t.Context(), local.Config{Dir: filepath.Join(home, "a", "b")})
	wantError(t, err, "the folder "+home+" is closed")
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	urls := make(chan string, 2)
	t.Run("both", func(t *testing.T) {
		for _, word := range []string{"moja", "mbili"} {
			t.Run(word, func(t *testing.T) {
				t.Parallel()
				u := database(t)
				urls <- u
				query(t, u, "INSERT INTO words VALUES ('"+word+"')")
				if got := query(t, u, "SELECT string_agg(word, ' ') FROM words"); got != word {
					t.Errorf("the database has %q, want %q", got, word)
				}
			})
		}
	})
	close(urls)
	first, second := <-urls, <-urls
	if first == "" {
		t.Skip("the server is missing")
	}
	if first == second {
		t.Errorf("two tests share %s", first)
	}
	ended, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Trim(ended.Path, "/")
	if got := query(t, database(t), "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"); got != "0" {
		t.Errorf("%s is there after its test", name)
	}
}

// BenchmarkDatabase is what each test pays for a database of its own.
func BenchmarkDatabase(b *testing.B) {
	database(b)
	for b.Loop() {
		database(b)
	}
}

func database(t testing.TB) string {
	t.Helper()
	return local.Database(t, func(url string) error {
		db, err := sql.Open("postgres", url)
		if err != nil {
			return err
		}
		defer func() { _ = db.Close() }()
		_, err = db.Exec("CREATE TABLE words (word text)")
		return err
	})
}

// folder is a temporary one that root's server can reach, unlike t.TempDir. Without PostgreSQL it ends
// the test as Database does, before a Start could take to installing packages.
func folder(t *testing.T) string {
	t.Helper()
	database(t)
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "server")
}

func start(t *testing.T, dir string) *local.Server {
	t.Helper()
	s, err := local.Start(t.Context(), local.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stop(t *testing.T, s *local.Server) {
	t.Helper()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// query runs one statement and returns the one value that it gives, "" if it gives none.
func query(t *testing.T, url, statement string) string {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var value string
	err = db.QueryRowContext(t.Context(), statement).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatalf("%s: %v", statement, err)
	}
	return value
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want %q in it", err, w)
		}
	}
}

package store

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/store/local"
)

// The commands of docs/operations.md bring back the ledger of a moment in the middle of traffic: with all that was
// acknowledged by then, and sound. What was sent since goes out once more, with a warning, and what was told since can be
// found.
func TestRestoreToAMoment(t *testing.T) {
	t.Parallel()
	open(t) // obtains the programs
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := newRestore(t)
	b := r.original()
	r.does("archive_mode")
	if err := r.server.Restart(t.Context(), local.Fast); err != nil {
		t.Fatal(err)
	}
	c := newCrowd(b)
	c.busy()
	r.does("pg_basebackup")
	c.busy()
	before := b.sends(t)
	c.mu.Lock()
	acknowledged := maps.Clone(c.told)
	c.mu.Unlock()
	r.env = append(r.env, "MOMENT="+b.moments(t))
	c.busy()
	since := b.sends(t)
	c.goHome()
	r.archived(b)
	if err := r.server.Kill(); err != nil {
		t.Fatal(err)
	}

	r.does("recovery_target_time")
	restored := r.restored()
	r.does("ALTER SYSTEM RESET")
	if n := restored.count(`SELECT count(*) FROM pg_file_settings WHERE name = 'restore_command' OR name LIKE 'recovery\_target%'`); n != 0 {
		t.Errorf("a standby of it would follow %d settings of the restore", n)
	}
	restored.compareTold(acknowledged)
	restored.sound()
	lost := len(c.told) - len(acknowledged)
	if n := restored.count(`SELECT count(*) FROM requests`) - 8; n < int64(len(acknowledged)) || n >= int64(len(c.told)) {
		t.Errorf("the ledger holds %d of %d requests, %d of them acknowledged by the moment", n, len(c.told), len(acknowledged))
	}

	warn := func() int {
		n, err := restored.RewriteWaiting(t.Context(), func(m notice.Message) string { return notice.Repeat(words, m) })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	waiting := restored.count(`SELECT count(*) FROM messages WHERE sent_at IS NULL`)
	if n := warn(); int64(n) != waiting {
		t.Errorf("%d of %d warn", n, waiting)
	}
	if n := warn(); n != 0 {
		t.Errorf("%d warn twice", n)
	}
	if n := restored.count(`SELECT count(*) FROM messages WHERE id = $1 AND sent_at IS NOT NULL AND text = 'sent'`, before); n != 1 {
		t.Error("what was sent before the moment waits again")
	}
	claimed, err := restored.ClaimMessages(t.Context(), int(waiting), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	again := 0
	for _, m := range claimed {
		if m.ID == since {
			again++
		}
		if !strings.HasPrefix(m.Text, "This may be a repeat: ") && !strings.HasPrefix(m.Text, "Huenda huu ni marudio: ") {
			t.Errorf("message %d says %q", m.ID, m.Text)
		}
	}
	if again != 1 {
		t.Errorf("what was sent since the moment is sent %d times more", again)
	}

	var told []core.Receipt
	for _, o := range c.told {
		if o.Receipt != "" {
			told = append(told, o.Receipt)
		}
	}
	unknown, err := restored.UnknownReceipts(t.Context(), told)
	if err != nil {
		t.Fatal(err)
	}
	if len(unknown) == 0 || len(unknown) > lost {
		t.Errorf("%d of %d receipts are unknown, and %d requests are lost", len(unknown), len(told), lost)
	}
	for _, o := range acknowledged {
		for _, u := range unknown {
			if o.Receipt == u {
				t.Errorf("%s is lost", u)
			}
		}
	}
}

// sends marks the first message that waits as sent.
func (b bench) sends(t *testing.T) int64 {
	t.Helper()
	ms, err := b.ClaimMessages(t.Context(), 1, time.Hour)
	if err != nil || len(ms) != 1 {
		t.Fatalf("%d messages: %v", len(ms), err)
	}
	if err := b.MessageSent(t.Context(), ms[0].ID, "sent", "test", "1"); err != nil {
		t.Fatal(err)
	}
	return ms[0].ID
}

// moments is now, as PostgreSQL writes it.
func (b bench) moments(t *testing.T) (now string) {
	t.Helper()
	if err := b.owner.GetContext(t.Context(), &now, `SELECT clock_timestamp()::text`); err != nil {
		t.Fatal(err)
	}
	return now
}

// restore is a server that is backed up, and what the commands of the documentation find.
type restore struct {
	t      *testing.T
	dir    string
	server *local.Server
	env    []string
}

func newRestore(t *testing.T) *restore {
	t.Helper()
	dir := t.TempDir()
	r := &restore{t: t, dir: dir}
	for _, d := range []string{"archive", "restored"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{filepath.Dir(dir), dir, filepath.Join(dir, "archive"), filepath.Join(dir, "restored")} {
		if err := os.Chmod(d, 0o777); err != nil { // as root, PostgreSQL and the commands run as another user
			t.Fatal(err)
		}
	}
	r.server = r.start("original")
	psql, ok := r.server.Program("psql")
	if !ok {
		t.Skip("psql is not installed")
	}
	u, err := url.Parse(r.server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	r.env = []string{
		"PATH=" + filepath.Dir(psql) + ":" + os.Getenv("PATH"), "PGHOST=" + u.Hostname(), "PGPORT=" + u.Port(),
		"PGUSER=" + u.User.Username(), "PGPASSWORD=" + password, "ARCHIVE=" + filepath.Join(dir, "archive"),
		"BACKUP=" + filepath.Join(dir, "backup"), "PGDATA=" + filepath.Join(dir, "restored", "data"),
	}
	if err := os.WriteFile(filepath.Join(dir, "restored", "password"), []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *restore) start(name string) *local.Server {
	r.t.Helper()
	s, err := local.Start(r.t.Context(), local.Config{Dir: filepath.Join(r.dir, name)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = s.Stop() })
	return s
}

// does runs the commands of the documentation in which a word stands, as PostgreSQL's user.
func (r *restore) does(word string) {
	r.t.Helper()
	docs, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		r.t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(docs), "\n## Backup and restore\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, part := range strings.Split(section, "```sh\n")[1:] {
		script, _, _ := strings.Cut(part, "```")
		if !strings.Contains(script, word) {
			continue
		}
		cmd := exec.CommandContext(r.t.Context(), "sh", "-eu", "-c", script)
		cmd.Env, cmd.Dir = r.env, r.dir
		info, err := os.Stat(filepath.Join(r.dir, "original", "data"))
		if err != nil {
			r.t.Fatal(err)
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
		}
		if said, err := cmd.CombinedOutput(); err != nil {
			r.t.Fatalf("%s\n%s%v", script, said, err)
		}
		return
	}
	r.t.Fatalf("operations.md has no commands with %s", word)
}

// original is a bench on the server that is backed up.
func (r *restore) original() bench {
	r.t.Helper()
	address, err := r.server.Create(r.t.Context(), "piga", true)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := Migrate(r.t.Context(), address, slog.New(slog.DiscardHandler)); err != nil {
		r.t.Fatal(err)
	}
	return r.bench(address)
}

func (r *restore) bench(address string) bench {
	r.t.Helper()
	b := bench{t: r.t, url: address, offset: new(atomic.Int64), serial: new(atomic.Int64)}
	s, err := Open(Options{URL: address, Zone: nairobi(r.t), Random: rand.Reader, Clock: time.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	b.Store = s
	b.owner = sqlx.MustConnect("postgres", address)
	r.t.Cleanup(func() {
		_ = b.owner.Close()
		_ = s.Close()
	})
	return b
}

// archived is until all that was written is in the archive.
func (r *restore) archived(b bench) {
	r.t.Helper()
	var last string
	if err := b.owner.GetContext(r.t.Context(), &last, `SELECT pg_walfile_name(pg_switch_wal())`); err != nil {
		r.t.Fatal(err)
	}
	ctx, done := context.WithTimeout(r.t.Context(), time.Minute)
	defer done()
	for b.count(`SELECT count(*) FROM pg_stat_archiver WHERE last_archived_wal >= $1`, last) == 0 {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			r.t.Fatal("the log is not archived")
		}
	}
}

// restored is a bench on what was restored, once it takes writes.
func (r *restore) restored() bench {
	r.t.Helper()
	s := r.start("restored")
	u, err := url.Parse(s.URL("postgres"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.env = append(r.env, "PGPORT="+u.Port()) // from now on
	b := r.bench(s.URL("piga"))
	b.until("it takes writes", func() bool { return b.count(`SELECT count(*) WHERE pg_is_in_recovery()`) == 0 })
	return b
}

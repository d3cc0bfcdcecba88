package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/sms/noop"
	"github.com/piga-money/piga/store/local"
)

// piga runs a command and gives what it printed.
func piga(t *testing.T, in string, env []string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), args, env, strings.NewReader(in), &out); err != nil {
		t.Fatalf("piga %s: %v", strings.Join(args, " "), err)
	}
	return out.String()
}

func (w *world) env() []string {
	return []string{"PIGA_POSTGRES_URL=" + w.dbURL, "PIGA_PIN_PEPPER=" + testPepper}
}

// The phone in the terminal shows each page, and then the SMS.
func TestCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 2_000*core.Shilling)
	out := piga(t, "4\n602413\n", nil, "call", "--gateway", w.server.URL, "+254712345678", "*384*96#")
	for _, want := range []string{"1 Send money", "0 to cancel", "Balance KES 2,000.", "SMS: "} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	if out := piga(t, "", nil, "call", "--gateway", w.server.URL, "+254712345678", "*384*96*4#"); !strings.Contains(out, "(hung up)") {
		t.Errorf("input ended in mid-call:\n%s", out)
	}
	err := run(t.Context(), []string{"call", "--gateway", w.server.URL, "+254712345678", "*384*96#"},
		[]string{"PIGA_CALLBACK_SECRET=another"}, strings.NewReader(""), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "invalid MMI code") || !strings.Contains(err.Error(), "PIGA_CALLBACK_SECRET") {
		t.Errorf("with a wrong secret: %v", err)
	}
}

// A text from the terminal comes in as the provider's do, and what is sent back is shown.
func TestText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.counter()
	out := piga(t, "", nil, "text", "--gateway", w.server.URL, "+254722000001", "CHECK", "QK74J7XW2N")
	if !strings.Contains(out, "SMS: That is no receipt of ours.") {
		t.Errorf("shown:\n%s", out)
	}
	for _, args := range [][]string{{}, {"+254722000001"}} {
		if err := run(t.Context(), append([]string{"text"}, args...), nil, nil, io.Discard); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
	err := run(t.Context(), []string{"text", "--gateway", w.server.URL, "+254722000001", "OK 4821"},
		[]string{"PIGA_CALLBACK_SECRET=another"}, nil, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "PIGA_CALLBACK_SECRET") {
		t.Errorf("with a wrong secret: %v", err)
	}
}

// Float is issued once per bank reference.
func TestFloat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	super := w.open("bahari", core.Party{
		Kind: core.SuperAgent, Status: core.Active, Tier: core.TierTrade, Name: "BAHARI", Phone: "+254733000001", Number: "10001", Lang: core.English,
	}, "602413", 0)
	w.counter()
	issue := func(to, amount, reference string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), []string{"float", "--to", to, "--amount", amount, "--reference", reference}, w.env(), nil, &out)
		return out.String(), err
	}
	for range 2 {
		if out, err := issue("10001", "1,000,000", "BANK1"); err != nil || !strings.Contains(out, "float after it KES 1,000,000.00") {
			t.Errorf("%v: %s", err, out)
		}
	}
	if rows := column(t, w.db, `SELECT concat_ws(' ', action, after->>'amount', after->>'reference', address) FROM audit_log`); len(rows) != 1 || rows[0] != "float.issue 100000000 BANK1 command line" {
		t.Errorf("the audit log has %q", rows)
	}
	for _, c := range []struct {
		to, amount, reference string
		code                  core.Code
	}{
		{"10001", "2000", "BANK1", core.RequestReused},
		{"10021", "2000", "BANK1", core.RequestReused},
		{"10021", "2000", "BANK2", core.NotAllowed},
		{"99999", "2000", "BANK2", core.NotRegistered},
		{"10001", "0.50", "BANK2", core.BelowSmallest},
	} {
		if _, err := issue(c.to, c.amount, c.reference); core.CodeOf(err) != c.code {
			t.Errorf("%s to %s by %s: %v, want %s", c.amount, c.to, c.reference, err, c.code)
		}
	}
	if _, err := issue("10001", "2000", "BANK1"); !strings.Contains(err.Error(), "--reference: BANK1 was booked before") {
		t.Error(err)
	}
	if b, err := w.g.store.Balance(t.Context(), super.Account); err != nil || b.Available != 1_000_000*core.Shilling {
		t.Errorf("the float is %s, %v", b.Available, err)
	}
}

// An administrator is made with a password from a pipe, which is nowhere afterwards; what is missing or wrong is told.
func TestAdminCreate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	args := []string{"admin", "create", "--email", "Alice@piga.example", "--name", "Alice Admin"}
	if out := piga(t, restPassword+"\n", w.env(), args...); out != "administrator 1: ALICE ADMIN alice@piga.example, [care finance it]\n" {
		t.Error(out)
	}
	p := w.login("administrator", "alice")
	p.put("/api/admin/super-agent-status", form{"email": "nobody@piga.example"}).refused(core.NotRegistered)
	for _, c := range []struct {
		in   string
		args []string
		says string
	}{
		{restPassword, args, "email_taken"},
		{"short", append(args[:4:4], "--name", "Bob", "--email", "bob@piga.example"), "8 characters"},
		{"", append(args[:4:4], "--name", "Bob", "--email", "bob@piga.example"), "8 characters"},
		{restPassword, args[:4], "needs --email and --name"},
		{restPassword, append(args[:6:6], "--roles", "root"), `"root" is none of`},
		{restPassword, append(args[:6:6], "--email", "bob"), "--email"},
		{restPassword, append(args[:6:6], restPassword), "does not know"},
	} {
		err := run(t.Context(), c.args, w.env(), strings.NewReader(c.in), io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v", c.args, err)
		}
	}
	if n := column(t, w.db, `SELECT count(*) || ' ' || max(address) || ' ' || max(admin_id) FROM audit_log`)[0]; n != "1 command line 0" {
		t.Errorf("the audit log has %s", n)
	}
	if strings.Contains(w.tables(t), restPassword) {
		t.Error("the password is in the tables")
	}
}

// A pepper is rotated beside a gateway that knows both; then the old one may go, and every PIN still opens.
func TestPepperRotate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane := w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 0)
	young := "young:" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32))
	env := []string{"PIGA_POSTGRES_URL=" + w.dbURL, "PIGA_PIN_PEPPER=" + young + "," + testPepper}
	if out := piga(t, "", env, "pepper", "rotate"); !strings.HasPrefix(out, "1 PINs sealed anew") {
		t.Error(out)
	}
	if out := piga(t, "", env, "pepper", "rotate"); !strings.HasPrefix(out, "0 PINs sealed anew") {
		t.Error(out)
	}
	sealed, err := w.g.store.Try(t.Context(), jane.ID, "turn", nil)
	if err != nil || sealed.KeyID != "young" {
		t.Errorf("under %q, %v", sealed.KeyID, err)
	}
}

// A database without a schema is not ready, and migrate makes it so. The copy is asked as whatever watches it asks.
func TestMigrateAndReady(t *testing.T) {
	t.Parallel()
	url := emptyDatabase(t)
	redis := local.OwnRedis(t)
	c := config{
		Postgres: url, Redis: redis.URL(), Secrets: []string{devSecret}, Services: []string{devService}, Pepper: testPepper,
		SMSRate: 50, Zone: "Africa/Nairobi", Grace: time.Second, Drain: 300 * time.Millisecond,
	}
	g, err := open(t.Context(), c, noop.New(nil), slog.New(slog.DiscardHandler), false)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.run(ctx, l) }()
	health := func(flags ...string) (says string, err error) {
		var out bytes.Buffer
		err = run(t.Context(), append([]string{"health"}, flags...), []string{"PIGA_ADDR=" + l.Addr().String()}, nil, &out)
		return out.String(), err
	}
	if _, err := health("--ready"); err == nil || !strings.Contains(err.Error(), "says 503") || !strings.Contains(err.Error(), "piga migrate") {
		t.Errorf("without a schema: %v", err)
	}
	if out := piga(t, "", []string{"PIGA_POSTGRES_URL=" + url}, "migrate"); !strings.Contains(out, "up to date") {
		t.Error(out)
	}
	if says, err := health("--ready"); err != nil || says != "postgres: ok\nredis: ok\n" {
		t.Errorf("with a schema: %q, %v", says, err)
	}
	redis.Kill()
	if _, err := health("--ready"); err == nil || !strings.Contains(err.Error(), "says 503") || !strings.Contains(err.Error(), "redis: ") {
		t.Errorf("without Redis: %v", err)
	}
	if says, err := health(); err != nil || says != "ok\n" {
		t.Errorf("the process is alive, and says %q, %v", says, err)
	}
	stop()
	for err := error(nil); err == nil || !strings.Contains(err.Error(), "stopping"); _, err = health("--ready") {
	}
	if err := <-done; err != nil {
		t.Errorf("stopped: %v", err)
	}
	if _, err := health(); err == nil || !strings.Contains(err.Error(), "nobody answers") {
		t.Errorf("it is gone, and: %v", err)
	}
}

// Whoever reaches the provider by a proxy asks for the copy on this machine without it: a proxy answers for itself. Which one
// there is a process looks up once, so that it takes one of its own.
func TestHealthAsksNoProxy(t *testing.T) {
	t.Parallel()
	const nobody = "PIGA_ADDR=192.0.2.1:80"
	if os.Getenv("PROXY_OF_TEST") != "" {
		fmt.Println(run(t.Context(), []string{"health"}, []string{nobody}, nil, io.Discard))
		return
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer proxy.Close()
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
	again.Env = []string{"HTTP_PROXY=" + proxy.URL, "PROXY_OF_TEST=set", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	if says, err := again.CombinedOutput(); err != nil || !strings.Contains(string(says), "nobody answers") {
		t.Errorf("nobody is there, and it says %q, %v", says, err)
	}
}

// A gateway that is told to stop says so to the balancer and serves whoever comes meanwhile, but keeps no connection.
func TestDrain(t *testing.T) {
	t.Parallel()
	served, asked := make(chan error), make(chan error)
	d := &drain{pause: time.Hour}
	g := &gateway{http: newEcho(slog.New(slog.DiscardHandler))}
	g.http.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "ok") })
	get := func() string {
		w := httptest.NewRecorder()
		d.last(g.http).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return fmt.Sprint(w.Code, w.Header().Get("Connection"))
	}
	if got := get(); got != "200" {
		t.Errorf("before: %s", got)
	}
	go func() { asked <- d.wait(slog.New(slog.DiscardHandler), served) }()
	broken := errors.New("the listener is gone")
	served <- broken // taken only while it waits
	if got := get(); got != "200close" {
		t.Errorf("meanwhile: %s", got)
	}
	if err := <-asked; !errors.Is(err, broken) {
		t.Errorf("it ended with %v", err)
	}
	d.pause = 0
	if err := d.wait(nil, nil); err != nil {
		t.Errorf("without a pause: %v", err)
	}
}

func emptyDatabase(t *testing.T) (url string) {
	t.Helper()
	url = local.Database(t, migrated)
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // what it did has been answered
	if _, err := db.Exec("DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		t.Fatal(err)
	}
	return url
}

package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	_ "github.com/lib/pq" // the owner looks at the tables past the store
	"github.com/redis/go-redis/v9"
)

// findNoPIN looks for every PIN that was typed in everything that a run leaves behind.
func (w *world) findNoPIN(t *testing.T) {
	t.Helper()
	places := map[string]string{"the log": w.log.String(), "the tables": w.tables(t)}
	for name, path := range map[string]string{"the metrics": "/metrics", "the messages": "/sandbox/messages"} {
		res, err := http.Get(w.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || len(body) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(body), err)
		}
		places[name] = string(body)
	}
	for place, content := range places {
		w.findIn(t, place, content)
	}
	w.findNoCode(t, places["the log"])
	w.findNoPINInRedis(t)
}

// chance matches what may hold any six digits by chance: ids, the fractions of seconds, how long a turn took,
// the values of metrics.
var (
	chance      = regexp.MustCompile(`[0-9a-f]{32}|:[0-9]{2}\.[0-9]+|"took":[0-9]+|(?m) [0-9.e+]+$`)
	chanceInLog = regexp.MustCompile(`[0-9a-f]{32}|:[0-9]{2}\.[0-9]+|"took":[0-9]+`)
)

// findIn fails on a PIN of six digits, in clear or as the hexadecimal of bytes; shorter ones would be found by
// chance.
func (w *world) findIn(t testing.TB, place, content string) {
	t.Helper()
	sifted := chance.ReplaceAllString(content, "")
	for pin := range w.pins {
		if len(pin) < 6 {
			continue
		}
		if at := strings.Index(sifted, pin); at >= 0 {
			t.Errorf("a PIN is in %s: ...%s...", place, sifted[max(0, at-60):min(len(sifted), at+60)])
		}
		if strings.Contains(content, hex.EncodeToString([]byte(pin))) {
			t.Errorf("a PIN is in %s, in hexadecimal", place)
		}
	}
}

// findNoCode looks for the codes that were typed. They have four digits, which ids and ports have by chance
// too, and stand where they must in messages and pages: so only the log is searched, and for the whole of one.
func (w *world) findNoCode(t testing.TB, log string) {
	t.Helper()
	sifted := chanceInLog.ReplaceAllString(log, "")
	for code := range w.codes {
		if len(code) < 4 { // no code of anybody's
			continue
		}
		whole := regexp.MustCompile(`\b` + regexp.QuoteMeta(code) + `\b`)
		if at := whole.FindStringIndex(sifted); at != nil {
			t.Errorf("a code is in the log: ...%s...", sifted[max(0, at[0]-60):min(len(sifted), at[1]+60)])
		}
	}
}

// The search for codes finds them, but not inside longer numbers.
func TestFindNoCodeFinds(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]bool{
		"OK 4821": true, `{"code":"4821"}`: true, "2*1*1*4821*": true, "code=4821 took": true, `"took":4821`: false, "548210": false,
	} {
		seen := &recorder{TB: t}
		(&world{codes: map[string]bool{"4821": true}}).findNoCode(seen, content)
		if seen.failed != want {
			t.Errorf("found in %s: %v", content, seen.failed)
		}
	}
}

// The search finds what it must, so that its silence means something.
func TestFindNoPINFinds(t *testing.T) {
	t.Parallel()
	for _, leak := range []string{
		"text=1*602413", `{"pin":"602413"}`, "%2A602413", "1*0712345678*602413", `\x363032343133`, "pin=602413 took",
	} {
		seen := &recorder{TB: t}
		(&world{pins: map[string]bool{"602413": true}}).findIn(seen, "a place", leak)
		if !seen.failed {
			t.Errorf("not found in %s", leak)
		}
	}
}

type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }

func (w *world) findNoPINInRedis(t testing.TB) {
	t.Helper()
	o, err := redis.ParseURL(w.redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer client.Close() //nolint:errcheck // only read
	ctx := context.Background()
	keys, err := client.Keys(ctx, "*").Result()
	if err != nil {
		return // it is down: the dialogue says so
	}
	for _, k := range keys {
		w.findIn(t, "Redis", fmt.Sprint(k, " ", client.Get(ctx, k).Val()))
	}
}

// tables is every row of every table, as text.
func (w *world) tables(t *testing.T) string {
	t.Helper()
	names := column(t, w.db, "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
	if len(names) < 8 {
		t.Fatalf("only the tables %v", names)
	}
	var all strings.Builder
	for _, name := range names {
		for _, row := range column(t, w.db, "SELECT x::text FROM "+name+" AS x") {
			all.WriteString(name + " " + row + "\n")
		}
	}
	return all.String()
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // Err tells
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

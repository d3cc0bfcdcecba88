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

	"github.com/piga-money/piga/core"
)

// findNoPIN looks for every PIN that was typed in everything that a run leaves behind.
func (w *world) findNoPIN(t *testing.T) {
	t.Helper()
	places := map[string]string{"the log": w.log.String(), "the tables": w.tables(t), "the traces": w.traced()}
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
	w.findNoPINInRedis(t)
	w.findNobody(t, "the traces", places["the traces"])
	w.findNobody(t, "the metrics", places["the metrics"])
}

// findNobody looks for people's numbers and names, and the codes that they were given, where none of those belongs: as
// words, since SUMMARY is not about MARY, and long ones, since somebody may be called NEW.
func (w *world) findNobody(t testing.TB, place, content string) {
	t.Helper()
	words := map[string]bool{}
	for _, word := range regexp.MustCompile(`[\pL\pN]+`).FindAllString(bucket.ReplaceAllString(chance.ReplaceAllString(content, ""), ""), -1) {
		words[strings.ToUpper(word)] = true
	}
	var hidden []string
	for _, p := range w.people {
		phone := strings.TrimPrefix(string(p.Phone), "+254")
		hidden = append(append(hidden, strings.Fields(p.Name)...), phone, "0"+phone, "254"+phone)
	}
	for code := range w.codes {
		hidden = append(hidden, code)
	}
	for _, h := range hidden {
		if len(h) > 3 && words[strings.ToUpper(h)] {
			t.Errorf("%q is in %s", h, place)
		}
	}
}

// bucket matches the bound of one, which may be any number.
var bucket = regexp.MustCompile(`le="[^"]*"`)

// chance matches what may hold any six digits by chance: ids, the fractions of seconds, how long a turn took,
// the values of metrics.
var chance = regexp.MustCompile(`[0-9a-f]{32}|:[0-9]{2}\.[0-9]+|"took":[0-9]+|(?m) [0-9.e+]+$`)

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

func TestFindNobodyFinds(t *testing.T) {
	t.Parallel()
	w := &world{people: map[string]core.Party{"mary": {Name: "MARY AKINYI", Phone: "+254711000001"}}, codes: map[string]bool{"4821": true}}
	for content, want := range map[string]bool{
		`screen="to Mary"`: true, "0711000001": true, "+254711000001": true, "piga.x=4821": true, "SUMMARY": false, `le="4821"} 2`: false,
	} {
		seen := &recorder{TB: t}
		if w.findNobody(seen, "a place", content); seen.failed != want {
			t.Errorf("%s: found is %v", content, seen.failed)
		}
	}
}

type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }

// nameOfCall matches the provider's name of a call, which is kept as it is, and holds any four digits by chance.
var nameOfCall = regexp.MustCompile(`ATUid_[0-9a-f]{32}`)

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
		value := client.Get(ctx, k).Val()
		w.findIn(t, "Redis", fmt.Sprint(k, " ", value))
		for code := range w.codes { // a page that shows one is stored too, sealed
			if len(code) >= 4 && readsIn(nameOfCall.ReplaceAllString(value, ""), code) {
				t.Errorf("a code is in Redis, under %s", k)
			}
		}
	}
}

// readsIn is whether a code is in something, in clear. Sealed bytes hold any four digits by chance once in a few thousand
// runs, but not in the midst of a dozen characters that can be read, as all has around it that we write; nor are they
// readable as a whole.
func readsIn(value, code string) bool {
	const dozen = 12
	sifted := regexp.MustCompile(`[0-9a-f]{32}`).ReplaceAllString(value, "") // tokens
	for _, run := range regexp.MustCompile(`[\n -~]+`).FindAllString(sifted, -1) {
		if strings.Contains(run, code) && (len(run) >= dozen || run == sifted) {
			return true
		}
	}
	return false
}

// The search for codes finds what it must, and nothing that sealed bytes hold by chance.
func TestReadsIn(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"4831": true, `{"code":"4831"}`: true, "\x02\xffR1: code 4831\nCode:\x00": true, "\xff\x8a4831\xfe\x00": false,
		"\xffa4831zq\xc0 and after it what can be read": false, "0123456789abcdef0123483189abcdef": false,
	} {
		if readsIn(value, "4831") != want {
			t.Errorf("%q: not %t", value, want)
		}
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

// traced is every span, as text, with all that it holds but times.
func (w *world) traced() string {
	var all strings.Builder
	for _, s := range w.spans.GetSpans() {
		fmt.Fprintln(&all, s.Name, s.SpanContext.TraceID(), s.Attributes, s.Status, s.Events, s.Links, s.Resource)
	}
	return all.String()
}

func column(t testing.TB, db *sql.DB, query string) []string {
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

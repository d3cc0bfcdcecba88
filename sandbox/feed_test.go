package sandbox_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/sandbox"
)

// sse is one server-sent event.
type sse struct{ id, kind, data string }

// listen reads the events after one, until it leaves.
func listen(t *testing.T, base, after string) (next func() sse, leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/sandbox/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, got)
	}
	lines := bufio.NewScanner(res.Body)
	return func() (e sse) {
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
			case "":
				return e
			}
		}
		return sse{kind: "over"}
	}, func() { cancel(); _ = res.Body.Close() }
}

// Whoever comes first gets what there is, and who comes again what he missed.
func TestEvents(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{})
	sms := func(text string) {
		f := form(jane)
		f.Set("message", text)
		send(t, base, "", f)
	}
	sms("first")
	next, leave := listen(t, base, "")
	first := next()
	var m sandbox.Message
	if err := json.Unmarshal([]byte(first.data), &m); err != nil || first.kind != "message" || m.Text != "first" {
		t.Errorf("first: %+v, %v", first, err)
	}
	if e := next(); e.kind != "wire" || !strings.Contains(e.data, `"what":"sms"`) {
		t.Errorf("then: %+v", e)
	}
	sms("second") // while he listens
	second := next()
	if second.kind != "message" || !strings.Contains(second.data, "second") {
		t.Errorf("live: %+v", second)
	}
	leave()
	sms("third")
	next, leave = listen(t, base, second.id)
	if e := next(); e.kind != "wire" || !strings.Contains(e.data, "second") {
		t.Errorf("resumed: %+v", e)
	}
	if e := next(); e.kind != "message" || !strings.Contains(e.data, "third") {
		t.Errorf("what was missed: %+v", e)
	}
	leave()
	next, leave = listen(t, base, "another-7")
	if e := next(); e.kind != "reset" {
		t.Errorf("with an id that nobody knows: %+v", e)
	}
	if e := next(); e != first {
		t.Errorf("then from the beginning: %+v", e)
	}
	leave()
}

// A stream does not keep a server from stopping, and a reader who is too slow misses the oldest.
func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	s, base, stop := stoppable(t, sandbox.Config{})
	for range 5 {
		send(t, base, "", form(strings.Repeat(jane+",", 999)+jane))
	}
	next, leave := listen(t, base, "00000000-1")
	defer leave()
	if e := next(); e.kind != "reset" {
		t.Errorf("first: %+v", e)
	}
	n := 0
	stop()
	for e := next(); e.kind != "over"; e = next() {
		n++
	}
	if n < 2000 || n > 2200 {
		t.Errorf("%d events are remembered", n)
	}
	if len(s.Messages("")) != 5000 {
		t.Errorf("%d messages are kept", len(s.Messages("")))
	}
}

// The phones' screens are in the feed, also while they wait.
func TestPhoneEvents(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{People: []sandbox.Person{{Name: "JANE WANJIKU", Number: jane, What: "customer"}}}, func(t *testing.T, s *sandbox.Sandbox, _ *app) {
		visit(t, s, jane)
		synctest.Wait()
		r, w := pipe(t, s, "/sandbox/events")
		var got []string
		for _, data := range r("phone") {
			var v sandbox.View
			if err := json.Unmarshal([]byte(data), &v); err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%s %q open=%t waiting=%t hop=%d", v.Name, v.Screen.Text, v.Screen.Open, v.Waiting, v.Hop))
		}
		w()
		want := []string{
			`JANE WANJIKU "" open=false waiting=false hop=0`,
			`JANE WANJIKU "" open=false waiting=true hop=0`,
			`JANE WANJIKU "Home 1" open=true waiting=false hop=1`,
			`JANE WANJIKU "Home 1" open=true waiting=true hop=1`,
			`JANE WANJIKU "PIN: 2" open=true waiting=false hop=2`,
			`JANE WANJIKU "PIN: 2" open=true waiting=true hop=2`,
			`JANE WANJIKU "Done 3" open=false waiting=false hop=0`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

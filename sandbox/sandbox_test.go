package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/sandbox"
)

const (
	jane = "+254711000001"
	john = "+254711000002"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// zeros is a source of random bytes that are not.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

const zeroID = "ATXid_00000000000000000000000000000000"

// provider serves a sandbox, and runs what it posts by itself until the test ends.
func provider(t *testing.T, c sandbox.Config) (*sandbox.Sandbox, string) {
	t.Helper()
	s, base, _ := stoppable(t, c)
	return s, base
}

// stoppable is a provider whose Run can be ended.
func stoppable(t *testing.T, c sandbox.Config) (s *sandbox.Sandbox, base string, stop func()) {
	t.Helper()
	c.Clock = func() time.Time { return noon }
	c.Random = zeros{}
	c.Log = slog.New(slog.DiscardHandler)
	s = sandbox.New(c)
	e := echo.New()
	s.Mount(e)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return s, server.URL, stop
}

type answer struct {
	status            int
	contentType, body string
}

func send(t *testing.T, base, key string, form url.Values) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/version1/messaging", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("apiKey", key)
	return do(t, r)
}

func get(t *testing.T, address string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

func do(t *testing.T, r *http.Request) answer {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header.Get("Content-Type"), strings.TrimSpace(b.String())}
}

func form(to string) url.Values {
	return url.Values{"username": {"sandbox"}, "to": {to}, "message": {"hello"}}
}

func TestInbox(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{})
	for _, to := range []string{jane, john} {
		send(t, base, "", form(to))
	}
	second := form(jane)
	second.Set("message", "second")
	second.Set("from", "38496")
	send(t, base, "", second)

	toJane := `[{"id":"` + zeroID + `","from":"38496","to":"+254711000001","text":"second","at":"2026-11-21T12:00:00Z"},` +
		`{"id":"` + zeroID + `","from":"AFRICASTKNG","to":"+254711000001","text":"hello","at":"2026-11-21T12:00:00Z"}]`
	for _, c := range []struct {
		query  string
		status int
		want   string // the whole body, or what is in it when it is an error
	}{
		{"?phone=%2B254711000001", 200, toJane},
		{"?phone=+254711000001", 200, toJane}, // arrives as a space
		{"?phone=254711000001", 200, toJane},
		{"?phone=0711000001", 200, toJane},
		{"?phone=0711000009", 200, `[]`},
		{"?phone=071100", 400, `"error":"phone_too_short"`},
		{"?phone=jane", 400, `"error":"bad_phone"`},
		{"?phone=%2B255711000001", 200, `[]`}, // the provider serves more countries than one
		{"?phone=%2B25571100000112345", 400, `"error":"phone_foreign"`},
	} {
		got := get(t, base+"/sandbox/messages"+c.query)
		good := got.body == c.want || (c.status != http.StatusOK && strings.Contains(got.body, c.want))
		if got.status != c.status || got.contentType != "application/json" || !good {
			t.Errorf("%s: %+v\nwant %d %s", c.query, got, c.status, c.want)
		}
	}
	var all []sandbox.Message
	if err := json.Unmarshal([]byte(get(t, base+"/sandbox/messages").body), &all); err != nil || len(all) != 3 {
		t.Errorf("without a phone %d messages are shown, %v", len(all), err)
	}
}

func TestDeliveryReport(t *testing.T) {
	t.Parallel()
	got := make(chan url.Values)
	busy := true
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if busy { // the first time it is, and the report comes again
			busy = false
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		got <- r.PostForm
	}))
	defer app.Close()
	_, base := provider(t, sandbox.Config{Reports: app.URL + "/delivery", Limits: sandbox.Limits{ReportAfter: time.Millisecond}})
	send(t, base, "", form(jane))
	want := url.Values{
		"id": {zeroID}, "status": {"Success"}, "phoneNumber": {jane}, "networkCode": {"63902"}, "retryCount": {"0"},
	}
	if diff := cmp.Diff(want, <-got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// An application that never answers its reports does not keep the sandbox from taking messages or from
// stopping, which the end of the test waits for.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		<-r.Context().Done()
	}))
	t.Cleanup(app.Close)
	s, base := provider(t, sandbox.Config{Reports: app.URL, Limits: sandbox.Limits{ReportAfter: time.Nanosecond}})
	numbers := strings.Repeat(jane+",", 1500) + jane
	if got := send(t, base, "", form(numbers)); got.status != http.StatusCreated {
		t.Fatalf("answered %d", got.status)
	}
	if n := len(s.Messages(jane)); n != 1501 {
		t.Errorf("%d messages were kept", n)
	}
}

func TestKeepsTheNewest(t *testing.T) {
	t.Parallel()
	s, base := provider(t, sandbox.Config{})
	for range 6 {
		send(t, base, "", form(strings.Repeat(jane+",", 1999)+jane))
	}
	send(t, base, "", form(john))
	all := s.Messages("")
	if len(all) < 10_000 || len(all) > 11_000 || all[0].To != john {
		t.Errorf("keeps %d messages, the newest to %s", len(all), all[0].To)
	}
}

// A text from a phone comes to the application as the provider sends it, again and again until it is taken.
func TestTexts(t *testing.T) {
	t.Parallel()
	got, busy := make(chan url.Values), 2
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		if r.PostForm.Get("text") == "first" && busy > 0 {
			busy--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		got <- r.PostForm
	}))
	defer app.Close()
	_, base := provider(t, sandbox.Config{Inbound: app.URL, Limits: sandbox.Limits{RepeatAfter: time.Millisecond}})
	for _, c := range []struct{ contentType, body, said string }{
		{"application/x-www-form-urlencoded", "from=0711000001&text=first", "first"},
		{"application/json", `{"from":"+254711000001","text":"OK 4821"}`, "OK 4821"},
	} {
		if a := post(t, base+"/sandbox/messages", c.contentType, c.body); a.status != http.StatusCreated {
			t.Fatalf("answered %+v", a)
		}
		want := url.Values{
			"date": {"2026-11-21T12:00:00Z"}, "from": {jane}, "to": {"38496"}, "text": {c.said}, "id": {zeroID},
			"networkCode": {"63902"}, "cost": {"0"},
		}
		if diff := cmp.Diff(want, <-got); diff != "" {
			t.Errorf("text (-want +got):\n%s", diff)
		}
	}
	for body, want := range map[string]string{
		"from=071100&text=x": `"error":"phone_too_short"`, "text=x": `"error":"bad_phone"`,
	} {
		if a := post(t, base+"/sandbox/messages", "application/x-www-form-urlencoded", body); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %+v", body, a)
		}
	}
	_, nobody := provider(t, sandbox.Config{})
	if a := post(t, nobody+"/sandbox/messages", "application/x-www-form-urlencoded", "from=0711000001&text=x"); a.status != http.StatusNotFound {
		t.Errorf("without an application: %+v", a)
	}
}

func post(t *testing.T, address, contentType, body string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	return do(t, r)
}

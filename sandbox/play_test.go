package sandbox_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/sandbox"
)

const service = "*384*96#"

// app is a tiny application, in memory, that writes down what it gets. It stands in for the network below
// the sandbox, so that a test's own clock can run.
type app struct {
	mu     sync.Mutex
	got    []got
	answer func(path string, form url.Values) (status int, body string) // nil for home
	takes  time.Duration                                                // for a callback
	now    int                                                          // callbacks in its hands
	most   int                                                          // at once
}

// got is one request, as the application saw it.
type got struct {
	path string
	body string
	form url.Values
}

func (a *app) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.got = append(a.got, got{r.URL.Path, string(body), form})
	n := a.count(r.URL.Path)
	answer, takes := a.answer, a.takes
	if r.URL.Path == "/ussd" {
		a.now++
	}
	a.most = max(a.most, a.now)
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if r.URL.Path == "/ussd" {
			a.now--
		}
	}()
	if takes > 0 && r.URL.Path == "/ussd" {
		select {
		case <-time.After(takes):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	w := httptest.NewRecorder()
	status, page := http.StatusOK, home(n, form)
	if answer != nil {
		status, page = answer(r.URL.Path, form)
	}
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	w.Header().Set("at-ussd-hop-metadata", "hop"+strconv.Itoa(n))
	w.WriteHeader(status)
	_, _ = w.WriteString(page)
	return w.Result(), nil
}

// requests are those so far.
func (a *app) requests() []got {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.got)
}

func (a *app) mostAtOnce() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.most
}

func (a *app) count(path string) (n int) {
	for _, g := range a.got {
		if g.path == path {
			n++
		}
	}
	return n
}

// home asks for a choice, then for a PIN, and says which callback each page answers.
func home(n int, form url.Values) string {
	switch text := form.Get("text"); {
	case text == "":
		return "CON Home " + strconv.Itoa(n)
	case !strings.Contains(text, "2580"):
		return "CON PIN: " + strconv.Itoa(n)
	default:
		return "END Done " + strconv.Itoa(n)
	}
}

// field is one of each request to a path, in order.
func (a *app) field(path, name string) []string {
	values := []string{}
	for _, g := range a.requests() {
		if g.path == path {
			values = append(values, g.form.Get(name))
		}
	}
	return values
}

func (a *app) paths() string {
	var all []string
	for _, g := range a.requests() {
		all = append(all, g.path)
	}
	return strings.Join(all, " ")
}

// play runs a test against a sandbox in a bubble of time: what waits a minute there takes none.
func play(t *testing.T, c sandbox.Config, test func(t *testing.T, s *sandbox.Sandbox, a *app)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := &app{}
		c.Clock, c.Random, c.Log = time.Now, rand.Reader, slog.New(slog.DiscardHandler)
		c.Callback, c.Events = "http://app/ussd", "http://app/events"
		c.Inbound, c.Reports = "http://app/sms", "http://app/delivery"
		if c.Codes == nil {
			c.Codes = []string{service}
		}
		c.HTTP = &http.Client{Transport: a}
		s := sandbox.New(c)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		defer running.Wait()
		defer cancel()
		test(t, s, a)
	})
}

// visit is a whole call, as far as it goes; it gives what the phone showed each time.
func visit(t *testing.T, s *sandbox.Sandbox, number string) (screens []string) {
	t.Helper()
	p, err := s.Phone(number)
	if err != nil {
		t.Error(err)
		return nil
	}
	screen, err := p.Dial(t.Context(), service)
	screens = append(screens, screen.Text)
	for _, typed := range []string{"1", "2580"} {
		if err != nil || !screen.Open {
			break
		}
		screen, err = p.Answer(t.Context(), typed)
		screens = append(screens, screen.Text)
	}
	if err != nil {
		t.Error(err)
	}
	return screens
}

// problem is the code of an error.
func problem(err error) string {
	p, ok := errors.AsType[*sandbox.Problem](err)
	if !ok {
		return ""
	}
	return p.Code
}

// handle serves a handler until the test ends.
func handle(t *testing.T, h http.HandlerFunc) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// request asks the sandbox over HTTP, without a network.
func request(t *testing.T, s *sandbox.Sandbox, method, path, contentType, body string) (status int, answer string) {
	t.Helper()
	e := echo.New()
	s.Mount(e)
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func sendSMS(t *testing.T, s *sandbox.Sandbox, to string) (status int, answer string) {
	t.Helper()
	return request(t, s, http.MethodPost, "/version1/messaging", echo.MIMEApplicationForm, form(to).Encode())
}

// pipe asks for the feed without a network: each call of read gives the data of the events of one kind so far.
func pipe(t *testing.T, s *sandbox.Sandbox, path string) (read func(kind string) (data []string), leave func()) {
	t.Helper()
	e := echo.New()
	s.Mount(e)
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	w := httptest.NewRecorder()
	var serving sync.WaitGroup
	serving.Go(func() { e.ServeHTTP(w, r) })
	synctest.Wait()
	return func(kind string) (data []string) {
		for block := range strings.SplitSeq(w.Body.String(), "\n\n") {
			if _, rest, ok := strings.Cut(block, "event: "+kind+"\ndata: "); ok {
				data = append(data, rest)
			}
		}
		return data
	}, func() { cancel(); serving.Wait() }
}

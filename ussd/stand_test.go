package ussd_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/room"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/menus"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
	"github.com/piga-money/piga/ussd"
)

const (
	secret  = "correct-horse-battery"
	service = "*384*96#"
	caller  = "+254712345678"
	pin     = "837465"
)

// script is menus that lead home, send.to, send.amount, send.pin, and count how often they were asked:
// a page that was made twice differs from itself. It repeats answers, but not a PIN.
type script struct {
	mu    sync.Mutex
	asked []string
	turns []menus.Turn
	hook  func(ctx context.Context, answer string) // before an answer is taken; nil: nothing
	left  menus.State                              // that the last call began with
	slow  bool                                     // it does not get as far as to note a PIN
}

var way = []text.Key{"home", "send.to", "send.amount", "send.pin"}

func (m *script) Begin(ctx context.Context, _ core.MSISDN, t menus.Turn, answers []string, left menus.State) (menus.State, menus.Page, error) {
	m.mu.Lock()
	m.left = left
	m.mu.Unlock()
	s := menus.State{Screen: way[min(len(answers), 3)], Lang: core.Swahili}
	return m.show(ctx, s, t, strings.Join(answers, ","))
}

func (m *script) Answer(ctx context.Context, s menus.State, t menus.Turn, answer string) (menus.State, menus.Page, error) {
	asksPIN := s.AsksPIN()
	for i, k := range way[:3] {
		if k == s.Screen {
			s.Screen = way[i+1]
			break
		}
	}
	if asksPIN && !m.slow {
		t.Noted()
	}
	if asksPIN {
		_, page, err := m.show(ctx, s, t, "a PIN")
		page.End, page.Screen = answer == pin, "send.done"
		return s, page, err
	}
	return m.show(ctx, s, t, answer)
}

func (m *script) show(ctx context.Context, s menus.State, t menus.Turn, answer string) (menus.State, menus.Page, error) {
	if m.hook != nil {
		m.hook(ctx, answer)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked, m.turns = append(m.asked, answer), append(m.turns, t)
	return s, menus.Page{Text: fmt.Sprintf("%d: after %q", len(m.asked), answer), Screen: s.Screen}, nil
}

func (m *script) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.asked)
}

// stand is a gateway on a real Redis, behind its guard.
type stand struct {
	t       *testing.T
	menus   *script
	errands errands
	calls   *session.Store
	room    *room.Room
	server  *echo.Echo
	metrics *prometheus.Registry
	log     *safeBuffer
	session string // no other test's
}

// errands are the requests that were seen. Once it is full, saying so takes for ever.
type errands chan core.RequestID

func (e errands) Seen(ctx context.Context, r core.RequestID) error {
	select {
	case e <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newStand is on the Redis that tests share, unless the URL of another is given.
func newStand(t *testing.T, redis string, change ...func(*ussd.Config)) *stand {
	t.Helper()
	if redis == "" {
		redis = local.Redis(t)
	}
	calls, err := session.Open(redis)
	check(t, err)
	t.Cleanup(func() { _ = calls.Close() })
	words, err := text.LoadAll()
	check(t, err)
	s := &stand{
		t: t, menus: &script{}, errands: make(errands, 100), calls: calls, room: room.New(time.Now), metrics: prometheus.NewRegistry(),
		log:     &safeBuffer{},
		session: "ATUid_" + rand.Text(), server: echo.New(),
	}
	metrics, err := ussd.NewMetrics(s.metrics, append(way, "send.done"))
	check(t, err)
	cfg := ussd.Config{
		Calls: calls, Menus: s.menus, Errands: s.errands, Words: words, Room: s.room, Services: []string{service, "*384*97#"},
		Key: []byte(strings.Repeat("k", 32)), Clock: time.Now, Random: rand.Reader,
		Log: slog.New(slog.NewJSONHandler(s.log, nil)), Metrics: metrics,
	}
	for _, c := range change {
		c(&cfg)
	}
	g, err := ussd.New(cfg)
	check(t, err)
	guard, err := ussd.Guard{Secrets: []string{secret}, Metrics: metrics}.Middleware()
	check(t, err)
	g.Mount(s.server.Group("/at/:secret", guard))
	return s
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// say is one callback of the usual caller; it returns what her phone gets.
func (s *stand) say(text string) string { return s.sayIn(s.t.Context(), text) }

func (s *stand) sayIn(ctx context.Context, text string) string {
	return s.post(ctx, "ussd", url.Values{
		"sessionId": {s.session}, "phoneNumber": {caller}, "networkCode": {"63902"}, "serviceCode": {service}, "text": {text},
	}.Encode()).Body.String()
}

func (s *stand) post(ctx context.Context, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/at/"+secret+"/"+path, strings.NewReader(body))
	r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationForm)
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	return w
}

// expect is a callback and what must come of it.
func (s *stand) expect(text, want string) {
	s.t.Helper()
	if got := s.say(text); got != want {
		s.t.Errorf("text %q: %q, want %q", text, got, want)
	}
}

// counted is a counter's value, with the labels given as "name=value".
func (s *stand) counted(name string, labels ...string) int {
	s.t.Helper()
	families, err := s.metrics.Gather()
	check(s.t, err)
	total := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			have := map[string]bool{}
			for _, l := range m.GetLabel() {
				have[l.GetName()+"="+l.GetValue()] = true
			}
			all := f.GetName() == name
			for _, l := range labels {
				all = all && have[l]
			}
			if all {
				total += m.GetCounter().GetValue()
			}
		}
	}
	return int(total)
}

// safeBuffer is a log that many write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

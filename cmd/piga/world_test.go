package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/sms/africastalking"
	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
	"github.com/piga-money/piga/ussd"
)

// world is a whole Piga for one test: PostgreSQL and Redis of its own, the provider's stand-in, people, and
// a clock of its own.
type world struct {
	t       testing.TB
	g       *gateway
	server  *httptest.Server
	redis   *local.RedisServer
	dbURL   string
	db      *sql.DB // as the owner of the tables, past the store and its role
	log     *lockedBuffer
	clock   *ownClock
	people  map[string]core.Party
	phones  map[string]*handset
	current *handset
	pins    map[string]bool   // every PIN that somebody typed
	read    map[string]int    // how many of her messages were read, by name
	screens map[string]bool   // every screen that was shown, by the key in the answer's header
	codes   map[string]bool   // every code that a cash request had
	texted  url.Values        // the last text to the short code
	blanks  map[string]string // what stands for CODE, REF and RECEIPT in a text
	inHand  []func()          // what ends each thing that is in hand
	adjust  func(*config, *parts)
	spans   *tracetest.InMemoryExporter // of all that was done
}

// noon is when every test begins, so that dates in messages are the same each time.
var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const testPepper = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func newWorld(t testing.TB) *world { return newWorldAs(t, func(*config, *parts) {}) }

// newWorldWithin is a world whose turns have other limits.
func newWorldWithin(t testing.TB, limits ussd.Limits) *world {
	return newWorldAs(t, func(_ *config, p *parts) { p.limits = limits })
}

// newWorldAs is a world that is configured otherwise.
func newWorldAs(t testing.TB, adjust func(*config, *parts)) *world {
	t.Helper()
	w := &world{
		t: t, adjust: adjust, log: &lockedBuffer{}, spans: tracetest.NewInMemoryExporter(), clock: &ownClock{}, redis: local.OwnRedis(t),
		people: map[string]core.Party{}, phones: map[string]*handset{},
		pins: map[string]bool{}, read: map[string]int{}, screens: map[string]bool{}, codes: map[string]bool{},
		blanks: map[string]string{},
	}
	w.dbURL = local.Database(t, migrated)
	var err error
	if w.db, err = sql.Open("postgres", w.dbURL); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Africa/Nairobi")
	if err != nil {
		t.Fatal(err)
	}
	w.clock.move(time.Until(noon))
	random := &sameRandom{r: mathrand.NewChaCha8([32]byte{})}
	db, err := store.Open(store.Options{
		URL: w.dbURL, Zone: zone, Random: random, ClockOffset: w.clock.offset,
		Told: func() { w.g.dispatcher.Wake() },
	})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := session.Open(w.redis.URL())
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewUnstartedServer(nil)
	w.start(db, calls, zone, random)
	return w
}

func migrated(url string) error {
	return store.Migrate(context.Background(), url, slog.New(slog.DiscardHandler))
}

// start wires the gateway as cmd does, and the sandbox beside it.
func (w *world) start(db *store.Store, calls *session.Store, zone *time.Location, random io.Reader) {
	w.t.Helper()
	here := "http://" + w.server.Listener.Addr().String()
	client, err := africastalking.New(africastalking.Config{
		Base: here, Username: "sandbox", Key: devKey, From: devShortCode, HTTP: http.DefaultClient,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	c := config{
		Secrets: []string{devSecret}, Services: []string{devService}, Pepper: testPepper,
		PINCost: pinCost{Memory: 8, Passes: 1}, SMSRate: 10_000, Grace: time.Second,
	}
	clock := func() time.Time { return w.clock.read().In(zone) }
	log := slog.New(traced{slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})})
	p := parts{store: db, calls: calls, sender: client, clock: clock, log: log, random: random, guess: login.Cost{Memory: 8, Passes: 1}}
	p.traces = newTraces(1, sdktrace.WithSyncer(w.spans))
	w.adjust(&c, &p)
	w.g, err = assemble(c, p)
	if err != nil {
		w.t.Fatal(err)
	}
	provider := sandbox.New(sandbox.Config{
		Key: devKey, Limits: sandbox.Limits{ReportAfter: time.Millisecond}, Clock: clock, Random: rand.Reader, Log: log,
		Callback: here + "/at/dev/ussd", Events: here + "/at/dev/events", Reports: here + "/at/dev/delivery", Inbound: here + "/at/dev/sms",
		ShortCode: devShortCode, Codes: c.Services, People: players(),
	})
	provider.Mount(w.g.http)
	w.server.Config.Handler = w.g.http
	w.server.Start()
	sending, stop := context.WithCancel(context.Background())
	var dispatcher sync.WaitGroup
	dispatcher.Go(func() { w.g.dispatcher.Run(core.Watched(sending, w.g.traces)) })
	dispatcher.Go(func() { provider.Run(sending) })
	w.t.Cleanup(func() {
		stop()
		dispatcher.Wait()
		w.server.Close()
		w.g.close()
		_ = w.db.Close()
	})
}

// open registers somebody, with money that an agent took from her.
func (w *world) open(name string, p core.Party, digits string, money core.Amount) core.Party {
	w.t.Helper()
	pin, err := core.ParsePIN(digits)
	if err != nil {
		w.t.Fatal(err)
	}
	w.pins[digits] = true
	p, err = w.g.wallet.Open(w.t.Context(), p, pin, "")
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	w.people[name] = p
	if money == 0 {
		return p
	}
	if p.Kind == core.Subscriber {
		w.move(core.Deposit, w.counter().Account, p.Account, money)
	} else {
		w.move(core.Issue, core.Trust, p.Account, money)
	}
	return p
}

// counter is the agent over whose counter everybody's money came.
func (w *world) counter() core.Party {
	if p, ok := w.people["njeri"]; ok {
		return p
	}
	return w.open("njeri", core.Party{
		Kind: core.Agent, Status: core.Active, Tier: core.TierTrade, Name: "MAMA NJERI SHOP", Phone: "+254722000001",
		Number: "10021", Lang: core.English,
	}, "258025", 10_000_000*core.Shilling)
}

func (w *world) move(op core.Operation, from, to core.AccountID, amount core.Amount) {
	w.t.Helper()
	// Larger than an agent may move at once, and nobody's errand, so without limits: in pieces.
	for n := 0; amount > 0; n++ {
		piece := min(amount, 150_000*core.Shilling)
		if op == core.Issue {
			piece = amount
		}
		amount -= piece
		o, err := w.g.store.Post(w.t.Context(), wallet.Order{Posting: ledger.Posting{
			Request: core.RequestID(fmt.Sprintf("test:%s:%d:%d", op, to, n)), Action: ledger.Move, Operation: op,
			From: from, To: to, Amount: piece,
			Entries: []ledger.Entry{{Account: from, Amount: -piece}, {Account: to, Amount: piece}},
		}})
		if err != nil || o.Err() != nil {
			w.t.Fatalf("%s: %v, %v", op, err, o.Err())
		}
	}
}

// handset is one phone in one call.
type handset struct {
	number  string
	session string
	service string
	texts   []string // of every turn so far
	screen  string   // that the last page showed
}

// dial begins a call.
func (w *world) dial(number, code string) (*handset, string) {
	service, text := splitDial(code, []string{devService})
	h := &handset{number: number, session: "ATUid_" + randomHex(16), service: service}
	return h, w.send(h, text)
}

// say types an answer.
func (w *world) say(h *handset, answer string) string { return w.send(h, w.typed(h, answer)) }

// typed is the text of a call once an answer more was typed.
func (w *world) typed(h *handset, answer string) string {
	switch {
	case strings.HasSuffix(h.screen, ".code"):
		w.codes[answer] = true
	case strings.HasSuffix(h.screen, ".pin"), strings.HasPrefix(h.screen, "pin."), h.screen == "register.again", h.screen == "start.again":
		w.pins[answer] = true
	}
	text := answer
	if last := h.texts[len(h.texts)-1]; last != "" {
		text = last + "*" + answer
	}
	return text
}

// send is one callback, as the provider makes it.
func (w *world) send(h *handset, text string) string {
	h.texts = append(h.texts, text)
	return w.post(h, text)
}

// post is a callback whose page is seen: if it is the last, the provider tells so.
func (w *world) post(h *handset, text string) string {
	page := w.callback(h, text)
	if strings.HasPrefix(page, "END ") {
		w.event(h, "Success")
	}
	return page
}

func (w *world) callback(h *handset, text string) string {
	res, err := http.PostForm(w.server.URL+"/at/"+devSecret+"/ussd", url.Values{
		"sessionId": {h.session}, "phoneNumber": {h.number}, "networkCode": {"63902"}, "serviceCode": {h.service}, "text": {text},
	})
	if err != nil {
		w.t.Error(err)
		return ""
	}
	defer res.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		w.t.Errorf("status %d, %v", res.StatusCode, err)
	}
	h.screen = res.Header.Get("at-ussd-hop-metadata")
	w.saw(h.screen)
	return string(body)
}

var screensLock sync.Mutex

func (w *world) saw(screen string) {
	screensLock.Lock()
	defer screensLock.Unlock()
	w.screens[screen] = true
}

// ownClock is the machine's clock, so far ahead or behind. It begins at noon sharp: a dialogue has a minute
// until the times in its messages change.
type ownClock struct{ ahead atomic.Int64 }

func (c *ownClock) offset() time.Duration { return time.Duration(c.ahead.Load()) }
func (c *ownClock) read() time.Time       { return time.Now().Add(c.offset()) }
func (c *ownClock) move(d time.Duration)  { c.ahead.Add(int64(d)) }

// sameRandom gives the same bytes in every run, so that receipts can stand in a dialogue.
type sameRandom struct {
	sync.Mutex
	r *mathrand.ChaCha8
}

func (s *sameRandom) Read(b []byte) (int, error) {
	s.Lock()
	defer s.Unlock()
	return s.r.Read(b)
}

// lockedBuffer is a log that many write to.
type lockedBuffer struct {
	sync.Mutex
	b strings.Builder
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.Lock()
	defer l.Unlock()
	return l.b.String()
}

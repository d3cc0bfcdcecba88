// Package sandbox is an Africa's Talking that fits on a laptop, with the phones and the network between
// them and an application; hostile on request. It plays the other side, so it knows nothing of how Piga is
// built, and any application that speaks to Africa's Talking can be tried with it.
//
// # Map
//
//	provider.go   who may come in, and the days on which the provider is down
//	messaging.go  POST /version1/messaging; fate.go the numbers whose messages meet a fate
//	airtime.go    POST /version1/airtime/send
//	user.go       GET /version1/user: what is left of the money
//	phone.go      a phone: dial, answer, hang up; network.go its operator, and what fits on a page there
//	call.go       a call from dialling to its end; hop.go one callback of it; event.go the end event
//	report.go     delivery reports; texting.go texts from phones; inbox.go texts to them
//	deliver.go    what is posted to the application later, and again
//	hostility.go  every kind of it, and how likely; dice.go why a seed repeats a run
//	wire.go       what went over the wire; feed.go the same, live, with what the phones show
//	http.go       the sandbox's own paths, for a page, curl and tests; origin.go whose page
//	page.go       the page with the handsets, whose files are in web
//
// # The sandbox's own paths
//
// They take JSON or a form and answer with JSON; an error is {"error": code, "detail": words}. Phone numbers
// are Kenyan in any spelling, or E.164.
//
//	GET  /                                the page with the handsets
//	GET  /sandbox/state                   the phones, the known people, hostility, the application's URLs
//	GET  /sandbox/events                  server-sent events, see below
//	POST /sandbox/phones                  {number, network}: adds a phone, or moves it to another operator
//	POST /sandbox/phones/{number}/dial    {code}: answers with the phone once a page has come, or none will
//	POST /sandbox/phones/{number}/answer  {text}: likewise
//	POST /sandbox/phones/{number}/hangup  answers with the phone
//	POST /sandbox/messages                {from, text}: an SMS to the short code
//	GET  /sandbox/messages?phone=         what was sent to a phone, or to all, newest first
//	PUT  /sandbox/hostility               {kind: probability}: kinds that are not named are off
//
// The events are "phone" (a [View]), "message" (a [Message]) and "wire" (a [Line]). A reader gets what is
// remembered first. One who comes again with Last-Event-ID gets what came after it; if that is no longer
// known, a "reset" comes before what is.
//
// The wire is shown as it is: PINs and all. Real ones have no business here.
package sandbox

import (
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

// Config is what a sandbox needs. All but the first three may be empty.
type Config struct {
	Clock  core.Clock
	Random io.Reader // secure random bytes, for ids
	Log    *slog.Logger

	Callback  string   // URL that USSD callbacks are posted to; empty, no call gets through
	Events    string   // URL that end events are posted to; empty, none are
	Reports   string   // URL that delivery reports are posted to; empty, none are
	Inbound   string   // URL that texts from phones are posted to; empty, none are taken
	Codes     []string // service codes, such as *384*96#; empty, whatever is dialled is one
	ShortCode string   // that texts are sent to; 38496
	Key       string   // the only apiKey that is right; empty, any is
	Senders   []string // the only names and short codes to send from; empty, any is
	People    []Person // whose phones a page may offer
	Try       []string // what to try first, in steps, for who opens the page
	Phones    int      // how many there may be; 100

	Seed      uint64     // the same seed, the same decisions
	Hostility Hostility  // to begin with; nil is none
	Watch     func(Line) // is told every line of the wire, by many at once; it must neither wait nor ask the sandbox

	Limits
	HTTP *http.Client // posts to the application; nil for a plain one
}

// Limits are the durations of the provider and of the network. Zero is what comes after the semicolon.
type Limits struct {
	Turn        time.Duration // the application must have answered a callback; 10 s
	Idle        time.Duration // the caller must have answered a page; 45 s, networks have 30 to 60
	Session     time.Duration // a call must be over; 180 s
	ReportAfter time.Duration // a message that was taken is reported; 1 s
	RepeatAfter time.Duration // a text that was not taken is posted again; 1 min
	Delay       time.Duration // the most by which hostility delays anything; 3 s
	Hang        time.Duration // an SMS that hostility lets time out is left without an answer; 15 s
	Down        time.Duration // the provider is down when hostility takes it down; 1 min
}

// Person is somebody whose phone can be played.
type Person struct {
	Name   string `json:"name"`
	Number string `json:"number"`         // E.164
	What   string `json:"what"`           // such as "agent 10021"
	Hint   string `json:"hint,omitempty"` // what one must know to play her, such as "PIN 2580"
}

// Sandbox is the provider, the network and the phones. It is safe for concurrent use.
type Sandbox struct {
	Config
	hostile  switches
	counts   counts
	feed     *feed
	jobs     *jobs
	inbox    inbox
	purse    purse
	outage   outage
	airtimes airtimes

	mu     sync.Mutex
	phones map[string]*Phone // by number
	added  []*Phone          // in that order
}

// New makes a sandbox. What it posts by itself, which is everything but the hops of calls, goes out while
// Run runs.
func New(c Config) *Sandbox {
	if c.ShortCode == "" {
		c.ShortCode = defaultShortCode
	}
	if c.Phones == 0 {
		c.Phones = 100
	}
	if c.HTTP == nil {
		c.HTTP = plainClient()
	}
	c.Limits = c.filled()
	s := &Sandbox{Config: c, feed: newFeed(c.Random), jobs: newJobs(), phones: map[string]*Phone{}}
	s.hostile.set(c.Hostility)
	return s
}

func (l Limits) filled() Limits {
	for _, d := range []struct {
		value     *time.Duration
		otherwise time.Duration
	}{
		{&l.Turn, 10 * time.Second},
		{&l.Idle, 45 * time.Second},
		{&l.Session, 180 * time.Second},
		{&l.ReportAfter, time.Second}, // the application should know the id by then
		{&l.RepeatAfter, time.Minute},
		{&l.Delay, 3 * time.Second},
		{&l.Hang, 15 * time.Second},
		{&l.Down, time.Minute},
	} {
		if *d.value == 0 {
			*d.value = d.otherwise
		}
	}
	return l
}

// plainClient keeps as many connections as there may be phones in a hurry, and follows nobody elsewhere: the
// provider takes a redirect for a wrong answer.
func plainClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
		Timeout:       30 * time.Second, // the limits above are shorter
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Mount adds the provider's paths, as it has them, and the sandbox's own, under /sandbox.
func (s *Sandbox) Mount(e *echo.Echo) {
	v1 := e.Group("/version1", bounded, ownPage, s.provider)
	v1.POST("/messaging", s.messaging)
	v1.POST("/airtime/send", s.airtime)
	v1.GET("/user", s.user)
	e.GET("/", s.page)
	own := e.Group("/sandbox", bounded, ownPage)
	own.GET("/web/:file", s.pageFile)
	own.GET("/state", s.state)
	own.GET("/events", s.stream)
	own.POST("/phones", s.addPhone)
	own.POST("/phones/:number/dial", s.dial)
	own.POST("/phones/:number/answer", s.answer)
	own.POST("/phones/:number/hangup", s.hangUp)
	own.GET("/messages", s.showInbox)
	own.POST("/messages", s.text)
	own.PUT("/hostility", s.setHostility)
}

// Package sandbox is an Africa's Talking that fits on a laptop: it speaks the provider's wire, and shows
// what arrived. It plays the other side, so it knows nothing of how Piga is built, and any application
// that speaks to Africa's Talking can be tried with it.
package sandbox

import (
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

// keeps is how many messages are remembered: enough for an afternoon. A tenth more are let in before the
// oldest go, so that they go many at a time.
const keeps = 10_000

// Config is what a sandbox needs. The second half may be empty.
type Config struct {
	Clock  core.Clock
	Random io.Reader // secure random bytes, for ids
	Log    *slog.Logger

	Key         string        // the only apiKey that is right; empty, any is
	Senders     []string      // the only names and short codes to send from; empty, any is
	Reports     string        // URL that delivery reports are posted to; empty, none are
	ReportAfter time.Duration // how long after a message was taken it is reported; 1 s
	Inbound     string        // URL that texts from phones are posted to; empty, none are taken
	ShortCode   string        // that they are sent to; 38496
	RepeatAfter time.Duration // how long after it was not taken a text is posted again; 1 min
	HTTP        *http.Client  // posts reports and texts; nil for a plain one
}

// Sandbox is the provider. It is safe for concurrent use.
type Sandbox struct {
	Config
	reports chan report
	texts   chan texted

	mu       sync.Mutex
	messages []Message // oldest first
}

// Message is an SMS that was taken.
type Message struct {
	ID   string    `json:"id"`
	From string    `json:"from"`
	To   string    `json:"to"` // E.164
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// New makes a sandbox. Its delivery reports, and texts from phones, go out while Run runs.
func New(c Config) *Sandbox {
	if c.ReportAfter == 0 {
		c.ReportAfter = time.Second // the application should know the id by then
	}
	if c.RepeatAfter == 0 {
		c.RepeatAfter = time.Minute
	}
	if c.ShortCode == "" {
		c.ShortCode = defaultShortCode
	}
	if c.HTTP == nil {
		c.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	return &Sandbox{Config: c, reports: make(chan report, waiting), texts: make(chan texted, waiting)}
}

// Mount adds the provider's paths, as it has them, and the sandbox's own, under /sandbox.
func (s *Sandbox) Mount(e *echo.Echo) {
	e.POST("/version1/messaging", s.messaging)
	e.GET("/sandbox/messages", s.inbox)
	e.POST("/sandbox/messages", s.text)
}

// Messages are those to a number in E.164, newest first; all when it is empty.
func (s *Sandbox) Messages(to string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []Message{}
	for _, m := range slices.Backward(s.messages) {
		if to == "" || m.To == to {
			found = append(found, m)
		}
	}
	return found
}

func (s *Sandbox) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	if len(s.messages) > keeps+keeps/10 {
		s.messages = slices.Delete(s.messages, 0, len(s.messages)-keeps)
	}
}

// inbox shows messages to those who look: a browser, curl, a test. A "+" that nobody escaped has become
// a space on its way, and is understood all the same.
func (s *Sandbox) inbox(c echo.Context) error {
	typed := c.QueryParam("phone")
	if typed == "" {
		return c.JSON(http.StatusOK, s.Messages(""))
	}
	phone, err := core.ParseMSISDN(typed)
	if err != nil {
		return c.JSON(http.StatusBadRequest,
			problem(core.CodeOf(err), "phone: "+err.Error()+"; write it as 0711000001 or %2B254711000001"))
	}
	return c.JSON(http.StatusOK, s.Messages(string(phone)))
}

package sandbox

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// outage is when the provider comes up again.
type outage struct {
	mu    sync.Mutex
	until time.Time
}

func (o *outage) begin(until time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.until = until
}

func (o *outage) on(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return now.Before(o.until)
}

// asked is what a request to the provider came with, kept for its line in the wire log.
const asked = "sandbox.asked"

// exchange is one request to the provider.
type exchange struct {
	line Line
	at   occasion
}

// provider is before each of the provider's paths: it writes the line of the request, turns it away on bad
// days, and checks the key.
func (s *Sandbox) provider(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := c.Request().ParseForm(); err != nil {
			return c.String(http.StatusBadRequest, "The request's form cannot be read")
		}
		form := c.Request().Form
		first, _, _ := strings.Cut(form.Get("to"), ",")
		x := &exchange{at: s.counts.next("request " + first[:min(len(first), 20)])}
		x.line = Line{At: s.Clock(), What: what(c.Path()), Sent: form.Encode()}
		c.Set(asked, x)
		if s.outage.on(x.line.At) {
			x.line.Note = "the provider is down"
			return s.reply(c, x, http.StatusServiceUnavailable, echo.MIMETextHTML, nil)
		}
		x.line.Did = s.strikes(x.at, TooMany, ProviderDown)
		switch did := struck(x.line.Did); {
		case did.by(ProviderDown):
			s.outage.begin(x.line.At.Add(s.Down))
			return s.reply(c, x, http.StatusServiceUnavailable, echo.MIMETextHTML, nil)
		case did.by(TooMany):
			return s.reply(c, x, http.StatusTooManyRequests, echo.MIMETextPlain, []byte("Too Many Requests"))
		}
		if s.Key != "" && subtle.ConstantTimeCompare([]byte(c.Request().Header.Get("apiKey")), []byte(s.Key)) != 1 {
			return s.reply(c, x, http.StatusUnauthorized, echo.MIMETextPlainCharsetUTF8, []byte("The supplied authentication is invalid"))
		}
		return next(c)
	}
}

// what is the name of a path in the wire log.
func what(path string) string {
	switch {
	case strings.HasSuffix(path, "messaging"):
		return "sms"
	case strings.HasSuffix(path, "send"):
		return "airtime"
	}
	return "user"
}

func exchangeOf(c echo.Context) *exchange {
	x, ok := c.Get(asked).(*exchange)
	if !ok { // provider sets it
		return &exchange{}
	}
	return x
}

// reply answers, and writes the line.
func (s *Sandbox) reply(c echo.Context, x *exchange, status int, contentType string, body []byte) error {
	x.line.Status, x.line.Got, x.line.TookMS = status, string(body), milliseconds(s.Clock().Sub(x.line.At))
	s.write(x.line)
	return c.Blob(status, contentType, body)
}

// lacks answers a request without one of the fields.
func (s *Sandbox) lacks(c echo.Context, fields ...string) (lacks bool, err error) {
	for _, field := range fields {
		if c.FormValue(field) == "" {
			return true, s.reply(c, exchangeOf(c), http.StatusBadRequest, echo.MIMETextPlainCharsetUTF8,
				[]byte("Request is missing required form field '"+field+"'"))
		}
	}
	return false, nil
}

func (s *Sandbox) newID(prefix string) (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(s.Random, b); err != nil {
		return "", fmt.Errorf("sandbox: an id: %w", err)
	}
	return prefix + hex.EncodeToString(b), nil
}

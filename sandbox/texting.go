package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

const (
	// repeats is how often a text is posted at the most until it is answered with 200: twelve hours, as the
	// provider does.
	repeats = 12 * 60
	// defaultShortCode is where texts go when nobody says.
	defaultShortCode = "38496"
)

// texted is an SMS from a phone to the short code, on its way to the application.
type texted struct {
	form  url.Values
	due   time.Time
	tries int
}

// text takes an SMS from a phone: from and text, as a form or as JSON. The application gets it while Run
// runs.
func (s *Sandbox) text(c echo.Context) error {
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, mostForm)
	var typed struct {
		From string `json:"from" form:"from"`
		Text string `json:"text" form:"text"`
	}
	if err := c.Bind(&typed); err != nil {
		return c.JSON(http.StatusBadRequest, problem("bad_request", "post from and text, as a form or as JSON"))
	}
	// A "+" that nobody escaped has become a space on its way.
	from, err := core.ParseMSISDN(strings.TrimSpace(typed.From))
	if err != nil {
		return c.JSON(http.StatusBadRequest, problem(core.CodeOf(err), "from: "+err.Error()+"; write it as 0711000001"))
	}
	if s.Inbound == "" {
		return c.JSON(http.StatusNotFound, problem("no_application", "no application takes texts here"))
	}
	id, err := s.newID()
	if err != nil {
		return err
	}
	form := url.Values{
		"date": {s.Clock().UTC().Format(time.RFC3339)}, "from": {string(from)}, "to": {s.ShortCode}, "text": {typed.Text},
		"id": {id}, "networkCode": {sandboxNetwork}, "cost": {"0"},
	}
	select {
	case s.texts <- texted{form: form}:
		return c.JSON(http.StatusCreated, map[string]string{"id": id, "from": string(from), "to": s.ShortCode, "text": typed.Text})
	default:
		return c.JSON(http.StatusServiceUnavailable, problem("busy", "too many texts are waiting for the application"))
	}
}

func problem[T ~string](code T, detail string) map[string]string {
	return map[string]string{"error": string(code), "detail": detail}
}

// runTexts posts texts, one after the other. One that is not taken is posted again later.
func (s *Sandbox) runTexts(ctx context.Context) {
	var refused []texted // oldest first, and so the one that is due first
	for {
		var due <-chan time.Time
		if len(refused) > 0 {
			due = time.After(refused[0].due.Sub(s.Clock()))
		}
		select {
		case <-ctx.Done():
			return
		case t := <-s.texts:
			refused = s.deliver(ctx, t, refused)
		case <-due:
			t := refused[0]
			refused = s.deliver(ctx, t, refused[1:])
		}
	}
}

// deliver posts a text once, and puts it behind those that were refused when it was refused too.
func (s *Sandbox) deliver(ctx context.Context, t texted, refused []texted) []texted {
	answered, err := s.postForm(ctx, s.Inbound, t.form)
	t.tries++
	if answered == http.StatusOK || ctx.Err() != nil {
		return refused
	}
	s.Log.Warn("text not taken", "id", t.form.Get("id"), "tries", t.tries, "answered", answered, "error", err)
	if t.tries >= repeats || len(refused) >= waiting {
		return refused
	}
	t.due = s.Clock().Add(s.RepeatAfter)
	return append(refused, t)
}

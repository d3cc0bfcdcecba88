package sandbox

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// repeats is how often a text is posted at the most until it is answered with 200: twelve hours, as the
	// provider does.
	repeats = 12 * 60
	// defaultShortCode is where texts go when nobody says.
	defaultShortCode = "38496"
	// mostText bounds a text, in bytes: ten parts, which is what phones send.
	mostText = 1530
)

// text takes an SMS from a phone: from and text.
func (s *Sandbox) text(c echo.Context) error {
	var typed struct {
		From string `json:"from" form:"from"`
		Text string `json:"text" form:"text"`
	}
	if err := bind(c, &typed, "from and text"); err != nil {
		return err
	}
	id, from, err := s.Text(typed.From, typed.Text)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, map[string]string{"id": id, "from": from, "to": s.ShortCode, "text": typed.Text})
}

// Text sends an SMS from a phone, which need not be one of the sandbox's, to the short code. The application
// gets it while Run runs, each minute until it answers with 200. The number comes back in E.164. An error is
// a *Problem.
func (s *Sandbox) Text(from, words string) (id, number string, err error) {
	number, err = readNumber("from", from)
	if err != nil {
		return "", "", err
	}
	if len(words) > mostText {
		return "", "", problemf(http.StatusBadRequest, "too_long", "a text has %d bytes at the most", mostText)
	}
	if s.Inbound == "" {
		return "", "", problemf(http.StatusNotFound, "no_application", "no application takes texts here")
	}
	if id, err = s.newID("ATXid_"); err != nil {
		return "", "", err
	}
	did := s.strikes(s.counts.next("text from "+number), TextTwice)
	d := delivery{
		line: Line{What: "text", Phone: number, Did: did}, to: s.Inbound,
		form: url.Values{
			"date": {s.Clock().UTC().Format(time.RFC3339)}, "from": {number}, "to": {s.ShortCode}, "text": {words},
			"id": {id}, "networkCode": {s.networkNow(number)}, "cost": {"0"},
		},
		again: s.RepeatAfter, tries: repeats,
	}
	if !s.later(d) {
		return "", "", problemf(http.StatusServiceUnavailable, "busy", "too many texts are waiting for the application")
	}
	if did.by(TextTwice) {
		d.wait, d.line.Note = s.RepeatAfter, "once more, though it may have been taken"
		s.later(d)
	}
	return id, number, nil
}

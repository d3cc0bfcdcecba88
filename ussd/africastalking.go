package ussd

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// The dialect of Africa's Talking: forms in, "CON " or "END " out, always with status 200, as any other
// shows on the phone as "Connection problem or invalid MMI code". Source: the provider's documentation of
// the USSD callback.

// africasTalking answers its callbacks.
type africasTalking struct{ *Gateway }

// Mount serves Africa's Talking under a group whose path ends with /:secret and that a Guard's middleware
// keeps: POST /ussd for turns, POST /events for the ends of sessions.
func (g *Gateway) Mount(group *echo.Group) {
	at := africasTalking{g}
	group.Any("/ussd", at.only(http.MethodPost, at.callback))
	group.Any("/events", at.only(http.MethodPost, at.event))
}

// only is done here and not by the router, so that the guard comes before it.
func (at africasTalking) only(method string, h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Method != method {
			at.refuse(c, wrongMethod)
			c.Response().Header().Set(echo.HeaderAllow, method)
			return echo.ErrMethodNotAllowed
		}
		return h(c)
	}
}

// A reason is why a callback was refused.
type reason string

const (
	wrongSecret   reason = "secret"
	wrongAddress  reason = "address" // not on the allow-list
	wrongMethod   reason = "method"
	tooLarge      reason = "too_large"
	brokenBody    reason = "body" // ended before its time
	wrongType     reason = "content_type"
	brokenForm    reason = "encoding" // broken percent-encoding
	missingField  reason = "missing_field"
	repeatedField reason = "repeated_field"
	badSession    reason = "session"
	badPhone      reason = "phone"
	notKenyan     reason = "phone_foreign"
	badText       reason = "text" // not UTF-8
)

func (r reason) Error() string { return "ussd: callback refused: " + string(r) }

const largestBody = 16 << 10

func (at africasTalking) callback(c echo.Context) error {
	form, err := readForm(c)
	var cb Callback
	if err == nil {
		cb, err = parseCallback(form)
	}
	if err == nil {
		return respond(c, at.Turn(c.Request().Context(), cb))
	}
	why := reasonOf(err)
	at.refuse(c, why)
	if why == tooLarge {
		return c.String(http.StatusRequestEntityTooLarge, "too large\n")
	}
	key := text.Key("call.unreadable")
	if why == notKenyan {
		key = "call.not_kenyan"
	}
	words := at.Words[core.Langs[0]].Say(key, text.Args{"why": strings.ReplaceAll(string(why), "_", " ")})
	return respond(c, Reply{Text: words, End: true, Screen: key})
}

// hopMetadata is written as net/http keeps it, which else would spell it so each time.
const hopMetadata = "At-Ussd-Hop-Metadata"

// respond has the prefix at the very beginning: a blank before it breaks the session. What the header says
// comes back in the end event; it holds up to 99 characters.
func respond(c echo.Context, r Reply) error {
	prefix := "CON "
	if r.End {
		prefix = "END "
	}
	if len(r.Screen) <= 99 && !strings.Contains(string(r.Screen), "|") {
		c.Response().Header().Set(hopMetadata, string(r.Screen))
	}
	return c.String(http.StatusOK, prefix+r.Text)
}

// refuse counts what is not a callback and tells operators why; what it held stays out of the log.
func (g *Gateway) refuse(c echo.Context, why reason) {
	g.Metrics.refuse(why)
	g.Log.LogAttrs(c.Request().Context(), slog.LevelWarn, "callback refused",
		slog.String("route", c.Path()), slog.String("reason", string(why)))
}

func reasonOf(err error) reason {
	why := brokenBody
	errors.As(err, &why)
	return why
}

// readForm reads the body alone. What a URL says ends up in logs on the way, so nothing is taken from there.
func readForm(c echo.Context) (url.Values, error) {
	r := c.Request()
	body, err := io.ReadAll(http.MaxBytesReader(c.Response(), r.Body, largestBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge
	case err != nil:
		return nil, brokenBody
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType)); err != nil || t != echo.MIMEApplicationForm {
		return nil, wrongType
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, brokenForm
	}
	return form, nil
}

// parseCallback reads the fields that matter. networkCode is documented too, but its values are an open set
// and no turn depends on them; a field that is new is none of our business.
func parseCallback(form url.Values) (Callback, error) {
	for _, name := range []string{"sessionId", "phoneNumber", "serviceCode", "text"} {
		switch len(form[name]) {
		case 0:
			return Callback{}, missingField
		case 1:
		default:
			return Callback{}, repeatedField
		}
	}
	cb := Callback{Session: form.Get("sessionId"), Service: form.Get("serviceCode"), Text: form.Get("text")}
	phone, err := parsePhone(form.Get("phoneNumber"))
	switch {
	case core.CodeOf(err) == core.PhoneForeign:
		return Callback{}, notKenyan
	case err != nil:
		return Callback{}, badPhone
	case !printable(cb.Session, 128):
		return Callback{}, badSession
	case !utf8.ValidString(cb.Text):
		return Callback{}, badText
	}
	cb.Phone = phone
	return cb, nil
}

// parsePhone reads E.164 with its "+". Some tools send that raw, where it means a blank: it is repaired when
// that gives a valid number.
func parsePhone(s string) (core.MSISDN, error) {
	if rest, ok := strings.CutPrefix(s, " "); ok {
		s = "+" + rest
	}
	if !strings.HasPrefix(s, "+") || strings.ContainsAny(s, " -") {
		return "", badPhone
	}
	return core.ParseMSISDN(s)
}

// printable is true of 1 to most ASCII characters that show, without a blank.
func printable(s string, most int) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= most
}

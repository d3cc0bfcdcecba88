package ussd

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// shown is the status of a call whose last page was an END, and reached the phone.
const shown = "Success"

// statuses of an end event: the last page was an END; the caller left or timed out; our answer broke.
var statuses = []string{shown, "Incomplete", "Failed"}

// event counts how sessions end, and notes which errands were seen to their end, so that nobody is told of them
// again. Nothing depends on it: the provider's sandbox was seen not to send these events, and nobody says
// that they come once or in order. Two of its fields must go nowhere: input, which
// holds the PIN, and lastAppResponse. The answer is always 200, as there is nothing that sending it again
// would mend.
func (at africasTalking) event(c echo.Context) error {
	form, err := readForm(c)
	if err != nil {
		at.refuse(c, reasonOf(err))
		return c.String(http.StatusOK, "")
	}
	status, screen := form.Get("status"), lastHop(form.Get("hopsMetadata"))
	if !slices.Contains(statuses, status) {
		status = other
	}
	at.Metrics.end(status, screen, form.Get("networkCode"))
	attrs := []slog.Attr{slog.String("status", status), slog.String("screen", at.Metrics.screen(screen))}
	if id := form.Get("sessionId"); printable(id, 128) {
		attrs = append(attrs, slog.String("call", id))
		if service := form.Get("serviceCode"); status == shown && at.services[service] {
			at.seen(c.Request().Context(), Callback{Session: id, Service: service}.Request())
		}
	}
	at.Log.LogAttrs(c.Request().Context(), slog.LevelInfo, "call ended", attrs...)
	return c.String(http.StatusOK, "")
}

// Marks that are being made at once, and how long one may take. One more is left out: then the customer is
// told once more than needed.
const (
	mostMarks  = 8
	markWithin = 2 * time.Second
)

// seen does not keep the event waiting.
func (g *Gateway) seen(ctx context.Context, r core.RequestID) {
	select {
	case g.marking <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-g.marking }()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), markWithin)
		defer cancel()
		if err := g.Errands.Seen(ctx, r); err != nil {
			g.Log.LogAttrs(ctx, slog.LevelWarn, "an errand could not be marked as seen",
				slog.String("request", string(r)), slog.String("err", string(core.CodeOf(err))))
		}
	}()
}

// lastHop is the screen of the last hop. How several hops are joined is not documented; that the header
// must not hold a "|" tells by what.
func lastHop(metadata string) text.Key {
	hops := strings.Split(strings.TrimRight(metadata, "| "), "|")
	return text.Key(strings.TrimSpace(hops[len(hops)-1]))
}

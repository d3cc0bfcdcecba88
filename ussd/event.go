package ussd

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core/text"
)

// statuses of an end event: the last page was an END; the caller left or timed out; our answer broke.
var statuses = []string{"Success", "Incomplete", "Failed"}

// event counts how sessions end, and marks nothing else: the provider's sandbox was seen not to send these
// events, and nobody says that they come once or in order. Two of its fields must go nowhere: input, which
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
	at.Metrics.end(status, screen)
	attrs := []slog.Attr{slog.String("status", status), slog.String("screen", at.Metrics.screen(screen))}
	if id := form.Get("sessionId"); printable(id, 128) {
		attrs = append(attrs, slog.String("call", id))
	}
	at.Log.LogAttrs(c.Request().Context(), slog.LevelInfo, "call ended", attrs...)
	return c.String(http.StatusOK, "")
}

// lastHop is the screen of the last hop. How several hops are joined is not documented; that the header
// must not hold a "|" tells by what.
func lastHop(metadata string) text.Key {
	hops := strings.Split(strings.TrimRight(metadata, "| "), "|")
	return text.Key(strings.TrimSpace(hops[len(hops)-1]))
}

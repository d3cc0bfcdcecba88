package ussd_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/labstack/echo/v4"
)

// TestWire posts raw bodies and compares what goes back. "new" begins with a fresh gateway; SESSION in a
// body is a session that no other file has. The script's pages tell how often the menus were asked, and
// for what.
func TestWire(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ussd.txt", "ussd_refused.txt", "events.txt"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, "")
			datadriven.RunTest(t, "../testdata/wire/"+name, func(t *testing.T, d *datadriven.TestData) string {
				method, path, contentType, count := http.MethodPost, "ussd", echo.MIMEApplicationForm, 0
				d.MaybeScanArgs(t, "method", &method)
				d.MaybeScanArgs(t, "type", &contentType)
				d.MaybeScanArgs(t, "pad", &count)
				switch d.Cmd {
				case "new":
					s = newStand(t, "")
					return ""
				case "counted":
					labels := strings.Fields(d.Input)
					return fmt.Sprintln(s.counted(labels[0], labels[1:]...))
				case "event":
					path = "events"
				case "callback":
				default:
					t.Fatalf("unknown command %q", d.Cmd)
				}
				body := strings.ReplaceAll(d.Input, "SESSION", s.session) + strings.Repeat("1", count)
				r := httptest.NewRequestWithContext(t.Context(), method, "/at/"+secret+"/"+path, strings.NewReader(body))
				r.Header.Set(echo.HeaderContentType, contentType)
				w := httptest.NewRecorder()
				s.server.ServeHTTP(w, r)
				return shown(w)
			})
		})
	}
}

// shown is an answer as the aggregator sees it, less what no aggregator looks at.
func shown(w *httptest.ResponseRecorder) string {
	var b strings.Builder
	fmt.Fprintln(&b, w.Code, w.Header().Get(echo.HeaderContentType))
	for _, name := range []string{"at-ussd-hop-metadata", "Allow"} {
		if v := w.Header().Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	if body := strings.TrimSuffix(w.Body.String(), "\n"); body != "" {
		fmt.Fprintln(&b, body)
	}
	return b.String()
}

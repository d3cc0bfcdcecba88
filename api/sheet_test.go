package api

import (
	"encoding/csv"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// sheets serves one route that answers a sheet, behind a server that is in a hurry.
func sheets(t *testing.T, patience time.Duration, s sheet) *httptest.Server {
	t.Helper()
	metrics, err := NewMetrics(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Config{
		Words: words, Clock: time.Now, Random: strings.NewReader(strings.Repeat("x", 1000)), Metrics: metrics, Log: slog.New(slog.DiscardHandler),
		Address: func(*http.Request) netip.Addr { return netip.Addr{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	r := Route{Method: http.MethodGet, Path: "/api/sheet", Patience: patience, Do: do(func(*visit, nothing) (sheet, error) { return s, nil })}
	a.http.GET(r.Path, func(c echo.Context) error { return a.serve(c, r) })
	server := httptest.NewUnstartedServer(a)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// counted are so many lines, each seen by a function before it is given.
func counted(n int, see func(i int) error) func(func([]string, error) bool) {
	return func(yield func([]string, error) bool) {
		for i := range n {
			err := see(i)
			if !yield([]string{"2026-11-21T15:00:00+03:00", strconv.Itoa(i), "1234.50", "254711000001"}, err) || err != nil {
				return
			}
		}
	}
}

// A million lines take no more memory than a few, and longer than the server has time for others. It runs alone, as the heap
// is everybody's.
func TestSheetIsNotKept(t *testing.T) { //nolint:paralleltest // see above
	const lines = 1_000_000
	var before, during, most uint64
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	freed := make(chan bool, 1)
	server := sheets(t, time.Minute, sheet{
		name: "a.csv", head: []string{"a", "b", "c", "d"}, free: func() { freed <- true },
		lines: counted(lines, func(i int) error {
			if i == 0 {
				before = heap()
			}
			if i%100_000 == 99_999 {
				during = heap()
				most = max(most, during)
			}
			return nil
		}),
	})
	res, err := http.Get(server.URL + "/api/sheet")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	if res.Header.Get("Content-Type") != "text/csv; charset=utf-8; header=present" || res.Header.Get("Content-Disposition") != `attachment; filename="a.csv"` {
		t.Errorf("%v", res.Header)
	}
	r := csv.NewReader(res.Body)
	r.ReuseRecord = true
	n := 0
	for {
		if _, err = r.Read(); err != nil {
			break
		}
		n++
	}
	if !errors.Is(err, io.EOF) || n != lines+1 {
		t.Errorf("%d lines, %v", n, err)
	}
	<-freed
	t.Logf("heap: %d KB before, %d KB at most", before>>10, most>>10)
	if most > before+8<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, most)
	}
}

// What goes wrong before anything was written is told as always; later, what was written ends in the middle, so that
// nobody takes it for all.
func TestBrokenSheet(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]int{"at once": 0, "soon": 3, "late": 10_000} {
		server := sheets(t, time.Minute, sheet{
			name: "a.csv", head: []string{"a"}, free: func() {},
			lines: counted(20_000, func(i int) error {
				if i == at {
					return core.Errorf(core.Unavailable, "gone")
				}
				return nil
			}),
		})
		res, err := http.Get(server.URL + "/api/sheet")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if told := at < 100; told != (err == nil) || told != (res.StatusCode == http.StatusServiceUnavailable && strings.Contains(string(body), `"unavailable"`)) ||
			told != strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d %v, %d bytes, %v", name, res.StatusCode, res.Header, len(body), err)
		}
	}
}

// What is no route is answered and written down like a route.
func TestNoRoute(t *testing.T) {
	t.Parallel()
	server := sheets(t, time.Minute, sheet{})
	res, err := http.Get(server.URL + "/api/nothing")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusNotFound || !strings.Contains(string(body), `"unknown_route"`) {
		t.Errorf("%d %s, %v", res.StatusCode, body, err)
	}
}

// A reader who has gone, or takes nothing for too long, ends it.
func TestSheetEndsWithItsReader(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*http.Response){
		"gone":     func(res *http.Response) { _ = res.Body.Close() },
		"dawdling": func(*http.Response) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			patience := time.Minute
			if name == "dawdling" {
				patience = 100 * time.Millisecond
			}
			freed := make(chan bool, 1)
			server := sheets(t, patience, sheet{
				name: "a.csv", head: []string{"a"}, free: func() { freed <- true },
				lines: counted(1<<40, func(int) error { return nil }),
			})
			res, err := http.Get(server.URL + "/api/sheet")
			if err != nil {
				t.Fatal(err)
			}
			read(res)
			<-freed
			_ = res.Body.Close()
		})
	}
}

// hurried is the other side of an answer, which takes what it gets until a deadline is set.
type hurried struct {
	*httptest.ResponseRecorder
	over atomic.Bool
}

func (h *hurried) SetWriteDeadline(time.Time) error {
	h.over.Store(true)
	return nil
}

func (h *hurried) Write(b []byte) (int, error) {
	if h.over.Load() {
		return 0, os.ErrDeadlineExceeded
	}
	return h.ResponseRecorder.Write(b)
}

// What is rare takes long to find, and whoever waits for it did nothing wrong.
func TestSheetOfWhatIsRare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reader := &hurried{ResponseRecorder: httptest.NewRecorder()}
		v := &visit{ctx: t.Context(), echo: echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), reader)}
		s := sheet{
			name: "a.csv", head: []string{"a", "b", "c", "d"}, free: func() {},
			lines: counted(3, func(int) error {
				time.Sleep(2 * stalled) // of the bubble's time
				return nil
			}),
		}
		if err := s.send(v); err != nil || strings.Count(reader.Body.String(), "\n") != 4 {
			t.Errorf("%v: %q", err, reader.Body)
		}
	})
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	line := harmless([]string{"=1+1", "+254711000001", "-5", "@SUM(A1)", "\t=1", "\r=1", "JANE", "", "1234.50"})
	want := "'=1+1|'+254711000001|'-5|'@SUM(A1)|'\t=1|'\r=1|JANE||1234.50"
	if got := strings.Join(line, "|"); got != want {
		t.Errorf("%q", got)
	}
}

package sandbox

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// remembers is how many events a reader may have missed.
	remembers = 2000
	// beat is how often a stream says that it is alive, so that nobody in between cuts it.
	beat = 15 * time.Second
	// mostReaders bounds the streams.
	mostReaders = 50
)

// feed is what happened lately. Readers are not waited for: each reads on from where it was.
type feed struct {
	run     string // begins every id, so that those of another process are told apart
	readers chan struct{}

	mu      sync.Mutex
	events  []event
	last    uint64        // the number of the newest event
	changed chan struct{} // closed when there is another
	ended   bool
}

// event is one of the feed's. Its data are never changed.
type event struct {
	id   string
	kind string
	data any
}

func newFeed(random io.Reader) *feed {
	b := make([]byte, 4)
	_, _ = io.ReadFull(random, b) // zeros are as good, unless somebody reads on over a restart
	return &feed{run: hex.EncodeToString(b), readers: make(chan struct{}, mostReaders), changed: make(chan struct{})}
}

func (f *feed) add(kind string, data any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.events = append(f.events, event{fmt.Sprintf("%s-%d", f.run, f.last), kind, data})
	if len(f.events) > remembers+remembers/10 { // a tenth more are let in, so that the oldest go many at a time
		f.events = slices.Delete(f.events, 0, len(f.events)-remembers)
	}
	f.wake()
}

func (f *feed) wake() {
	if !f.ended {
		close(f.changed)
		f.changed = make(chan struct{})
	}
}

// end lets every reader go, so that a server can stop.
func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ended {
		f.ended = true
		close(f.changed)
	}
}

// after gives the events after one, or all that are remembered when that one is not: missed says so. The
// channel is closed when there is more; it stays closed, with nothing to read, once the feed has ended.
func (f *feed) after(id string) (events []event, missed bool, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := slices.IndexFunc(f.events, func(e event) bool { return e.id == id })
	return slices.Clone(f.events[at+1:]), at < 0 && id != "", f.changed
}

func (f *feed) over() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ended
}

// stream is the feed as server-sent events, until the reader leaves or Run ends.
func (s *Sandbox) stream(c echo.Context) error {
	select {
	case s.feed.readers <- struct{}{}:
		defer func() { <-s.feed.readers }()
	default:
		return problemf(http.StatusServiceUnavailable, "too_many_readers", "%d read the events already", mostReaders)
	}
	patient(c)
	w := c.Response()
	w.Header().Set(echo.HeaderContentType, "text/event-stream")
	w.Header().Set(echo.HeaderCacheControl, "no-store")
	w.WriteHeader(http.StatusOK)
	id := c.Request().Header.Get("Last-Event-ID")
	for {
		events, missed, changed := s.feed.after(id)
		if missed {
			fmt.Fprint(w, "event: reset\ndata: {}\n\n")
		}
		for _, e := range events {
			data, err := json.Marshal(e.data)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "id: %s\nevent: %s\ndata: %s\n\n", e.id, e.kind, data)
			id = e.id
		}
		if missed && len(events) == 0 {
			id = ""
		}
		w.Flush()
		if s.feed.over() {
			return nil
		}
		select {
		case <-changed:
		case <-time.After(beat):
			fmt.Fprint(w, ": alive\n\n")
		case <-c.Request().Context().Done():
			return nil
		}
	}
}

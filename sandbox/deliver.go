package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	// waiting is how many deliveries may wait for their time. More are dropped: an application must not
	// depend on reports, and whoever sends a text is told.
	waiting = 10_000
	// atOnce is how many are posted at once, in no order: the provider promises none.
	atOnce = 16
	// tries is how often a report or an event is posted until it is answered with 200, and betweenTries the
	// pause before each. The provider goes on for hours.
	tries        = 3
	betweenTries = time.Second
)

// delivery is a callback of the provider's own accord: posted when its time comes, and again while it is not
// answered with 200.
type delivery struct {
	line  Line // what, whose, and what hostility did
	to    string
	form  url.Values
	wait  time.Duration // before it is posted for the first time
	again time.Duration // before each further time
	tries int
}

// jobs are the deliveries on their way.
type jobs struct {
	queue chan delivery
	slots chan struct{}
}

func newJobs() *jobs {
	return &jobs{queue: make(chan delivery, waiting), slots: make(chan struct{}, atOnce)}
}

// later is false when too many wait already.
func (s *Sandbox) later(d delivery) bool {
	select {
	case s.jobs.queue <- d:
		return true
	default:
		s.Log.Warn("dropped: too many are waiting", "what", d.line.What)
		return false
	}
}

// Run posts delivery reports, end events and texts until ctx ends. Those that wait then are lost, and readers
// of the events are let go.
func (s *Sandbox) Run(ctx context.Context) {
	defer s.feed.end()
	var out sync.WaitGroup
	defer out.Wait()
	room := make(chan struct{}, waiting)
	for {
		select {
		case <-ctx.Done():
			return
		case room <- struct{}{}:
		}
		select {
		case <-ctx.Done():
			return
		case d := <-s.jobs.queue:
			out.Go(func() { defer func() { <-room }(); s.deliver(ctx, d) })
		}
	}
}

func (s *Sandbox) deliver(ctx context.Context, d delivery) {
	wait := d.wait
	for range d.tries {
		if pause(ctx, wait) != nil || s.deliverOnce(ctx, d) || ctx.Err() != nil {
			return
		}
		wait = d.again
	}
}

func (s *Sandbox) deliverOnce(ctx context.Context, d delivery) (taken bool) {
	select {
	case <-ctx.Done():
		return false
	case s.jobs.slots <- struct{}{}:
		defer func() { <-s.jobs.slots }()
	}
	a := s.post(ctx, d.to, d.form.Encode(), d.line)
	if a.status != http.StatusOK {
		s.Log.Warn("not taken", "what", d.line.What, "answered", a.status, "error", a.err)
	}
	return a.status == http.StatusOK
}

// answered is what the application made of something.
type answered struct {
	status   int
	body     string
	metadata string
	err      error
}

// post posts a body to the application, within the time that the provider gives it, and writes the line.
func (s *Sandbox) post(ctx context.Context, to, body string, l Line) answered {
	began := s.Clock()
	ctx, cancel := context.WithTimeout(ctx, s.Turn)
	defer cancel()
	a := s.ask(ctx, to, body)
	l.At, l.Sent, l.Status, l.Got = began, body, a.status, a.body
	l.TookMS = milliseconds(s.Clock().Sub(began))
	if a.err != nil {
		l.Note = strings.TrimPrefix(l.Note+"; "+a.err.Error(), "; ")
	}
	s.write(l)
	return a
}

// mostAnswer bounds what is read of an answer, in bytes: no page is longer.
const mostAnswer = 16 << 10

// ask does not name the URL in its errors: it holds a secret.
func (s *Sandbox) ask(ctx context.Context, to, body string) answered {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil || to == "" {
		return answered{err: errors.New("the URL to post to is none")}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.HTTP.Do(req)
	if err != nil {
		return answered{err: plain(ctx, err)}
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return answered{err: plain(ctx, err)}
	}
	return answered{status: res.StatusCode, body: string(b), metadata: res.Header.Get("at-ussd-hop-metadata")}
}

var errTimeout = errors.New("no answer in time")

func plain(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errTimeout
	}
	if inner := errors.Unwrap(err); inner != nil { // the outer one of net/http names the URL
		return inner
	}
	return err
}

// withRawPlus is a form as tools send it that forget to escape the plus of the number.
func withRawPlus(form url.Values) string {
	return strings.ReplaceAll(form.Encode(), "phoneNumber=%2B", "phoneNumber=+")
}

// pause waits, or fails when ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

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
	// waiting is how many delivery reports may wait for their time. More are dropped: an application must
	// not depend on them.
	waiting = 1000
	// tries is how often a report is posted until it is answered with 200. The provider goes on for hours.
	tries = 3
	// sandboxNetwork is the operator code that the provider's own sandbox reports.
	sandboxNetwork = "99999"
)

// report is a delivery report to be posted.
type report struct {
	id, phone string
	due       time.Time
}

func (s *Sandbox) reportLater(id, phone string) {
	if s.Reports == "" {
		return
	}
	select {
	case s.reports <- report{id: id, phone: phone, due: s.Clock().Add(s.ReportAfter)}:
	default:
		s.Log.Warn("delivery report dropped: too many are waiting", "id", id)
	}
}

// Run posts delivery reports and texts, each kind one after the other, until ctx ends. Those that wait then
// are lost.
func (s *Sandbox) Run(ctx context.Context) {
	var texts sync.WaitGroup
	texts.Go(func() { s.runTexts(ctx) })
	defer texts.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.reports:
			if pause(ctx, r.due.Sub(s.Clock())) == nil {
				s.post(ctx, r)
			}
		}
	}
}

// post repeats what is not answered with 200, a second later each time.
func (s *Sandbox) post(ctx context.Context, r report) {
	for range tries {
		answered, err := s.postOnce(ctx, r)
		if answered == http.StatusOK || ctx.Err() != nil {
			return
		}
		s.Log.Warn("delivery report not taken", "id", r.id, "answered", answered, "error", err)
		if pause(ctx, time.Second) != nil {
			return
		}
	}
}

func (s *Sandbox) postOnce(ctx context.Context, r report) (answered int, err error) {
	form := url.Values{
		"id":          {r.id},
		"status":      {"Success"},
		"phoneNumber": {r.phone},
		"networkCode": {sandboxNetwork},
		"retryCount":  {"0"}, // of sending to the phone, which never fails here
	}
	return s.postForm(ctx, s.Reports, form)
}

// postForm gives the HTTP status. Its errors do not name the URL, which holds a secret.
func (s *Sandbox) postForm(ctx context.Context, to string, form url.Values) (answered int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, errors.New("the URL to post to is none")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.HTTP.Do(req)
	if err != nil {
		return 0, errors.Unwrap(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, mostForm)) // so that the connection can be used again
	return res.StatusCode, nil
}

// pause waits, or fails when ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

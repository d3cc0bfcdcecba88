// Package noop is a provider that keeps what it was given and sends nothing: for tests, and for running
// Piga without a provider. It can also be told to fail and to be slow.
package noop

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/piga-money/piga/sms"
)

// keeps is how many messages it remembers, so that it can run for months.
const keeps = 1000

// Sender is the provider. It is safe for concurrent use.
type Sender struct {
	wait func(context.Context, time.Duration) error

	mu     sync.Mutex
	sent   []sms.Outgoing
	count  int
	script []error
	delay  time.Duration
}

// New makes one that never fails and is never slow. wait is how it passes time when it is slow, and ends
// with the context; nil is the real thing.
func New(wait func(context.Context, time.Duration) error) *Sender {
	if wait == nil {
		wait = sleep
	}
	return &Sender{wait: wait}
}

// Fail scripts the next sends, one error each; nil is a success. What is already scripted comes first.
func (s *Sender) Fail(errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, errs...)
}

// Slow makes every send that begins from now on take a time.
func (s *Sender) Slow(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Sent is what was taken, oldest first: the last thousand.
func (s *Sender) Sent() []sms.Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// Name is "noop".
func (s *Sender) Name() string { return "noop" }

// Send keeps the message, or fails as scripted. When ctx ends first, it is a time-out and not kept.
func (s *Sender) Send(ctx context.Context, o sms.Outgoing) (string, error) {
	delay, err := s.next()
	if delay > 0 {
		if s.wait(ctx, delay) != nil {
			return "", &sms.SendError{Reason: sms.Timeout, Retry: true}
		}
	}
	if err != nil {
		return "", err
	}
	return s.keep(o), nil
}

func (s *Sender) next() (delay time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.script) > 0 {
		err, s.script = s.script[0], s.script[1:]
	}
	return s.delay, err
}

func (s *Sender) keep(o sms.Outgoing) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, o)
	if len(s.sent) > keeps {
		s.sent = slices.Delete(s.sent, 0, len(s.sent)-keeps)
	}
	s.count++
	return "noop-" + strconv.Itoa(s.count)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

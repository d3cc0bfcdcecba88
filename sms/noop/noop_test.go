package noop_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/noop"
)

func TestFailsAsScripted(t *testing.T) {
	t.Parallel()
	broken := errors.New("as scripted")
	s := noop.New(nil)
	s.Fail(broken, nil, broken)
	var got []error
	for range 4 {
		_, err := s.Send(t.Context(), sms.Outgoing{Phone: "+254711000001", Text: "hello"})
		got = append(got, err)
	}
	if want := []error{broken, nil, broken, nil}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("four sends gave %v, want %v", got, want)
	}
	if n := len(s.Sent()); n != 2 {
		t.Errorf("kept %d messages, want the 2 that did not fail", n)
	}
}

func TestSlowEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := noop.New(nil)
		s.Slow(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.Send(ctx, sms.Outgoing{})
		if e, ok := errors.AsType[*sms.SendError](err); !ok || e.Reason != sms.Timeout || !e.Retry {
			t.Errorf("gave %v, want a time-out", err)
		}
		if _, err := s.Send(t.Context(), sms.Outgoing{}); err != nil {
			t.Errorf("with time enough: %v", err)
		}
		if n := len(s.Sent()); n != 1 {
			t.Errorf("kept %d messages, want 1", n)
		}
	})
}

func TestKeepsTheNewest(t *testing.T) {
	t.Parallel()
	s := noop.New(nil)
	var g errgroup.Group
	for range 1500 {
		g.Go(func() error {
			_, err := s.Send(t.Context(), sms.Outgoing{})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	id, err := s.Send(t.Context(), sms.Outgoing{Text: "last"})
	if err != nil || id != "noop-1501" {
		t.Errorf("gave %q, %v", id, err)
	}
	sent := s.Sent()
	if len(sent) != 1000 || sent[999].Text != "last" {
		t.Errorf("keeps %d, the last %q", len(sent), sent[len(sent)-1].Text)
	}
}

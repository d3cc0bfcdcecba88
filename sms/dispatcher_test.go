package sms_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/noop"
)

var noRoute = &sms.SendError{Reason: sms.NoRoute, Retry: true}

// Phones are served side by side, each in the order in which its messages were made.
func TestOrderPerPhone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane, john, jane, mary, john, jane)
		s.Slow(time.Second)
		b := start(t, o, s, nil)
		time.Sleep(3*time.Second + time.Millisecond)
		got := []string{b.texts(jane), b.texts(john), b.texts(mary)}
		if diff := cmp.Diff([]string{"ACF", "BE", "D"}, got); diff != "" {
			t.Errorf("after three seconds (-want +got):\n%s", diff)
		}
		if r := o.row(1); r.providerID == "" || !strings.HasPrefix(r.Text, "A Confirmed.") {
			t.Errorf("kept id %q and text %q", r.providerID, r.Text)
		}
		if n := b.metric(t, "piga_messages_sent_total"); n != 6 {
			t.Errorf("counted %g sent, want 6", n)
		}
		if n, old := b.metric(t, "piga_messages_waiting"), b.metric(t, "piga_message_oldest_seconds"); n != 6 || old != 60 {
			t.Errorf("the outbox is shown with %g waiting for %g s", n, old)
		}
		if lag := b.metric(t, "piga_message_lag_seconds"); lag != 3*1+2*2+3 {
			t.Errorf("they were sent %g s after they were written, all together", lag)
		}
	})
}

// A message that must be tried again keeps those after it back for a moment, so that the order stays.
func TestOrderAfterAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane, jane, jane)
		s.Fail(noRoute)
		b := start(t, o, s, nil)
		time.Sleep(4 * time.Second)
		if got := b.texts(jane); got != "ABC" {
			t.Errorf("sent in the order %q", got)
		}
		if r := o.row(2); r.Attempts != 1 || r.reason != "" {
			t.Errorf("the second counts %d tries, reason %q; it was tried once", r.Attempts, r.reason)
		}
	})
}

// But one that cannot be sent for hours does not keep them for hours.
func TestOthersGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane, jane)
		s.Fail(noRoute, noRoute, noRoute) // the third wait is a minute
		b := start(t, o, s, nil)
		time.Sleep(30 * time.Second)
		if got := b.texts(jane); got != "B" {
			t.Errorf("after half a minute %q was sent, want the second message", got)
		}
		time.Sleep(time.Minute)
		if got := b.texts(jane); got != "BA" {
			t.Errorf("after a minute and a half %q was sent", got)
		}
	})
}

func TestRetriesUntilDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane)
		s.Fail(slices.Repeat([]error{noRoute}, 100)...)
		b := start(t, o, s, func(c *sms.Config) { c.Poll = 100 * time.Hour })
		synctest.Wait()
		for o.row(1).dead.IsZero() {
			time.Sleep(time.Until(o.row(1).due))
			b.Wake()
			synctest.Wait()
		}

		r := o.row(1)
		var waits []time.Duration
		for i := range r.claimed[1:] {
			waits = append(waits, r.claimed[i+1].Sub(r.claimed[i]))
		}
		want := []time.Duration{2 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, time.Hour}
		if diff := cmp.Diff(want, waits[:6]); diff != "" {
			t.Errorf("waits (-want +got):\n%s", diff)
		}
		if age := r.dead.Sub(r.Created); age != 24*time.Hour {
			t.Errorf("dead after %s, want a day", age)
		}
		if r.reason != "no_route" || r.Attempts != len(r.claimed) {
			t.Errorf("dead for %q after %d tries, claimed %d times", r.reason, r.Attempts, len(r.claimed))
		}
		if n := b.metric(t, "piga_messages_failed_total"); int(n) != len(r.claimed) {
			t.Errorf("counted %g failures of %d", n, len(r.claimed))
		}
	})
}

// What will be no better is given up at once, and nobody waits for it.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane, jane)
		s.Fail(&sms.SendError{Reason: sms.Blacklisted, Detail: "code 406"})
		b := start(t, o, s, nil)
		synctest.Wait()
		if r := o.row(1); r.dead.IsZero() || r.reason != "blacklisted: code 406" {
			t.Errorf("the first is dead at %s for %q", r.dead, r.reason)
		}
		if got := b.texts(jane); got != "B" {
			t.Errorf("%q was sent, want the second", got)
		}
		if n := b.metric(t, "piga_messages_dead_total"); n != 1 {
			t.Errorf("counted %g dead", n)
		}
	})
}

func TestWake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		b := start(t, o, noop.New(nil), func(c *sms.Config) { c.Poll = time.Hour })
		synctest.Wait()
		o.add(jane)
		b.Wake()
		b.Wake() // never blocks
		synctest.Wait()
		if got := b.texts(jane); got != "A" || time.Now() != b.began {
			t.Errorf("%q was sent after %s, want A at once", got, time.Since(b.began))
		}
	})
}

// More than a batch is sent without waiting for the next look.
func TestFullBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		o.add(slices.Repeat([]core.MSISDN{jane}, 25)...)
		b := start(t, o, noop.New(nil), func(c *sms.Config) { c.Batch, c.Poll = 10, time.Hour })
		synctest.Wait()
		if n := len(b.sender.Sent()); n != 25 {
			t.Errorf("%d of 25 were sent at once", n)
		}
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		o.add(slices.Repeat([]core.MSISDN{jane, john}, 20)...)
		b := start(t, o, noop.New(nil), func(c *sms.Config) { c.PerSecond = 10 })
		for second, want := range []int{10, 20, 30, 40} {
			time.Sleep(time.Until(b.began.Add(time.Duration(second)*time.Second + time.Millisecond)))
			if got := len(b.sender.Sent()); got != want {
				t.Errorf("after %d s %d were sent, want %d", second, got, want)
			}
		}
	})
}

// No log line holds a whole phone number or what a message says, whatever happens to it.
func TestLogsGiveNothingAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o, s := &outbox{}, noop.New(nil)
		o.add(jane, john, mary, jane)
		careless := fmt.Errorf("posting to=%s message=A Confirmed", jane) // not a SendError
		s.Fail(nil, noRoute, &sms.SendError{Reason: sms.BadNumber}, careless)
		b := start(t, o, s, func(c *sms.Config) {
			c.Parallel = 1
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		time.Sleep(time.Second / 2)
		o.setAway(true)
		time.Sleep(5 * time.Second)
		b.stop()
		for _, want := range []string{"message sent", "to be tried again", "message dead", "not claimed", "0711...001", "unexpected"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("nothing about %q in the log", want)
			}
		}
		for _, hidden := range []string{"711000001", "711000002", "711000003", "Confirmed"} {
			if strings.Contains(log.String(), hidden) {
				t.Errorf("the log gives away %q:\n%s", hidden, &log)
			}
		}
		if r := o.row(4).reason + o.row(1).reason; strings.Contains(r, "711000001") {
			t.Errorf("the outbox is told %q", r)
		}
	})
}

func TestRefusedConfigurations(t *testing.T) {
	t.Parallel()
	for _, c := range []sms.Config{
		{Lease: 15 * time.Second, SendTimeout: 10 * time.Second},
		{PerSecond: 0.001},
		{PerSecond: -1},
	} {
		c.Sender, c.Queue = noop.New(nil), &outbox{}
		if d, err := sms.NewDispatcher(c); err == nil {
			t.Errorf("lease %s, time-out %s and rate %g are accepted", d.Lease, d.SendTimeout, d.PerSecond)
		}
	}
}

// The reasons are labels of metrics, and tell operators where to look.
func TestReasons(t *testing.T) {
	t.Parallel()
	seen := map[sms.Reason]bool{}
	for _, r := range sms.Reasons {
		if r == "" || seen[r] || strings.Trim(string(r), "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("%q is not a good label, or is there twice", r)
		}
		seen[r] = true
	}
	var e error = &sms.SendError{Reason: sms.NoRoute, Detail: "code 407"}
	if got := errors.Join(e).Error(); got != "no_route: code 407" {
		t.Errorf("an error reads %q", got)
	}
}

package sms_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/noop"
)

var down = &sms.SendError{Reason: sms.ServerError, Retry: true}

// While the provider is down nothing is claimed, nothing is counted against the messages that were not
// tried, and one message finds out when it is up.
func TestBreakerOpensAndRecovers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		for range 10 {
			o.add(jane, john)
		}
		s.Fail(slices.Repeat([]error{down}, 6)...) // five open it, the sixth is the first that is tried again
		b := start(t, o, s, func(c *sms.Config) { c.Parallel, c.Batch = 1, 1 })
		time.Sleep(20 * time.Second)
		opened := o.claimCalls()
		if state := b.metric(t, "piga_message_breaker_state"); state != 2 {
			t.Fatalf("after five failures the breaker is at %g, want open", state)
		}
		for range 20 {
			b.Wake() // news of a message does not wake a provider
			synctest.Wait()
		}
		time.Sleep(5 * time.Second)
		if n := o.claimCalls(); n != opened {
			t.Errorf("%d claims while it was open", n-opened)
		}
		time.Sleep(10 * time.Second) // the first pause is over
		if n := o.claimCalls(); n != opened+1 {
			t.Errorf("%d claims to see whether it is up, want 1", n-opened)
		}
		time.Sleep(time.Minute)
		if state := b.metric(t, "piga_message_breaker_state"); state != 0 {
			t.Errorf("after it recovered the breaker is at %g, want closed", state)
		}
		if n := len(s.Sent()); n != 20 {
			t.Errorf("%d of 20 were sent", n)
		}
		var tries int
		for id := 1; id <= 20; id++ {
			tries += o.row(id).Attempts
		}
		if tries != 26 {
			t.Errorf("%d tries are counted, want 20 that were taken and 6 that failed", tries)
		}
	})
}

// What is in hand when the breaker opens goes back untried.
func TestBreakerOpensWithinABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(phones(20)...)
		s.Fail(slices.Repeat([]error{down}, 5)...)
		start(t, o, s, func(c *sms.Config) { c.Parallel = 1 })
		synctest.Wait()
		for id := 6; id <= 20; id++ {
			if r := o.row(id); r.Attempts != 0 || r.reason != "" || time.Until(r.due) != 30*time.Second {
				t.Errorf("message %d counts %d tries, reason %q, due in %s", id, r.Attempts, r.reason, time.Until(r.due))
			}
		}
		time.Sleep(2 * time.Minute)
		if n := len(s.Sent()); n != 20 {
			t.Errorf("%d of 20 were sent in the end", n)
		}
	})
}

// Numbers that cannot be reached say nothing about the provider.
func TestBreakerIgnoresBadNumbers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(phones(20)...)
		s.Fail(slices.Repeat([]error{&sms.SendError{Reason: sms.BadNumber}}, 19)...)
		start(t, o, s, func(c *sms.Config) { c.Parallel = 1 })
		synctest.Wait()
		if n := len(s.Sent()); n != 1 {
			t.Errorf("%d were sent, want the last", n)
		}
	})
}

// A worker died with a message in hand: it was claimed, and never marked.
func TestDeadWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		o.add(jane)
		if ms, err := o.ClaimMessages(t.Context(), 1, time.Minute); err != nil || len(ms) != 1 {
			t.Fatalf("claimed %d, %v", len(ms), err)
		}
		b := start(t, o, noop.New(nil), nil)
		time.Sleep(59 * time.Second)
		if n := len(b.sender.Sent()); n != 0 {
			t.Errorf("sent within the other's lease")
		}
		time.Sleep(2 * time.Second)
		if got := b.texts(jane); got != "A" {
			t.Errorf("after the lease %q was sent", got)
		}
	})
}

// A mark that fails leads to a second sending, after the lease and not before: at least once.
func TestLostMark(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane)
		s.Slow(time.Second)
		b := start(t, o, s, nil)
		time.Sleep(time.Second / 2)
		o.setAway(true)
		time.Sleep(10 * time.Second)
		o.setAway(false)
		time.Sleep(time.Minute)
		if got := b.texts(jane); got != "A" {
			t.Errorf("%q was sent within the lease", got)
		}
		time.Sleep(time.Minute)
		if got := b.texts(jane); got != "AA" || o.row(1).sent.IsZero() {
			t.Errorf("%q was sent after the lease, marked at %s", got, o.row(1).sent)
		}
	})
}

// Stopping finishes and marks what is on its way, and gives the rest back at once.
func TestStopDrains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane, john, jane)
		s.Slow(3 * time.Second)
		b := start(t, o, s, func(c *sms.Config) { c.Parallel = 1 })
		time.Sleep(time.Second)
		b.stop()
		if took := time.Since(b.began); took != 3*time.Second {
			t.Errorf("stopped after %s, want when the first was sent", took)
		}
		if r := o.row(1); r.sent.IsZero() {
			t.Error("what was on its way is not marked")
		}
		for _, id := range []int{2, 3} {
			if r := o.row(id); !r.sent.IsZero() || r.due.After(time.Now()) || r.Attempts != 0 {
				t.Errorf("message %d: sent %s, due %s, %d tries; want it given back", id, r.sent, r.due, r.Attempts)
			}
		}
	})
}

// Even when the provider and the database hang, stopping takes a send and a mark, no longer.
func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(phones(50)...)
		s.Slow(time.Hour)
		o.hangs = true
		b := start(t, o, s, nil)
		time.Sleep(time.Second)
		b.stop()
		if took := time.Since(b.began); took > 16*time.Second {
			t.Errorf("stopped after %s", took)
		}
	})
}

// A provider that is slow never makes a message outlast its lease: what cannot begin in time goes back,
// and two copies on one outbox send each message once.
func TestSlowProviderWithinTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(slices.Repeat([]core.MSISDN{jane, john}, 10)...)
		s.Slow(9 * time.Second)
		for range 2 {
			start(t, o, s, func(c *sms.Config) { c.Lease = 30 * time.Second })
		}
		time.Sleep(5 * time.Minute)
		if n := len(s.Sent()); n != 20 {
			t.Errorf("20 messages were sent %d times", n)
		}
		for id := 1; id <= 20; id++ {
			if r := o.row(id); r.sent.IsZero() || r.Attempts != 1 {
				t.Errorf("message %d: sent %s after %d tries", id, r.sent, r.Attempts)
			}
		}
	})
}

// One that never answers costs a time-out, and is tried again.
func TestSendTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, s := &outbox{}, noop.New(nil)
		o.add(jane)
		s.Slow(time.Hour)
		start(t, o, s, nil)
		time.Sleep(10*time.Second + time.Millisecond)
		if r := o.row(1); r.reason != "timeout" || r.Attempts != 1 {
			t.Errorf("after the time-out: %d tries, reason %q", r.Attempts, r.reason)
		}
		s.Slow(0)
		time.Sleep(3 * time.Second)
		if r := o.row(1); r.sent.IsZero() {
			t.Error("not sent when the provider was quick again")
		}
	})
}

// A message that a newer copy wrote waits for that copy.
func TestUnknownWordsWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &outbox{}
		o.add(jane)
		o.rows[0].Key = "sms.from_the_future"
		b := start(t, o, noop.New(nil), nil)
		synctest.Wait()
		if r := o.row(1); r.reason != "no_words: sms.from_the_future" || !r.dead.IsZero() || len(b.sender.Sent()) != 0 {
			t.Errorf("reason %q, dead %s, %d sent", r.reason, r.dead, len(b.sender.Sent()))
		}
	})
}

// phones are n different numbers.
func phones(n int) []core.MSISDN {
	var ps []core.MSISDN
	for i := range n {
		ps = append(ps, core.MSISDN("+2547110001"+string(rune('0'+i/10))+string(rune('0'+i%10))))
	}
	return ps
}

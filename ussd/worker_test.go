package ussd_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/piga-money/piga/ussd"
)

func TestSameTurnByManyWorkers(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	want := map[string]string{"": `CON 1: after ""`, "1": `CON 2: after "1"`}
	for _, text := range []string{"", "1"} {
		var workers sync.WaitGroup
		for range 20 {
			workers.Go(func() { s.expect(text, want[text]) })
		}
		workers.Wait()
	}
	if got := s.menus.count(); got != 2 {
		t.Errorf("two turns were carried out %d times", got)
	}
}

// impatient does not wait for another worker.
func impatient(c *ussd.Config) {
	c.Pause = func(context.Context, time.Duration) error { return context.DeadlineExceeded }
}

// TestPatienceEnds has a worker at work on a turn when the same comes again, and again late ones and
// another's call, which need not wait.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ before, text, page, want string }{
		{"", "1", `CON 2: after "1"`, "Tafadhali"},
		{"1*2*3", "1*2*3*" + pin, `END 2: after "a PIN"`, "SMS"},
	} {
		s := newStand(t, "", impatient)
		s.say(test.before)
		working, finish := make(chan struct{}), make(chan struct{})
		s.menus.hook = func(context.Context, string) { close(working); <-finish }
		var worker sync.WaitGroup
		worker.Go(func() { s.expect(test.text, test.page) })
		<-working
		if got := s.say(test.text); !strings.HasPrefix(got, "END ") || strings.Contains(got, "after") ||
			strings.Contains(got, "SMS") != (test.want == "SMS") {
			t.Errorf("while another worker has %q: %q", test.text, got)
		}
		if s.counted("piga_turns_total", "outcome=busy") != 1 {
			t.Error("busy is not counted")
		}
		if got := s.say(test.before); !strings.HasPrefix(got, "CON 1: ") {
			t.Errorf("the turn before, while another worker has the next: %q", got)
		}
		close(finish)
		worker.Wait()
		s.expect(test.text, test.page)
	}
}

func TestFirstTurnTakenByAnother(t *testing.T) {
	t.Parallel()
	s := newStand(t, "", impatient)
	if _, mine, err := s.calls.Claim(t.Context(), s.session, "another", time.Minute); !mine || err != nil {
		t.Fatal(mine, err)
	}
	s.expect("1*2*3", "END Please dial again.") // no PIN is taken from a first hop: no SMS would come
}

// A worker that died with the claim, before or after it looked at the PIN, left nobody to say so: neither is an SMS
// promised then, nor is she sent to pay once more.
func TestPINTakenByTheDead(t *testing.T) {
	t.Parallel()
	s := newStand(t, "", impatient)
	s.say("1*2*3")
	if _, mine, err := s.calls.Claim(t.Context(), s.session, "dead", time.Minute); !mine || err != nil {
		t.Fatal(mine, err)
	}
	s.expect("1*2*3*"+pin, "END Ombi limepokelewa. Utapata SMS kama pesa itahamishwa.")
}

// The menus get less than the whole deadline, and are not waited for beyond it.
func TestDeadline(t *testing.T) {
	t.Parallel()
	short := func(c *ussd.Config) { c.Limits.Deadline = 400 * time.Millisecond }
	for _, test := range []struct {
		text      string
		slow, sms bool
	}{
		{"1*2*3", false, false},
		{"1*2*3*" + pin, false, true},
		{"1*2*3*" + pin, true, false}, // nobody has checked the PIN: nothing is posted, and no SMS is certain
	} {
		s, text, sms := newStand(t, "", short), test.text, test.sms
		s.menus.slow = test.slow
		before := text[:strings.LastIndex(text, "*")]
		s.say(before)
		never := make(chan struct{})
		t.Cleanup(func() { close(never) })
		s.menus.hook = func(context.Context, string) { <-never }
		got := s.say(text)
		if !strings.HasPrefix(got, "END ") || strings.Contains(got, "SMS") != sms {
			t.Errorf("text %q: %q", text, got)
		}
		if s.counted("piga_turns_total", "outcome=late") != 1 {
			t.Error("late is not counted")
		}
		s.expect(text, got)
	}
}

func TestMenusKeepToTheirDeadline(t *testing.T) {
	t.Parallel()
	s := newStand(t, "", func(c *ussd.Config) { c.Limits.Deadline = 400 * time.Millisecond })
	s.menus.hook = func(ctx context.Context, _ string) { <-ctx.Done() }
	s.expect("", `CON 1: after ""`)
	s.menus.hook = nil
	s.expect("1", `CON 2: after "1"`)
}

// That the aggregator hung up does not stop what moves money.
func TestHangUpInMidTurn(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	s.menus.hook = func(ctx context.Context, _ string) {
		if ctx.Err() != nil {
			t.Error("the turn was broken off")
		}
	}
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	s.sayIn(ctx, "")
	s.expect("", `CON 1: after ""`)
}

func TestPanicInAScreen(t *testing.T) {
	t.Parallel()
	for text, sms := range map[string]bool{"": false, "1*2*3": false, "1*2*3*" + pin: true} {
		s := newStand(t, "")
		if sms {
			s.say("1*2*3")
		}
		s.menus.hook = func(context.Context, string) { panic("the PIN is " + pin) }
		got := s.say(text)
		if !strings.HasPrefix(got, "END ") || strings.Contains(got, "SMS") != sms {
			t.Errorf("text %q: %q", text, got)
		}
		if s.counted("piga_turns_total", "outcome=panic") != 1 {
			t.Error("a panic is not counted")
		}
		if log := s.log.String(); !strings.Contains(log, "goroutine") || strings.Contains(log, pin) {
			t.Errorf("no trace, or the panic's words, in the log: %s", log)
		}
		s.menus.hook = nil
		s.expect(text, got)
	}
}

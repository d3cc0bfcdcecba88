package ussd_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// callIn is a callback of another call.
func (s *stand) callIn(call, text string) string {
	return s.post(s.t.Context(), "ussd", url.Values{
		"sessionId": {s.session + call}, "phoneNumber": {caller}, "serviceCode": {service}, "text": {text},
	}.Encode()).Body.String()
}

const busyPage = "END Busy, please dial again."

// TestNoRoom has a store that answers nobody for a while. So many as there is room for are kept waiting, and served; the
// others are told at once. Whoever has begun goes on, with her PIN above all.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	s.callIn("begun", "1*2*3")
	stuck := make(chan struct{})
	s.menus.hook = func(_ context.Context, answer string) {
		if answer != "a PIN" {
			<-stuck
		}
	}
	const calls, room = 400, 256
	pages := make(chan string, calls)
	began := time.Now()
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() { pages <- s.callIn(fmt.Sprint(i), "") })
	}
	for range calls - room {
		if page := <-pages; page != busyPage {
			t.Errorf("there was no room: %q", page)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("to be told so took %s", took)
	}
	if got := s.callIn("deep", "1*2*3"); got != busyPage {
		t.Errorf("a deep dial when there is no room: %q", got)
	}
	if got := s.callIn("begun", "1*2*3*"+pin); !strings.HasPrefix(got, "END 2: after") {
		t.Errorf("a PIN when there is no room: %q", got)
	}
	close(stuck)
	all.Wait()
	for range room {
		if page := <-pages; !strings.HasPrefix(page, "CON ") {
			t.Errorf("there was room: %q", page)
		}
	}
	if got := s.callIn("deep", "1*2*3"); !strings.HasPrefix(got, "CON ") {
		t.Errorf("the call that was turned away, again: %q", got)
	}
	if got := s.counted("piga_turns_total", "outcome=turned_away", "screen=call.busy"); got != calls-room+1 {
		t.Errorf("%d are counted", got)
	}
}

// A call that Redis has lost with its PIN looks like a deep dial that ends in one. Money may have moved.
func TestLostCallIsNotTurnedAway(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	for range 256 {
		s.room.GoOn()
	}
	if got := s.callIn("new", "1*2*300"); got != busyPage {
		t.Errorf("a deep dial when there is no room: %q", got)
	}
	if got := s.callIn("lost", "1*2*3*"+pin); !strings.HasPrefix(got, "CON ") {
		t.Errorf("a call that was lost: %q", got)
	}
}

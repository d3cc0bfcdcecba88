package sandbox_test

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/sandbox"
)

// A text that is not taken comes again each minute, with its id, until it is.
func TestTextIsRepeated(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
		began, n := time.Now(), 0
		var last time.Duration
		a.answer = func(string, url.Values) (int, string) {
			last = time.Since(began)
			if n++; n <= 3 {
				return 503, ""
			}
			return 200, ""
		}
		id, from, err := s.Text("0722000001", "OK 4821")
		if err != nil || from != "+254722000001" {
			t.Fatal(from, err)
		}
		time.Sleep(time.Hour)
		if diff := cmp.Diff([]string{id, id, id, id}, a.field("/sms", "id")); diff != "" || last != 3*time.Minute {
			t.Errorf("last after %s (-want +got):\n%s", last, diff)
		}
	})
}

// Nobody is bothered for longer than twelve hours.
func TestTextIsGivenUp(t *testing.T) {
	t.Parallel()
	var times atomic.Int64
	done, second := make(chan struct{}, 1), make(chan struct{}, 1)
	s, _ := provider(t, sandbox.Config{
		Limits: sandbox.Limits{RepeatAfter: time.Nanosecond},
		Inbound: handle(t, func(w http.ResponseWriter, r *http.Request) {
			if r.PostFormValue("text") == "second" {
				second <- struct{}{}
				return
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			if times.Add(1) == 720 {
				done <- struct{}{}
			}
		}),
	})
	if _, _, err := s.Text(jane, "first"); err != nil {
		t.Fatal(err)
	}
	<-done
	for range 5 { // time for one more, if there were one
		if _, _, err := s.Text(jane, "second"); err != nil {
			t.Fatal(err)
		}
		<-second
	}
	if n := times.Load(); n != 720 {
		t.Errorf("it came %d times", n)
	}
}

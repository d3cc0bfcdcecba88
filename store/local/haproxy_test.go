package local_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/store/local"
)

// backend counts the requests that it gets beside checks, and breaks off the connection of each when it is broken.
func backend(t *testing.T, broken bool) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/check" {
			return
		}
		asked.Add(1)
		if broken {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), asked
}

// A balancer asks each in turn, and nobody who is not there. What was sent and may have been carried out is made again only by one that repeats.
func TestBalancerRepeatsWhenTold(t *testing.T) {
	t.Parallel()
	for name, repeat := range map[string]local.Repeat{"unsent": local.Unsent, "unanswered": local.Unanswered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good, well := backend(t, false)
			bad, ill := backend(t, true)
			address := local.Balancer(t, local.Balancing{Backends: []string{good, bad, local.Address(t)}, Ready: "/check", Alive: "/check", Repeat: repeat})
			var answered int64
			for range 10 {
				res, err := http.Post("http://"+address+"/", "text/plain", nil)
				if err != nil {
					continue // it says nothing where it was told nothing
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode == http.StatusOK {
					answered++
				}
			}
			if ill.Load() == 0 || answered != well.Load() || (answered == 10) != (repeat == local.Unanswered) {
				t.Errorf("of 10 requests %d were answered; %d and %d arrived", answered, well.Load(), ill.Load())
			}
		})
	}
}

// When nobody is ready, requests go to whoever is alive.
func TestBalancerGoesToTheLiving(t *testing.T) {
	t.Parallel()
	refused := make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/ready" {
			w.WriteHeader(http.StatusServiceUnavailable)
			select {
			case refused <- true:
			case <-t.Context().Done():
			}
		}
	}))
	t.Cleanup(s.Close)
	address := local.Balancer(t, local.Balancing{
		Backends: []string{s.Listener.Addr().String(), local.Address(t)}, Ready: "/ready", Alive: "/alive", Repeat: local.Unsent,
	})
	for range 4 { // two are enough, and the last of them was evaluated when the next comes
		<-refused
	}
	res, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("with nobody ready it answers %d", res.StatusCode)
	}
}

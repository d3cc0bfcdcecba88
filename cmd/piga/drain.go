package main

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// drain is the time between being told to stop and taking no more callbacks. A balancer learns only from its next look at
// /readyz that it should send them elsewhere.
type drain struct {
	pause time.Duration
	begun atomic.Bool
}

// wait lets the time pass, unless serving ends before: the error is that of serving.
func (d *drain) wait(log *slog.Logger, served <-chan error) error {
	d.begun.Store(true)
	if d.pause == 0 {
		return nil
	}
	log.Info("stopping: /readyz says so, and who comes meanwhile is served", "for", d.pause)
	select {
	case err := <-served:
		return err
	case <-time.After(d.pause):
		return nil
	}
}

// last has each connection closed behind its answer meanwhile. Were it closed while nobody asks, as at the end it must be,
// a balancer may just be sending the next callback on it.
func (d *drain) last(serve http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.begun.Load() {
			w.Header().Set("Connection", "close")
		}
		serve.ServeHTTP(w, r)
	})
}

package main

import (
	"context"
	"log/slog"
	mathrand "math/rand/v2"
	"time"
)

// rounds are what every copy of Piga does again and again, though any one of them would do: so that it does not
// matter which of them dies. What one has done the others leave alone.
type rounds struct {
	every  time.Duration
	latest time.Duration // the longest wait after failures: each doubles it; and as long may a round take
	spread bool          // at moments of its own, and not with the other copies
	failed string        // the log's words
}

// run goes on until ctx ends.
func (r rounds) run(ctx context.Context, log *slog.Logger, round func(context.Context) error) {
	wait := r.every
	for {
		next := wait
		if r.spread {
			next = wait/2 + mathrand.N(wait)
		}
		select {
		case <-time.After(next):
		case <-ctx.Done():
			return
		}
		// A database that froze answers nobody, and a round without an end would never see the next one.
		once, done := context.WithTimeout(ctx, r.latest)
		err := round(once)
		done()
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			wait = r.every
			continue
		}
		wait = min(2*wait, r.latest)
		log.Error(r.failed, "error", err, "again_in", wait)
	}
}

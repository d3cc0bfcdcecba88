package main

import (
	"context"
	"log/slog"
	"time"
)

const (
	// sweepEvery is well below the minute within which what expired is released.
	sweepEvery = 5 * time.Second
	// sweepLatest is the longest wait after failures: once the database is back, it still is.
	sweepLatest = 40 * time.Second
)

// sweep calls expire, again and again, until ctx ends. Every copy of Piga sweeps, and what one has ended the
// others leave alone. After a failure it waits longer each time, and tells it once more.
func sweep(ctx context.Context, expire func(context.Context) (int, error), log *slog.Logger) {
	wait := sweepEvery
	for {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		n, err := expire(ctx)
		if n > 0 {
			log.Info("requests for cash have expired", "requests", n)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(2*wait, sweepLatest)
			log.Error("requests for cash could not be ended", "error", err, "again_in", wait)
		default:
			wait = sweepEvery
		}
	}
}

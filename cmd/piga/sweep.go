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

// sweep calls expire, again and again, until ctx ends. After a failure it waits longer each time, and tells it
// once more.
func sweep(ctx context.Context, expire func(context.Context) (int, error), log *slog.Logger) {
	r := rounds{every: sweepEvery, latest: sweepLatest, failed: "requests for cash could not be ended"}
	r.run(ctx, log, func(ctx context.Context) error {
		n, err := expire(ctx)
		if n > 0 {
			log.Info("requests for cash have expired", "requests", n)
		}
		return err
	})
}

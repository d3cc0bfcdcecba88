package main

import (
	"context"
	mathrand "math/rand/v2"
	"time"
)

const (
	voidEvery  = 5 * time.Second
	voidRarest = time.Minute // between two rounds when the store fails
	pruneEvery = time.Hour
)

// voids looks every few seconds for errands that got no further than the PIN, until ctx ends. Every gateway
// does, at its own moments, so that it does not matter which of them dies; when the store fails, rounds
// become rarer.
func (g *gateway) voids(ctx context.Context, every time.Duration) {
	wait, pruned := every, time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait/2 + mathrand.N(wait)):
		}
		n, err := g.wallet.Void(ctx)
		if err == nil && time.Since(pruned) > pruneEvery {
			pruned = time.Now()
			err = g.wallet.PruneIntents(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = min(2*wait, voidRarest)
			g.log.Error("voiding errands", "error", err, "voided", n)
			continue
		case n > 0:
			g.log.Warn("errands got no further than the PIN and were voided", "voided", n)
		}
		wait = every
	}
}

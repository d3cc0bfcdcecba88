package main

import (
	"context"
	"time"
)

const (
	voidEvery  = 5 * time.Second
	voidRarest = time.Minute // between two rounds when the store fails
)

// voids looks every few seconds for errands that got no further than the PIN, until ctx ends; when the store
// fails, rounds become rarer.
func (g *gateway) voids(ctx context.Context, every time.Duration) {
	r := rounds{every: every, latest: voidRarest, spread: true, failed: "errands could not be voided"}
	r.run(ctx, g.log, func(ctx context.Context) error {
		voided, err := g.wallet.Void(ctx)
		if len(voided) > 0 {
			g.log.Warn("errands got no further than the PIN and were voided", "requests", voided)
		}
		return err
	})
}

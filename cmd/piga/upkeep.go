package main

import (
	"context"
	"time"
)

const (
	upkeepEvery  = time.Hour
	upkeepRarest = 4 * time.Hour
)

// upkeep makes the tables of the months to come, and removes what only says that something has come before and
// cannot come again, until ctx ends.
func (g *gateway) upkeep(ctx context.Context) {
	r := rounds{every: upkeepEvery, latest: upkeepRarest, spread: true, failed: "the upkeep of the database failed"}
	r.run(ctx, g.log, func(ctx context.Context) error {
		if err := g.store.MakeMonths(ctx); err != nil {
			return err
		}
		if err := g.wallet.PruneIntents(ctx); err != nil {
			return err
		}
		n, err := g.store.Prune(ctx)
		if n > 0 {
			g.log.Info("old rows were removed", "rows", n)
		}
		return err
	})
}

package office

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// Limits are the limits of all tiers that are in force at a time, zero for now, and those that are to come after it.
func (o *Office) Limits(ctx context.Context, at time.Time) (inForce, toCome []tariff.Limits, err error) {
	return o.prices.Limits(ctx, at)
}

// LimitsBefore are some limits of a tier from before a time, zero for all times: latest first, and those that are to come or
// were taken back among them.
func (o *Office) LimitsBefore(ctx context.Context, t core.Tier, before time.Time) ([]tariff.Limits, error) {
	return o.prices.LimitsBefore(ctx, t, before, MostOfHistory)
}

// SaveLimits saves the limits of a tier from a time on, or from now on if there is none, and says from when. Else
// BadLimits, UnknownTier, Unpriced, TooLate, TimeTaken.
func (o *Office) SaveLimits(ctx context.Context, by By, l tariff.Limits) (time.Time, error) {
	if err := l.Check(); err != nil {
		return time.Time{}, err
	}
	return o.prices.SaveLimits(ctx, l, by.Deed("limits.save", core.OfTier, 0))
}

// TakeBackLimits has limits that are to come not come. Doing so twice changes nothing.
func (o *Office) TakeBackLimits(ctx context.Context, by By, t core.Tier, at time.Time) error {
	_, err := o.prices.TakeBackLimits(ctx, t, at, by.Deed("limits.take_back", core.OfTier, 0))
	return err
}

// TryLimits tells how many accounts are over limits at this moment. It changes nothing.
func (o *Office) TryLimits(ctx context.Context, l tariff.Limits) (tariff.Crossed, error) {
	if err := l.Check(); err != nil {
		return tariff.Crossed{}, err
	}
	return o.prices.TryLimits(ctx, l)
}

// MakeTier makes a tier for a kind of parties, with limits from now on: else TierTaken, BadLimits, Unpriced. An agent keeps
// hers when she is made a super agent, so a tier for one is for the other too.
func (o *Office) MakeTier(ctx context.Context, by By, l tariff.Limits, kind core.Kind) error {
	if err := l.Check(); err != nil {
		return err
	}
	kinds := []core.Kind{kind}
	if kind == core.Agent || kind == core.SuperAgent {
		kinds = []core.Kind{core.Agent, core.SuperAgent}
	}
	return o.prices.MakeTier(ctx, l, kinds, by.Deed("tier.make", core.OfTier, 0))
}

package office

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// Prices keeps tariffs and limits with the times from which they are in force. What changes them gives the deed what was
// before and what is after, and refuses with Unpriced whatever would leave a transaction that some tier allows without
// a price, now or at any time to come.
type Prices interface {
	// Tariffs are those in force at a time, zero for now, and those that were to come then and are not taken back.
	Tariffs(ctx context.Context, at time.Time) (inForce, toCome []tariff.Tariff, err error)
	// TariffsBefore are the most tariffs of a key that are from before a time, latest first, those taken back included.
	TariffsBefore(ctx context.Context, k tariff.Key, before time.Time, most int) ([]tariff.Tariff, error)
	// SetFee makes a tariff that is in force at once and differs from the one before in one fee; changed is false when it
	// cost that already, and nothing is written. Else UnknownCharge.
	SetFee(ctx context.Context, c tariff.Charge, fee core.Amount, d core.Deed) (changed bool, err error)
	// SaveTariff saves a tariff from its time on, or from now on if it has none, and says from when. Else TooLate, TimeTaken.
	SaveTariff(ctx context.Context, t tariff.Tariff, d core.Deed) (time.Time, error)
	// TakeBackTariff has the tariff of a key that is to come at a time not come. Else NothingToCome, TooLate. changed is
	// false when it was taken back before.
	TakeBackTariff(ctx context.Context, k tariff.Key, at time.Time, d core.Deed) (changed bool, err error)
	// TryTariff tells what the last transactions would have cost: those of the key, or all.
	TryTariff(ctx context.Context, t tariff.Tariff, last int, all bool) (tariff.Trial, error)

	// Limits, LimitsBefore, SaveLimits and TakeBackLimits are the same for the limits of tiers, with UnknownTier.
	Limits(ctx context.Context, at time.Time) (inForce, toCome []tariff.Limits, err error)
	LimitsBefore(ctx context.Context, t core.Tier, before time.Time, most int) ([]tariff.Limits, error)
	SaveLimits(ctx context.Context, l tariff.Limits, d core.Deed) (time.Time, error)
	TakeBackLimits(ctx context.Context, t core.Tier, at time.Time, d core.Deed) (changed bool, err error)
	// TryLimits tells how many accounts of the tier are over limits now.
	TryLimits(ctx context.Context, l tariff.Limits) (tariff.Crossed, error)
	// MakeTier makes a tier for kinds of parties, with limits from now on, else TierTaken.
	MakeTier(ctx context.Context, l tariff.Limits, kinds []core.Kind, d core.Deed) error
}

// The most that is told, or tried, at once.
const (
	MostOfHistory = 20
	MostTried     = 100_000
)

// Tariffs are the tariffs in force at a time, zero for now, and those that are to come after it.
func (o *Office) Tariffs(ctx context.Context, at time.Time) (inForce, toCome []tariff.Tariff, err error) {
	return o.prices.Tariffs(ctx, at)
}

// TariffsBefore are some tariffs of a key from before a time, zero for all times: latest first, and those that are to come or
// were taken back among them.
func (o *Office) TariffsBefore(ctx context.Context, k tariff.Key, before time.Time) ([]tariff.Tariff, error) {
	return o.prices.TariffsBefore(ctx, k, before, MostOfHistory)
}

// SetFee changes what a charge costs, from now on.
func (o *Office) SetFee(ctx context.Context, by By, c tariff.Charge, fee core.Amount) error {
	_, err := o.prices.SetFee(ctx, c, fee, by.Deed("tariff.charge", core.OfTariff, 0))
	return err
}

// SaveTariff saves the bands of a key from a time on, or from now on if there is none, and says from when. Else
// NotAllowed, BadBands, Unpriced, TooLate, TimeTaken. Once in force it cannot be taken back, only followed by another.
func (o *Office) SaveTariff(ctx context.Context, by By, t tariff.Tariff) (time.Time, error) {
	t, err := t.Sorted()
	if err != nil {
		return time.Time{}, err
	}
	return o.prices.SaveTariff(ctx, t, by.Deed("tariff.save", core.OfTariff, 0))
}

// TakeBackTariff has a tariff that is to come not come. Doing so twice changes nothing.
func (o *Office) TakeBackTariff(ctx context.Context, by By, k tariff.Key, at time.Time) error {
	_, err := o.prices.TakeBackTariff(ctx, k, at, by.Deed("tariff.take_back", core.OfTariff, 0))
	return err
}

// TryTariff tells what the last transactions of the key, or of all, would have cost. It changes nothing.
func (o *Office) TryTariff(ctx context.Context, t tariff.Tariff, last int, all bool) (tariff.Trial, error) {
	t, err := t.Sorted()
	if err != nil {
		return tariff.Trial{}, err
	}
	return o.prices.TryTariff(ctx, t, min(last, MostTried), all)
}

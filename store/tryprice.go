package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/tariff"
)

// A trial reads so many transfers at a time, and looks at so many at most for those that it wants.
const (
	triedAtOnce   = 5_000
	mostTriedOver = 500_000
)

// TryTariff tells what the last transactions, so many at most, would have cost by a tariff: those of its key, or all, of which those of
// other keys would have cost what they did. It goes backwards from the latest, and no further than half a million: of a key that is
// rare there may be fewer than were asked for. Whoever was made a super agent since is one here.
func (s *Store) TryTariff(ctx context.Context, t tariff.Tariff, last int, all bool) (tariff.Trial, error) {
	var trial tariff.Trial
	before := core.TransferID(math.MaxInt64)
	for looked := 0; looked < mostTriedOver; looked += triedAtOnce {
		page, err := s.past(ctx, t.Key, before)
		if err != nil {
			return trial, err
		}
		for _, p := range page {
			switch {
			case trial.Count == last:
				return trial, nil
			case p.Of:
				trial.Add(t.Bands, p.Amount, p.Fee, s.local(p.At))
			case all:
				trial.Same(p.Fee, s.local(p.At))
			}
		}
		if len(page) < triedAtOnce {
			break
		}
		before = page[len(page)-1].ID
	}
	return trial, nil
}

type pastTransfer struct {
	ID     core.TransferID
	At     time.Time
	Amount core.Amount
	Fee    core.Amount
	Of     bool // the key
}

// past are some transfers before one, latest first.
func (s *Store) past(ctx context.Context, k tariff.Key, before core.TransferID) ([]pastTransfer, error) {
	var page []pastTransfer
	err := s.list(ctx, &page, `
		SELECT
			t.id,
			t.at,
			t.amount,
			t.fee,
			coalesce(
				t.operation = $1
				AND (SELECT p.kind FROM accounts a JOIN parties p ON p.id = a.party_id WHERE a.id = t.from_account) = $2
				AND (SELECT p.kind FROM accounts a JOIN parties p ON p.id = a.party_id WHERE a.id = t.to_account) = $3,
				false
			) AS of
		FROM transfers t
		WHERE t.id < $4
		ORDER BY t.id DESC
		LIMIT $5`, k.Operation, k.From, k.To, before, triedAtOnce)
	return page, told("past transfers", err)
}

// TryLimits tells how many open accounts of a tier are over limits at this moment. Nobody's limits are those of a
// commission account. UnknownTier.
func (s *Store) TryLimits(ctx context.Context, l tariff.Limits) (tariff.Crossed, error) {
	var c tariff.Crossed
	var at time.Time
	if err := s.get(ctx, &at, `SELECT `+now, s.shift()); err != nil {
		return c, told("try limits", err)
	}
	today := ledger.DayOf(s.local(at))
	err := s.get(ctx, &c, `
		SELECT
			count(a.id) AS accounts,
			count(*) FILTER (WHERE $2::bigint > 0 AND a.balance > $2) AS largest,
			count(*) FILTER (WHERE $3::bigint > 0 AND a.spent_day = $5 AND a.spent_today > $3) AS day,
			count(*) FILTER (WHERE $4::bigint > 0 AND a.spent_day / 100 = $5 / 100 AND a.spent_month > $4) AS month
		FROM tiers t
		LEFT JOIN parties p ON p.tier = t.name
		LEFT JOIN accounts a ON a.party_id = p.id AND a.kind <> 'commission' AND a.closed_at IS NULL
		WHERE t.name = $1
		GROUP BY t.name`, l.Tier, l.Largest, l.Day, l.Month, today)
	if errors.Is(err, sql.ErrNoRows) {
		return c, core.Errorf(core.UnknownTier, "there is no tier %q", l.Tier)
	}
	return c, told("try limits", err)
}

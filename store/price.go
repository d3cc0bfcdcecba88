package store

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/tariff"
)

// Price is the bands of the tariff in force for a key, smallest first, and the limits of a tier. No bands
// means that there is no tariff; a tier that does not exist is Internal.
func (s *Store) Price(ctx context.Context, key tariff.Key, tier core.Tier) ([]tariff.Band, ledger.Limits, error) {
	limits, err := s.limits(ctx, tier)
	if err != nil {
		return nil, ledger.Limits{}, err
	}
	var rows []struct {
		Over core.Amount
		UpTo core.Amount `db:"up_to"`
		Fee  core.Amount
	}
	err = s.list(ctx, &rows, `
		SELECT p.over, p.up_to, p.fee
		FROM (VALUES ($2::text, $3::text, $4::text)) k (operation, from_kind, to_kind),
			LATERAL `+tariffAt(now)+` t,
			bands p
		WHERE `+ofTariff+`
		ORDER BY p.over`, s.shift(), key.Operation, key.From, key.To)
	bands := make([]tariff.Band, len(rows))
	for i, r := range rows {
		bands[i] = tariff.Band{Over: r.Over, UpTo: r.UpTo, Fee: r.Fee}
	}
	return bands, limits, told("price", err)
}

// tariffAt is the SQL for the tariff of a key k that is in force at a time: k.operation, k.from_kind, k.to_kind and
// since when, effective_at. It is found from the latest backwards, as there may be many that are over.
func tariffAt(time string) string {
	return `(
		SELECT b.operation, b.from_kind, b.to_kind, b.effective_at
		FROM bands b
		WHERE b.operation = k.operation
			AND b.from_kind = k.from_kind
			AND b.to_kind = k.to_kind
			AND b.effective_at <= ` + time + `
			AND NOT EXISTS (
				SELECT
				FROM tariffs_taken_back x
				WHERE x.operation = b.operation
					AND x.from_kind = b.from_kind
					AND x.to_kind = b.to_kind
					AND x.effective_at = b.effective_at
			)
		ORDER BY b.effective_at DESC
		LIMIT 1
	)`
}

// ofTariff is the SQL for bands p being of a tariff t.
const ofTariff = `p.operation = t.operation AND p.from_kind = t.from_kind AND p.to_kind = t.to_kind AND p.effective_at = t.effective_at`

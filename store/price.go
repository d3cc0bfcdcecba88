package store

import (
	"context"
	"database/sql"
	"errors"

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
		SELECT over, up_to, fee
		FROM bands
		WHERE operation = $2 AND from_kind = $3 AND to_kind = $4 AND effective_at = (
			SELECT max(effective_at)
			FROM bands
			WHERE operation = $2 AND from_kind = $3 AND to_kind = $4 AND effective_at <= `+now+`
		)
		ORDER BY over`, s.shift(), key.Operation, key.From, key.To)
	bands := make([]tariff.Band, len(rows))
	for i, r := range rows {
		bands[i] = tariff.Band{Over: r.Over, UpTo: r.UpTo, Fee: r.Fee}
	}
	return bands, limits, told("price", err)
}

func (s *Store) limits(ctx context.Context, tier core.Tier) (ledger.Limits, error) {
	var l ledger.Limits
	err := s.get(ctx, &l, `
		SELECT
			coalesce(one_transaction, 0) AS transaction,
			coalesce(a_day, 0) AS day,
			coalesce(a_month, 0) AS month,
			coalesce(largest_balance, 0) AS largest
		FROM tiers
		WHERE name = $1`, tier)
	if errors.Is(err, sql.ErrNoRows) {
		return l, core.Errorf(core.Internal, "there is no tier %q", tier)
	}
	return l, told("limits", err)
}

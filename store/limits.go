package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/tariff"
)

type limitsRow struct {
	Tier        core.Tier
	Effective   time.Time    `db:"effective_at"`
	TakenBack   sql.NullTime `db:"taken_back_at"`
	Transaction core.Amount  `db:"one_transaction"`
	Day         core.Amount  `db:"a_day"`
	Month       core.Amount  `db:"a_month"`
	Largest     core.Amount  `db:"largest_balance"`
}

const limitsColumns = `
	l.tier,
	l.effective_at,
	x.at AS taken_back_at,
	l.one_transaction,
	coalesce(l.a_day, 0) AS a_day,
	coalesce(l.a_month, 0) AS a_month,
	coalesce(l.largest_balance, 0) AS largest_balance`

// limitsTakenBack joins when limits l were taken back.
const limitsTakenBack = `LEFT JOIN limits_taken_back x ON x.tier = l.tier AND x.effective_at = l.effective_at`

func (s *Store) limitsOf(rows []limitsRow) []tariff.Limits {
	all := make([]tariff.Limits, len(rows))
	for i, r := range rows {
		all[i] = tariff.Limits{
			Tier: r.Tier, Effective: s.local(r.Effective),
			Transaction: r.Transaction, Day: r.Day, Month: r.Month, Largest: r.Largest,
		}
		if r.TakenBack.Valid {
			all[i].TakenBack = s.local(r.TakenBack.Time)
		}
	}
	return all
}

// Limits are the limits of all tiers that are in force at a time, zero for now, and those that come into force after it
// and are not taken back; in the order of their tiers, and of their times.
func (s *Store) Limits(ctx context.Context, at time.Time) (inForce, toCome []tariff.Limits, err error) {
	var is, comes []limitsRow
	err = s.list(ctx, &is, `
		SELECT`+limitsColumns+`
		FROM tiers t, LATERAL `+limitsAt("t.name", timeOrNow)+` l
		`+limitsTakenBack+`
		ORDER BY l.tier`, s.shift(), orNow(at))
	if err != nil {
		return nil, nil, told("limits", err)
	}
	err = s.list(ctx, &comes, `
		SELECT`+limitsColumns+`
		FROM limits l
		`+limitsTakenBack+`
		WHERE l.effective_at > `+timeOrNow+` AND x.at IS NULL
		ORDER BY l.tier, l.effective_at`, s.shift(), orNow(at))
	return s.limitsOf(is), s.limitsOf(comes), told("limits", err)
}

// LimitsBefore are the most limits of a tier that are from before a time, zero for any time, latest first.
func (s *Store) LimitsBefore(ctx context.Context, t core.Tier, before time.Time, most int) ([]tariff.Limits, error) {
	var rows []limitsRow
	err := s.list(ctx, &rows, `
		SELECT`+limitsColumns+`
		FROM limits l
		`+limitsTakenBack+`
		WHERE l.tier = $1 AND l.effective_at < coalesce($2::timestamptz, 'infinity')
		ORDER BY l.effective_at DESC
		LIMIT $3`, t, orNow(before), most)
	return s.limitsOf(rows), told("limits", err)
}

// limits are those of a tier that are in force now. A tier that does not exist is Internal.
func (s *Store) limits(ctx context.Context, tier core.Tier) (ledger.Limits, error) {
	var l ledger.Limits
	err := s.get(ctx, &l, `
		SELECT
			one_transaction AS transaction,
			coalesce(a_day, 0) AS day,
			coalesce(a_month, 0) AS month,
			coalesce(largest_balance, 0) AS largest
		FROM `+limitsAt("$2", now)+` l`, s.shift(), tier)
	if errors.Is(err, sql.ErrNoRows) {
		return l, core.Errorf(core.Internal, "there is no tier %q", tier)
	}
	return l, told("limits", err)
}

// limitsAt is the SQL for the limits of a tier that are in force at a time.
func limitsAt(tier, time string) string {
	return `(
		SELECT l.tier, l.effective_at, l.one_transaction, l.a_day, l.a_month, l.largest_balance
		FROM limits l
		WHERE l.tier = ` + tier + `
			AND l.effective_at <= ` + time + `
			AND NOT EXISTS (SELECT FROM limits_taken_back x WHERE x.tier = l.tier AND x.effective_at = l.effective_at)
		ORDER BY l.effective_at DESC
		LIMIT 1
	)`
}

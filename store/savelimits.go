package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// SaveLimits saves limits that make sense, from their time on or from now on, with the deed, and says from when. The same again
// changes nothing. Else UnknownTier, Unpriced, TooLate, or TimeTaken when others are, or were, to be in force from that very time.
func (s *Store) SaveLimits(ctx context.Context, l tariff.Limits, d core.Deed) (since time.Time, err error) {
	err = s.changePrices(ctx, func(tx *Tx, now time.Time) error {
		saved := l
		if saved.Effective, err = from(l.Effective, now); err != nil {
			return err
		}
		before, some, err := tx.limitsInForce(l.Tier, saved.Effective)
		if err != nil {
			return err
		}
		if same := saved; again(l.Effective, before.Effective) {
			if same.Effective = before.Effective; same == before {
				since = before.Effective
				return nil
			}
		}
		since = s.local(saved.Effective)
		d := d
		d.After = saved
		if some {
			d.Before = before
		}
		return tx.writeLimits(saved, d)
	})
	return since, err
}

// limitsInForce are the limits of a tier that are in force at a time, false when there are none.
func (tx *Tx) limitsInForce(tier core.Tier, at time.Time) (tariff.Limits, bool, error) {
	var rows []limitsRow
	err := tx.SelectContext(tx.ctx, &rows, `
		SELECT`+limitsColumns+`
		FROM `+limitsAt("$1", "$2")+` l
		`+limitsTakenBack, tier, at)
	if err != nil || len(rows) == 0 {
		return tariff.Limits{}, false, err
	}
	return tx.store.limitsOf(rows)[0], true, nil
}

func (tx *Tx) writeLimits(l tariff.Limits, d core.Deed) error {
	_, err := tx.ExecContext(tx.ctx, `
		INSERT INTO limits (tier, effective_at, one_transaction, a_day, a_month, largest_balance)
		VALUES ($1, $2, $3, NULLIF($4::bigint, 0), NULLIF($5::bigint, 0), NULLIF($6::bigint, 0))`,
		l.Tier, l.Effective, l.Transaction, l.Day, l.Month, l.Largest)
	if err != nil {
		return err
	}
	return tx.record(d)
}

// MakeTier makes a tier for kinds of parties, with limits from now on and the deed, else TierTaken, Unpriced.
func (s *Store) MakeTier(ctx context.Context, l tariff.Limits, kinds []core.Kind, d core.Deed) error {
	return s.changePrices(ctx, func(tx *Tx, now time.Time) error {
		made := l
		made.Effective = now
		// A copy of before knows no limits but those in this row.
		_, err := tx.ExecContext(tx.ctx, `
			INSERT INTO tiers (name, one_transaction, a_day, a_month, largest_balance)
			VALUES ($1, $2, NULLIF($3::bigint, 0), NULLIF($4::bigint, 0), NULLIF($5::bigint, 0))`,
			l.Tier, l.Transaction, l.Day, l.Month, l.Largest)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(tx.ctx, `INSERT INTO tier_kinds (tier, kind) SELECT $1, unnest($2::text[])`,
			l.Tier, texts(kinds, func(k core.Kind) core.Kind { return k }))
		if err != nil {
			return err
		}
		d := d
		d.After = map[string]any{"limits": made, "kinds": kinds}
		return tx.writeLimits(made, d)
	})
}

// TakeBackLimits has the limits of a tier that are to come at a time not come, with the deed. changed is false when they were
// taken back before. Else NothingToCome, TooLate.
func (s *Store) TakeBackLimits(ctx context.Context, t core.Tier, at time.Time, d core.Deed) (changed bool, err error) {
	at = at.Truncate(time.Microsecond)
	err = s.changePrices(ctx, func(tx *Tx, now time.Time) error {
		var found []limitsRow
		err := tx.SelectContext(tx.ctx, &found, `
			SELECT`+limitsColumns+`
			FROM limits l
			`+limitsTakenBack+`
			WHERE l.tier = $1 AND l.effective_at = $2`, t, at)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return core.Errorf(core.NothingToCome, "no limits from %s", at)
		}
		l := s.limitsOf(found)[0]
		if changed = l.TakenBack.IsZero(); !changed {
			return nil
		}
		if err := inTime(at, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(tx.ctx, `INSERT INTO limits_taken_back (tier, effective_at, at) VALUES ($1, $2, $3)`, t, at, now)
		if err != nil {
			return err
		}
		d := d
		d.Before = l
		return tx.record(d)
	})
	return changed && err == nil, err
}

package store

import (
	"context"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// changePrices does something to tariffs or limits, one at a time, as what may be saved hangs on all of them. At the end
// every transaction that a tier allows must have a price, now and at any time to come, else it is Unpriced and nothing is written.
func (s *Store) changePrices(ctx context.Context, do func(tx *Tx, now time.Time) error) error {
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.alone("prices"); err != nil {
			return err
		}
		// The guards of the schema are told the time by the store's clock.
		if _, err := tx.ExecContext(tx.ctx, `SELECT set_config('piga.clock_ahead', $1::bigint::text, true)`, s.shift()); err != nil {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		if err := do(tx, now); err != nil {
			return err
		}
		return tx.allPriced(now)
	})
}

// allPriced is Unpriced, with {limit}, when at some time from now on a tier allows a transaction that no band covers. An operation
// without any tariff is not one that is allowed.
func (tx *Tx) allPriced(now time.Time) error {
	var found []struct {
		Kind    core.Kind
		At      time.Time
		Largest core.Amount
	}
	err := tx.SelectContext(tx.ctx, &found, `
		WITH times AS (
			SELECT $1::timestamptz AS at
			UNION
			SELECT effective_at FROM bands WHERE effective_at > $1
			UNION
			SELECT effective_at FROM limits WHERE effective_at > $1
		), allowed AS (
			SELECT times.at, n.kind, max(l.one_transaction) AS largest
			FROM times, tier_kinds n, LATERAL `+limitsAt("n.tier", "times.at")+` l
			GROUP BY times.at, n.kind
		)
		SELECT a.kind, a.at, a.largest
		FROM allowed a
		JOIN (SELECT DISTINCT operation, from_kind, to_kind FROM bands) k ON k.from_kind = a.kind,
			LATERAL `+tariffAt("a.at")+` t,
			LATERAL (SELECT max(p.up_to) AS last FROM bands p WHERE `+ofTariff+`) p
		WHERE p.last < a.largest
		ORDER BY a.at, a.largest DESC
		LIMIT 1`, now)
	if err != nil || len(found) == 0 {
		return err
	}
	f := found[0]
	return core.Errorf(core.Unpriced, "a %s may move %s at %s", f.Kind, f.Largest, f.At).With("limit", f.Largest.String())
}

// from is the time from which something is to be in force, as the database keeps it: now if it is zero, TooLate if it is past.
func from(effective, now time.Time) (time.Time, error) {
	if effective.IsZero() {
		return now, nil
	}
	effective = effective.Truncate(time.Microsecond)
	if effective.Before(now) {
		return effective, core.Errorf(core.TooLate, "it is %s", now)
	}
	return effective, nil
}

// again is whether something that is to be in force at a time, zero for at once, may be there already, since another.
func again(effective, since time.Time) bool {
	return effective.IsZero() || effective.Truncate(time.Microsecond).Equal(since)
}

// So long before it comes into force something can be taken back: whatever asks for it has ended by then, so that nobody
// pays by a tariff that never was.
const takenBackBefore = time.Minute

func inTime(effective, now time.Time) error {
	if effective.Before(now.Add(takenBackBefore)) {
		return core.Errorf(core.TooLate, "it is %s", now)
	}
	return nil
}

// SaveTariff saves a tariff whose bands are whole, from its time on or from now on, with the deed, and says from when. The same
// again changes nothing. Else Unpriced, TooLate, or TimeTaken when another is, or was, to be in force from that very time.
func (s *Store) SaveTariff(ctx context.Context, t tariff.Tariff, d core.Deed) (since time.Time, err error) {
	err = s.changePrices(ctx, func(tx *Tx, now time.Time) error {
		saved := t
		if saved.Effective, err = from(t.Effective, now); err != nil {
			return err
		}
		before, some, err := tx.inForce(t.Key, saved.Effective)
		if err != nil {
			return err
		}
		if again(t.Effective, before.Effective) && slices.Equal(before.Bands, saved.Bands) {
			since = before.Effective
			return nil
		}
		since = s.local(saved.Effective)
		d := d
		d.After = saved
		if some {
			d.Before = before
		}
		return tx.writeTariff(saved, d)
	})
	return since, err
}

// SetFee makes a tariff that is in force at once and differs from the one before in one fee, with the deed. changed is false
// when it cost that already: nothing is written then. Else UnknownCharge, when no such band is in force.
func (s *Store) SetFee(ctx context.Context, c tariff.Charge, fee core.Amount, d core.Deed) (changed bool, err error) {
	err = s.changePrices(ctx, func(tx *Tx, now time.Time) error {
		t, _, err := tx.inForce(c.Key, now)
		if err != nil {
			return err
		}
		t, was, err := t.WithFee(c.Over, fee)
		if err != nil {
			return err
		}
		if changed = was != fee; !changed {
			return nil
		}
		t.Effective = now
		d := d
		d.Before, d.After = chargeOf(c, was), chargeOf(c, fee)
		return tx.writeTariff(t, d)
	})
	return changed && err == nil, err
}

// chargeOf is a charge in a deed.
func chargeOf(c tariff.Charge, fee core.Amount) map[string]any {
	return map[string]any{"charge": c.String(), "fee": fee}
}

func (tx *Tx) writeTariff(t tariff.Tariff, d core.Deed) error {
	_, err := tx.ExecContext(tx.ctx, `
		INSERT INTO bands (operation, from_kind, to_kind, effective_at, over, up_to, fee)
		SELECT $1, $2, $3, $4, u.over, u.up_to, u.fee
		FROM unnest($5::bigint[], $6::bigint[], $7::bigint[]) AS u (over, up_to, fee)`,
		t.Operation, t.From, t.To, t.Effective,
		ints(t.Bands, func(b tariff.Band) core.Amount { return b.Over }),
		ints(t.Bands, func(b tariff.Band) core.Amount { return b.UpTo }),
		ints(t.Bands, func(b tariff.Band) core.Amount { return b.Fee }))
	if err != nil {
		return err
	}
	return tx.record(d)
}

// TakeBackTariff has the tariff of a key that is to come at a time not come, with the deed: a row of its own says so, as
// bands are for ever. changed is false when it was taken back before. Else NothingToCome, TooLate.
func (s *Store) TakeBackTariff(ctx context.Context, k tariff.Key, at time.Time, d core.Deed) (changed bool, err error) {
	at = at.Truncate(time.Microsecond)
	err = s.changePrices(ctx, func(tx *Tx, now time.Time) error {
		var found []bandRow
		err := tx.SelectContext(tx.ctx, &found, `
			SELECT`+bandColumns+`
			FROM bands p
			`+takenBack+`
			WHERE operation = $1 AND from_kind = $2 AND to_kind = $3 AND effective_at = $4
			ORDER BY p.over`, k.Operation, k.From, k.To, at)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return core.Errorf(core.NothingToCome, "no tariff from %s", at)
		}
		t := s.tariffs(found)[0]
		if changed = t.TakenBack.IsZero(); !changed {
			return nil
		}
		if err := inTime(at, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(tx.ctx, `
			INSERT INTO tariffs_taken_back (operation, from_kind, to_kind, effective_at, at)
			VALUES ($1, $2, $3, $4, $5)`, k.Operation, k.From, k.To, at, now)
		if err != nil {
			return err
		}
		d := d
		d.Before = t
		return tx.record(d)
	})
	return changed && err == nil, err
}

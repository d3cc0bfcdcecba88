package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// bandRow is a band with the tariff to which it belongs.
type bandRow struct {
	Operation core.Operation
	FromKind  core.Kind    `db:"from_kind"`
	ToKind    core.Kind    `db:"to_kind"`
	Effective time.Time    `db:"effective_at"`
	TakenBack sql.NullTime `db:"taken_back_at"`
	Over      core.Amount
	UpTo      core.Amount `db:"up_to"`
	Fee       core.Amount
}

const bandColumns = `
	p.operation,
	p.from_kind,
	p.to_kind,
	p.effective_at,
	x.at AS taken_back_at,
	p.over,
	p.up_to,
	p.fee`

// takenBack joins when the tariff of bands p was taken back.
const takenBack = `LEFT JOIN tariffs_taken_back x USING (operation, from_kind, to_kind, effective_at)`

// tariffs puts bands together that are in the order of their tariffs.
func (s *Store) tariffs(rows []bandRow) []tariff.Tariff {
	var all []tariff.Tariff
	for _, r := range rows {
		k := tariff.Key{Operation: r.Operation, From: r.FromKind, To: r.ToKind}
		last := len(all) - 1
		if last < 0 || all[last].Key != k || !all[last].Effective.Equal(r.Effective) {
			t := tariff.Tariff{Key: k, Effective: s.local(r.Effective)}
			if r.TakenBack.Valid {
				t.TakenBack = s.local(r.TakenBack.Time)
			}
			all, last = append(all, t), last+1
		}
		all[last].Bands = append(all[last].Bands, tariff.Band{Over: r.Over, UpTo: r.UpTo, Fee: r.Fee})
	}
	return all
}

// Tariffs are the tariffs in force at a time, zero for now, and those that come into force after it and are not taken
// back; in the order of their keys, and of their times.
func (s *Store) Tariffs(ctx context.Context, at time.Time) (inForce, toCome []tariff.Tariff, err error) {
	var is, comes []bandRow
	err = s.list(ctx, &is, `
		SELECT`+bandColumns+`
		FROM (SELECT DISTINCT operation, from_kind, to_kind FROM bands) k,
			LATERAL `+tariffAt(timeOrNow)+` t,
			bands p
		`+takenBack+`
		WHERE `+ofTariff+`
		ORDER BY p.operation, p.from_kind, p.to_kind, p.over`, s.shift(), orNow(at))
	if err != nil {
		return nil, nil, told("tariffs", err)
	}
	err = s.list(ctx, &comes, `
		SELECT`+bandColumns+`
		FROM bands p
		`+takenBack+`
		WHERE p.effective_at > `+timeOrNow+` AND x.at IS NULL
		ORDER BY p.operation, p.from_kind, p.to_kind, p.effective_at, p.over`, s.shift(), orNow(at))
	return s.tariffs(is), s.tariffs(comes), told("tariffs", err)
}

// timeOrNow is the SQL for a time that is the second parameter, or now; orNow is that parameter.
const timeOrNow = `coalesce($2::timestamptz, ` + now + `)`

func orNow(at time.Time) sql.NullTime { return sql.NullTime{Time: at, Valid: !at.IsZero()} }

// TariffsBefore are the most tariffs of a key that are from before a time, zero for any time, latest first.
func (s *Store) TariffsBefore(ctx context.Context, k tariff.Key, before time.Time, most int) ([]tariff.Tariff, error) {
	var rows []bandRow
	err := s.list(ctx, &rows, `
		SELECT`+bandColumns+`
		FROM bands p
		`+takenBack+`
		WHERE operation = $1
			AND from_kind = $2
			AND to_kind = $3
			AND effective_at IN (
				SELECT DISTINCT effective_at
				FROM bands
				WHERE operation = $1 AND from_kind = $2 AND to_kind = $3 AND effective_at < coalesce($4::timestamptz, 'infinity')
				ORDER BY effective_at DESC
				LIMIT $5
			)
		ORDER BY p.effective_at DESC, p.over`, k.Operation, k.From, k.To, orNow(before), most)
	return s.tariffs(rows), told("tariffs", err)
}

// inForce is the tariff of a key that is in force at a time, false when there is none.
func (tx *Tx) inForce(k tariff.Key, at time.Time) (tariff.Tariff, bool, error) {
	var rows []bandRow
	err := tx.SelectContext(tx.ctx, &rows, `
		SELECT`+bandColumns+`
		FROM (VALUES ($1::text, $2::text, $3::text)) k (operation, from_kind, to_kind),
			LATERAL `+tariffAt("$4")+` t,
			bands p
		`+takenBack+`
		WHERE `+ofTariff+`
		ORDER BY p.over`, k.Operation, k.From, k.To, at)
	if err != nil || len(rows) == 0 {
		return tariff.Tariff{}, false, err
	}
	return tx.store.tariffs(rows)[0], true, nil
}

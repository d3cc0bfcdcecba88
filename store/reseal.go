package store

import (
	"context"

	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

const resealAtOnce = 500

// Reseal has every PIN that is not sealed under a key sealed anew by each, which must not know the PIN
// either, and counts those that were. It may run while customers use their PINs: one that is changed in
// the meantime stays as changed, so run it again until it counts none.
func (s *Store) Reseal(
	ctx context.Context, keyID string, each func(core.PartyID, wallet.Sealed) (wallet.Sealed, error),
) (n int, err error) {
	for last := core.PartyID(0); ; {
		rows, err := s.sealedElsewhere(ctx, keyID, last)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		last = rows[len(rows)-1].PartyID
		fresh := make([]wallet.Sealed, len(rows))
		for i, row := range rows {
			if fresh[i], err = each(row.PartyID, wallet.Sealed{KeyID: row.KeyID, Box: row.Sealed}); err != nil {
				return n, err
			}
		}
		done, err := s.replaceSealed(ctx, rows, fresh)
		n += done
		if err != nil {
			return n, err
		}
	}
}

type sealedRow struct {
	PartyID core.PartyID `db:"party_id"`
	KeyID   string       `db:"key_id"`
	Sealed  []byte
}

func (s *Store) sealedElsewhere(ctx context.Context, keyID string, after core.PartyID) ([]sealedRow, error) {
	var rows []sealedRow
	err := s.db.SelectContext(ctx, &rows, `
		SELECT party_id, key_id, sealed
		FROM pins
		WHERE party_id > $1 AND key_id <> $2
		ORDER BY party_id
		LIMIT $3`, after, keyID, resealAtOnce)
	return rows, told("reseal", err)
}

// replaceSealed writes each where the row is still what it was when it was read.
func (s *Store) replaceSealed(ctx context.Context, old []sealedRow, fresh []wallet.Sealed) (int, error) {
	was, is := make(pq.ByteaArray, len(old)), make(pq.ByteaArray, len(fresh))
	for i := range old {
		was[i], is[i] = old[i].Sealed, fresh[i].Box
	}
	result, err := s.db.ExecContext(ctx, `
		UPDATE pins SET key_id = u.key_id, sealed = u.fresh
		FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::bytea[]) AS u (party_id, was, key_id, fresh)
		WHERE pins.party_id = u.party_id AND pins.sealed = u.was`,
		ints(old, func(r sealedRow) core.PartyID { return r.PartyID }), was,
		texts(fresh, func(f wallet.Sealed) string { return f.KeyID }), is)
	if err != nil {
		return 0, told("reseal", err)
	}
	n, err := result.RowsAffected()
	return int(n), told("reseal", err)
}

// PepperIDs names every pepper under which there is a PIN. It reads all of them, and is for the start of a
// program.
func (s *Store) PepperIDs(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.db.SelectContext(ctx, &ids, `SELECT DISTINCT key_id FROM pins ORDER BY key_id`)
	return ids, told("pepper ids", err)
}

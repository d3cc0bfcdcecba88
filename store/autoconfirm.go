package store

import (
	"context"

	"github.com/piga-money/piga/core"
)

// SetAutoConfirm has withdrawals at an agent's counter done at once that programs ask for, or wait again, and writes
// the deed, in one transaction; changed is false when it was so before. NotAllowed of anybody but an agent.
func (s *Store) SetAutoConfirm(ctx context.Context, id core.PartyID, on bool, d core.Deed) (changed bool, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		p, err := tx.lockParty(id)
		switch {
		case err != nil:
			return err
		case p.Kind != core.Agent || p.Status == core.Closed:
			return core.Errorf(core.NotAllowed, "party %d is a %s, and %s", id, p.Kind, p.Status)
		}
		changed = p.AutoConfirm != on
		if !changed {
			return nil
		}
		if _, err := tx.ExecContext(tx.ctx, `UPDATE parties SET auto_confirm = $2 WHERE id = $1`, id, on); err != nil {
			return err
		}
		return tx.record(d)
	})
	return changed && err == nil, err
}

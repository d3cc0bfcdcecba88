package store

import (
	"context"

	"github.com/piga-money/piga/core"
)

// OpenAdmin makes an administrator, and writes the deed with her id: else EmailTaken. The first one is opened only
// while there is none, else NotAllowed: those who come at once wait for each other. Whose deed it is must be of role it
// still: NoToken, WrongRole.
func (s *Store) OpenAdmin(
	ctx context.Context, a core.Administrator, password string, first bool, d core.Deed,
) (core.Administrator, error) {
	err := s.Tx(ctx, func(tx *Tx) error {
		if first {
			if err := tx.noAdminYet(); err != nil {
				return err
			}
		}
		if err := tx.stillIn(d.By, core.IT); err != nil {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		err = tx.GetContext(tx.ctx, &a.ID, `
			INSERT INTO administrators (name, email, password, roles, opened_at)
			VALUES ($1, $2, $3, $4, $5)
			RETURNING id`, a.Name, a.Email, password, texts(a.Roles, func(r core.Role) core.Role { return r }), now)
		if err != nil {
			return err
		}
		d.ID = int64(a.ID)
		return tx.record(d)
	})
	if err != nil {
		return core.Administrator{}, err
	}
	return a, nil
}

func (tx *Tx) noAdminYet() error {
	if err := tx.alone("first administrator"); err != nil {
		return err
	}
	var some bool
	err := tx.GetContext(tx.ctx, &some, `SELECT EXISTS (SELECT FROM administrators)`)
	if err == nil && some {
		return core.Errorf(core.NotAllowed, "there is an administrator already")
	}
	return err
}

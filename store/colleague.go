package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

type colleagueRow struct {
	adminRow
	Opened time.Time    `db:"opened_at"`
	Closed sql.NullTime `db:"closed_at"`
}

const colleagueColumns = `
	id,
	name,
	email,
	roles,
	'' AS hash,
	opened_at,
	closed_at`

func (r colleagueRow) colleague(s *Store) office.Colleague {
	return office.Colleague{Administrator: r.admin(), Opened: s.local(r.Opened), Closed: s.orNever(r.Closed)}
}

// Colleagues are administrators, those who are closed too, by id: at most so many after one.
func (s *Store) Colleagues(ctx context.Context, after core.AdminID, most int) ([]office.Colleague, error) {
	var rows []colleagueRow
	err := s.list(ctx, &rows, `
		SELECT`+colleagueColumns+`
		FROM administrators
		WHERE id > $1
		ORDER BY id
		LIMIT $2`, after, most)
	all := make([]office.Colleague, len(rows))
	for i, r := range rows {
		all[i] = r.colleague(s)
	}
	return all, told("administrators", err)
}

// SetRoles gives an administrator other roles; LastAdministrator when nobody of role it would be left.
func (s *Store) SetRoles(ctx context.Context, id core.AdminID, roles []core.Role, d core.Deed) (bool, error) {
	return s.changeAdmin(ctx, id, d, func(tx *Tx, a office.Colleague) (was, is facts, err error) {
		if err := stillThere(a); err != nil || slices.Equal(roles, a.Roles) {
			return nil, nil, err
		}
		if !slices.Contains(roles, core.IT) {
			if err := tx.notTheLast(a); err != nil {
				return nil, nil, err
			}
		}
		_, err = tx.ExecContext(tx.ctx, `UPDATE administrators SET roles = $2 WHERE id = $1`,
			a.ID, texts(roles, func(r core.Role) core.Role { return r }))
		return facts{"roles": a.Roles}, facts{"roles": roles}, err
	})
}

// CloseAdmin closes an administrator for ever, and ends her tokens: LastAdministrator. Closing who is closed changes
// nothing.
func (s *Store) CloseAdmin(ctx context.Context, id core.AdminID, d core.Deed) (bool, error) {
	return s.changeAdmin(ctx, id, d, func(tx *Tx, a office.Colleague) (was, is facts, err error) {
		if !a.Closed.IsZero() {
			return nil, nil, nil
		}
		if err := tx.notTheLast(a); err != nil {
			return nil, nil, err
		}
		if err := tx.dropAdminTokens(a.ID); err != nil {
			return nil, nil, err
		}
		now, err := tx.Now()
		if err != nil {
			return nil, nil, err
		}
		_, err = tx.ExecContext(tx.ctx, `UPDATE administrators SET status = 'closed', closed_at = $2 WHERE id = $1`, a.ID, now)
		return facts{"status": core.Active}, facts{"status": core.Closed}, err
	})
}

// SetAdminPassword keeps the hash of an administrator's new password, and ends all her tokens. Her own she changes in any role.
func (s *Store) SetAdminPassword(ctx context.Context, id core.AdminID, hash string, d core.Deed) error {
	by := []core.Role{core.IT}
	if id == d.By {
		by = core.Roles
	}
	_, err := s.changeAdminBy(ctx, by, id, d, func(tx *Tx, a office.Colleague) (was, is facts, err error) {
		if err := stillThere(a); err != nil {
			return nil, nil, err
		}
		if _, err := tx.ExecContext(tx.ctx, `UPDATE administrators SET password = $2 WHERE id = $1`, a.ID, hash); err != nil {
			return nil, nil, err
		}
		return nil, facts{"password": "changed"}, tx.dropAdminTokens(a.ID)
	})
	return err
}

func (s *Store) changeAdmin(
	ctx context.Context, id core.AdminID, d core.Deed, do func(*Tx, office.Colleague) (was, is facts, err error),
) (changed bool, err error) {
	return s.changeAdminBy(ctx, []core.Role{core.IT}, id, d, do)
}

// changeAdminBy has something done about an administrator, and writes the deed, in one transaction; one at a time, so that
// two cannot take the last one's role away by looking at each other. Whose deed it is must still have one of some roles:
// NoToken, WrongRole.
func (s *Store) changeAdminBy(
	ctx context.Context, by []core.Role, id core.AdminID, d core.Deed, do func(*Tx, office.Colleague) (was, is facts, err error),
) (changed bool, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		if err := tx.alone("administrators"); err != nil {
			return err
		}
		if err := tx.stillIn(d.By, by...); err != nil {
			return err
		}
		a, err := tx.lockAdmin(id)
		if err != nil {
			return err
		}
		was, is, err := do(tx, a)
		if err != nil {
			return err
		}
		changed = is != nil
		return tx.recordChange(d, was, is)
	})
	return changed && err == nil, err
}

// stillIn is NoToken of an administrator who was closed since she asked, and WrongRole of one who lost the role by which she
// did. The command line always is.
func (tx *Tx) stillIn(id core.AdminID, by ...core.Role) error {
	if id == 0 {
		return nil
	}
	a, err := tx.lockAdmin(id)
	switch {
	case err != nil:
		return err
	case !a.Closed.IsZero():
		return core.Errorf(core.NoToken, "administrator %d is closed", id)
	case !a.Has(by...):
		return core.Errorf(core.WrongRole, "administrator %d has %v by now, and it takes %v", id, a.Roles, by)
	default:
		return nil
	}
}

func (tx *Tx) lockAdmin(id core.AdminID) (office.Colleague, error) {
	var rows []colleagueRow
	err := tx.SelectContext(tx.ctx, &rows, `SELECT`+colleagueColumns+` FROM administrators WHERE id = $1 FOR NO KEY UPDATE`, id)
	if err == nil && len(rows) == 0 {
		err = core.Errorf(core.NotRegistered, "no administrator %d", id)
	}
	if err != nil {
		return office.Colleague{}, err
	}
	return rows[0].colleague(tx.store), nil
}

func stillThere(a office.Colleague) error {
	if a.Closed.IsZero() {
		return nil
	}
	return core.Errorf(core.NotAllowed, "administrator %d is closed", a.ID)
}

// notTheLast is LastAdministrator of the only one who is of role it.
func (tx *Tx) notTheLast(a office.Colleague) error {
	var others bool
	err := tx.GetContext(tx.ctx, &others, `
		SELECT EXISTS (SELECT FROM administrators WHERE id <> $1 AND status <> 'closed' AND 'it' = ANY(roles))`, a.ID)
	if err == nil && !others && a.Has(core.IT) {
		err = core.Errorf(core.LastAdministrator, "administrator %d", a.ID)
	}
	return err
}

func (tx *Tx) dropAdminTokens(id core.AdminID) error {
	_, err := tx.ExecContext(tx.ctx, `DELETE FROM tokens WHERE admin_id = $1`, id)
	return err
}

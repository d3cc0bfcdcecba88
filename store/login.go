package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
)

type adminRow struct {
	ID    core.AdminID
	Name  string
	Email core.Email
	Roles pq.StringArray
	Hash  string
}

func (r adminRow) admin() core.Administrator {
	a := core.Administrator{ID: r.ID, Name: r.Name, Email: r.Email, Roles: make([]core.Role, len(r.Roles))}
	for i, role := range r.Roles {
		a.Roles[i] = core.Role(role)
	}
	return a
}

// ByEmail is who is not closed and has an e-mail, among administrators or parties, else NotRegistered.
func (s *Store) ByEmail(ctx context.Context, email core.Email, admin bool) (login.Known, error) {
	if admin {
		return s.adminByEmail(ctx, email)
	}
	p, err := s.PartyByEmail(ctx, email)
	if err != nil {
		return login.Known{}, err
	}
	known := login.Known{Bearer: login.Bearer{Party: p}}
	var row struct {
		Hash string
		PIN  bool
	}
	err = s.get(ctx, &row, `
		SELECT
			coalesce((SELECT hash FROM passwords WHERE party_id = $1), '') AS hash,
			EXISTS (SELECT FROM pins WHERE party_id = $1) AS pin`, p.ID)
	known.Password, known.PIN = row.Hash, row.PIN
	return known, told("password", err)
}

func (s *Store) adminByEmail(ctx context.Context, email core.Email) (login.Known, error) {
	var row adminRow
	err := s.get(ctx, &row, `
		SELECT id, name, email, roles, password AS hash
		FROM administrators
		WHERE email = $1 AND status <> 'closed'`, email)
	if errors.Is(err, sql.ErrNoRows) {
		return login.Known{}, core.Errorf(core.NotRegistered, "no such administrator")
	}
	return login.Known{Bearer: login.Bearer{Admin: row.admin()}, Password: row.Hash}, told("administrator", err)
}

// setPassword keeps the hash of a party's password.
func (tx *Tx) setPassword(id core.PartyID, hash string) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		INSERT INTO passwords (party_id, hash, changed_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (party_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`, id, hash, now)
	return err
}

// nobodysPassword is the hash of a password that nobody has: the digest is all zeros.
const nobodysPassword = `$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`

// doubtPassword takes the password away of who is sent another start code without having set a PIN with the first: she who
// has the phone need not be the one who registered it with that password.
func (tx *Tx) doubtPassword(id core.PartyID) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		UPDATE passwords SET hash = $2, changed_at = $3
		WHERE party_id = $1 AND NOT EXISTS (SELECT FROM pins WHERE party_id = $1)`, id, nobodysPassword, now)
	return err
}

// KeepToken keeps the hash of a new token for a time. WrongLogin when an administrator has another password by now than
// the one that she showed: it waits for who is changing it, so that no login outlives the old one.
func (s *Store) KeepToken(ctx context.Context, hash login.Hash, b login.Bearer, shown string, lasts time.Duration) error {
	result, err := s.db.ExecContext(ctx, `
		WITH same AS (
			SELECT a.id FROM administrators a WHERE a.id = $4 AND a.password = $6 FOR SHARE
		)
		INSERT INTO tokens (hash, party_id, admin_id, made_at, ends_at)
		SELECT $2, NULLIF($3::bigint, 0), NULLIF($4::bigint, 0), `+now+`, `+now+` + $5::bigint * interval '1 microsecond'
		WHERE $4::bigint = 0 OR $6 = '' OR EXISTS (SELECT FROM same)`,
		s.shift(), hash[:], b.Party.ID, b.Admin.ID, lasts.Microseconds(), shown)
	if err != nil {
		return told("keep a token", err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = core.Errorf(core.WrongLogin, "administrator %d has another password by now", b.Admin.ID)
	}
	return err
}

// A token is read with the row of whoever has it, as that is now.
const (
	partyBearerSQL = `
	SELECT` + partyColumns + `
	FROM tokens t
	JOIN parties p ON p.id = t.party_id
	WHERE t.hash = $2 AND t.ends_at > ` + now + ` AND p.status <> 'closed'`

	adminBearerSQL = `
	SELECT a.id, a.name, a.email, a.roles, '' AS hash
	FROM tokens t
	JOIN administrators a ON a.id = t.admin_id
	WHERE t.hash = $2 AND t.ends_at > ` + now + ` AND a.status <> 'closed'`
)

// BearerOf reads whose a token is, with her row as it is at this moment: else NoToken, and so when it is over, or she
// is closed. Programs of parties ask most often.
func (s *Store) BearerOf(ctx context.Context, hash login.Hash) (login.Bearer, error) {
	var party partyRow
	err := s.get(ctx, &party, partyBearerSQL, s.shift(), hash[:])
	if !errors.Is(err, sql.ErrNoRows) {
		return login.Bearer{Party: party.party()}, told("token", err)
	}
	var admin adminRow
	err = s.get(ctx, &admin, adminBearerSQL, s.shift(), hash[:])
	if errors.Is(err, sql.ErrNoRows) {
		return login.Bearer{}, core.Errorf(core.NoToken, "unknown or over")
	}
	return login.Bearer{Admin: admin.admin()}, told("token", err)
}

// DropToken ends a token, if there is such a one.
func (s *Store) DropToken(ctx context.Context, hash login.Hash) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM tokens WHERE hash = $1`, hash[:])
	return told("drop a token", err)
}

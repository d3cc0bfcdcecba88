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
	return s.known(ctx, p)
}

// ByPhone is the party who is not closed and has a phone number, else NotRegistered.
func (s *Store) ByPhone(ctx context.Context, phone core.MSISDN) (login.Known, error) {
	p, err := s.PartyByPhone(ctx, phone)
	if err != nil {
		return login.Known{}, err
	}
	return s.known(ctx, p)
}

func (s *Store) known(ctx context.Context, p core.Party) (login.Known, error) {
	var row struct {
		Hash   string
		Proved bool
		PIN    sql.NullTime
	}
	err := s.get(ctx, &row, `
		SELECT
			coalesce((SELECT hash FROM passwords WHERE party_id = $1), '') AS hash,
			EXISTS (SELECT FROM passwords WHERE party_id = $1 AND proved_at IS NOT NULL) AS proved,
			(SELECT changed_at FROM pins WHERE party_id = $1) AS pin`, p.ID)
	return login.Known{
		Bearer: login.Bearer{Party: p}, Password: row.Hash, Proved: row.Proved, PIN: row.PIN.Time,
	}, told("password", err)
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

// setPassword keeps the hash of a party's password, which nobody has proved to be hers.
func (tx *Tx) setPassword(id core.PartyID, hash string) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		INSERT INTO passwords (party_id, hash, changed_at)
		VALUES ($1, $2, $3)
		ON CONFLICT (party_id) DO UPDATE SET
			hash = excluded.hash,
			changed_at = excluded.changed_at,
			proved_at = NULL`, id, hash, now)
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

// ProvePassword notes that a party's password came with her PIN, if both are still what was shown.
func (s *Store) ProvePassword(ctx context.Context, id core.PartyID, shown login.Shown) error {
	_, err := s.db.ExecContext(ctx, `
		WITH pin AS (`+samePIN("$2", "$4")+`)
		UPDATE passwords SET proved_at = `+now+`
		WHERE party_id = $2 AND hash = $3 AND proved_at IS NULL AND EXISTS (SELECT FROM pin)`,
		s.shift(), id, shown.Password, shown.PIN)
	return told("prove a password", err)
}

// samePIN is the SQL for a party's PIN if she has it since a time, which it keeps from being changed meanwhile.
func samePIN(party, since string) string {
	return `SELECT FROM pins WHERE party_id = ` + party + ` AND changed_at = ` + since + ` FOR SHARE`
}

// KeepToken keeps the hash of a new token for a time. WrongLogin when what she showed is another by now, or a party's phone
// number: it waits for who is changing that, so that no login outlives the old one. What was not shown is not asked for.
func (s *Store) KeepToken(ctx context.Context, hash login.Hash, b login.Bearer, shown login.Shown, lasts time.Duration) error {
	result, err := s.db.ExecContext(ctx, `
		WITH admin AS (
			SELECT FROM administrators WHERE id = $4 AND ($6 = '' OR password = $6) FOR SHARE
		), party AS (
			SELECT FROM parties WHERE id = $3 AND phone = $7 FOR SHARE
		), password AS (
			SELECT FROM passwords WHERE party_id = $3 AND hash = $6 FOR SHARE
		), pin AS (`+samePIN("$3", "$8")+`)
		INSERT INTO tokens (hash, party_id, admin_id, made_at, ends_at)
		SELECT $2, NULLIF($3::bigint, 0), NULLIF($4::bigint, 0), `+now+`, `+now+` + $5::bigint * interval '1 microsecond'
		WHERE CASE WHEN $4::bigint <> 0 THEN EXISTS (SELECT FROM admin) ELSE
			EXISTS (SELECT FROM party)
				AND ($6 = '' OR EXISTS (SELECT FROM password))
				AND ($8::timestamptz IS NULL OR EXISTS (SELECT FROM pin))
			END`,
		s.shift(), hash[:], b.Party.ID, b.Admin.ID, lasts.Microseconds(), shown.Password, b.Party.Phone,
		sql.NullTime{Time: shown.PIN, Valid: !shown.PIN.IsZero()})
	if err != nil {
		return told("keep a token", err)
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = core.Errorf(core.WrongLogin, "%s %d has shown what is another by now", b.Kind(), max(int64(b.Admin.ID), int64(b.Party.ID)))
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

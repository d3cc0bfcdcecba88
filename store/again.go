package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

const messageColumnsSQL = `
	m.id,
	m.phone,
	m.lang,
	m.key,
	m.args,
	coalesce(m.text, '') AS text,
	m.attempts,
	m.created_at,
	coalesce(m.party_id, 0) AS party_id,
	m.sent_at,
	m.dead_at,
	m.delivered_at,
	m.failed_at,
	coalesce(m.last_error, '') AS last_error`

type messageSeenRow struct {
	claimedRow
	To        core.PartyID `db:"party_id"`
	Sent      sql.NullTime `db:"sent_at"`
	Dead      sql.NullTime `db:"dead_at"`
	Delivered sql.NullTime `db:"delivered_at"`
	Failed    sql.NullTime `db:"failed_at"`
	Error     string       `db:"last_error"`
}

func (r messageSeenRow) seen(s *Store) (office.Message, error) {
	m, err := r.message(s)
	return office.Message{
		Message: m, To: r.To, Sent: s.orNever(r.Sent), Dead: s.orNever(r.Dead),
		Delivered: s.orNever(r.Delivered), Failed: s.orNever(r.Failed), Error: r.Error,
	}, err
}

// Messages are those that a search finds, newest first.
func (s *Store) Messages(ctx context.Context, q office.MessageSearch) ([]office.Message, error) {
	return s.messages(ctx, q, 0)
}

// messages are those to one party alone, if one is given: her number may have been another's.
func (s *Store) messages(ctx context.Context, q office.MessageSearch, to core.PartyID) ([]office.Message, error) {
	var w where
	if q.Phone != "" {
		w.add(`m.phone = $`, q.Phone)
	}
	if q.Dead {
		w.conditions = append(w.conditions, `m.dead_at IS NOT NULL AND m.sent_at IS NULL`)
	}
	if q.After != 0 {
		w.add(`m.id < $`, q.After)
	}
	if to != 0 {
		w.add(`m.party_id = $`, to)
	}
	var rows []messageSeenRow
	err := s.db.SelectContext(ctx, &rows, `
		SELECT`+messageColumnsSQL+`
		FROM messages m`+w.sql()+`
		ORDER BY m.id DESC
		LIMIT `+w.arg(q.Most), w.args...)
	if err != nil {
		return nil, told("messages", err)
	}
	all := make([]office.Message, len(rows))
	for i, r := range rows {
		if all[i], err = r.seen(s); err != nil {
			return nil, told("messages", err)
		}
	}
	return all, nil
}

// Message is one message, else UnknownMessage.
func (s *Store) Message(ctx context.Context, id int64) (office.Message, error) {
	var row messageSeenRow
	err := s.get(ctx, &row, `SELECT`+messageColumnsSQL+` FROM messages m WHERE m.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return office.Message{}, core.Errorf(core.UnknownMessage, "message %d", id)
	}
	if err != nil {
		return office.Message{}, told("message", err)
	}
	m, err := row.seen(s)
	return m, told("message", err)
}

// SendAgain makes a dead message due, to the number that whom it is for has now, and its tries begin anew. NotAllowed of
// one that was sent, and of one to somebody who is closed; changed is false of one that waits already.
func (s *Store) SendAgain(ctx context.Context, id int64, d core.Deed) (changed bool, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		phone, err := tx.phoneFor(id)
		if err != nil {
			return err
		}
		var was deadRow
		err = tx.GetContext(tx.ctx, &was, `
			SELECT
				attempts,
				coalesce(last_error, '') AS last_error,
				sent_at IS NOT NULL AS sent,
				dead_at IS NOT NULL AS dead
			FROM messages
			WHERE id = $1
			FOR NO KEY UPDATE`, id)
		changed = was.Dead
		switch {
		case err != nil:
			return err
		case was.Sent:
			return core.Errorf(core.NotAllowed, "message %d was sent", id)
		case !changed:
			return nil
		}
		d.Before, d.After = facts{"state": "dead", "tries": was.Attempts, "error": was.Error}, facts{"state": "waiting"}
		return tx.renew(id, phone, d)
	})
	return changed && err == nil, err
}

type deadRow struct {
	Attempts   int
	Error      string `db:"last_error"`
	Sent, Dead bool
}

// phoneFor is the number that a message goes to: that which whom it is for has now, and keeps until the transaction ends.
// NotAllowed when she is closed, as hers may be somebody else's by now.
func (tx *Tx) phoneFor(id int64) (core.MSISDN, error) {
	var m struct {
		Phone core.MSISDN
		To    core.PartyID `db:"party_id"`
	}
	err := tx.GetContext(tx.ctx, &m, `SELECT phone, coalesce(party_id, 0) AS party_id FROM messages WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = core.Errorf(core.UnknownMessage, "message %d", id)
	}
	if err != nil || m.To == 0 {
		return m.Phone, err
	}
	p, err := tx.lockParty(m.To)
	if err == nil && p.Status == core.Closed {
		err = barred(p)
	}
	return p.Phone, err
}

// renew has a message wait as if it had just been written.
func (tx *Tx) renew(id int64, phone core.MSISDN, d core.Deed) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		UPDATE messages SET
			phone = $2,
			dead_at = NULL,
			due_at = $3,
			renewed_at = $3,
			leased_until = NULL,
			attempts = 0
		WHERE id = $1`, id, phone, now)
	if err != nil {
		return err
	}
	tx.tells = true
	return tx.record(d)
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

// TakeInbound writes an incoming message down, unless it has been, and keeps it for the caller for the
// lease. finished is true when it was answered before. Busy while somebody else has it; whoever died over
// it has it no longer than the lease.
func (s *Store) TakeInbound(ctx context.Context, in notice.Incoming, lease time.Duration) (finished bool, err error) {
	var mine bool
	err = s.db.QueryRowxContext(ctx, `
		INSERT INTO inbound_messages AS m (
			provider,
			provider_id,
			phone,
			kind,
			text,
			sent_at,
			taken_at,
			held_until
		) VALUES ($2, $3, $4, $5, $6, $7, `+now+`, `+now+` + $8::bigint * interval '1 microsecond')
		ON CONFLICT (provider, provider_id) DO UPDATE SET
			held_until = excluded.held_until
		WHERE m.done_at IS NULL AND m.held_until <= excluded.taken_at
		RETURNING true`,
		s.shift(), in.Provider, in.ProviderID, in.Phone, in.Kind, in.Text, orNull(in.Sent), lease.Microseconds()).Scan(&mine)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return false, told("take inbound message", err)
	}
	err = s.get(ctx, &finished, `
		SELECT done_at IS NOT NULL
		FROM inbound_messages
		WHERE provider = $1 AND provider_id = $2`, in.Provider, in.ProviderID)
	if err != nil {
		return false, told("take inbound message", err)
	}
	if !finished {
		return false, core.Errorf(core.Busy, "inbound message %s is in somebody's hands", in.ProviderID)
	}
	return true, nil
}

// FinishInbound marks a message as answered and writes the reply, in one transaction. Of a message that was
// finished before it does nothing. told is false when nothing was written: there was nothing to say, or it
// was said to this phone often enough.
func (s *Store) FinishInbound(ctx context.Context, in notice.Incoming, r notice.Reply) (told bool, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		told = false
		if err := tx.alone("inbound " + string(in.Phone)); err != nil { // or two would both count to two
			return err
		}
		open, err := tx.openInbound(in)
		if err != nil || !open {
			return err
		}
		said := r
		switch enough, err := tx.saidEnough(in.Phone, r); {
		case err != nil:
			return err
		case enough:
			said.Tell = nil
		}
		if err := tx.tell(said.Tell); err != nil {
			return err
		}
		told = len(said.Tell) > 0
		return tx.finishInbound(in, said)
	})
	return told && err == nil, err
}

func (tx *Tx) openInbound(in notice.Incoming) (open bool, err error) {
	err = tx.GetContext(tx.ctx, &open, `
		SELECT done_at IS NULL
		FROM inbound_messages
		WHERE provider = $1 AND provider_id = $2
		FOR UPDATE`, in.Provider, in.ProviderID)
	return open, err
}

// saidEnough is true when a phone was told the same as often as it may be.
func (tx *Tx) saidEnough(phone core.MSISDN, r notice.Reply) (bool, error) {
	if r.Most == 0 || len(r.Tell) == 0 {
		return false, nil
	}
	now, err := tx.Now()
	if err != nil {
		return false, err
	}
	var said int
	err = tx.GetContext(tx.ctx, &said, `
		SELECT count(*)
		FROM inbound_messages
		WHERE phone = $1 AND reply = $2 AND done_at > $3`, phone, string(r.Tell[0].Key), now.Add(-r.Window))
	return said >= r.Most, err
}

func (tx *Tx) finishInbound(in notice.Incoming, r notice.Reply) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	var reply string
	if len(r.Tell) > 0 {
		reply = string(r.Tell[0].Key)
	}
	_, err = tx.ExecContext(tx.ctx, `
		UPDATE inbound_messages SET
			done_at = $3,
			outcome = $4,
			reply = NULLIF($5, '')
		WHERE provider = $1 AND provider_id = $2`, in.Provider, in.ProviderID, now, r.Outcome, reply)
	return err
}

// orNull is NULL for the zero time.
func orNull(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: !t.IsZero()} }

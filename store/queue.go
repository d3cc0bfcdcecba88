package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// ClaimMessages takes at most n messages that are due, the longest due first, counts a try for each and
// keeps others away from them for the lease. They come in the order in which they were written. A message
// to a phone for which an earlier one is in somebody's hands is left for later, so that a phone gets its
// messages in order as far as retries allow. Claims follow one another, as a claim must see the last.
func (s *Store) ClaimMessages(ctx context.Context, n int, lease time.Duration) ([]notice.Message, error) {
	if err := s.prepare(ctx, lockAlone, claimMessages); err != nil {
		return nil, err
	}
	var rows []claimedRow
	err := s.Tx(ctx, func(tx *Tx) error {
		if err := tx.alone("claim messages"); err != nil {
			return err
		}
		rows = nil
		return tx.hot(claimMessages).SelectContext(tx.ctx, &rows, s.shift(), lease.Microseconds(), n)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b claimedRow) int { return cmp.Compare(a.ID, b.ID) })
	messages := make([]notice.Message, len(rows))
	for i, r := range rows {
		if messages[i], err = r.message(s); err != nil {
			return nil, core.Errorf(core.Internal, "claim message %d: %w", r.ID, err)
		}
	}
	return messages, nil
}

const claimMessages = `
	UPDATE messages SET
		due_at = ` + now + ` + $2::bigint * interval '1 microsecond',
		leased_until = ` + now + ` + $2::bigint * interval '1 microsecond',
		attempts = attempts + 1
	WHERE id = ANY (ARRAY(
		SELECT m.id
		FROM messages m
		WHERE m.sent_at IS NULL
			AND m.dead_at IS NULL
			AND m.due_at <= ` + now + `
			AND NOT EXISTS (
				SELECT
				FROM messages e
				WHERE e.phone = m.phone AND e.id < m.id AND e.leased_until > ` + now + `
			)
		ORDER BY m.due_at, m.id
		LIMIT $3
		FOR UPDATE SKIP LOCKED
	))
	RETURNING
		id,
		phone,
		lang,
		key,
		args,
		coalesce(text, '') AS text,
		attempts,
		coalesce(renewed_at, created_at) AS created_at,
		coalesce((SELECT t.request_id FROM transfers t WHERE t.id = messages.transfer_id), '') AS request_id`

type claimedRow struct {
	ID       int64
	Phone    core.MSISDN
	Lang     core.Lang
	Key      text.Key
	Args     []byte
	Text     string
	Attempts int
	Created  time.Time      `db:"created_at"`
	Request  core.RequestID `db:"request_id"`
}

func (r claimedRow) message(s *Store) (notice.Message, error) {
	m := notice.Message{
		ID: r.ID, Phone: r.Phone, Lang: r.Lang, Key: r.Key, Text: r.Text, Attempts: r.Attempts,
		Created: s.local(r.Created), Request: r.Request,
	}
	err := json.Unmarshal(r.Args, &m.Args)
	return m, err
}

// MessageRetry makes a message due again after a time. The text is kept. An empty reason means that it was
// not tried: the try that was counted is taken back, and the last reason stays. A message that was sent or
// given up meanwhile stays so.
func (s *Store) MessageRetry(ctx context.Context, id int64, text, reason string, after time.Duration) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE messages SET
			text = coalesce(text, NULLIF($3, '')),
			last_error = CASE WHEN $4 = '' THEN last_error ELSE $4 END,
			attempts = CASE WHEN $4 = '' THEN greatest(0, attempts - 1) ELSE attempts END,
			due_at = `+now+` + $5::bigint * interval '1 microsecond',
			leased_until = NULL
		WHERE id = $2 AND sent_at IS NULL AND dead_at IS NULL`,
		s.shift(), id, text, reason, after.Microseconds())
	return told("retry message", err)
}

// MessageDead ends the tries of a message.
func (s *Store) MessageDead(ctx context.Context, id int64, text, reason string) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE messages SET
			text = coalesce(text, NULLIF($3, '')),
			last_error = $4,
			dead_at = `+now+`,
			leased_until = NULL
		WHERE id = $2 AND sent_at IS NULL AND dead_at IS NULL`,
		s.shift(), id, text, reason)
	return told("give message up", err)
}

// MessageLag is how many messages are due, or claimed and not yet marked, and how long the first of them
// has waited since it was written, or sent again.
func (s *Store) MessageLag(ctx context.Context) (waiting int, oldest time.Duration, err error) {
	var micros int64
	err = s.db.QueryRowxContext(ctx, fmt.Sprintf(`
		SELECT
			count(*),
			coalesce(floor(extract(epoch FROM %[1]s - min(coalesce(renewed_at, created_at))) * 1000000)::bigint, 0)
		FROM messages
		WHERE sent_at IS NULL
			AND dead_at IS NULL
			AND (due_at <= %[1]s OR leased_until IS NOT NULL)`, now), s.shift()).Scan(&waiting, &micros)
	return waiting, max(0, time.Duration(micros)*time.Microsecond), told("message lag", err)
}

package store

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

const rewriteAtOnce = 500 // messages

// RewriteWaiting has each message that waits say something else from now on, and gives how many do: it is for a
// database that was restored to a moment, which does not know what was sent since. "" leaves a message as it is.
func (s *Store) RewriteWaiting(ctx context.Context, say func(notice.Message) string) (rewritten int, err error) {
	for after := int64(0); ; {
		var rows []claimedRow
		err := s.db.SelectContext(ctx, &rows, `
			SELECT
				id,
				phone,
				lang,
				key,
				args,
				coalesce(text, '') AS text,
				attempts,
				created_at
			FROM messages
			WHERE sent_at IS NULL AND dead_at IS NULL AND id > $1
			ORDER BY id
			LIMIT $2`, after, rewriteAtOnce)
		if err != nil || len(rows) == 0 {
			return rewritten, told("waiting messages", err)
		}
		after = rows[len(rows)-1].ID
		var ids intColumn
		var said textColumn
		for _, r := range rows {
			m, err := r.message(s)
			if err != nil {
				return rewritten, core.Errorf(core.Internal, "waiting message %d: %w", r.ID, err)
			}
			if text := say(m); text != "" {
				ids, said = append(ids, r.ID), append(said, text)
			}
		}
		result, err := s.db.ExecContext(ctx, `
			UPDATE messages SET text = u.text
			FROM unnest($1::bigint[], $2::text[]) AS u (id, text)
			WHERE messages.id = ANY (ARRAY[u.id]) AND sent_at IS NULL AND dead_at IS NULL`, ids, said)
		if err != nil {
			return rewritten, told("rewrite waiting messages", err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			return rewritten, told("rewrite waiting messages", err)
		}
		rewritten += int(n)
	}
}

// UnknownReceipts are those of which the ledger has no transfer, in the order given.
func (s *Store) UnknownReceipts(ctx context.Context, receipts []core.Receipt) ([]core.Receipt, error) {
	var unknown []core.Receipt
	err := s.db.SelectContext(ctx, &unknown, `
		SELECT u.receipt
		FROM unnest($1::text[]) WITH ORDINALITY AS u (receipt, place)
		WHERE NOT EXISTS (SELECT FROM transfers t WHERE t.receipt = u.receipt)
		ORDER BY u.place`, texts(receipts, func(r core.Receipt) core.Receipt { return r }))
	return unknown, told("unknown receipts", err)
}

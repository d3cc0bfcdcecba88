package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// insertMessages writes messages; its parameters are messageColumns.
const insertMessages = `
	INSERT INTO messages (
		party_id,
		phone,
		lang,
		key,
		args,
		transfer_id,
		created_at,
		due_at
	)
	SELECT
		NULLIF(u.party_id, 0),
		u.phone,
		u.lang,
		u.key,
		u.args::jsonb,
		NULLIF(u.transfer_id, 0),
		$7::timestamptz,
		$7::timestamptz
	FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
		AS u (party_id, phone, lang, key, args, transfer_id)`

// messageRow is a notice that becomes a message, and the transfer that it is about, if any.
type messageRow struct {
	notice.Notice
	args     string // as JSON
	transfer core.TransferID
}

func newMessage(n notice.Notice, about core.TransferID) (messageRow, error) {
	if n.Args == nil {
		return messageRow{n, "{}", about}, nil
	}
	args, err := json.Marshal(n.Args)
	return messageRow{n, string(args), about}, err
}

func messageColumns(rows []messageRow, now time.Time) []any {
	return []any{
		ints(rows, func(r messageRow) core.PartyID { return r.To }),
		texts(rows, func(r messageRow) core.MSISDN { return r.Phone }),
		texts(rows, func(r messageRow) core.Lang { return r.Lang }),
		texts(rows, func(r messageRow) string { return string(r.Key) }),
		texts(rows, func(r messageRow) string { return r.args }),
		ints(rows, func(r messageRow) core.TransferID { return r.transfer }),
		now,
	}
}

// Tell writes notices that go with no posting.
func (s *Store) Tell(ctx context.Context, tell []notice.Notice) error {
	return s.Tx(ctx, func(tx *Tx) error { return tx.tell(tell) })
}

func (tx *Tx) tell(tell []notice.Notice) error {
	if len(tell) == 0 {
		return nil
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	rows := make([]messageRow, len(tell))
	for i, n := range tell {
		if rows[i], err = newMessage(n, 0); err != nil {
			return err
		}
	}
	tx.tells = true
	_, err = tx.ExecContext(tx.ctx, insertMessages, messageColumns(rows, now)...)
	return err
}

// toParty addresses the notices that are to nobody.
func toParty(tell []notice.Notice, id core.PartyID) []notice.Notice {
	addressed := make([]notice.Notice, len(tell))
	for i, n := range tell {
		if n.To == 0 {
			n.To = id
		}
		addressed[i] = n
	}
	return addressed
}

// messagesOf are the messages that the outcomes of orders make, in the order of the orders.
func messagesOf(orders []wallet.Order, outcomes []ledger.Outcome) ([]messageRow, error) {
	var rows []messageRow
	for i, o := range orders {
		if !outcomes[i].Recorded() {
			continue
		}
		for _, n := range o.Tell {
			n, ok := n.About(outcomes[i])
			if !ok {
				continue
			}
			row, err := newMessage(n, outcomes[i].Transfer)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

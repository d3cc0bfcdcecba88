package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

// TransferByReceipt is all that is known of one transfer, else UnknownReceipt.
func (s *Store) TransferByReceipt(ctx context.Context, r core.Receipt) (office.Transfer, error) {
	return s.transfer(ctx, `t.receipt = $1`, r)
}

// TransferByID is all that is known of one transfer, else UnknownReceipt.
func (s *Store) TransferByID(ctx context.Context, id core.TransferID) (office.Transfer, error) {
	return s.transfer(ctx, `t.id = $1`, id)
}

// transferRow is a transfer with its request, the cash request that it confirmed, and the reversal on either side of it.
type transferRow struct {
	recordRow
	Asked     sql.NullTime
	Ref       int
	CashAsked sql.NullTime `db:"cash_asked"`
	CashEnded sql.NullTime `db:"cash_ended"`
	Reversal  core.Receipt
	Of        core.Receipt
}

// transferSQL finds all of them by keys that there are anyway: a confirmation is what ended its cash request.
const transferSQL = `
	SELECT` + transferColumns + `,
		q.at AS asked,
		coalesce(c.ref, 0) AS ref,
		c.asked_at AS cash_asked,
		c.ended_at AS cash_ended,
		coalesce((
			SELECT u.receipt
			FROM requests r
			JOIN transfers u ON u.id = r.transfer_id
			WHERE r.id = ` + reversalOf + `t.id
		), '') AS reversal,
		coalesce((
			SELECT o.receipt
			FROM transfers o
			WHERE o.id = CASE WHEN t.request_id ~ '^reverse:[0-9]{1,18}[0-9]?$' THEN substr(t.request_id, 9)::bigint END
		), '') AS of
	FROM transfers t
	LEFT JOIN requests q ON q.id = t.request_id
	LEFT JOIN cash_requests c ON c.ended_by = t.request_id
	WHERE `

func (s *Store) transfer(ctx context.Context, where string, key any) (office.Transfer, error) {
	var row transferRow
	err := s.records.get(ctx, &row, transferSQL+where, key)
	if errors.Is(err, sql.ErrNoRows) {
		return office.Transfer{}, core.Errorf(core.UnknownReceipt, "no such transfer")
	}
	if err != nil {
		return office.Transfer{}, told("transfer", err)
	}
	page, err := s.page(ctx, []recordRow{row.recordRow}, place{})
	if err != nil {
		return office.Transfer{}, err
	}
	t := office.Transfer{Record: page.Records[0], Reversal: row.Reversal, Of: row.Of, Asked: s.when(row.Asked)}
	if row.CashAsked.Valid {
		t.Cash = &office.Cash{Ref: wallet.Ref(row.Ref), Asked: s.when(row.CashAsked), Ended: s.when(row.CashEnded)}
	}
	if t.Entries, err = s.entriesOf(ctx, row.Transfer); err == nil {
		t.Messages, err = s.messagesAbout(ctx, row.Transfer)
	}
	return t, told("transfer", err)
}

// when is a time that there may not be.
func (s *Store) when(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return s.local(t.Time)
}

func (s *Store) entriesOf(ctx context.Context, id core.TransferID) ([]office.Entry, error) {
	var rows []struct {
		Account core.AccountID
		Kind    office.AccountKind
		Amount  core.Amount
		Balance core.Amount
	}
	err := s.records.list(ctx, &rows, `
		SELECT e.account_id AS account, a.kind, e.amount, e.balance
		FROM entries e
		JOIN accounts a ON a.id = e.account_id
		WHERE e.transfer_id = $1
		ORDER BY e.line`, id)
	if err != nil {
		return nil, err
	}
	entries, accounts := make([]office.Entry, len(rows)), make([]core.AccountID, len(rows))
	for i, r := range rows {
		accounts[i] = r.Account
	}
	owners, err := s.owners(ctx, accounts)
	for i, r := range rows {
		entries[i] = office.Entry{Account: whole(r.Account), Kind: r.Kind, Owner: owners[r.Account], Amount: r.Amount, Balance: r.Balance}
	}
	return entries, err
}

func (s *Store) messagesAbout(ctx context.Context, id core.TransferID) ([]office.Sent, error) {
	var rows []struct {
		claimedRow
		To        core.PartyID
		Sent      sql.NullTime `db:"sent_at"`
		Delivered sql.NullTime `db:"delivered_at"`
		Failed    sql.NullTime `db:"failed_at"`
		Dead      sql.NullTime `db:"dead_at"`
		Error     string
	}
	err := s.records.list(ctx, &rows, `
		SELECT
			id,
			coalesce(party_id, 0) AS to,
			phone,
			lang,
			key,
			args,
			coalesce(text, '') AS text,
			attempts,
			created_at,
			sent_at,
			delivered_at,
			failed_at,
			dead_at,
			coalesce(last_error, '') AS error
		FROM messages
		WHERE transfer_id = $1
		ORDER BY id`, id)
	if err != nil {
		return nil, err
	}
	sent := make([]office.Sent, len(rows))
	for i, r := range rows {
		sent[i] = office.Sent{
			To: r.To, SentAt: s.when(r.Sent), Delivered: s.when(r.Delivered), Failed: s.when(r.Failed), Dead: s.when(r.Dead), Error: r.Error,
		}
		if sent[i].Message, err = r.message(s); err != nil {
			return nil, err
		}
	}
	return sent, nil
}

// RecordDeed writes a deed that changed nothing.
func (s *Store) RecordDeed(ctx context.Context, d core.Deed) error {
	return s.Tx(ctx, func(tx *Tx) error { return tx.record(d) })
}

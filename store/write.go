package store

import (
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// write writes a batch in one statement, at whose end the guards of the schema look at all of it.
func (tx *Tx) write(w rows, cash *counter, tell []messageRow, now time.Time) error {
	if len(w.requests) == 0 { // replays alone
		return nil
	}
	tx.tells = len(tell) > 0
	args := messageColumns(tell, now)
	args = append(args, w.requestColumns()...)
	args = append(args, w.transferColumns()...)
	args = append(args, w.entryColumns()...)
	args = append(args, w.holdColumns()...)
	args = append(args, w.accountColumns()...)
	query := writeSQL
	if cash != nil {
		query, args = writeCashSQL, append(args, cash.columns(now)...)
	}
	_, step := core.Begin(tx.ctx, "write")
	_, err := tx.hot(query).ExecContext(tx.ctx, args...)
	step.End(err)
	return err
}

// writeCashSQL writes what happened over counters too, in the same statement: the guards look at money and
// cash requests together.
const (
	writeSQL     = writeBooks + writeAccounts
	writeCashSQL = writeBooks + writeCash + writeAccounts
)

// writeBooks has the parameters of insertMessages first, the last of them the time.
const writeBooks = `
	WITH messages_written AS (` + insertMessages + `
	), requests_written AS (
		INSERT INTO requests (id, content, code, transfer_id, hold_id, at)
		SELECT u.id, u.content, NULLIF(u.code, ''), NULLIF(u.transfer_id, 0), NULLIF(u.hold_id, 0), $7::timestamptz
		FROM unnest($8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[])
			AS u (id, content, code, transfer_id, hold_id)
	), transfers_written AS (
		INSERT INTO transfers (
			id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at
		)
		SELECT
			u.id, u.request_id, u.operation, NULLIF(u.from_account, 0), NULLIF(u.to_account, 0),
			u.amount, u.fee, u.receipt, u.lines, $7::timestamptz
		FROM unnest($13::bigint[], $14::text[], $15::text[], $16::bigint[], $17::bigint[],
				$18::bigint[], $19::bigint[], $20::text[], $21::bigint[])
			AS u (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines)
	), entries_written AS (
		INSERT INTO entries (account_id, version, transfer_id, line, amount, balance)
		SELECT u.account_id, u.version, u.transfer_id, u.line, u.amount, u.balance
		FROM unnest($22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::bigint[], $27::bigint[])
			AS u (account_id, version, transfer_id, line, amount, balance)
	), holds_placed AS (
		INSERT INTO holds (id, account_id, to_account, amount, counted, day, expires_at, request_id)
		SELECT
			u.id, u.account_id, NULLIF(u.to_account, 0), u.amount, u.counted, u.day, u.expires_at, u.request_id
		FROM unnest($28::bigint[], $29::bigint[], $30::bigint[], $31::bigint[], $32::bigint[],
				$33::bigint[], $34::timestamptz[], $35::text[])
			AS u (id, account_id, to_account, amount, counted, day, expires_at, request_id)
	), holds_ended AS (
		UPDATE holds SET ended = u.ended, ended_at = $7::timestamptz, transfer_id = NULLIF(u.transfer_id, 0)
		FROM unnest($36::bigint[], $37::text[], $38::bigint[]) AS u (id, ended, transfer_id)
		WHERE holds.id = ANY (ARRAY[u.id])
	)`

const writeAccounts = `
	UPDATE accounts SET
		balance = u.balance,
		held = u.held,
		version = u.version,
		spent_day = u.spent_day,
		spent_today = u.spent_today,
		spent_month = u.spent_month,
		last_transfer = coalesce(NULLIF(u.last_transfer, 0), accounts.last_transfer),
		version_before = CASE u.last_transfer WHEN 0 THEN accounts.version_before ELSE accounts.version END,
		balance_before = CASE u.last_transfer WHEN 0 THEN accounts.balance_before ELSE accounts.balance END
	FROM unnest($39::bigint[], $40::bigint[], $41::bigint[], $42::bigint[], $43::bigint[], $44::bigint[], $45::bigint[],
			$46::bigint[])
		AS u (id, balance, held, version, spent_day, spent_today, spent_month, last_transfer)
	WHERE accounts.id = ANY (ARRAY[u.id])`

func (w rows) requestColumns() []any {
	return []any{
		texts(w.requests, func(o ledger.Outcome) core.RequestID { return o.Request }),
		texts(w.requests, func(o ledger.Outcome) string { return o.Content }),
		texts(w.requests, func(o ledger.Outcome) core.Code { return o.Code }),
		ints(w.requests, func(o ledger.Outcome) core.TransferID { return o.Transfer }),
		ints(w.requests, func(o ledger.Outcome) core.HoldID { return o.Hold }),
	}
}

func (w rows) transferColumns() []any {
	return []any{
		ints(w.transfers, func(p ledger.Posting) core.TransferID { return p.Transfer }),
		texts(w.transfers, func(p ledger.Posting) core.RequestID { return p.Request }),
		texts(w.transfers, func(p ledger.Posting) core.Operation { return p.Operation }),
		ints(w.transfers, func(p ledger.Posting) core.AccountID { return p.From }),
		ints(w.transfers, func(p ledger.Posting) core.AccountID { return p.To }),
		ints(w.transfers, func(p ledger.Posting) core.Amount { return p.Amount }),
		ints(w.transfers, func(p ledger.Posting) core.Amount { return p.Fee }),
		texts(w.transfers, func(p ledger.Posting) core.Receipt { return p.Receipt }),
		ints(w.transfers, func(p ledger.Posting) int { return len(p.Entries) }),
	}
}

func (w rows) entryColumns() []any {
	return []any{
		ints(w.entries, func(e entryRow) core.AccountID { return e.Account }),
		ints(w.entries, func(e entryRow) int64 { return e.Version }),
		ints(w.entries, func(e entryRow) core.TransferID { return e.transfer }),
		ints(w.entries, func(e entryRow) int { return e.line }),
		ints(w.entries, func(e entryRow) core.Amount { return e.Amount }),
		ints(w.entries, func(e entryRow) core.Amount { return e.Balance }),
	}
}

func (w rows) holdColumns() []any {
	return []any{
		ints(w.placed, func(h holdRow) core.HoldID { return h.ID }),
		ints(w.placed, func(h holdRow) core.AccountID { return h.Account }),
		ints(w.placed, func(h holdRow) core.AccountID { return h.To }),
		ints(w.placed, func(h holdRow) core.Amount { return h.Amount }),
		ints(w.placed, func(h holdRow) core.Amount { return h.Counted }),
		ints(w.placed, func(h holdRow) ledger.Day { return h.Day }),
		times(w.placed, func(h holdRow) time.Time { return h.Expires }),
		texts(w.placed, func(h holdRow) core.RequestID { return h.request }),
		ints(w.ended, func(h holdRow) core.HoldID { return h.ID }),
		texts(w.ended, func(h holdRow) ledger.Action { return h.Ended }),
		ints(w.ended, func(h holdRow) core.TransferID { return h.transfer }),
	}
}

func (w rows) accountColumns() []any {
	return []any{
		ints(w.accounts, func(a accountMove) core.AccountID { return a.ID }),
		ints(w.accounts, func(a accountMove) core.Amount { return a.Balance }),
		ints(w.accounts, func(a accountMove) core.Amount { return a.Held }),
		ints(w.accounts, func(a accountMove) int64 { return a.Version }),
		ints(w.accounts, func(a accountMove) ledger.Day { return a.Spent.Day }),
		ints(w.accounts, func(a accountMove) core.Amount { return a.Spent.Today }),
		ints(w.accounts, func(a accountMove) core.Amount { return a.Spent.Month }),
		ints(w.accounts, func(a accountMove) core.TransferID { return a.last }),
	}
}

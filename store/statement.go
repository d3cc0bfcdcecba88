package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// entriesSQL is entries with the other side of each: whoever of from and to is not this account; of an account
// that is neither, such as a commission, whoever does not own it.
const entriesSQL = `
	SELECT
		t.at,
		t.id AS transfer,
		t.receipt,
		t.operation,
		t.amount AS total,
		coalesce(t.from_account = e.account_id, false) AS payer,
		e.amount AS entry,
		e.balance,
		e.version,
		coalesce((SELECT r.state FROM reversals r WHERE r.transfer_id = t.id), '') AS reversal,
		coalesce((
			SELECT r.receipt
			FROM reversal_steps s
			JOIN reversals r ON r.id = s.reversal_id
			WHERE s.transfer_id = CASE t.operation WHEN 'reverse' THEN t.id END
		), '') AS undid,` + otherColumns + `
	FROM entries e
	JOIN transfers t ON t.id = e.transfer_id
	JOIN accounts own ON own.id = e.account_id
	LEFT JOIN accounts f ON f.id = t.from_account
	LEFT JOIN accounts o ON o.id = CASE
		WHEN t.from_account = e.account_id THEN t.to_account
		WHEN t.to_account = e.account_id THEN t.from_account
		WHEN f.party_id = own.party_id THEN t.to_account
		ELSE t.from_account END
	LEFT JOIN parties p ON p.id = o.party_id`

const (
	// statementSQL is of an account, from the last entry back. Each month that is looked into costs a look at its
	// index, so of an account that moved lately only the last ones are, unless $4 asks for all.
	statementSQL = entriesSQL + `
	WHERE e.account_id = $2
		AND e.transfer_id >= CASE WHEN $4::boolean THEN 0 ELSE (
			SELECT CASE WHEN a.last_transfer >= recent THEN recent ELSE 0 END
			FROM accounts a, first_id_of(` + now + ` - interval '31 days') AS recent
			WHERE a.id = $2
		) END
	ORDER BY e.version DESC
	LIMIT $3`

	// lineOfSQL is of one transfer. A party with two accounts in it sees the one that is hers to spend.
	lineOfSQL = entriesSQL + `
	WHERE t.receipt = $1 AND own.party_id = $2
	ORDER BY own.kind = 'commission'
	LIMIT 1`
)

// otherColumns are partyColumns for a party p that there may not be, such as the bank.
const otherColumns = `
	coalesce(p.id, 0) AS id,
	coalesce(p.kind, '') AS kind,
	coalesce(p.status, '') AS status,
	coalesce(p.tier, '') AS tier,
	coalesce(p.name, '') AS name,
	coalesce(p.phone, '') AS phone,
	coalesce(p.number, '') AS number,
	'' AS email,
	'' AS id_number,
	coalesce(p.lang, '') AS lang,
	CASE WHEN p.id IS NULL OR o.kind = 'commission' THEN 0 ELSE o.id END AS account,
	0 AS commission`

type lineRow struct {
	partyRow
	At        time.Time
	Transfer  core.TransferID
	Receipt   core.Receipt
	Operation core.Operation
	Total     core.Amount
	Payer     bool
	Entry     core.Amount
	Balance   core.Amount
	Version   int64
	Reversal  wallet.ReversalState
	Undid     core.Receipt
}

// Statement is the last n transfers of an account, newest first. What an account paid beyond the amount is
// its fee; an account that is not the payer sees what it got. A reversal costs nothing. The other side's ID number and e-mail are
// left out.
func (s *Store) Statement(ctx context.Context, id core.AccountID, n int) ([]wallet.Line, error) {
	rows, err := s.lineRows(ctx, statementSQL, s.shift(), id, n, false)
	if err == nil && incomplete(rows, n) {
		rows, err = s.lineRows(ctx, statementSQL, s.shift(), id, n, true)
	}
	return s.lines(rows), err
}

// incomplete is whether there are more entries than those of the last months: older ones, or some between them, of
// a copy of Piga that knew no months and numbered its transfers as before.
func incomplete(rows []lineRow, n int) bool {
	got := len(rows)
	if got == 0 {
		return false
	}
	newest, oldest := rows[0].Version, rows[got-1].Version
	return got < n && oldest > 1 || newest-oldest >= int64(got)
}

func (s *Store) lineRows(ctx context.Context, query string, args ...any) (rows []lineRow, err error) {
	err = s.list(ctx, &rows, query, args...)
	return rows, told("statement", err)
}

func (s *Store) lines(rows []lineRow) []wallet.Line {
	lines := make([]wallet.Line, len(rows))
	for i, r := range rows {
		lines[i] = wallet.Line{
			At: s.local(r.At), Transfer: r.Transfer, Receipt: r.Receipt, Operation: r.Operation, In: r.Entry > 0,
			Amount: max(r.Entry, -r.Entry), Other: r.party(), Balance: r.Balance,
			Reversal: r.Reversal, Undid: r.Undid,
		}
		if r.Payer && r.Entry < 0 && r.Operation != core.Reverse {
			lines[i].Amount, lines[i].Fee = r.Total, -r.Entry-r.Total
		}
	}
	return lines
}

// A payer who made more transfers than this within the time of Lately is no person who forgot.
const latelyAmong = 100

// latelySQL looks at the last transfers of the months into which the time reaches, whatever their time: so it stops
// at the most that it asks for, however many there were this month. Small numbers are of before there were months,
// or of a copy of Piga that knew none.
const latelySQL = `
	SELECT floor(extract(epoch FROM ` + now + ` - t.at) * 1000000)::bigint
	FROM (
		SELECT transfer_id, version
		FROM entries
		WHERE account_id = $2
			AND (transfer_id >= first_id_of(date_trunc('month', ` + now + ` - $7::bigint * interval '1 microsecond', 'UTC'))
				OR transfer_id < 1::bigint << 40)
		ORDER BY version DESC
		LIMIT $3
	) e
	JOIN transfers t ON t.id = e.transfer_id
	WHERE t.operation = $4
		AND t.from_account = $2
		AND t.to_account = $5
		AND t.amount = $6
		AND t.request_id <> $8
		AND t.at > ` + now + ` - $7::bigint * interval '1 microsecond'
	ORDER BY e.version DESC
	LIMIT 1`

// Lately is how long ago the same was last paid: operation, payer, payee and amount, within a time,
// under another request id.
func (s *Store) Lately(ctx context.Context, same ledger.Posting, within time.Duration) (time.Duration, bool, error) {
	var micros []int64
	err := s.list(ctx, &micros, latelySQL,
		s.shift(), same.From, latelyAmong, same.Operation, same.To, same.Amount, within.Microseconds(), same.Request)
	if err != nil || len(micros) == 0 {
		return 0, false, told("lately", err)
	}
	return max(0, time.Duration(micros[0])*time.Microsecond), true, nil
}

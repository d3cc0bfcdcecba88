package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// intoIntents begins what writes an intent. A request keeps its first one: whatever comes under it later asks for the
// same.
const intoIntents = `
	INSERT INTO intents (
		request_id,
		party_id,
		turn,
		errand,
		args,
		operation,
		from_account,
		to_account,
		amount,
		hold_id,
		created_at`

// insertIntent writes the intent of a try that was counted and is not known to be wrong; its parameters
// follow those of countTry.
const insertIntent = intoIntents + `
	)
	SELECT
		$7::text,
		$2::bigint,
		$3::text,
		$8::text,
		$9::jsonb,
		$10::text,
		$11::bigint,
		$12::bigint,
		$13::bigint,
		NULLIF($14::bigint, 0),
		` + now + `
	FROM counted
	WHERE counted AND NOT known AND $7::text IS NOT NULL
	ON CONFLICT (request_id) DO NOTHING`

// Intend writes down an intent that comes with no try, as one that was read.
func (s *Store) Intend(ctx context.Context, i *wallet.Intent) error {
	columns, err := intentColumns(i)
	if err != nil {
		return err
	}
	return s.forGood(ctx, func(tx *Tx) error {
		_, err := tx.ExecContext(tx.ctx, intoIntents+`,
			seen_at
		) VALUES ($3, $2, $3, $4, $5, $6, $7, $8, $9, NULLIF($10::bigint, 0), `+now+`, `+now+`)
			ON CONFLICT (request_id) DO NOTHING`, append([]any{s.shift(), i.Party.ID}, columns...)...)
		return told("intend", err)
	})
}

// Intended is whether there is an intent of a request, open or not.
func (s *Store) Intended(ctx context.Context, r core.RequestID) (is bool, err error) {
	err = s.get(ctx, &is, `SELECT EXISTS (SELECT FROM intents WHERE request_id = $1)`, r)
	return is, told("intended", err)
}

func intentColumns(i *wallet.Intent) ([]any, error) {
	if i == nil {
		return []any{nil, nil, nil, nil, nil, nil, nil, nil}, nil
	}
	args, err := json.Marshal(i.Args)
	if err != nil {
		return nil, core.Errorf(core.Internal, "intent: %w", err)
	}
	c := i.Content
	hold := c.Hold
	if c.Action == ledger.Place { // its own, which is no part of the content
		hold = 0
	}
	return []any{i.Request, i.Errand, string(args), c.Operation, c.From, c.To, c.Amount, hold}, nil
}

type intentRow struct {
	Request   core.RequestID `db:"request_id"`
	Errand    string
	Args      []byte
	Operation core.Operation
	From      core.AccountID `db:"from_account"`
	To        core.AccountID `db:"to_account"`
	Amount    core.Amount
	Hold      core.HoldID  `db:"hold_id"`
	Party     core.PartyID `db:"party_id"`
	Phone     core.MSISDN
	Lang      core.Lang
}

func (r intentRow) intent() (wallet.Intent, error) {
	i := wallet.Intent{
		Request: r.Request, Errand: r.Errand,
		Content: ledger.Posting{Request: r.Request, Operation: r.Operation, From: r.From, To: r.To, Amount: r.Amount, Hold: r.Hold},
		Party:   core.Party{ID: r.Party, Phone: r.Phone, Lang: r.Lang},
	}
	var err error
	i.Args, err = blanks(r.Args)
	return i, err
}

func blanks(b []byte) (args text.Args, err error) {
	if err = json.Unmarshal(b, &args); err != nil {
		return nil, core.Errorf(core.Internal, "the blanks of an intent: %w", err)
	}
	return args, nil
}

// OpenIntents are at most n intents at least so old whose requests have no outcome, the oldest first. Those
// that have one by now are marked on the way, and are not looked at again.
func (s *Store) OpenIntents(ctx context.Context, age time.Duration, n int) ([]wallet.Intent, error) {
	if err := s.settleIntents(ctx, age); err != nil {
		return nil, err
	}
	var rows []intentRow
	err := s.list(ctx, &rows, `
		SELECT
			i.request_id,
			i.errand,
			i.args,
			i.operation,
			i.from_account,
			i.to_account,
			i.amount,
			coalesce(i.hold_id, 0) AS hold_id,
			i.party_id,
			p.phone,
			p.lang
		FROM intents i
		JOIN parties p ON p.id = i.party_id
		WHERE i.settled_at IS NULL
			AND i.created_at <= `+now+` - $2::bigint * interval '1 microsecond'
			AND NOT EXISTS (SELECT FROM requests r WHERE r.id = i.request_id)
		ORDER BY i.created_at
		LIMIT $3`, s.shift(), age.Microseconds(), n)
	if err != nil {
		return nil, told("open intents", err)
	}
	open := make([]wallet.Intent, len(rows))
	for at, r := range rows {
		if open[at], err = r.intent(); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// settleIntents leaves to others what they are marking at this moment, so that two copies never wait for
// each other.
func (s *Store) settleIntents(ctx context.Context, age time.Duration) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE intents SET settled_at = `+now+`
		WHERE request_id = ANY (ARRAY(
			SELECT i.request_id
			FROM intents i
			JOIN requests r ON r.id = i.request_id
			WHERE i.settled_at IS NULL
				AND i.created_at <= `+now+` - $2::bigint * interval '1 microsecond'
			FOR UPDATE OF i SKIP LOCKED
		))`, s.shift(), age.Microseconds())
	return told("settle intents", err)
}

// LastErrand is a party's last intent within a time that she is not known to have read of, with what became
// of it, in one statement that marks it as read once something did. What was asked for at a counter is told
// as it stands by now, with the receipt of its confirmation.
func (s *Store) LastErrand(ctx context.Context, id core.PartyID, within time.Duration) (wallet.Errand, bool, error) {
	var row struct {
		Request core.RequestID `db:"request_id"`
		Errand  string
		Args    []byte
		Open    bool
		Code    core.Code
		Receipt core.Receipt
		Ended   wallet.CashEnd
	}
	err := s.get(ctx, &row, `
		WITH last AS (
			SELECT
				i.request_id,
				i.errand,
				i.args,
				r.id IS NULL AS open,
				coalesce(r.code, '') AS code,
				coalesce(t.receipt, '') AS receipt,
				coalesce(c.ended, '') AS ended
			FROM intents i
			LEFT JOIN requests r ON r.id = i.request_id
			LEFT JOIN cash_requests c ON c.request_id = i.request_id
			LEFT JOIN transfers t ON t.id = coalesce(r.transfer_id, c.transfer_id)
			WHERE i.party_id = $2
				AND i.seen_at IS NULL
				AND i.created_at > `+now+` - $3::bigint * interval '1 microsecond'
			ORDER BY i.created_at DESC
			LIMIT 1
		), read AS (
			UPDATE intents SET seen_at = `+now+`
			WHERE request_id = (SELECT request_id FROM last WHERE NOT open)
		)
		SELECT request_id, errand, args, open, code, receipt, ended FROM last`,
		s.shift(), id, within.Microseconds())
	if errors.Is(err, sql.ErrNoRows) {
		return wallet.Errand{}, false, nil
	}
	if err != nil {
		return wallet.Errand{}, false, told("last errand", err)
	}
	e := wallet.Errand{Open: row.Open, Code: row.Code, Receipt: row.Receipt, Ended: row.Ended}
	e.Request, e.Errand = row.Request, row.Errand
	e.Args, err = blanks(row.Args)
	return e, err == nil, err
}

// SeenIntent marks an intent as read, if its request has an outcome: else there was nothing to read yet.
func (s *Store) SeenIntent(ctx context.Context, r core.RequestID) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE intents SET seen_at = `+now+`
		WHERE request_id = $2
			AND seen_at IS NULL
			AND EXISTS (SELECT FROM requests WHERE id = $2)`, s.shift(), r)
	return told("intent seen", err)
}

// PruneIntents removes intents so old whose requests have an outcome.
func (s *Store) PruneIntents(ctx context.Context, age time.Duration) error {
	_, err := s.db.ExecContext(ctx, `
		DELETE FROM intents
		WHERE settled_at IS NOT NULL
			AND created_at < `+now+` - $2::bigint * interval '1 microsecond'`, s.shift(), age.Microseconds())
	return told("prune intents", err)
}

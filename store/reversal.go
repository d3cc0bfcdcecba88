package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

const reversalColumns = `
	r.id,
	r.transfer_id,
	r.operation,
	r.receipt,
	r.from_account,
	r.to_account,
	r.amount,
	r.fee,
	coalesce(r.commission_account, 0) AS commission_account,
	r.earned,
	r.reason,
	r.opened_at,
	r.taken,
	r.returned,
	r.state,
	r.ended_at`

type reversalRow struct {
	ID         int64
	Transfer   core.TransferID `db:"transfer_id"`
	Operation  core.Operation
	Receipt    core.Receipt
	From       core.AccountID `db:"from_account"`
	To         core.AccountID `db:"to_account"`
	Amount     core.Amount
	Fee        core.Amount
	Commission core.AccountID `db:"commission_account"`
	Earned     core.Amount
	Reason     string
	Opened     time.Time `db:"opened_at"`
	Taken      core.Amount
	Returned   core.Amount
	State      wallet.ReversalState
	Ended      sql.NullTime `db:"ended_at"`
}

func (r reversalRow) reversal(s *Store) wallet.Reversal {
	v := wallet.Reversal{
		Mirror: ledger.Mirror{
			Transfer: r.Transfer, From: r.From, To: r.To, Amount: r.Amount, Fee: r.Fee,
			Commission: r.Commission, Earned: r.Earned, Taken: r.Taken,
		},
		ID: r.ID, Operation: r.Operation, Receipt: r.Receipt, State: r.State, Returned: r.Returned, Reason: r.Reason,
		Opened: s.local(r.Opened),
	}
	switch {
	case r.Earned == 0:
	case r.Operation == core.Withdraw:
		v.Agent = r.To
	default:
		v.Agent = r.From
	}
	if r.Ended.Valid {
		v.Ended = s.local(r.Ended.Time)
	}
	return v
}

// undoableSQL is a transfer as the reversal that it may have, with what an agent earned by it.
const undoableSQL = `
	SELECT
		0 AS id,
		t.id AS transfer_id,
		t.operation,
		t.receipt,
		t.from_account,
		t.to_account,
		t.amount,
		t.fee,
		coalesce(c.account_id, 0) AS commission_account,
		coalesce(c.amount, 0) AS earned,
		'' AS reason,
		t.at AS opened_at,
		0 AS taken,
		0 AS returned,
		'' AS state,
		NULL::timestamptz AS ended_at
	FROM transfers t
	LEFT JOIN LATERAL (
		SELECT e.account_id, e.amount
		FROM entries e
		WHERE e.transfer_id = t.id
			AND e.amount > 0
			AND (SELECT a.kind FROM accounts a WHERE a.id = e.account_id) = 'commission'
		OFFSET 0
	) c ON t.operation IN ('deposit', 'withdraw')
	WHERE t.receipt = $1`

// Undoable is the reversal that a transfer may have: UnknownReceipt, TransferArchived, NotReversible.
func (s *Store) Undoable(ctx context.Context, receipt core.Receipt) (wallet.Reversal, error) {
	var row reversalRow
	err := s.db.GetContext(ctx, &row, undoableSQL, receipt)
	if errors.Is(err, sql.ErrNoRows) {
		return wallet.Reversal{}, s.missing(ctx, receipt)
	}
	if err != nil {
		return wallet.Reversal{}, told("transfer", err)
	}
	switch row.Operation {
	case core.Send, core.Pay, core.Deposit, core.Withdraw:
	default:
		return wallet.Reversal{}, core.Errorf(core.NotReversible, "transfer %d is a %s", row.Transfer, row.Operation)
	}
	all, err := s.withParties(ctx, []reversalRow{row})
	if err != nil {
		return wallet.Reversal{}, err
	}
	return all[0], nil
}

// missing is why there is no transfer with a receipt: its month was put away, or there never was one.
func (s *Store) missing(ctx context.Context, receipt core.Receipt) error {
	var kept core.TransferID
	var at time.Time
	if err := s.db.QueryRowxContext(ctx, `SELECT `+firstKept+`, `+now, s.shift()).Scan(&kept, &at); err != nil {
		return told("first month", err)
	}
	if month, ok := receipt.Month(at); ok && kept > 0 && month.Before(transferTime(kept)) {
		return core.Errorf(core.PutAway, "of %s, and the first month is %s", month.Format("2006-01"), transferTime(kept).Format("2006-01"))
	}
	return core.Errorf(core.UnknownReceipt, "no such transfer")
}

// ReversalByID is a reversal with its steps, else NoReversal.
func (s *Store) ReversalByID(ctx context.Context, id int64) (wallet.Reversal, error) {
	return s.onlyReversal(ctx, `SELECT`+reversalColumns+` FROM reversals r WHERE r.id = $1`, id)
}

// ReversalOf is that of a transfer.
func (s *Store) ReversalOf(ctx context.Context, id core.TransferID) (wallet.Reversal, error) {
	return s.onlyReversal(ctx, `SELECT`+reversalColumns+` FROM reversals r WHERE r.transfer_id = $1`, id)
}

func (s *Store) onlyReversal(ctx context.Context, query string, arg any) (wallet.Reversal, error) {
	all, err := s.reversals(ctx, query, arg)
	if err == nil && len(all) == 0 {
		err = core.Errorf(core.NoReversal, "no such reversal")
	}
	if err != nil {
		return wallet.Reversal{}, err
	}
	all[0].Steps, err = s.steps(ctx, all[0].ID)
	return all[0], err
}

// Reversals are at most n in a state, or in any, the newest first: those before an id, if it is not zero.
func (s *Store) Reversals(ctx context.Context, in wallet.ReversalState, before int64, n int) ([]wallet.Reversal, error) {
	return s.reversals(ctx, `
		SELECT`+reversalColumns+`
		FROM reversals r
		WHERE ($1 = '' OR r.state = $1) AND ($2::bigint = 0 OR r.id < $2)
		ORDER BY r.id DESC
		LIMIT $3`, in, before, n)
}

func (s *Store) reversals(ctx context.Context, query string, args ...any) ([]wallet.Reversal, error) {
	var rows []reversalRow
	if err := s.db.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, told("reversals", err)
	}
	return s.withParties(ctx, rows)
}

// withParties reads who paid and who was paid.
func (s *Store) withParties(ctx context.Context, rows []reversalRow) ([]wallet.Reversal, error) {
	ids := append(ints(rows, func(r reversalRow) core.AccountID { return r.From }),
		ints(rows, func(r reversalRow) core.AccountID { return r.To })...)
	var sides []partyRow
	err := s.db.SelectContext(ctx, &sides, `
		SELECT`+partyColumns+`
		FROM parties p
		WHERE p.id = ANY (ARRAY(SELECT a.party_id FROM accounts a WHERE a.id = ANY($1::bigint[])))`, ids)
	if err != nil {
		return nil, told("sides of reversals", err)
	}
	owners := make(map[core.AccountID]core.Party, len(sides))
	for _, p := range sides {
		p.IDNumber = ""
		owners[p.Account] = p.party()
	}
	all := make([]wallet.Reversal, len(rows))
	for i, r := range rows {
		all[i] = r.reversal(s)
		all[i].Payer, all[i].Payee = owners[r.From], owners[r.To]
	}
	return all, nil
}

func (s *Store) steps(ctx context.Context, reversal int64) ([]wallet.ReversalStep, error) {
	var steps []wallet.ReversalStep
	err := s.db.SelectContext(ctx, &steps, `
		SELECT s.step, s.admin_id AS by, s.reason, s.at, s.held, coalesce(t.receipt, '') AS receipt
		FROM reversal_steps s
		LEFT JOIN transfers t ON t.id = s.transfer_id
		WHERE s.reversal_id = $1
		ORDER BY s.at, s.transfer_id`, reversal)
	for i := range steps {
		steps[i].At = s.local(steps[i].At)
	}
	return slices.Clip(steps), told("steps of a reversal", err)
}

package store

import (
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// undoing is what a batch does to reversals: how they stood when everything was locked, and the steps that are to be
// written. A step is admitted, which adds its entries, then decided by the ledger, then kept. What is known of a
// reversal is under the lock of the accounts of both sides, which each of its steps touches.
type undoing struct {
	kept  map[core.TransferID]*wallet.Reversal
	steps []stepRow
}

type stepRow struct {
	after  wallet.Reversal
	begins bool
	ledger.Posting
	deed core.Deed
	held core.Amount
}

// readReversals reads, when the accounts are locked, the reversals of which orders are steps.
func (tx *Tx) readReversals(orders []wallet.Order) (*undoing, error) {
	ids := intColumn{}
	for _, o := range orders {
		if o.Undo != nil {
			ids = append(ids, int64(o.Undoes))
		}
	}
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // nothing is undone in nearly all batches
	}
	var rows []reversalRow
	err := tx.SelectContext(tx.ctx, &rows, `SELECT`+reversalColumns+` FROM reversals r WHERE r.transfer_id = ANY($1::bigint[])`, ids)
	u := &undoing{kept: make(map[core.TransferID]*wallet.Reversal, len(rows))}
	for _, r := range rows {
		v := r.reversal(tx.store)
		u.kept[r.Transfer] = &v
	}
	return u, err
}

// admit gives a step its entries, or makes it one that writes down a refusal. A step that moves nothing is a note.
func (u *undoing) admit(o *wallet.Order, book *ledger.Book) {
	if o.Undo == nil || o.Action != ledger.Move {
		return
	}
	at := o.Undo.Reversal
	if kept := u.kept[o.Undoes]; kept != nil {
		at.ID, at.Taken, at.State = kept.ID, kept.Taken, kept.State
	}
	done := book.Undo(at.Mirror, o.Step)
	if code := refuses(o, at, done); code != "" {
		o.Action, o.Code, o.Entries = ledger.Refuse, code, nil
		return
	}
	o.Entries, o.Amount = done.Entries, done.Amount
	if len(done.Entries) == 0 {
		o.Action, o.Amount, o.Transfer, o.Receipt = ledger.Note, at.Amount, 0, ""
	}
	after := at.After(o.Step, done)
	o.Tell = append(append([]notice.Notice(nil), o.Tell...), o.Undo.Tell(after, done)...)
	deed := *o.Deed
	if !o.Undo.Begins {
		deed.Before = standing(at)
	}
	deed.After = standing(after)
	o.Deed = &deed
	o.Undo = &wallet.Undoing{Reversal: after, Begins: o.Undo.Begins}
}

func refuses(o *wallet.Order, at wallet.Reversal, done ledger.Undone) core.Code {
	switch {
	case o.Undo.Begins:
		return ""
	case at.State != wallet.Open:
		return core.ReversalEnded
	case o.Step == ledger.Collect && done.Amount == 0:
		return core.NothingToCollect
	default:
		return ""
	}
}

// standing is how far a reversal is, as the audit log keeps it.
func standing(r wallet.Reversal) map[string]any {
	return map[string]any{"state": r.State, "taken": r.Taken, "returned": r.Returned}
}

// keep takes down a step that was done now, for what comes later in the batch too.
func (u *undoing) keep(o *wallet.Order, done ledger.Outcome) {
	if o.Undo == nil || done.Code != "" || done.Again {
		return
	}
	after := o.Undo.Reversal
	u.kept[o.Undoes] = &after
	step := stepRow{after: after, begins: o.Undo.Begins, Posting: o.Posting, deed: *o.Deed}
	for _, e := range o.Entries {
		if e.Account == core.Suspense {
			step.held = e.Amount
		}
	}
	u.steps = append(u.steps, step)
}

// writeSteps writes the steps of a batch, before the money: a step that moved none is what its request has to show.
func (tx *Tx) writeSteps(u *undoing, now time.Time) error {
	if u == nil {
		return nil
	}
	for _, s := range u.steps {
		id, err := tx.writeReversal(s, now)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(tx.ctx, `
			INSERT INTO reversal_steps (request_id, reversal_id, step, transfer_id, held, admin_id, reason, at)
			VALUES ($1, $2, $3, NULLIF($4::bigint, 0), $5, $6, $7, $8)`,
			s.Request, id, s.Step, s.Transfer, s.held, s.deed.By, s.deed.Reason, now)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeReversal writes how a reversal stands after a step, and tells its id.
func (tx *Tx) writeReversal(s stepRow, now time.Time) (id int64, err error) {
	r := s.after
	if !s.begins {
		_, err := tx.ExecContext(tx.ctx, `
			UPDATE reversals SET
				taken = $2,
				returned = $3,
				state = $4::text,
				ended_at = CASE WHEN $4::text <> 'open' THEN $5::timestamptz END
			WHERE id = $1`, r.ID, r.Taken, r.Returned, r.State, now)
		return r.ID, err
	}
	err = tx.GetContext(tx.ctx, &id, `
		INSERT INTO reversals (
			transfer_id,
			operation,
			receipt,
			from_account,
			to_account,
			amount,
			fee,
			commission_account,
			earned,
			reason,
			opened_at,
			taken,
			returned,
			state,
			ended_at
		) VALUES (
			$1, $2, $3, $4, $5, $6, $7, NULLIF($8::bigint, 0), $9, $10, $11::timestamptz, $12, $13, $14::text,
			CASE WHEN $14::text <> 'open' THEN $11::timestamptz END
		)
		RETURNING id`,
		r.Transfer, r.Operation, r.Receipt, r.From, r.To, r.Amount, r.Fee, r.Commission, r.Earned, s.deed.Reason, now,
		r.Taken, r.Returned, r.State)
	return id, err
}

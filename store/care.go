package store

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

// facts are what a deed says that somebody was before, and is after. None after it means that nothing was done.
type facts map[string]any

// change has something done about a party whom nobody else changes meanwhile, and writes the deed with what she was and
// is, in one transaction. changed is false when there was nothing to do.
func (s *Store) change(
	ctx context.Context, id core.PartyID, d core.Deed, do func(*Tx, core.Party) (was, is facts, err error),
) (changed bool, err error) {
	err = s.Tx(ctx, func(tx *Tx) error {
		p, err := tx.lockParty(id)
		if err != nil {
			return err
		}
		was, is, err := do(tx, p)
		if err != nil {
			return err
		}
		changed = is != nil
		return tx.recordChange(d, was, is)
	})
	return changed && err == nil, err
}

// recordChange writes the deed of a change, if there was one.
func (tx *Tx) recordChange(d core.Deed, was, is facts) error {
	if is == nil {
		return nil
	}
	d.After = is
	if was != nil {
		d.Before = was
	}
	return tx.record(d)
}

func barred(p core.Party) error {
	return core.Errorf(core.NotAllowed, "party %d is %s", p.ID, p.Status)
}

// Suspend stops a party and ends her tokens. NotAllowed of who waits for approval or is closed.
func (s *Store) Suspend(ctx context.Context, id core.PartyID, d core.Deed) (bool, error) {
	return s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		switch p.Status {
		case core.Suspended:
			return nil, nil, nil
		case core.Pending, core.Closed:
			return nil, nil, barred(p)
		default:
			return tx.setStatus(p, core.Suspended)
		}
	})
}

// Reinstate makes who is suspended active. A login that was under way when she was suspended opens nothing now.
func (s *Store) Reinstate(ctx context.Context, id core.PartyID, d core.Deed) (bool, error) {
	return s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		switch p.Status {
		case core.Active, core.Dormant:
			return nil, nil, nil
		case core.Pending, core.Closed:
			return nil, nil, barred(p)
		default:
			return tx.setStatus(p, core.Active)
		}
	})
}

// CloseParty closes a party and her accounts for ever: BalanceLeft, StillOpen. NotAllowed of who waits for approval, see Refuse.
func (s *Store) CloseParty(ctx context.Context, id core.PartyID, d core.Deed) (bool, error) {
	return s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		switch p.Status {
		case core.Closed:
			return nil, nil, nil
		case core.Pending:
			return nil, nil, barred(p)
		default:
			return tx.close(p)
		}
	})
}

// Refuse closes who waits for approval, and tells her. NotAllowed of anybody who was approved.
func (s *Store) Refuse(ctx context.Context, id core.PartyID, tell []notice.Notice, d core.Deed) (bool, error) {
	return s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		if p.Status != core.Pending {
			return nil, nil, barred(p)
		}
		if err := tx.tell(addressed(tell, p)); err != nil {
			return nil, nil, err
		}
		return tx.close(p)
	})
}

// close closes a party whose accounts are empty, and will be: they are locked, and what waits for them finds them closed.
func (tx *Tx) close(p core.Party) (was, is facts, err error) {
	if err := tx.dropStart(p.ID); err != nil {
		return nil, nil, err
	}
	if err := tx.quiet(p.ID, true); err != nil {
		return nil, nil, err
	}
	return tx.setStatus(p, core.Closed)
}

// quiet locks a party's accounts, and is StillOpen while a request of hers, or at her counter, has not ended. Where they
// ought to be empty it is BalanceLeft when they are not, and StillOpen while a reversal may yet bring money, or take it.
func (tx *Tx) quiet(id core.PartyID, empty bool) error {
	var accounts []struct{ Balance, Held core.Amount }
	err := tx.SelectContext(tx.ctx, &accounts, `
		SELECT balance, held
		FROM accounts
		WHERE party_id = $1
		ORDER BY id
		FOR NO KEY UPDATE`, id)
	if err != nil {
		return err
	}
	var open bool
	err = tx.GetContext(tx.ctx, &open, `
		SELECT EXISTS (SELECT FROM cash_requests WHERE customer_id = $1 AND ended IS NULL)
			OR EXISTS (SELECT FROM cash_requests WHERE agent_id = $1 AND ended IS NULL)
			OR $2::boolean AND EXISTS (
				SELECT
				FROM reversals r
				JOIN accounts a ON a.id IN (r.from_account, r.to_account, r.commission_account)
				WHERE r.state = 'open' AND a.party_id = $1
			)`, id, empty)
	switch {
	case err != nil:
		return err
	case open:
		return core.Errorf(core.StillOpen, "party %d", id)
	}
	for _, a := range accounts {
		if empty && (a.Balance != 0 || a.Held != 0) {
			return core.Errorf(core.BalanceLeft, "party %d has %s, and %s of it on hold", id, a.Balance, a.Held)
		}
	}
	return nil
}

// setStatus makes a party something else, and takes away the tokens that she had as what she was.
func (tx *Tx) setStatus(p core.Party, to core.Status) (was, is facts, err error) {
	if err := tx.dropTokens(p.ID); err != nil {
		return nil, nil, err
	}
	now, err := tx.Now()
	if err != nil {
		return nil, nil, err
	}
	_, err = tx.ExecContext(tx.ctx, `
		UPDATE parties SET
			status = $2::text,
			closed_at = CASE WHEN $2::text = 'closed' THEN $3::timestamptz END
		WHERE id = $1`, p.ID, to, now)
	return facts{"status": p.Status}, facts{"status": to}, err
}

func (tx *Tx) dropTokens(id core.PartyID) error {
	_, err := tx.ExecContext(tx.ctx, `DELETE FROM tokens WHERE party_id = $1`, id)
	return err
}

// dropStart ends a start code that was not used.
func (tx *Tx) dropStart(id core.PartyID) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `UPDATE starts SET expires_at = $2 WHERE party_id = $1 AND`+startWorks("$2"), id, now)
	return err
}

// addressed are notices to a party, at the number and in the language that she has now.
func addressed(tell []notice.Notice, p core.Party) []notice.Notice {
	all := make([]notice.Notice, len(tell))
	for i, n := range tell {
		n.To, n.Phone, n.Lang = p.ID, p.Phone, p.Lang
		all[i] = n
	}
	return all
}

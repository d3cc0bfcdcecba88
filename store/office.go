package store

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// Approve makes a pending party active, keeps her start code, writes the notices and the deed, in one transaction.
// changed is false of one who is active, or asleep: nothing is written then. NotAllowed of one who is suspended or closed.
func (s *Store) Approve(
	ctx context.Context, id core.PartyID, start wallet.Start, tell []notice.Notice, d core.Deed,
) (changed bool, err error) {
	sealed, err := start.Seal(id)
	if err != nil {
		return false, err
	}
	err = s.Tx(ctx, func(tx *Tx) error {
		p, err := tx.lockParty(id)
		if err != nil {
			return err
		}
		changed = p.Status == core.Pending
		switch p.Status {
		case core.Pending:
		case core.Active, core.Dormant:
			return nil
		default:
			return core.Errorf(core.NotAllowed, "party %d is %s", id, p.Status)
		}
		if _, err := tx.ExecContext(tx.ctx, `UPDATE parties SET status = 'active' WHERE id = $1`, id); err != nil {
			return err
		}
		if err := tx.beginStart(id, sealed, start); err != nil {
			return err
		}
		if err := tx.tell(tell); err != nil {
			return err
		}
		return tx.record(d)
	})
	return changed && err == nil, err
}

// lockParty reads a party whom nobody else changes until the transaction ends, else NotRegistered. Postings do not
// wait for it: they lock accounts.
func (tx *Tx) lockParty(id core.PartyID) (core.Party, error) {
	var rows []partyRow
	err := tx.SelectContext(tx.ctx, &rows, `SELECT`+partyColumns+` FROM parties p WHERE p.id = $1 FOR NO KEY UPDATE`, id)
	if err == nil && len(rows) == 0 {
		err = core.Errorf(core.NotRegistered, "no party %d", id)
	}
	if err != nil {
		return core.Party{}, err
	}
	return rows[0].party(), nil
}

// SetSuper makes an agent a super agent or one an agent again, and writes the deed, in one transaction; changed is
// false when she is that already. NotAllowed of anybody else, CommissionLeft while an agent has some: her commission
// account is closed, with its history, so that a posting which waits for it meanwhile is refused. It is opened again with
// her, or made when there was none.
func (s *Store) SetSuper(ctx context.Context, id core.PartyID, super bool, d core.Deed) (changed bool, err error) {
	from, to := core.Agent, core.SuperAgent
	if !super {
		from, to = to, from
	}
	err = s.Tx(ctx, func(tx *Tx) error {
		p, err := tx.lockParty(id)
		switch {
		case err != nil:
			return err
		case p.Kind != from && p.Kind != to || p.Status == core.Closed:
			return core.Errorf(core.NotAllowed, "party %d is a %s, and %s", id, p.Kind, p.Status)
		}
		changed = p.Kind == from
		if !changed {
			return nil
		}
		if err := tx.setCommission(p, super); err != nil {
			return err
		}
		if _, err := tx.ExecContext(tx.ctx, `UPDATE parties SET kind = $2 WHERE id = $1`, id, to); err != nil {
			return err
		}
		return tx.record(d)
	})
	return changed && err == nil, err
}

// setCommission closes the commission account of a party, or opens it.
func (tx *Tx) setCommission(p core.Party, closed bool) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	if p.Commission == 0 && !closed {
		_, err := tx.openAccount(p.ID, "commission")
		return err
	}
	var left []core.Amount
	err = tx.SelectContext(tx.ctx, &left, `SELECT balance FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, p.Commission)
	if err != nil {
		return err
	}
	for _, amount := range left {
		if amount != 0 {
			return core.Errorf(core.CommissionLeft, "party %d has %s", p.ID, amount)
		}
	}
	_, err = tx.ExecContext(tx.ctx, `
		UPDATE accounts SET closed_at = CASE WHEN $2::boolean THEN $3::timestamptz END
		WHERE id = $1`, p.Commission, closed, now)
	return err
}

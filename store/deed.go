package store

import (
	"database/sql"
	"encoding/json"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// record writes a deed into the audit log. It belongs into the transaction of what was done: both are, or neither.
func (tx *Tx) record(d core.Deed) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	return tx.recordAt(d, now)
}

func (tx *Tx) recordAt(d core.Deed, now time.Time) error {
	before, err := jsonOf(d.Before)
	if err != nil {
		return err
	}
	after, err := jsonOf(d.After)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		INSERT INTO audit_log (
			at,
			admin_id,
			action,
			subject,
			subject_id,
			before,
			after,
			reason,
			address
		) VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, NULLIF($8, ''), $9)`,
		now, d.By, d.Action, d.Subject, d.ID, before, after, d.Reason, d.Address)
	return err
}

// jsonOf is a value as jsonb takes it, NULL of nothing.
func jsonOf(v any) (sql.NullString, error) {
	if v == nil {
		return sql.NullString{}, nil
	}
	b, err := json.Marshal(v)
	return sql.NullString{String: string(b), Valid: true}, err
}

// writeDeeds records whose deeds the orders of a batch were, of those that were done now. Most batches have none.
func (tx *Tx) writeDeeds(orders []wallet.Order, outcomes []ledger.Outcome) error {
	for i, o := range orders {
		if o.Deed == nil || outcomes[i].Code != "" || !outcomes[i].Recorded() {
			continue
		}
		d := *o.Deed
		if d.Subject == core.OfTransfer && d.ID == 0 {
			d.ID = int64(outcomes[i].Transfer)
		}
		if err := tx.recordAt(d, tx.at); err != nil {
			return err
		}
	}
	return nil
}

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

type deedRow struct {
	ID      int64
	At      time.Time
	By      core.AdminID `db:"admin_id"`
	Action  string
	Subject core.Subject
	Of      int64 `db:"subject_id"`
	Before  sql.NullString
	After   sql.NullString
	Reason  string
	Address string
}

func (r deedRow) line(s *Store) office.Line {
	return office.Line{
		Number: r.ID, At: s.local(r.At), Was: json.RawMessage(r.Before.String), Is: json.RawMessage(r.After.String),
		Deed: core.Deed{By: r.By, Action: r.Action, Subject: r.Subject, ID: r.Of, Reason: r.Reason, Address: r.Address},
	}
}

// Log are the deeds that a search finds, newest first.
func (s *Store) Log(ctx context.Context, q office.LogSearch) ([]office.Line, error) {
	var w where
	if q.By != nil {
		w.add(`admin_id = $`, *q.By)
	}
	if q.Action != "" {
		w.add(`action = $`, q.Action)
	}
	if q.Subject != "" {
		w.add(`subject = $`, q.Subject)
	}
	if q.ID != 0 {
		w.add(`subject_id = $`, q.ID)
	}
	if !q.From.IsZero() {
		w.add(`at >= $`, q.From)
	}
	if !q.Until.IsZero() {
		w.add(`at < $`, q.Until)
	}
	if q.After != 0 {
		w.add(`id < $`, q.After)
	}
	var rows []deedRow
	err := s.db.SelectContext(ctx, &rows, `
		SELECT
			id,
			at,
			admin_id,
			action,
			subject,
			subject_id,
			before::text AS before,
			after::text AS after,
			coalesce(reason, '') AS reason,
			address
		FROM audit_log`+w.sql()+`
		ORDER BY id DESC
		LIMIT `+w.arg(q.Most), w.args...)
	lines := make([]office.Line, len(rows))
	for i, r := range rows {
		lines[i] = r.line(s)
	}
	return lines, told("audit log", err)
}

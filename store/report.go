package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core/notice"
)

// MessageSent keeps that a provider took a message, the text that it took, and the name by which its report
// will come, "" when there is none. A report that came before is picked up.
func (s *Store) MessageSent(ctx context.Context, id int64, text, provider, providerID string) error {
	if err := s.prepare(ctx, lockAlone, messageSent); err != nil {
		return err
	}
	return s.Tx(ctx, func(tx *Tx) error {
		if providerID != "" {
			if err := tx.alone(reportName(provider, providerID)); err != nil {
				return err
			}
		}
		_, err := tx.hot(messageSent).ExecContext(tx.ctx, s.shift(), id, text, provider, providerID)
		return err
	})
}

const messageSent = `
	UPDATE messages m SET
		text = coalesce(text, $3),
		sent_at = ` + now + `,
		provider = $4,
		provider_id = NULLIF($5, ''),
		leased_until = NULL,
		last_error = r.reason,
		delivered_at = r.delivered_at,
		failed_at = r.failed_at
	FROM (
		SELECT
			min(at) FILTER (WHERE delivered) AS delivered_at,
			min(at) FILTER (WHERE failed) AS failed_at,
			max(reason) FILTER (WHERE failed) AS reason
		FROM delivery_reports
		WHERE provider = $4 AND provider_id = NULLIF($5, '')
	) r
	WHERE m.id = $2 AND m.sent_at IS NULL`

// MessageReport keeps what a provider says became of a message. A report about a message that nobody knows
// is kept too: it may have overtaken the answer that gives the message its name.
func (s *Store) MessageReport(ctx context.Context, provider string, r notice.Report) error {
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.alone(reportName(provider, r.ProviderID)); err != nil {
			return err
		}
		now, err := tx.Now()
		if err != nil {
			return err
		}
		known, err := tx.report(provider, r, now)
		if err != nil || known {
			return err
		}
		_, err = tx.ExecContext(tx.ctx, `
			INSERT INTO delivery_reports (
				provider,
				provider_id,
				status,
				reason,
				delivered,
				failed,
				at
			) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			provider, r.ProviderID, r.Status, r.Reason, r.Delivered, r.Failed, now)
		return err
	})
}

// report writes a report to its message, the first of each kind, and is false when there is no such message.
func (tx *Tx) report(provider string, r notice.Report, now time.Time) (known bool, err error) {
	result, err := tx.ExecContext(tx.ctx, `
		UPDATE messages SET
			delivered_at = CASE WHEN $3 THEN coalesce(delivered_at, $6) ELSE delivered_at END,
			failed_at = CASE WHEN $4 THEN coalesce(failed_at, $6) ELSE failed_at END,
			last_error = CASE WHEN $4 THEN $5 ELSE last_error END
		WHERE provider = $1 AND provider_id = $2`,
		provider, r.ProviderID, r.Delivered, r.Failed, r.Reason, now)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// reportName keeps a message's sending and its report from passing each other unseen.
func reportName(provider, providerID string) string { return "report " + provider + " " + providerID }

package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
)

// CountLookup counts that a party looked up a name. A window begins with its first lookup; more than most in
// one are TooManyLookups, which itself counts no further.
func (s *Store) CountLookup(ctx context.Context, by core.PartyID, most int, window time.Duration) error {
	return s.countIn(ctx, "lookups", by, most, window)
}

// CountCheck counts likewise that a party asked what became of a transfer.
func (s *Store) CountCheck(ctx context.Context, by core.PartyID, most int, window time.Duration) error {
	return s.countIn(ctx, "checks", by, most, window)
}

func (s *Store) countIn(ctx context.Context, table string, by core.PartyID, most int, window time.Duration) error {
	var count int
	err := s.db.GetContext(ctx, &count, `
		INSERT INTO `+table+` AS l (party_id, began_at, count)
		VALUES ($2, `+now+`, 1)
		ON CONFLICT (party_id) DO UPDATE SET
			count = CASE WHEN l.began_at + $3::bigint * interval '1 microsecond' <= excluded.began_at
				THEN 1 ELSE least(l.count, $4::integer) + 1 END,
			began_at = CASE WHEN l.began_at + $3::bigint * interval '1 microsecond' <= excluded.began_at
				THEN excluded.began_at ELSE l.began_at END
		RETURNING count`,
		s.shift(), by, window.Microseconds(), most)
	if err != nil {
		return told("count "+table, err)
	}
	if count > most {
		return core.Errorf(core.TooManyLookups, "party %d", by)
	}
	return nil
}

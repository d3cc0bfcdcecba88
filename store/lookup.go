package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
)

// CountLookup counts that a party looked up the name to a number. A number counts once, for a window from
// when it was looked up last. One more than most in that time is TooManyLookups, and is not counted itself.
func (s *Store) CountLookup(ctx context.Context, by core.PartyID, number string, most int, window time.Duration) error {
	var counted bool
	// Numbers of the past window stay, as many as there may be with this one last: it is left out if it is
	// one too many.
	err := s.get(ctx, &counted, `
		INSERT INTO lookups AS l (party_id, numbers, times)
		VALUES ($2, ARRAY[$3::text], ARRAY[`+now+`])
		ON CONFLICT (party_id) DO UPDATE SET (numbers, times) = (
			SELECT array_agg(u.number), array_agg(u.at)
			FROM (
				SELECT k.number, k.at, 1 AS place
				FROM unnest(l.numbers, l.times) AS k (number, at)
				WHERE k.number <> $3 AND k.at > `+now+` - $4::bigint * interval '1 microsecond'
				UNION ALL
				SELECT $3, `+now+`, 2
				ORDER BY place
				LIMIT $5
			) u
		)
		RETURNING $3 = ANY(numbers)`,
		s.shift(), by, number, window.Microseconds(), most)
	if err != nil {
		return told("count lookup", err)
	}
	if !counted {
		return core.Errorf(core.TooManyLookups, "party %d", by)
	}
	return nil
}

// CountCheck counts that a party asked what became of a transfer. A window begins with its first question;
// more than most in one are TooManyLookups, which itself counts no further.
func (s *Store) CountCheck(ctx context.Context, by core.PartyID, most int, window time.Duration) error {
	var count int
	err := s.get(ctx, &count, `
		INSERT INTO checks AS l (party_id, began_at, count)
		VALUES ($2, `+now+`, 1)
		ON CONFLICT (party_id) DO UPDATE SET
			count = CASE WHEN l.began_at + $3::bigint * interval '1 microsecond' <= excluded.began_at
				THEN 1 ELSE least(l.count, $4::integer) + 1 END,
			began_at = CASE WHEN l.began_at + $3::bigint * interval '1 microsecond' <= excluded.began_at
				THEN excluded.began_at ELSE l.began_at END
		RETURNING count`,
		s.shift(), by, window.Microseconds(), most)
	if err != nil {
		return told("count check", err)
	}
	if count > most {
		return core.Errorf(core.TooManyLookups, "party %d", by)
	}
	return nil
}

package store

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
)

// CountLookup counts that a party looked up the name to a number. A number counts once, for a window from
// when it was looked up last. One more than most in that time is TooManyLookups, and is not counted itself.
func (s *Store) CountLookup(ctx context.Context, by core.PartyID, phone core.MSISDN, most int, window time.Duration) error {
	var counted bool
	// Numbers of the past window stay, as many as there may be with this one last: it is left out if it is
	// one too many.
	err := s.db.GetContext(ctx, &counted, `
		INSERT INTO lookups AS l (party_id, phones, times)
		VALUES ($2, ARRAY[$3::text], ARRAY[`+now+`])
		ON CONFLICT (party_id) DO UPDATE SET (phones, times) = (
			SELECT array_agg(u.phone), array_agg(u.at)
			FROM (
				SELECT k.phone, k.at, 1 AS place
				FROM unnest(l.phones, l.times) AS k (phone, at)
				WHERE k.phone <> $3 AND k.at > `+now+` - $4::bigint * interval '1 microsecond'
				UNION ALL
				SELECT $3, `+now+`, 2
				ORDER BY place
				LIMIT $5
			) u
		)
		RETURNING $3 = ANY(phones)`,
		s.shift(), by, phone, window.Microseconds(), most)
	if err != nil {
		return told("count lookup", err)
	}
	if !counted {
		return core.Errorf(core.TooManyLookups, "party %d", by)
	}
	return nil
}

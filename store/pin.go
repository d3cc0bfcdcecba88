package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

const (
	mostTries = 3
	lockedFor = 24 * time.Hour

	// checkedWithin is how long a check may take. One that took longer died with its process, and counts
	// as wrong: else a crash would be worth a try.
	checkedWithin = 10 * time.Second
)

// try is what a party's row says once the try has been counted, or not.
type try struct {
	KeyID   string `db:"key_id"`
	Sealed  []byte
	Counted bool // this turn is one of the tries
	Known   bool // and was wrong
	Turns   int  // tries counted
	Wrong   int  // and how many of them were wrong
	Stale   bool // the last try was counted so long ago that it is not being checked any more
}

// Try counts a try at a PIN and gives what to check it against. PINLocked means that the tries are used up,
// Busy that the last of them are being checked at this moment and one may turn out right. A turn that was
// wrong before is WrongPIN again, or PINLocked, without another look at the PIN: otherwise repeating the
// turn with other digits would be a free guess. The intent, if there is one, is written down only when there
// is something to check.
func (s *Store) Try(ctx context.Context, id core.PartyID, turn string, i *wallet.Intent) (wallet.Sealed, error) {
	t, err := s.countTry(ctx, id, turn, i)
	if errors.Is(err, sql.ErrNoRows) {
		return wallet.Sealed{}, core.Errorf(core.PINLocked, "party %d has no PIN", id)
	}
	if err != nil {
		return wallet.Sealed{}, told("count a try", err)
	}
	left := mostTries - max(t.Turns, t.Wrong)
	switch {
	case t.Known && left > 0:
		return wallet.Sealed{}, core.Errorf(core.WrongPIN, "party %d", id).With("left", strconv.Itoa(left))
	case t.Counted && !t.Known:
		return wallet.Sealed{KeyID: t.KeyID, Box: t.Sealed}, nil
	case t.Wrong >= mostTries || t.Stale || t.Turns < mostTries:
		return wallet.Sealed{}, core.Errorf(core.PINLocked, "party %d", id)
	default:
		return wallet.Sealed{}, core.Errorf(core.Busy, "the PIN of party %d is being checked", id)
	}
}

// countTry decides in one statement, so that sessions that come at once queue for the row: a lock that is
// over is forgotten with its tries, a turn counts once, and the last try that is left sets the lock.
func (s *Store) countTry(ctx context.Context, id core.PartyID, turn string, i *wallet.Intent) (try, error) {
	var t try
	intent, err := intentColumns(i)
	if err != nil {
		return t, err
	}
	count := s.get
	if i != nil { // whose outcome she is promised
		count = s.getForGood
	}
	err = count(ctx, &t, `
		WITH counted AS (
			UPDATE pins SET
				turns = CASE
					WHEN locked_until <= `+now+` THEN ARRAY[$3::text]
					WHEN $3 = ANY(turns) OR cardinality(turns) >= $4 OR locked_until IS NOT NULL THEN turns
					ELSE turns || $3::text END,
				wrong = CASE WHEN locked_until <= `+now+` THEN '{}' ELSE wrong END,
				locked_until = CASE
					WHEN locked_until <= `+now+` THEN NULL
					WHEN locked_until IS NULL AND $3 <> ALL(turns) AND cardinality(turns) = $4 - 1
						THEN `+now+` + $5::bigint * interval '1 microsecond'
					ELSE locked_until END,
				tried_at = CASE
					WHEN locked_until <= `+now+` OR ($3 <> ALL(turns) AND cardinality(turns) < $4 AND locked_until IS NULL)
						THEN `+now+`
					ELSE tried_at END
			WHERE party_id = $2
			RETURNING
				key_id,
				sealed,
				$3 = ANY(turns) AS counted,
				$3 = ANY(wrong) AS known,
				cardinality(turns) AS turns,
				cardinality(wrong) AS wrong,
				coalesce(tried_at + $6::bigint * interval '1 microsecond' < `+now+`, true) AS stale
		), intended AS (`+insertIntent+`)
		SELECT key_id, sealed, counted, known, turns, wrong, stale FROM counted`,
		append([]any{s.shift(), id, turn, mostTries, lockedFor.Microseconds(), checkedWithin.Microseconds()}, intent...)...)
	return t, err
}

// Right forgets the tries and wakes a dormant party, in one statement.
func (s *Store) Right(ctx context.Context, id core.PartyID) error {
	_, err := s.db.ExecContext(ctx, `
		WITH woken AS (
			UPDATE parties SET status = 'active' WHERE id = $1 AND status = 'dormant'
		)
		UPDATE pins SET turns = '{}', wrong = '{}', locked_until = NULL WHERE party_id = $1`, id)
	return told("right PIN", err)
}

// Unchecked gives a try back that was counted and could not be checked, and takes the turn's intent away. What
// is known to be wrong stays.
func (s *Store) Unchecked(ctx context.Context, id core.PartyID, turn string) error {
	_, err := s.db.ExecContext(ctx, `
		WITH dropped AS (
			DELETE FROM intents WHERE party_id = $1 AND turn = $2 AND seen_at IS NULL
		)
		UPDATE pins SET
			turns = array_remove(turns, $2),
			locked_until = CASE WHEN cardinality(array_remove(turns, $2)) < $3
				THEN NULL ELSE locked_until END
		WHERE party_id = $1 AND $2 = ANY(turns) AND $2 <> ALL(wrong)`, id, turn, mostTries)
	return told("unchecked PIN", err)
}

// Wrong notes that a try was wrong, once per turn, takes the turn's intent away, and says how many are left.
// A try that a right one elsewhere has forgotten in the meantime counts again.
func (s *Store) Wrong(ctx context.Context, id core.PartyID, turn string) (left int, err error) {
	err = s.get(ctx, &left, `
		WITH dropped AS (
			DELETE FROM intents WHERE party_id = $2 AND turn = $3 AND seen_at IS NULL
		)
		UPDATE pins SET
			turns = CASE WHEN $3 = ANY(turns) THEN turns ELSE turns || $3::text END,
			wrong = CASE WHEN $3 = ANY(wrong) THEN wrong ELSE wrong || $3::text END,
			locked_until = CASE
				WHEN locked_until IS NULL AND cardinality(turns) + ($3 <> ALL(turns))::integer >= $4
					THEN `+now+` + $5::bigint * interval '1 microsecond'
				ELSE locked_until END
		WHERE party_id = $2
		RETURNING greatest(0, $4 - greatest(cardinality(turns), cardinality(wrong)))`,
		s.shift(), id, turn, mostTries, lockedFor.Microseconds())
	if err == nil {
		s.wrongPINs.Add(1)
		if left == 0 {
			s.lockedPINs.Add(1)
		}
	}
	return left, told("wrong PIN", err)
}

// SetPIN replaces the PIN, forgets the tries, ends all tokens and writes the notices, in one transaction.
func (s *Store) SetPIN(ctx context.Context, id core.PartyID, sealed wallet.Sealed, tell []notice.Notice) error {
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.setPIN(id, sealed); err != nil {
			return err
		}
		return tx.tell(tell)
	})
}

// setPIN sets a party's PIN. Whoever knew the one before may have a token for it, so all of hers end: after it, as a login
// that is under way has the old one locked until its token is there, or waits and finds another.
func (tx *Tx) setPIN(id core.PartyID, sealed wallet.Sealed) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		INSERT INTO pins (party_id, key_id, sealed, changed_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (party_id) DO UPDATE SET
			key_id = excluded.key_id,
			sealed = excluded.sealed,
			turns = '{}',
			wrong = '{}',
			locked_until = NULL,
			changed_at = excluded.changed_at`,
		id, sealed.KeyID, sealed.Box, now)
	if err != nil {
		return err
	}
	return tx.dropTokens(id)
}

package store

import (
	"context"
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Wrong codes stop an agent's confirmations: so many in an hour, for the hour after the last.
const (
	mostWrongCodes = 10
	codesWindow    = time.Hour
)

// TryCode finds the agent's open request to which a code belongs: the one that the try names, or whichever it
// is. Tries at one agent follow one another, so that no number of phones and gateways gives one more than
// there are. A wrong one counts once per turn and is not looked at again under it, or it would be a free guess;
// it counts against the agent, and each request that could have been meant. Those that have no tries left by
// it are given too, to be ended. A code of a request that is over already is told so and counts nothing.
func (s *Store) TryCode(ctx context.Context, t wallet.CodeTry, code string) (right wallet.Cash, out []wallet.Cash, err error) {
	var verdict error
	err = s.Tx(ctx, func(tx *Tx) error {
		right, out, verdict = wallet.Cash{}, nil, nil
		verdict = tx.mayTry(t)
		if verdict != nil {
			return unexpected(verdict)
		}
		open, err := tx.openFor(t)
		if err != nil {
			return err
		}
		for _, c := range open {
			if c.Code == code {
				right = c
				return nil
			}
		}
		if verdict = tx.wasRight(t, code, len(open) > 0); verdict != nil {
			return unexpected(verdict)
		}
		verdict = core.Errorf(core.WrongCode, "agent %d", t.Agent)
		out, err = tx.countWrong(t, open)
		return err
	})
	if err == nil {
		err = verdict
	}
	return right, out, err
}

// unexpected is an error that is no verdict, and ends the transaction.
func unexpected(err error) error {
	switch core.CodeOf(err) {
	case core.WrongCode, core.CodesStopped, core.NoRequest, core.HoldEnded, core.HoldExpired:
		return nil
	default:
		return err
	}
}

// mayTry lets one try at a time at the agent's codes. WrongCode when this turn was a wrong one before.
func (tx *Tx) mayTry(t wallet.CodeTry) error {
	if err := tx.alone("codes of " + wallet.Owner(t.Agent)); err != nil {
		return err
	}
	now, err := tx.Now()
	if err != nil {
		return err
	}
	var known, stopped bool
	err = tx.QueryRowxContext(tx.ctx, `
		SELECT
			EXISTS (SELECT FROM wrong_codes WHERE agent_id = $1 AND turn = $2),
			coalesce(max(w.last) > $3 AND count(*) FILTER (WHERE w.at > w.last - $5::bigint * interval '1 microsecond') >= $6, false)
		FROM (
			SELECT at, max(at) OVER () AS last
			FROM wrong_codes
			WHERE agent_id = $1 AND at > $4
		) w`,
		t.Agent, t.Turn, now.Add(-codesWindow), now.Add(-2*codesWindow), codesWindow.Microseconds(), mostWrongCodes).Scan(&known, &stopped)
	switch {
	case err != nil:
		return err
	case known:
		return core.Errorf(core.WrongCode, "agent %d, the same turn", t.Agent)
	case stopped:
		return core.Errorf(core.CodesStopped, "agent %d", t.Agent)
	}
	return nil
}

// openFor are the requests that a try may mean.
func (tx *Tx) openFor(t wallet.CodeTry) ([]wallet.Cash, error) {
	return tx.store.cash(tx.ctx, tx, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.agent_id = $1 AND ($2::bigint = 0 OR c.id = $2::bigint) AND`+isOpen("$3")+`
		ORDER BY c.id`, t.Agent, t.ID, tx.at)
}

// wasRight tells what became of the request that was meant, if it is over: the one that the try names, or the
// last of this hour with this code. It is nil when it is one of the open ones that must have been meant.
func (tx *Tx) wasRight(t wallet.CodeTry, code string, open bool) error {
	if t.ID != 0 && open {
		return nil
	}
	over, err := tx.store.cash(tx.ctx, tx, `
		SELECT`+cashColumns+`
		FROM cash_requests c
		WHERE c.agent_id = $1
			AND (c.id = $2::bigint OR ($2::bigint = 0 AND c.code = $3 AND c.asked_at > $4))
		ORDER BY c.id DESC
		LIMIT 1`, t.Agent, t.ID, code, tx.at.Add(-codesWindow))
	switch {
	case err != nil:
		return err
	case len(over) == 0 && open:
		return nil
	case len(over) == 0:
		return core.Errorf(core.NoRequest, "agent %d", t.Agent)
	case over[0].Ended == wallet.Expired, over[0].Ended == "" && over[0].Wrong < wallet.MostCodes:
		return core.Errorf(core.HoldExpired, "cash request %d", over[0].ID)
	default:
		return core.Errorf(core.HoldEnded, "cash request %d", over[0].ID)
	}
}

// countWrong counts a wrong code, and gives the requests that it was one too many for.
func (tx *Tx) countWrong(t wallet.CodeTry, open []wallet.Cash) ([]wallet.Cash, error) {
	if _, err := tx.ExecContext(tx.ctx, `INSERT INTO wrong_codes (agent_id, turn, at) VALUES ($1, $2, $3)`,
		t.Agent, t.Turn, tx.at); err != nil {
		return nil, err
	}
	var out pq.Int64Array
	err := tx.SelectContext(tx.ctx, &out, `
		WITH meant AS (
			SELECT id
			FROM cash_requests
			WHERE id = ANY($1::bigint[]) AND ended IS NULL
			ORDER BY id
			FOR NO KEY UPDATE
		), counted AS (
			UPDATE cash_requests c SET wrong = c.wrong + 1
			FROM meant
			WHERE c.id = meant.id
			RETURNING c.id, c.wrong
		)
		SELECT id FROM counted WHERE wrong >= $2`,
		ints(open, func(c wallet.Cash) int64 { return c.ID }), wallet.MostCodes)
	var worn []wallet.Cash
	for _, c := range open {
		if slices.Contains(out, c.ID) {
			c.Wrong = wallet.MostCodes
			worn = append(worn, c)
		}
	}
	return worn, err
}

// LineOf is a transfer as a party who took part in it sees it, else UnknownReceipt.
func (s *Store) LineOf(ctx context.Context, r core.Receipt, party core.PartyID) (wallet.Line, error) {
	rows, err := s.lineRows(ctx, lineOfSQL, r, party)
	if err == nil && len(rows) == 0 {
		err = core.Errorf(core.UnknownReceipt, "party %d", party)
	}
	if err != nil {
		return wallet.Line{}, err
	}
	return s.lines(rows)[0], nil
}

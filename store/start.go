package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

const mostStarts = 3

// startWorks is the SQL of a start code that still works, with the time as a parameter.
func startWorks(time string) string {
	return ` used_at IS NULL AND expires_at > ` + time + ` `
}

// BeginStart keeps a start code in the place of an earlier one and writes the notices, in one transaction.
func (s *Store) BeginStart(ctx context.Context, id core.PartyID, start wallet.Start, tell []notice.Notice) error {
	sealed, err := start.Seal(id)
	if err != nil {
		return err
	}
	return s.Tx(ctx, func(tx *Tx) error {
		if err := tx.doubtPassword(id); err != nil {
			return err
		}
		if err := tx.beginStart(id, sealed, start); err != nil {
			return err
		}
		return tx.tell(tell)
	})
}

func (tx *Tx) beginStart(id core.PartyID, sealed wallet.Sealed, start wallet.Start) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		INSERT INTO starts (party_id, key_id, sealed, reset, expires_at)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (party_id) DO UPDATE SET
			key_id = excluded.key_id,
			sealed = excluded.sealed,
			reset = excluded.reset,
			tries = 0,
			expires_at = excluded.expires_at,
			used_at = NULL`,
		id, sealed.KeyID, sealed.Box, start.Reset, now.Add(start.Lasts))
	return err
}

// TryStart counts a try, in one statement, and gives what to check it against, else WrongCode. The zero
// Sealed means that the code has set this very PIN already: the try is a replay.
func (s *Store) TryStart(ctx context.Context, id core.PartyID, to wallet.Sealed) (wallet.Sealed, error) {
	var sealed wallet.Sealed
	err := s.db.QueryRowxContext(ctx, `
		UPDATE starts SET tries = tries + 1
		WHERE party_id = $2 AND tries < $3 AND`+startWorks(now)+`
		RETURNING key_id, sealed`, s.shift(), id, mostStarts).Scan(&sealed.KeyID, &sealed.Box)
	if !errors.Is(err, sql.ErrNoRows) {
		return sealed, told("try a start code", err)
	}
	var done bool
	err = s.get(ctx, &done, `
		SELECT EXISTS (
			SELECT
			FROM pins p
			JOIN starts s USING (party_id)
			WHERE p.party_id = $1 AND p.key_id = $2 AND p.sealed = $3 AND s.used_at IS NOT NULL
		)`, id, to.KeyID, to.Box)
	if err == nil && !done {
		err = core.Errorf(core.WrongCode, "party %d has no start code that works", id)
	}
	return wallet.Sealed{}, told("try a start code", err)
}

// EndStart uses up the start code that was checked, sets the PIN, begins the time in which little may go out
// if it was a reset, and writes the notices, in one transaction. WrongCode when it was used or replaced
// meanwhile.
func (s *Store) EndStart(ctx context.Context, id core.PartyID, checked, to wallet.Sealed, tell []notice.Notice) error {
	return s.Tx(ctx, func(tx *Tx) error {
		now, err := tx.Now()
		if err != nil {
			return err
		}
		var reset bool
		err = tx.GetContext(tx.ctx, &reset, `
			UPDATE starts SET used_at = $2
			WHERE party_id = $1 AND key_id = $3 AND sealed = $4 AND`+startWorks("$2")+`
			RETURNING reset`, id, now, checked.KeyID, checked.Box)
		if errors.Is(err, sql.ErrNoRows) {
			return core.Errorf(core.WrongCode, "the start code of party %d was used", id)
		}
		if err != nil {
			return err
		}
		if err := tx.setPIN(id, to); err != nil {
			return err
		}
		if reset {
			if err := tx.limitAfterReset(id); err != nil {
				return err
			}
		}
		return tx.tell(tell)
	})
}

// limitAfterReset begins the time in which little may go out of a party's account, under the account's lock.
// A second reset within that time makes it longer and is no new allowance.
func (tx *Tx) limitAfterReset(id core.PartyID) error {
	_, err := tx.ExecContext(tx.ctx, `
		UPDATE accounts SET
			reset_version = CASE WHEN reset_until > $2 THEN reset_version ELSE version END,
			reset_until = $3
		WHERE party_id = $1 AND kind <> 'commission'`, id, tx.at, tx.at.Add(wallet.ResetLasts))
	return err
}

// limitResets gives the locked accounts whose PIN was reset lately the limit that comes with it, and counts
// what went out since: by their entries, and by what is on hold.
func (tx *Tx) limitResets(book *ledger.Book) error {
	var fresh intColumn
	for id, until := range tx.resets {
		if tx.at.Before(until) {
			fresh = append(fresh, int64(id))
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	var rows []struct {
		ID    core.AccountID
		Spent core.Amount
	}
	err := tx.SelectContext(tx.ctx, &rows, `
		SELECT
			a.id,
			coalesce((
				SELECT sum(t.amount)
				FROM entries e
				JOIN transfers t ON t.id = e.transfer_id
				WHERE e.account_id = a.id AND e.version > a.reset_version AND t.from_account = a.id AND t.operation <> 'reverse'
			), 0)::bigint + coalesce((
				SELECT sum(h.counted)
				FROM holds h
				WHERE h.account_id = a.id AND h.ended IS NULL AND h.day <> 0
			), 0)::bigint AS spent
		FROM accounts a
		WHERE a.id = ANY($1::bigint[])`, fresh)
	for _, r := range rows {
		book.Accounts[r.ID].Limits.AfterReset = wallet.MostAfterReset
		book.Accounts[r.ID].Spent.AfterReset = r.Spent
	}
	return err
}

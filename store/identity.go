package store

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// VerifyID puts a subscriber into the tier full whose card somebody has looked at: WrongID when its number is not the
// one on record.
func (s *Store) VerifyID(ctx context.Context, id core.PartyID, idNumber string, d core.Deed) (bool, error) {
	return s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		switch {
		case p.Status == core.Closed, p.Kind != core.Subscriber:
			return nil, nil, barred(p)
		case p.IDNumber != "" && p.IDNumber != idNumber:
			return nil, nil, core.Errorf(core.WrongID, "party %d", p.ID)
		case p.Tier == core.TierFull:
			return nil, nil, nil
		}
		_, err = tx.ExecContext(tx.ctx, `UPDATE parties SET tier = $2, id_number = $3 WHERE id = $1`, p.ID, core.TierFull, idNumber)
		return facts{"tier": p.Tier}, facts{"tier": core.TierFull, "id_number": text.MaskID(idNumber)}, err
	})
}

// ShowID is a party's whole ID number, of who is closed too, and writes down that it was shown.
func (s *Store) ShowID(ctx context.Context, id core.PartyID, d core.Deed) (idNumber string, err error) {
	_, err = s.change(ctx, id, d, func(_ *Tx, p core.Party) (was, is facts, err error) {
		idNumber = p.IDNumber
		return nil, facts{"shown": text.MaskID(p.IDNumber)}, nil
	})
	if err != nil {
		return "", err
	}
	return idNumber, nil
}

// UnlockPIN forgets the tries at a PIN that is locked, and tells whose it is.
func (s *Store) UnlockPIN(ctx context.Context, id core.PartyID, tell []notice.Notice, d core.Deed) (bool, error) {
	return s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		if p.Status == core.Closed {
			return nil, nil, barred(p)
		}
		now, err := tx.Now()
		if err != nil {
			return nil, nil, err
		}
		result, err := tx.ExecContext(tx.ctx, `
			UPDATE pins SET turns = '{}', wrong = '{}', locked_until = NULL
			WHERE party_id = $1 AND locked_until > $2`, p.ID, now)
		if err != nil {
			return nil, nil, err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return nil, nil, err
		}
		return facts{"locked": true}, facts{"locked": false}, tx.tell(addressed(tell, p))
	})
}

// ResetPIN keeps a start code for who has an ID number on record, as one for a reset if she has a PIN: WrongID, and NotAllowed
// of who is stopped or closed. Her tokens end, as whoever stole her phone may have some.
func (s *Store) ResetPIN(
	ctx context.Context, id core.PartyID, idNumber string, start wallet.Start, tell []notice.Notice, d core.Deed,
) error {
	sealed, err := start.Seal(id)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		switch {
		case p.Status.Stopped(), p.Status == core.Closed:
			return nil, nil, barred(p)
		case p.IDNumber == "", p.IDNumber != idNumber:
			return nil, nil, core.Errorf(core.WrongID, "party %d", p.ID)
		}
		if err := tx.GetContext(tx.ctx, &start.Reset, `SELECT EXISTS (SELECT FROM pins WHERE party_id = $1)`, p.ID); err != nil {
			return nil, nil, err
		}
		if err := tx.doubtPassword(p.ID); err != nil {
			return nil, nil, err
		}
		if err := tx.beginStart(p.ID, sealed, start); err != nil {
			return nil, nil, err
		}
		if err := tx.dropTokens(p.ID); err != nil {
			return nil, nil, err
		}
		return nil, facts{"start_code": "sent"}, tx.tell(addressed(tell, p))
	})
	return err
}

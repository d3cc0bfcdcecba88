package store

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/text"
)

// Edit changes what is not empty in it: AlreadyRegistered, EmailTaken, and StillOpen for another phone number.
func (s *Store) Edit(ctx context.Context, id core.PartyID, e office.Edit, d core.Deed) (bool, error) {
	return s.change(ctx, id, d, func(tx *Tx, p core.Party) (was, is facts, err error) {
		if p.Status == core.Closed {
			return nil, nil, barred(p)
		}
		to := edited(p, e)
		was, is = differ(p, to)
		if is == nil {
			return nil, nil, nil
		}
		if to.Phone != p.Phone {
			if err := tx.leave(p); err != nil {
				return nil, nil, err
			}
		}
		_, err = tx.ExecContext(tx.ctx, `
			UPDATE parties SET
				name = $2,
				phone = $3,
				email = NULLIF($4, ''),
				id_number = NULLIF($5, ''),
				lang = $6,
				tier = $7
			WHERE id = $1`, p.ID, to.Name, to.Phone, to.Email, to.IDNumber, to.Lang, to.Tier)
		if err != nil || to.Phone == p.Phone {
			return was, is, err
		}
		return was, is, tx.move(p, to, e)
	})
}

// edited is a party as she will be. The card that was looked at had another ID number.
func edited(p core.Party, e office.Edit) core.Party {
	if e.Name != "" {
		p.Name = e.Name
	}
	if e.Phone != "" {
		p.Phone = e.Phone
	}
	if e.Email != "" {
		p.Email = e.Email
	}
	if e.Lang != "" {
		p.Lang = e.Lang
	}
	if e.IDNumber != "" && e.IDNumber != p.IDNumber {
		p.IDNumber = e.IDNumber
		if p.Tier == core.TierFull {
			p.Tier = core.TierNew
		}
	}
	return p
}

// differ is what differs between what a party was and will be, nil if nothing does.
func differ(p, to core.Party) (was, is facts) {
	before, after := known(p), known(to)
	for name := range before {
		if before[name] == after[name] {
			continue
		}
		if is == nil {
			was, is = facts{}, facts{}
		}
		was[name], is[name] = before[name], after[name]
	}
	if p.IDNumber != to.IDNumber {
		was["id_number"], is["id_number"] = text.MaskID(p.IDNumber), text.MaskID(to.IDNumber)
	}
	return was, is
}

// known is what can be edited about a party. Of an ID number it is seen that it is another.
func known(p core.Party) facts {
	return facts{"name": p.Name, "phone": p.Phone, "email": p.Email, "lang": p.Lang, "tier": p.Tier, "id_number": p.IDNumber}
}

// leave takes away what a phone number opened, before it is another's: a start code, tokens. What waits at a counter is
// confirmed by codes that went to it.
func (tx *Tx) leave(p core.Party) error {
	if err := tx.dropStart(p.ID); err != nil {
		return err
	}
	if err := tx.quiet(p.ID, false); err != nil {
		return err
	}
	return tx.dropTokens(p.ID)
}

// move has what waits to be told told at the new number, but for what is being sent at this moment, and tells both.
func (tx *Tx) move(p, to core.Party, e office.Edit) error {
	_, err := tx.ExecContext(tx.ctx, `
		UPDATE messages SET phone = $2
		WHERE phone = $3 AND party_id = $1 AND sent_at IS NULL AND dead_at IS NULL AND leased_until IS NULL`, p.ID, to.Phone, p.Phone)
	if err != nil {
		return err
	}
	if err := tx.tell(addressed(e.Left, p)); err != nil {
		return err
	}
	return tx.tell(addressed(e.Came, to))
}

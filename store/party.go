package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// partyColumns are a party p as partyRow reads her. main is her wallet, float or till.
const partyColumns = `
	p.id,
	p.kind,
	p.status,
	p.tier,
	p.name,
	p.phone,
	coalesce(p.number, '') AS number,
	coalesce(p.email, '') AS email,
	coalesce(p.id_number, '') AS id_number,
	p.lang,
	coalesce((SELECT a.id FROM accounts a WHERE a.party_id = p.id AND a.kind IN ('wallet', 'float', 'till')), 0) AS account,
	coalesce((SELECT a.id FROM accounts a WHERE a.party_id = p.id AND a.kind = 'commission'), 0) AS commission,
	p.auto_confirm`

type partyRow struct {
	ID          core.PartyID
	Kind        core.Kind
	Status      core.Status
	Tier        core.Tier
	Name        string
	Phone       core.MSISDN
	Number      string
	Email       core.Email
	IDNumber    string `db:"id_number"`
	Lang        core.Lang
	Account     core.AccountID
	Commission  core.AccountID
	AutoConfirm bool `db:"auto_confirm"`
}

func (r partyRow) party() core.Party {
	return core.Party{
		ID: r.ID, Kind: r.Kind, Status: r.Status, Tier: r.Tier, Name: r.Name, Phone: r.Phone,
		Number: r.Number, Email: r.Email, IDNumber: r.IDNumber, Lang: r.Lang, Account: r.Account, Commission: r.Commission,
		AutoConfirm: r.AutoConfirm,
	}
}

// PartyByPhone finds who has a phone number and is not closed, else NotRegistered.
func (s *Store) PartyByPhone(ctx context.Context, phone core.MSISDN) (core.Party, error) {
	return s.onlyParty(ctx, `SELECT`+partyColumns+` FROM parties p WHERE p.phone = $1 AND p.status <> 'closed'`, phone)
}

// Greeting is PartyByPhone with what else a call begins with. Each call asks it, and nothing else: what there is
// to tell of an errand is a question for the few who have one.
func (s *Store) Greeting(ctx context.Context, phone core.MSISDN, within time.Duration) (wallet.Greeting, error) {
	var row struct {
		partyRow
		Starts bool
		Errand bool
	}
	err := s.get(ctx, &row, `
		SELECT`+partyColumns+`,
			EXISTS (SELECT FROM starts WHERE party_id = p.id AND tries < $3 AND`+startWorks(now)+`) AS starts,
			EXISTS (
				SELECT
				FROM intents i
				WHERE i.party_id = p.id
					AND i.seen_at IS NULL
					AND i.created_at > `+now+` - $4::bigint * interval '1 microsecond'
			) AS errand
		FROM parties p
		WHERE p.phone = $2 AND p.status <> 'closed'`,
		s.shift(), phone, mostStarts, within.Microseconds())
	if err != nil {
		return wallet.Greeting{}, notFound(err)
	}
	return wallet.Greeting{Party: row.party(), Starts: row.Starts, Errand: row.Errand}, nil
}

// PartyByNumber finds who has an agent's or till's number and is not closed, else NotRegistered.
func (s *Store) PartyByNumber(ctx context.Context, number string) (core.Party, error) {
	return s.onlyParty(ctx, `SELECT`+partyColumns+` FROM parties p WHERE p.number = $1 AND p.status <> 'closed'`, number)
}

// PartyByEmail finds who has an e-mail and is not closed, else NotRegistered.
func (s *Store) PartyByEmail(ctx context.Context, email core.Email) (core.Party, error) {
	return s.onlyParty(ctx, `SELECT`+partyColumns+` FROM parties p WHERE p.email = $1 AND p.status <> 'closed'`, email)
}

func (s *Store) onlyParty(ctx context.Context, query string, arg any) (core.Party, error) {
	var row partyRow
	if err := s.get(ctx, &row, query, arg); err != nil {
		return core.Party{}, notFound(err)
	}
	return row.party(), nil
}

func notFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return core.Errorf(core.NotRegistered, "no such party")
	}
	return told("party", err)
}

// Open makes a party with her accounts, her PIN and her notices in one transaction, else AlreadyRegistered.
// A notice to nobody is to her. Her PIN is sealed before the transaction begins: it takes long and must not
// keep locks. Who trades and has no number is given one.
func (s *Store) Open(ctx context.Context, o wallet.Opening) (core.Party, error) {
	if _, err := s.PartyByPhone(ctx, o.Party.Phone); core.CodeOf(err) != core.NotRegistered {
		if err == nil {
			err = core.Errorf(core.AlreadyRegistered, "the phone number belongs to somebody")
		}
		return core.Party{}, err
	}
	p := o.Party
	if err := s.get(ctx, &p.ID, `SELECT nextval('party_ids')`); err != nil {
		return core.Party{}, told("open party", err)
	}
	pin, err := sealedFor(p.ID, o.Seal)
	if err != nil {
		return core.Party{}, err
	}
	var start wallet.Sealed
	if o.Start != nil {
		if start, err = sealedFor(p.ID, o.Start.Seal); err != nil {
			return core.Party{}, err
		}
	}
	err = s.Tx(ctx, func(tx *Tx) error {
		if err := tx.numberParty(&p); err != nil {
			return err
		}
		if err := tx.insertParty(p); err != nil {
			return err
		}
		if err := tx.openAccounts(&p); err != nil {
			return err
		}
		if o.Password != "" {
			if err := tx.setPassword(p.ID, o.Password); err != nil {
				return err
			}
		}
		if o.Seal != nil {
			if err := tx.setPIN(p.ID, pin); err != nil {
				return err
			}
		}
		if o.Start != nil {
			if err := tx.beginStart(p.ID, start, *o.Start); err != nil {
				return err
			}
		}
		return tx.tell(toParty(o.Notices, p.ID))
	})
	if err != nil {
		return core.Party{}, err
	}
	return p, nil
}

// sealedFor seals for a party who has just been given her id; nothing when there is nothing to seal.
func sealedFor(id core.PartyID, seal func(core.PartyID) (wallet.Sealed, error)) (wallet.Sealed, error) {
	if seal == nil {
		return wallet.Sealed{}, nil
	}
	return seal(id)
}

func (tx *Tx) insertParty(p core.Party) error {
	now, err := tx.Now()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(tx.ctx, `
		INSERT INTO parties (
			id,
			kind,
			status,
			tier,
			name,
			phone,
			number,
			email,
			id_number,
			lang,
			opened_at
		) VALUES ($1, $2, $3, $4, $5, $6, NULLIF($7, ''), NULLIF($8, ''), NULLIF($9, ''), $10, $11)`,
		p.ID, p.Kind, p.Status, p.Tier, p.Name, p.Phone, p.Number, p.Email, p.IDNumber, p.Lang, now)
	return err
}

// openAccounts gives a new party the accounts of her kind.
func (tx *Tx) openAccounts(p *core.Party) (err error) {
	main := map[core.Kind]string{
		core.Subscriber: "wallet", core.Agent: "float", core.SuperAgent: "float", core.Merchant: "till",
	}[p.Kind]
	if p.Account, err = tx.openAccount(p.ID, main); err != nil || p.Kind != core.Agent {
		return err
	}
	p.Commission, err = tx.openAccount(p.ID, "commission")
	return err
}

func (tx *Tx) openAccount(owner core.PartyID, kind string) (id core.AccountID, err error) {
	err = tx.GetContext(tx.ctx, &id, `
		INSERT INTO accounts (party_id, kind, opened_at)
		VALUES ($1, $2, $3)
		RETURNING id`, owner, kind, tx.at)
	return id, err
}

// SetLang changes the language in which a party is spoken to.
func (s *Store) SetLang(ctx context.Context, id core.PartyID, lang core.Lang) error {
	_, err := s.db.ExecContext(ctx, `UPDATE parties SET lang = $2 WHERE id = $1`, id, lang)
	return told("set language", err)
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

const (
	lastMessages = 5  // that are shown with a customer
	mostWaiting  = 20 // requests at an agent, likewise
)

// Search gives the parties that a search finds, those who are closed too, by name, in the order of its bytes.
func (s *Store) Search(ctx context.Context, q office.Search) ([]core.Party, error) {
	var w where
	if q.Phone != "" {
		w.add(`p.phone = $`, q.Phone)
	}
	if q.Number != "" {
		w.add(`p.number = $`, q.Number)
	}
	if q.Email != "" {
		w.add(`p.email = $`, q.Email)
	}
	if q.Name != "" {
		w.add(`p.name COLLATE "C" >= $`, q.Name)
		w.add(`p.name COLLATE "C" < $`, q.Name+"\U0010FFFF")
	}
	if q.Kind != "" {
		w.add(`p.kind = $`, q.Kind)
	}
	switch q.Status {
	case "":
	case core.Pending: // its index is of them alone, which is not seen in a parameter
		w.conditions = append(w.conditions, `p.status = 'pending'`)
	default:
		w.add(`p.status = $`, q.Status)
	}
	if q.After != 0 {
		w.add(`(p.name COLLATE "C", p.id) > (SELECT a.name COLLATE "C", a.id FROM parties a WHERE a.id = $)`, q.After)
	}
	var rows []partyRow
	err := s.db.SelectContext(ctx, &rows, `
		SELECT`+partyColumns+`
		FROM parties p`+w.sql()+`
		ORDER BY p.name COLLATE "C", p.id
		LIMIT `+w.arg(q.Most), w.args...)
	parties := make([]core.Party, len(rows))
	for i, r := range rows {
		parties[i] = r.party()
	}
	return parties, told("search", err)
}

// customerRow is a party with what only administrators see of her. What she spent stands in her one account that is
// no commission.
type customerRow struct {
	partyRow
	Opened time.Time    `db:"opened_at"`
	Closed sql.NullTime `db:"closed_at"`
	PIN    bool         `db:"has_pin"`
	Locked sql.NullTime `db:"locked_until"`
	Starts bool
	Reset  sql.NullTime `db:"reset_until"`
	Day    ledger.Day   `db:"spent_day"`
	Today  core.Amount  `db:"spent_today"`
	Month  core.Amount  `db:"spent_month"`
	Now    time.Time
}

// Customer is all about a party, else NotRegistered.
func (s *Store) Customer(ctx context.Context, id core.PartyID) (office.Customer, error) {
	var row customerRow
	err := s.get(ctx, &row, `
		SELECT`+partyColumns+`,
			p.opened_at,
			p.closed_at,
			k.party_id IS NOT NULL AS has_pin,
			CASE WHEN k.locked_until > `+now+` THEN k.locked_until END AS locked_until,
			EXISTS (SELECT FROM starts s WHERE s.party_id = p.id AND s.tries < $3 AND`+startWorks(now)+`) AS starts,
			CASE WHEN a.reset_until > `+now+` THEN a.reset_until END AS reset_until,
			a.spent_day,
			a.spent_today,
			a.spent_month,
			`+now+` AS now
		FROM parties p
		JOIN accounts a ON a.party_id = p.id AND a.kind <> 'commission'
		LEFT JOIN pins k ON k.party_id = p.id
		WHERE p.id = $2`, s.shift(), id, mostStarts)
	if errors.Is(err, sql.ErrNoRows) {
		return office.Customer{}, core.Errorf(core.NotRegistered, "no party %d", id)
	}
	if err != nil {
		return office.Customer{}, told("customer", err)
	}
	c := row.customer(s)
	if c.Limits, err = s.limits(ctx, c.Tier); err != nil {
		return office.Customer{}, err
	}
	if c.Accounts, err = s.accountsOf(ctx, id); err != nil {
		return office.Customer{}, err
	}
	if c.Requests, err = s.waitingFor(ctx, id); err != nil {
		return office.Customer{}, err
	}
	c.Messages, err = s.messages(ctx, office.MessageSearch{Phone: c.Phone, Most: lastMessages}, id)
	return c, err
}

func (r customerRow) customer(s *Store) office.Customer {
	spent := ledger.Spent{Day: r.Day, Today: r.Today, Month: r.Month}
	return office.Customer{
		Party: r.party(), Opened: s.local(r.Opened), Closed: s.orNever(r.Closed),
		PIN:   office.PIN{Set: r.PIN, Locked: s.orNever(r.Locked), Starts: r.Starts},
		Spent: spent.On(ledger.DayOf(s.local(r.Now))), Reset: s.orNever(r.Reset),
	}
}

// orNever is a time that there may not be: then it is zero.
func (s *Store) orNever(t sql.NullTime) time.Time {
	if !t.Valid {
		return time.Time{}
	}
	return s.local(t.Time)
}

func (s *Store) accountsOf(ctx context.Context, id core.PartyID) (accounts []office.Account, err error) {
	err = s.list(ctx, &accounts, `SELECT id, kind, balance, held FROM accounts WHERE party_id = $1 ORDER BY id`, id)
	return accounts, told("accounts", err)
}

// waitingFor are the open requests of a customer, and those that wait at her counter if she is an agent, without their
// codes.
func (s *Store) waitingFor(ctx context.Context, id core.PartyID) ([]wallet.CashRequest, error) {
	all, err := s.CashWaiting(ctx, id, mostWaiting)
	if err != nil {
		return nil, err
	}
	own, err := s.CashOpen(ctx, id)
	switch core.CodeOf(err) {
	case "":
		all = append(all, own)
	case core.NoRequest:
	default:
		return nil, err
	}
	requests := make([]wallet.CashRequest, len(all))
	for i, c := range all {
		c.Code = ""
		requests[i] = c.CashRequest
	}
	return requests, nil
}

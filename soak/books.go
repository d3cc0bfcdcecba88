package soak

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// Books are the tables as far as they bear on what people were told.
type Books struct {
	Parties   map[core.PartyID]Party
	Accounts  map[core.AccountID]Account
	Transfers map[core.TransferID]Transfer
	Entries   []Entry // of each account in order
	Outcomes  map[core.RequestID]Outcome
	Intents   []Intent
	Cash      []Cash
	Messages  []Message
	OpenHolds map[core.AccountID]core.Amount
}

// Party is somebody, and whether she has a PIN is not our business here.
type Party struct {
	Phone  core.MSISDN
	Kind   core.Kind
	Name   string
	Number string // of the trade; empty for people
}

// masked is the name that a page shows.
func (p Party) masked() string { return core.Party{Name: p.Name, Number: p.Number}.Masked() }

// Account is one account as it stands.
type Account struct {
	Party         core.PartyID // 0 for the system's own
	Kind          string
	Balance, Held core.Amount
	Version       int64
}

// Transfer is one movement.
type Transfer struct {
	Request     core.RequestID
	Operation   core.Operation
	From, To    core.AccountID
	Amount, Fee core.Amount
	Receipt     string
}

// Entry is one line of a transfer.
type Entry struct {
	Account         core.AccountID
	Version         int64
	Transfer        core.TransferID
	Amount, Balance core.Amount
}

// Outcome is what a request came to.
type Outcome struct {
	Code     core.Code
	Transfer core.TransferID
	Hold     core.HoldID
	At       time.Time
}

// Intent is an errand whose PIN was right.
type Intent struct {
	Request core.RequestID
	Party   core.PartyID
	Errand  string
	Amount  core.Amount
}

// Cash is a request to an agent.
type Cash struct {
	Request         core.RequestID
	Operation       core.Operation
	Customer, Agent core.PartyID
	Amount, Fee     core.Amount
	Code, Ended     string
	Transfer        core.TransferID
}

// Message is one that was written down, sent or not.
type Message struct {
	ID         int64
	Party      core.PartyID
	Phone      core.MSISDN
	Key        text.Key
	Args       text.Args
	Transfer   core.TransferID
	Text       string
	Created    time.Time
	Sent, Dead bool
	Attempts   int
}

// ReadBooks reads all of it. Nobody should be writing.
func ReadBooks(ctx context.Context, db *sql.DB) (*Books, error) {
	b := &Books{
		Parties: map[core.PartyID]Party{}, Accounts: map[core.AccountID]Account{}, Transfers: map[core.TransferID]Transfer{},
		Outcomes: map[core.RequestID]Outcome{}, OpenHolds: map[core.AccountID]core.Amount{},
	}
	for _, table := range []struct {
		query string
		row   func(scan func(...any) error) error
	}{
		{`SELECT id, phone, kind, name, coalesce(number, '') FROM parties`, b.party},
		{`SELECT id, coalesce(party_id, 0), kind, balance, held, version FROM accounts`, b.account},
		{`SELECT id, request_id, operation, coalesce(from_account, 0), coalesce(to_account, 0), amount, fee, receipt FROM transfers`, b.transfer},
		{`SELECT account_id, version, transfer_id, amount, balance FROM entries ORDER BY account_id, version`, b.entry},
		{`SELECT id, coalesce(code, ''), coalesce(transfer_id, 0), coalesce(hold_id, 0), at FROM requests`, b.outcome},
		{`SELECT request_id, party_id, errand, amount FROM intents ORDER BY created_at`, b.intent},
		{`SELECT request_id, operation, customer_id, agent_id, amount, fee, code, coalesce(ended, ''), coalesce(transfer_id, 0)
			FROM cash_requests ORDER BY id`, b.cash},
		{`SELECT id, coalesce(party_id, 0), phone, key, args, coalesce(transfer_id, 0), coalesce(text, ''), created_at,
			sent_at IS NOT NULL, dead_at IS NOT NULL, attempts FROM messages ORDER BY id`, b.message},
		{`SELECT account_id, sum(amount) FROM holds WHERE ended IS NULL GROUP BY account_id`, b.hold},
	} {
		if err := each(ctx, db, table.query, table.row); err != nil {
			return nil, fmt.Errorf("the books: %w", err)
		}
	}
	return b, nil
}

func each(ctx context.Context, db *sql.DB, query string, row func(scan func(...any) error) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // Err tells
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (b *Books) party(scan func(...any) error) error {
	var id core.PartyID
	var p Party
	err := scan(&id, &p.Phone, &p.Kind, &p.Name, &p.Number)
	b.Parties[id] = p
	return err
}

func (b *Books) account(scan func(...any) error) error {
	var id core.AccountID
	var a Account
	err := scan(&id, &a.Party, &a.Kind, &a.Balance, &a.Held, &a.Version)
	b.Accounts[id] = a
	return err
}

func (b *Books) transfer(scan func(...any) error) error {
	var id core.TransferID
	var t Transfer
	err := scan(&id, &t.Request, &t.Operation, &t.From, &t.To, &t.Amount, &t.Fee, &t.Receipt)
	b.Transfers[id] = t
	return err
}

func (b *Books) entry(scan func(...any) error) error {
	var e Entry
	err := scan(&e.Account, &e.Version, &e.Transfer, &e.Amount, &e.Balance)
	b.Entries = append(b.Entries, e)
	return err
}

func (b *Books) outcome(scan func(...any) error) error {
	var id core.RequestID
	var o Outcome
	err := scan(&id, &o.Code, &o.Transfer, &o.Hold, &o.At)
	b.Outcomes[id] = o
	return err
}

func (b *Books) intent(scan func(...any) error) error {
	var i Intent
	err := scan(&i.Request, &i.Party, &i.Errand, &i.Amount)
	b.Intents = append(b.Intents, i)
	return err
}

func (b *Books) cash(scan func(...any) error) error {
	var c Cash
	err := scan(&c.Request, &c.Operation, &c.Customer, &c.Agent, &c.Amount, &c.Fee, &c.Code, &c.Ended, &c.Transfer)
	b.Cash = append(b.Cash, c)
	return err
}

func (b *Books) message(scan func(...any) error) error {
	var m Message
	var args []byte
	if err := scan(&m.ID, &m.Party, &m.Phone, &m.Key, &args, &m.Transfer, &m.Text, &m.Created, &m.Sent, &m.Dead, &m.Attempts); err != nil {
		return err
	}
	b.Messages = append(b.Messages, m)
	return json.Unmarshal(args, &b.Messages[len(b.Messages)-1].Args)
}

func (b *Books) hold(scan func(...any) error) error {
	var id core.AccountID
	var sum core.Amount
	err := scan(&id, &sum)
	b.OpenHolds[id] = sum
	return err
}

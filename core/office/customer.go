package office

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Customers reads parties for administrators, those who are closed too.
type Customers interface {
	// Search gives the parties that a search finds, by name.
	Search(ctx context.Context, s Search) ([]core.Party, error)
	// Customer is all about a party, else NotRegistered.
	Customer(ctx context.Context, id core.PartyID) (Customer, error)
}

// Search is for whom an administrator looks. What is empty is not asked.
type Search struct {
	Phone  core.MSISDN
	Number string
	Email  core.Email
	Name   string // how it begins, in capitals
	Kind   core.Kind
	Status core.Status
	After  core.PartyID // the last one of the page before
	Most   int
}

// Customer is a party as administrators see her. Neither her PIN nor a code is part of it.
type Customer struct {
	core.Party
	Opened   time.Time
	Closed   time.Time // zero while she is not
	PIN      PIN
	Accounts []Account
	Limits   ledger.Limits
	Spent    ledger.Spent         // of the limits, today
	Reset    time.Time            // until when little may go out, as her PIN was reset; zero if it may
	Requests []wallet.CashRequest // that wait at a counter, hers or where she is the agent
	Messages []Message            // the last ones to her number, newest first
}

// PIN is how it stands with a party's PIN.
type PIN struct {
	Set    bool
	Locked time.Time // until when; zero if it is not
	Starts bool      // she has a start code that still works
}

// Account is one of a party's accounts.
type Account struct {
	ID      core.AccountID
	Kind    string // wallet, float, till, commission
	Balance core.Amount
	Held    core.Amount
}

// Customers are those that a search finds.
func (o *Office) Customers(ctx context.Context, s Search) ([]core.Party, error) {
	return o.customers.Search(ctx, s)
}

// Customer is all about a party, else NotRegistered.
func (o *Office) Customer(ctx context.Context, id core.PartyID) (Customer, error) {
	return o.customers.Customer(ctx, id)
}

// Package office is what administrators do: the counter behind the counter. Each thing that they change is written
// in the audit log by the transaction that changes it. Who may do what is told by the list of routes in api; the
// office must not know how somebody came in, nor where anything is kept.
package office

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// Store is all that an office needs of a store. What changes something takes a deed along, which is written with it,
// and not when there was nothing to change.
type Store interface {
	Admins
	Parties
	Prices
	Customers
	Care
	Messages
	Colleagues
	Log
	Records
}

// Starts makes start codes, as a wallet does.
type Starts interface {
	NewStart(ctx context.Context, p core.Party) (wallet.Start, []notice.Notice, error)
}

// Wallet is what an office asks of a wallet.
type Wallet interface {
	Starts
	Floats
}

// Passwords hashes passwords, as those of package login do.
type Passwords interface {
	Hash(ctx context.Context, given core.Password) (string, error)
}

// Office serves administrators. It may be used by many at once.
type Office struct {
	admins     Admins
	parties    Parties
	prices     Prices
	customers  Customers
	care       Care
	messages   Messages
	colleagues Colleagues
	log        Log
	records    Records
	starts     Starts
	floats     Floats
	passwords  Passwords
}

// New makes an office.
func New(s Store, w Wallet, p Passwords) *Office {
	return &Office{
		admins: s, parties: s, prices: s, customers: s, care: s, messages: s, colleagues: s, log: s,
		records: s, starts: w, floats: w, passwords: p,
	}
}

// By is who does something, and where she is.
type By struct {
	Admin   core.Administrator
	Address string
}

// CommandLine is whoever has a shell on the server.
func CommandLine() By { return By{Address: "command line"} }

// Deed begins what is written in the audit log; Before, After and Reason are the caller's to fill.
func (b By) Deed(action string, of core.Subject, id int64) core.Deed {
	return core.Deed{By: b.Admin.ID, Action: action, Subject: of, ID: id, Address: b.Address}
}

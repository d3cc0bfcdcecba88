package api

import (
	"net/http"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// What administrators see of parties.

func (a *API) customerRoutes() []Route {
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/admin/customers", Who: admins(core.Care, core.Finance),
			Says: "Finds customers, those who are closed too, in the order of their names. What strangers see of them is shown.",
			Do:   do(a.findCustomers),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/customers/:userID", Who: admins(core.Care, core.Finance),
			Says:    "Shows all about a customer: accounts, limits, requests that wait, last messages and transactions.",
			Refuses: []core.Code{core.NotRegistered},
			Do:      do(a.viewCustomer),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/customers/:userID/show-id", Who: admins(core.Care),
			Says:    "Shows a customer's whole ID number, and writes down to whom and why.",
			Refuses: []core.Code{core.NotRegistered},
			Do:      do(a.showID),
		},
	}
}

type search struct {
	Phone  core.MSISDN  `api:"phoneNumber,optional" is:"hers, in any spelling"`
	Number string       `api:"number,optional" is:"an agent's or till's five digits"`
	Email  core.Email   `api:"email,optional" is:"as registered"`
	Name   beginning    `api:"name,optional" is:"how it begins"`
	Kind   core.Kind    `api:"kind,optional" is:"what she is"`
	Status core.Status  `api:"accountStatus,optional" is:"such as pending"`
	After  core.PartyID `api:"after,optional" is:"next, as the page before said"`
	Limit  pageSize     `api:"limit,optional" is:"how many at once; 50 if not given"`
}

type customers struct {
	Customers []found `json:"customers"`
	Next      string  `json:"next,omitempty" is:"after which the next page begins; none on the last"`
}

// found is as little of somebody as tells her from others.
type found struct {
	ID     string      `json:"userID"`
	Type   userType    `json:"userType"`
	Status core.Status `json:"accountStatus"`
	Name   string      `json:"name" is:"of people first name and initial"`
	Phone  string      `json:"phoneNumber" is:"without its middle"`
	Number string      `json:"number,omitempty"`
}

func (a *API) findCustomers(v *visit, in search) (Done[customers], error) {
	all, err := a.Office.Customers(v.ctx, office.Search{
		Phone: in.Phone, Number: in.Number, Email: in.Email, Name: string(in.Name), Kind: in.Kind, Status: in.Status,
		After: in.After, Most: in.Limit.asked(),
	})
	all, next := cut(all, in.Limit, func(p core.Party) string { return userID(p.ID) })
	page := customers{Customers: make([]found, len(all)), Next: next}
	for i, p := range all {
		name := p.Name
		if p.Number == "" {
			name = p.Masked()
		}
		page.Customers[i] = found{userID(p.ID), typeOf(p.Kind), p.Status, name, p.Phone.Masked(), p.Number}
	}
	return done("customers", page), err
}

type whichCustomer struct {
	ID core.PartyID `api:"userID" is:"of the customer"`
}

type customer struct {
	ID           string        `json:"userID"`
	Type         userType      `json:"userType"`
	Super        bool          `json:"superAgent,omitempty"`
	Status       core.Status   `json:"accountStatus"`
	Tier         core.Tier     `json:"tier" is:"whose limits are hers"`
	Name         string        `json:"name"`
	Phone        core.MSISDN   `json:"phoneNumber"`
	Number       string        `json:"number,omitempty"`
	Email        core.Email    `json:"email,omitempty"`
	Lang         core.Lang     `json:"language"`
	IDNumber     string        `json:"idNumber,omitempty" is:"the end of it"`
	Opened       time.Time     `json:"createdAt"`
	Closed       time.Time     `json:"closedAt,omitzero"`
	PIN          pinState      `json:"pin"`
	Accounts     []holdings    `json:"accounts"`
	Limits       limitsUsed    `json:"limits"`
	Requests     []cashRequest `json:"requests" is:"that wait at a counter"`
	Messages     []message     `json:"messages" is:"the last ones, newest first"`
	Transactions []transaction `json:"transactions" is:"the last ones, newest first"`
}

type pinState struct {
	Set    bool      `json:"set"`
	Locked time.Time `json:"lockedUntil,omitzero" is:"after wrong tries"`
	Starts bool      `json:"startCodeWaits" is:"she was sent a code to set one"`
}

type holdings struct {
	ID      string    `json:"accountId"`
	Kind    string    `json:"accountType"`
	Balance Shillings `json:"balance" is:"with what is on hold"`
	Held    Shillings `json:"held"`
}

type limitsUsed struct {
	Transaction Shillings `json:"oneTransaction,omitempty" is:"none if not there, as all of them"`
	Day         Shillings `json:"day,omitempty" is:"out"`
	Today       Shillings `json:"usedToday"`
	Month       Shillings `json:"month,omitempty" is:"out"`
	ThisMonth   Shillings `json:"usedThisMonth"`
	Largest     Shillings `json:"largestBalance,omitempty"`
	Reset       time.Time `json:"littleGoesOutUntil,omitzero" is:"as her PIN was reset"`
}

type cashRequest struct {
	Ref      string    `json:"ref"`
	Type     string    `json:"transactionType"`
	Customer string    `json:"customerID"`
	Agent    string    `json:"agentNumber"`
	Amount   Shillings `json:"amount"`
	Fee      Shillings `json:"fee"`
	Expires  time.Time `json:"expiresAt"`
}

func (a *API) viewCustomer(v *visit, in whichCustomer) (Done[customer], error) {
	c, err := a.Office.Customer(v.ctx, in.ID)
	if err != nil {
		return Done[customer]{}, err
	}
	lines, err := a.Wallet.StatementOf(v.ctx, c.Party, statementLines)
	if err != nil {
		return Done[customer]{}, err
	}
	shown := customer{
		ID: userID(c.ID), Type: typeOf(c.Kind), Super: c.Kind == core.SuperAgent, Status: c.Status, Tier: c.Tier,
		Name: c.Name, Phone: c.Phone, Number: c.Number, Email: c.Email, Lang: c.Lang, IDNumber: text.MaskID(c.IDNumber),
		Opened: c.Opened, Closed: c.Closed, PIN: pinState{c.PIN.Set, c.PIN.Locked, c.PIN.Starts},
		Accounts: make([]holdings, len(c.Accounts)), Limits: usedOf(c.Limits, c.Spent, c.Reset),
		Requests: make([]cashRequest, len(c.Requests)), Messages: a.messagesOf(c.Messages),
		Transactions: transactionsOf(c.Party, lines),
	}
	for i, h := range c.Accounts {
		shown.Accounts[i] = holdings{userID(h.ID), h.Kind, Shillings(h.Balance), Shillings(h.Held)}
	}
	for i, r := range c.Requests {
		shown.Requests[i] = requestOf(r)
	}
	return done("a customer", shown), nil
}

func usedOf(l ledger.Limits, s ledger.Spent, reset time.Time) limitsUsed {
	return limitsUsed{
		Transaction: Shillings(l.Transaction), Day: Shillings(l.Day), Today: Shillings(s.Today),
		Month: Shillings(l.Month), ThisMonth: Shillings(s.Month), Largest: Shillings(l.Largest), Reset: reset,
	}
}

func requestOf(r wallet.CashRequest) cashRequest {
	return cashRequest{
		Ref: r.Ref, Type: transactionTypes[r.Operation], Customer: userID(r.Customer.ID), Agent: r.Agent.Number,
		Amount: Shillings(r.Amount), Fee: Shillings(r.Fee), Expires: r.Expires,
	}
}

type wholeID struct {
	IDNumber string `json:"idNumber,omitempty" is:"none if there is none on record"`
}

func (a *API) showID(v *visit, in aboutCustomer) (Done[wholeID], error) {
	id, err := a.Office.ShowID(v.ctx, v.by(), in.ID, string(in.Reason))
	return done("the ID number on record", wholeID{id}), err
}

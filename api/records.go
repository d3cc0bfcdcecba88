package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// What was asked of the ledger, and what became of it.

// exportPatience is how long an export may take. A million records take less than a minute, if they are read as fast.
const exportPatience = 15 * time.Minute

func (a *API) recordRoutes() []Route {
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/admin/transactions", Who: admins(core.Care, core.Finance),
			Says:    "Finds transactions, newest first, a page at a time; a page may hold fewer than its limit, or none, and yet have a next one.",
			Refuses: byAnyName,
			Do:      do(a.findRecords),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/transactions/:transaction", Who: admins(core.Care, core.Finance),
			Says:    "Tells all that is known of one transaction: its entries, messages, cash request, reversal.",
			Refuses: []core.Code{core.BadReceipt, core.UnknownReceipt},
			Do:      do(a.viewTransfer),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/transactions.csv", Who: admins(core.Finance), Patience: exportPatience,
			Says:    "Gives all transactions of some days as CSV, newest first, and leaves who took them out in the audit log.",
			Refuses: byAnyName,
			Do:      do(a.export),
		},
	}
}

type recordSearch struct {
	Receipt   core.Receipt   `api:"receipt,optional" is:"of one transaction; nothing else is looked at then"`
	AccountNo string         `api:"accountNo,optional" is:"e-mail, phone number, or agent or till number, of either side"`
	Status    office.State   `api:"status,optional" is:"transfers that are done or reversed if not given; refused for 30 days; open and ended are requests for cash"`
	Operation core.Operation `api:"operation,optional" is:"what it was"`
	From      day            `api:"from,optional" is:"the first day"`
	Until     day            `api:"until,optional" is:"the last day"`
	Limit     int            `api:"limit,optional" is:"how many at most, up to 100; 20 if not given"`
	Cursor    office.Cursor  `api:"cursor,optional" is:"the next of the page before"`
}

type foundRecords struct {
	Transactions []record      `json:"transactions"`
	Next         office.Cursor `json:"next,omitempty" is:"the cursor of the next page; there is none after the last"`
}

// record is one of them.
type record struct {
	ID        string         `json:"transactionId,omitempty"`
	Receipt   core.Receipt   `json:"receipt,omitempty"`
	Status    office.State   `json:"status"`
	Operation core.Operation `json:"operation"`
	At        time.Time      `json:"createdAt"`
	Amount    Shillings      `json:"amount" is:"without the fee"`
	Fee       Shillings      `json:"fee"`
	From      side           `json:"from,omitzero" is:"not there: the system"`
	To        side           `json:"to,omitzero" is:"not there: the system"`
	Code      core.Code      `json:"code,omitempty" is:"why it was refused"`
	Ended     string         `json:"ended,omitempty" is:"how a request for cash ended: refused, cancelled, expired, codes"`
	Request   core.RequestID `json:"requestId"`
}

// side is a party as records name her.
type side struct {
	ID     string      `json:"userID"`
	Type   core.Kind   `json:"userType"`
	Name   string      `json:"name"`
	Phone  core.MSISDN `json:"phoneNumber"`
	Number string      `json:"number,omitempty"`
}

func sideOf(p core.Party) side {
	if p.ID == 0 {
		return side{}
	}
	return side{userID(p.ID), p.Kind, p.Name, p.Phone, p.Number}
}

func recordOf(r office.Record) record {
	one := record{
		Receipt: r.Receipt, Status: r.State, Operation: r.Operation, At: r.At, Amount: Shillings(r.Amount), Fee: Shillings(r.Fee),
		From: sideOf(r.From), To: sideOf(r.To), Code: r.Code, Ended: r.How, Request: r.Request,
	}
	if r.Transfer != 0 {
		one.ID = userID(r.Transfer)
	}
	return one
}

const (
	usualLimit = 20
	mostLimit  = 100
)

func (a *API) findRecords(v *visit, in recordSearch) (Done[foundRecords], error) {
	if in.Receipt != "" {
		t, err := a.Office.TransferByReceipt(v.ctx, in.Receipt)
		if core.CodeOf(err) == core.UnknownReceipt {
			return done("found", foundRecords{Transactions: []record{}}), nil
		}
		return done("found", foundRecords{Transactions: []record{recordOf(t.Record)}}), err
	}
	switch {
	case in.Limit == 0:
		in.Limit = usualLimit
	case in.Limit < 0 || in.Limit > mostLimit:
		return Done[foundRecords]{}, inField(core.Errorf(core.BadField, "%d", in.Limit), "limit")
	}
	f, err := a.filter(v, in.AccountNo, in.Status, in.Operation, in.From, in.Until)
	if err != nil {
		return Done[foundRecords]{}, err
	}
	p, err := a.Office.Records(v.ctx, f, in.Cursor, in.Limit)
	if core.CodeOf(err) == core.BadField {
		err = inField(err, "cursor")
	}
	all := foundRecords{Transactions: make([]record, len(p.Records)), Next: p.Next}
	for i, r := range p.Records {
		all.Transactions[i] = recordOf(r)
	}
	return done("found", all), err
}

// filter is what fields ask for, with days as they are in the zone in which people read dates.
func (a *API) filter(
	v *visit, accountNo string, state office.State, op core.Operation, from, until day,
) (f office.Filter, err error) {
	f = office.Filter{State: state, Operation: op}
	if accountNo != "" {
		if f.Party, err = a.Wallet.Find(v.ctx, accountNo); err != nil {
			return f, inField(err, "accountNo")
		}
	}
	if from != "" {
		f.From = from.begins(a.zone())
	}
	if until != "" {
		f.Until = until.ends(a.zone())
	}
	if from != "" && until != "" && !f.From.Before(f.Until) {
		err = inField(core.Errorf(core.BadField, "before the first day"), "until")
	}
	return f, err
}

type sought struct {
	Transaction string `api:"transaction" is:"a receipt, or a transactionId"`
}

type viewed struct {
	Transfer record        `json:"transaction"`
	Entries  []entry       `json:"entries"`
	Messages []sentMessage `json:"messages"`
	Asked    time.Time     `json:"requestedAt,omitzero" is:"when its request came; requests are forgotten after 30 days"`
	Cash     cash          `json:"cashRequest,omitzero" is:"which it confirmed"`
	Reversal core.Receipt  `json:"reversedBy,omitempty" is:"receipt of the transaction that undid it"`
	Of       core.Receipt  `json:"reversalOf,omitempty" is:"receipt of the transaction that it undid"`
}

type entry struct {
	Account string             `json:"accountId"`
	Kind    office.AccountKind `json:"accountType"`
	Owner   side               `json:"owner,omitzero" is:"not there: the system"`
	Amount  Shillings          `json:"amount" is:"below zero: what went out"`
	Balance Shillings          `json:"balance" is:"after it"`
}

type sentMessage struct {
	ID        string      `json:"messageId"`
	To        core.MSISDN `json:"phoneNumber"`
	Lang      core.Lang   `json:"language"`
	Text      string      `json:"text" is:"as it was sent, without codes; empty before the first try"`
	Status    string      `json:"status" is:"waiting, sent, delivered, failed, or dead: given up"`
	At        time.Time   `json:"createdAt"`
	Sent      time.Time   `json:"sentAt,omitzero"`
	Delivered time.Time   `json:"deliveredAt,omitzero"`
	Tries     int         `json:"tries"`
	Error     string      `json:"error,omitempty"`
}

type cash struct {
	Ref   string    `json:"reference"`
	Asked time.Time `json:"requestedAt"`
	Ended time.Time `json:"confirmedAt"`
}

// receiptLength is of receipts alone: a transaction's id has 19 digits.
const receiptLength = 10

func (a *API) viewTransfer(v *visit, in sought) (Done[viewed], error) {
	t, err := a.transfer(v, in.Transaction)
	if err != nil {
		return Done[viewed]{}, inField(err, "transaction")
	}
	all := viewed{
		Transfer: recordOf(t.Record), Asked: t.Asked, Reversal: t.Reversal, Of: t.Of,
		Entries: make([]entry, len(t.Entries)), Messages: make([]sentMessage, len(t.Messages)),
	}
	for i, e := range t.Entries {
		all.Entries[i] = entry{userID(e.Account), e.Kind, sideOf(e.Owner), Shillings(e.Amount), Shillings(e.Balance)}
	}
	for i, m := range t.Messages {
		all.Messages[i] = sentMessage{
			ID: strconv.FormatInt(m.ID, 10), To: m.Phone, Lang: m.Lang, Text: m.Masked(), Status: came(m), At: m.Created,
			Sent: m.SentAt, Delivered: m.Delivered, Tries: m.Attempts, Error: m.Error,
		}
	}
	if t.Cash != nil {
		all.Cash = cash{t.Cash.Ref, t.Cash.Asked, t.Cash.Ended}
	}
	return done("found", all), nil
}

func (a *API) transfer(v *visit, name string) (office.Transfer, error) {
	if len(name) != receiptLength {
		if id, err := strconv.ParseInt(name, 10, 64); err == nil {
			return a.Office.TransferByID(v.ctx, core.TransferID(id))
		}
	}
	receipt, err := core.ParseReceipt(name)
	if err != nil {
		return office.Transfer{}, err
	}
	return a.Office.TransferByReceipt(v.ctx, receipt)
}

// came is how far a message came.
func came(m office.Sent) string {
	switch {
	case !m.Delivered.IsZero():
		return "delivered"
	case !m.Failed.IsZero():
		return "failed"
	case !m.Dead.IsZero():
		return "dead"
	case !m.SentAt.IsZero():
		return "sent"
	default:
		return "waiting"
	}
}

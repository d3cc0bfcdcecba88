// Package core is the vocabulary of Piga: the words that every other package shares, and nothing that
// does I/O. It knows no HTTP, SQL, Redis, and no time of day but the one it is told.
//
// # Glossary
//
// One word for one thing, in the code, in the database and in the documents.
//
//	party      whoever is known to Piga: a subscriber, an agent, a super agent, a merchant
//	customer   a party, seen from the counter: the one who dials
//	agent      a party who hands cash over a counter; her money is her float
//	admin      an administrator, who works behind the counter: e-mail, password and roles, but no account; no party
//	colleague  an admin, as another one sees her
//	deed       something that an admin did, kept in the audit log
//	bearer     a party or an admin, whose token it is
//	token      what a program shows with each request, for the time of a login
//	visit      one HTTP request to the API: who came, from where, for which route
//	route      one thing that can be asked of the REST API
//	account    what Piga owes somebody (or, for the trust account, what the bank holds for all)
//	transfer   one movement of money: two or more entries that sum to zero
//	entry      one line of a transfer: an account, an amount, the balance after it
//	reversal   a transfer that is undone, or was: a case, which is open until all that was paid came back or a person decided
//	step       one thing that is done in a reversal: collect, settle, give back
//	hold       money set aside in an account until somebody confirms or refuses
//	intent     an errand that moves money, written down with the try at its PIN until its outcome is known
//	posting    what is asked of the ledger, under a request id; its outcome is kept for ever
//	record     what was asked of the ledger, as admins look for it: a transfer, a refused request, a request for cash
//	receipt    the ten characters that name a transfer to people
//	call       one USSD session, from dialling to hanging up
//	turn       one callback in a call: what was typed so far comes in, a page goes out
//	screen     one question of the menus and what its answers mean
//	page       a screen's words as one phone shows them
//	answer     what the caller typed at a screen
//	errand     what a caller came for, over several screens: send, change of PIN
//	room       how much of what people wait for may be in hand at a time: turns, visits, texts
//	notice     somebody must be told something, in her own language
//	message    a notice written down to be sent by SMS
package core

import "time"

type (
	// PartyID names a party. Like all ids it is given by the database and grows with time; zero is nobody.
	PartyID int64
	// AccountID names an account.
	AccountID int64
	// TransferID names a transfer inside; to people its receipt does.
	TransferID int64
	// HoldID names a hold.
	HoldID int64
)

// RequestID names one command for ever: the same id is carried out once, however often it comes. A
// call's is "ussd:" + service code + ":" + session.
type RequestID string

// Clock tells the time. It is injected so that tests can move it.
type Clock func() time.Time

// Lang is a language in which there is a catalogue.
type Lang string

// The languages.
const (
	English Lang = "en"
	Swahili Lang = "sw"
)

// Langs lists every language, the default first.
var Langs = []Lang{English, Swahili}

// Operation is a kind of movement.
type Operation string

// The operations.
const (
	Issue          Operation = "issue"           // trust → a super agent's float
	Deposit        Operation = "deposit"         // cash in
	Withdraw       Operation = "withdraw"        // cash out
	Send           Operation = "send"            // a transfer to another party
	Pay            Operation = "pay"             // a transfer to a merchant
	TakeCommission Operation = "take_commission" // commission → own float
	Redeem         Operation = "redeem"          // float or till → trust
	Reverse        Operation = "reverse"         // the mirror of another transfer
)

// Operations lists every operation.
var Operations = []Operation{Issue, Deposit, Withdraw, Send, Pay, TakeCommission, Redeem, Reverse}

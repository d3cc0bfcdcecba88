package core

import (
	"log/slog"
	"slices"
)

// AdminID names an administrator. Zero is nobody: in the audit log, whoever stood at the command line.
type AdminID int64

// Role is a part of what administrators do.
type Role string

// The roles.
const (
	Care    Role = "care"    // people: find, approve, suspend
	Finance Role = "finance" // money: float, tariffs, limits
	IT      Role = "it"      // administrators, and who is a super agent
)

// Roles lists every role.
var Roles = []Role{Care, Finance, IT}

// Administrator works behind the counter. She is no party: she has no account and no PIN, but an e-mail, a
// password and one role at least.
type Administrator struct {
	ID    AdminID
	Name  string
	Email Email
	Roles []Role
}

// Has is whether one of the roles is hers.
func (a Administrator) Has(any ...Role) bool {
	return slices.ContainsFunc(any, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// LogValue names the administrator by id alone.
func (a Administrator) LogValue() slog.Value { return slog.Int64Value(int64(a.ID)) }

// Deed is something that an administrator did, as the audit log keeps it. It is written in the transaction of
// what it changes, or neither is. Nothing in it is a secret: no password, PIN or code, nor the hash of one.
type Deed struct {
	By      AdminID // zero: the command line
	Action  string  // thing and verb: "party.approve"
	Subject Subject // what kind of thing it was done to, and which one
	ID      int64   // zero of what has no number, such as a tariff: Before and After name it then
	Before  any     // what it was, as it is written in JSON; nil for nothing
	After   any     // what it is now
	Reason  string
	Address string // where she was, or "command line"
}

// Subject is a kind of thing that administrators change.
type Subject string

// The subjects of deeds.
const (
	OfParty         Subject = "party"
	OfAdministrator Subject = "administrator"
	OfTransfer      Subject = "transfer"
	OfTariff        Subject = "tariff"
	OfTier          Subject = "tier"
	OfMessage       Subject = "message"
)

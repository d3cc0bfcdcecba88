package core

import (
	"log/slog"
	"strings"
)

// Kind is what a party is.
type Kind string

// The kinds of parties.
const (
	Subscriber Kind = "subscriber"
	Agent      Kind = "agent"
	SuperAgent Kind = "super_agent"
	Merchant   Kind = "merchant"
)

// Kinds lists every kind.
var Kinds = []Kind{Subscriber, Agent, SuperAgent, Merchant}

// Status says what a party may do.
type Status string

// The statuses.
const (
	Active    Status = "active"
	Pending   Status = "pending"   // an agent or a merchant who waits for approval: no money in or out
	Suspended Status = "suspended" // no money in or out
	Dormant   Status = "dormant"   // money may come in; the first right PIN wakes it
	Closed    Status = "closed"    // for ever; its number may belong to somebody new
)

// Statuses lists every status.
var Statuses = []Status{Active, Pending, Suspended, Dormant, Closed}

// Stopped is whether no money may come in or go out, and yet may again.
func (s Status) Stopped() bool { return s == Suspended || s == Pending }

// Tier names a row of limits.
type Tier string

// The tiers that ship.
const (
	TierNew   Tier = "new"   // no ID checked
	TierFull  Tier = "full"  // ID checked
	TierTrade Tier = "trade" // agents, super agents, merchants
)

// ParseTier reads the name of a tier, small letters, else BadField.
func ParseTier(s string) (Tier, error) {
	const longest = 20
	other := strings.Trim(s, "abcdefghijklmnopqrstuvwxyz")
	if s == "" || len(s) > longest || other != "" {
		return "", Errorf(BadField, "%d characters that are no tier", len(s))
	}
	return Tier(s), nil
}

// Party is somebody known to Piga, as a call needs her: what she is called and where her money is.
// Her PIN is never part of it.
type Party struct {
	ID         PartyID   `json:"id"`
	Kind       Kind      `json:"kind"`
	Status     Status    `json:"status"`
	Tier       Tier      `json:"tier"`
	Name       string    `json:"name"` // in full, as registered: "JANE WANJIKU"
	Phone      MSISDN    `json:"phone"`
	Number     string    `json:"number,omitempty"` // an agent's or till's five digits; empty for a subscriber
	Email      Email     `json:"-"`                // empty for none; of no use to a call
	IDNumber   string    `json:"-"`                // on record; empty if skipped. A stored call has no business with it
	Lang       Lang      `json:"lang"`
	Account    AccountID `json:"account"`              // wallet, float or till
	Commission AccountID `json:"commission,omitempty"` // agents only

	// AutoConfirm is an agent's: withdrawals at her counter that a program asks for are done at once. By phone they wait.
	AutoConfirm bool `json:"-"`
}

// Masked is the name that strangers see before they pay: first name and initial for people ("JANE W."),
// number and trading name for the trade ("10021 MAMA NJERI SHOP").
func (p Party) Masked() string {
	if p.Number != "" {
		return p.Number + " " + p.Name
	}
	words := strings.Fields(p.Name)
	switch len(words) {
	case 0:
		return ""
	case 1:
		return words[0]
	}
	last := []rune(words[len(words)-1])
	return words[0] + " " + string(last[:1]) + "."
}

// LogValue names the party by id alone.
func (p Party) LogValue() slog.Value { return slog.Int64Value(int64(p.ID)) }

// The system's own accounts. They belong to no party and have neither floor nor limit.
const (
	Trust             AccountID = 1 // the bank account that backs the e-money: negative
	Fees              AccountID = 2
	CommissionExpense AccountID = 3
	Suspense          AccountID = 4
)

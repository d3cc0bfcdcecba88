// Package tariff is what an operation costs, and whether two kinds of parties may do it with each other at
// all. It is arithmetic over the rows of a tariff; where they are kept is the store's business.
package tariff

import (
	"sort"

	"github.com/piga-money/piga/core"
)

// Key is what a price depends on, besides the amount.
type Key struct {
	Operation core.Operation `json:"operation"`
	From      core.Kind      `json:"from_kind"`
	To        core.Kind      `json:"to_kind"`
}

// Band is one row of a tariff: amounts above Over, up to and including UpTo, cost Fee.
type Band struct {
	Over core.Amount `json:"over"`
	UpTo core.Amount `json:"up_to"`
	Fee  core.Amount `json:"fee"`
}

// Fee is what an amount costs by the bands of one key, which are in any order. NoTariff means that there
// are none or that the amount is above the last; BelowSmallest, with {smallest}, that it is under the first.
func Fee(bands []Band, amount core.Amount) (core.Amount, error) {
	if len(bands) == 0 {
		return 0, core.Errorf(core.NoTariff, "no bands")
	}
	smallest := bands[0].Over
	for _, b := range bands {
		if amount > b.Over && amount <= b.UpTo {
			return b.Fee, nil
		}
		smallest = min(smallest, b.Over)
	}
	if amount <= smallest {
		return 0, core.Errorf(core.BelowSmallest, "%s", amount).With("smallest", (smallest + 1).String())
	}
	return 0, core.Errorf(core.NoTariff, "no band covers %s", amount)
}

// Check is nil when the bands of one key are whole: none is empty or costs less than nothing, and sorted
// they neither overlap nor leave a gap. Else it is BadBands, with the {amount} at which they are not.
func Check(bands []Band) error {
	sorted := append([]Band(nil), bands...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Over < sorted[j].Over })
	for i, b := range sorted {
		switch {
		case b.Over < 0 || b.UpTo <= b.Over:
			return badBand(b.Over, "the band over it is empty")
		case b.Fee < 0:
			return badBand(b.UpTo, "the band up to it costs less than nothing")
		case i > 0 && b.Over < sorted[i-1].UpTo:
			return badBand(b.Over, "bands overlap above it")
		case i > 0 && b.Over > sorted[i-1].UpTo:
			return badBand(sorted[i-1].UpTo, "no band above it")
		}
	}
	return nil
}

func badBand(at core.Amount, why string) error {
	return core.Errorf(core.BadBands, "%s: %s", at, why).With("amount", at.String())
}

// OfTransfer is the operation by which one party pays another, NotAllowed when these kinds do not, and
// ToOneself when both are the same.
func OfTransfer(from, to core.Party) (Key, error) {
	k := Key{Operation: core.Send, From: from.Kind, To: to.Kind}
	if to.Kind == core.Merchant {
		k.Operation = core.Pay
	}
	switch {
	case from.ID == to.ID || from.Phone == to.Phone:
		return k, core.Errorf(core.ToOneself, "party %d", from.ID)
	case !Allowed(k):
		return k, core.Errorf(core.NotAllowed, "%s from %s to %s", k.Operation, k.From, k.To)
	}
	return k, nil
}

// OfCash is the key of cash over a counter, from who gives up e-money to who gets it: NotAllowed, ToOneself.
func OfCash(op core.Operation, from, to core.Party) (Key, error) {
	k := Key{Operation: op, From: from.Kind, To: to.Kind}
	switch {
	case from.ID == to.ID || from.Phone == to.Phone:
		return k, core.Errorf(core.ToOneself, "party %d", from.ID)
	case op != core.Deposit && op != core.Withdraw, !Allowed(k):
		return k, core.Errorf(core.NotAllowed, "%s from %s to %s", k.Operation, k.From, k.To)
	}
	return k, nil
}

// Allowed is true of what parties of these kinds may do with each other. What concerns the bank or a party
// alone has no key and is not asked for here.
func Allowed(k Key) bool {
	switch k.Operation {
	case core.Deposit:
		return k.From == core.Agent && k.To == core.Subscriber || k.From == core.SuperAgent && k.To == core.Agent
	case core.Withdraw:
		return k.To == core.Agent && k.From != core.SuperAgent
	case core.Send:
		return k.From == k.To && (k.From == core.Subscriber || k.From == core.Agent) ||
			k.From == core.Merchant && k.To == core.Subscriber
	case core.Pay:
		return k.To == core.Merchant && (k.From == core.Subscriber || k.From == core.Agent)
	default:
		return false
	}
}

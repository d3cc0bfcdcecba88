package api

import (
	"net/http"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// What the ledger sums up to.

// reportPatience is how long a report may take, which reads every entry of its time.
const reportPatience = 10 * time.Minute

func (a *API) reportRoutes() []Route {
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/admin/daily-summary", Who: admins(core.Finance), Patience: reportPatience,
			Says:    "Sums up one day for each operation: how many, how much, fees, commissions, and how many were refused by why.",
			Refuses: []core.Code{core.PutAway},
			Do:      do(a.summary),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/safeguarding", Who: admins(core.Finance), Patience: reportPatience,
			Says:    "Compares what is owed to people with what backs it, by kind of account, as it was at a moment.",
			Refuses: []core.Code{core.PutAway},
			Do:      do(a.safeguarding),
		},
	}
}

type ofDay struct {
	Day day `api:"day" is:"in the zone in which people read dates; of today it is what there is so far"`
}

type summary struct {
	From       time.Time   `json:"from"`
	Until      time.Time   `json:"until" is:"the first moment after"`
	Operations []operation `json:"operations"`
	Forgotten  bool        `json:"failuresForgotten" is:"true of a day so long ago that not all that was refused is known any more"`
}

type operation struct {
	Operation   core.Operation      `json:"operation"`
	Count       int64               `json:"count"`
	Volume      Shillings           `json:"volume" is:"without fees"`
	Fees        Shillings           `json:"fees" is:"less what was given back"`
	Commissions Shillings           `json:"commissions" is:"less what was given back"`
	Failures    map[core.Code]int64 `json:"failures" is:"how many were refused, by why"`
}

func (a *API) summary(v *visit, in ofDay) (Done[summary], error) {
	from := in.Day.begins(a.zone())
	if a.Clock().Before(from) {
		return Done[summary]{}, inField(core.Errorf(core.BadField, "it has not begun"), "day")
	}
	s, err := a.Office.Summary(v.ctx, from, in.Day.ends(a.zone()))
	if core.CodeOf(err) == core.PutAway {
		err = inField(err, "day")
	}
	all := summary{From: s.From, Until: s.Until, Operations: make([]operation, len(s.Operations)), Forgotten: s.Forgotten}
	for i, o := range s.Operations {
		all.Operations[i] = operation{o.Operation, o.Count, Shillings(o.Volume), Shillings(o.Fees), Shillings(o.Commissions), o.Failures}
	}
	return done("summed up", all), err
}

type asOf struct {
	At time.Time `api:"at,optional" is:"a moment that has come, with its zone; now if not given"`
}

type safeguarding struct {
	At          time.Time   `json:"at" is:"all transfers before it count, and none of the others"`
	Holds       bool        `json:"holds" is:"whether all balances sum to zero, then and now"`
	Owed        Shillings   `json:"owed" is:"to people: wallets, floats, tills, commissions"`
	Backing     Shillings   `json:"backing" is:"in the bank, less what the system earned, and more what it spent"`
	Difference  Shillings   `json:"difference" is:"owed less backing"`
	BalancesOff Shillings   `json:"balancesOff" is:"what today's balances sum to, which should be zero"`
	MovesOff    Shillings   `json:"movementsOff" is:"what all that moved since sums to, which should be zero"`
	Accounts    []kindStood `json:"accounts"`
}

type kindStood struct {
	Kind    office.AccountKind `json:"accountType"`
	Balance Shillings          `json:"balance" is:"of all accounts of the kind; below zero is what others owe the system, as the bank does"`
	Held    Shillings          `json:"held" is:"of that, what was on hold"`
}

func (a *API) safeguarding(v *visit, in asOf) (Done[safeguarding], error) {
	now := a.Clock()
	switch {
	case in.At.IsZero():
		in.At = now
	case now.Before(in.At):
		return Done[safeguarding]{}, inField(core.Errorf(core.BadField, "it has not come"), "at")
	}
	s, err := a.Office.Safeguarding(v.ctx, in.At)
	if core.CodeOf(err) == core.PutAway {
		err = inField(err, "at")
	}
	all := safeguarding{
		At: s.At, Holds: s.Holds(), Owed: Shillings(s.Owed()), Backing: Shillings(s.Backing()), Difference: Shillings(s.Difference()),
		BalancesOff: Shillings(s.BalancesOff()), MovesOff: Shillings(s.MovesOff()),
	}
	for _, k := range s.Kinds {
		all.Accounts = append(all.Accounts, kindStood{k.Kind, Shillings(k.Balance()), Shillings(k.Held)})
	}
	says := "the books balance"
	if !all.Holds {
		says = "the books do NOT balance: run piga audit"
	}
	return done(says, all), err
}

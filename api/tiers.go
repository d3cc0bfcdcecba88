package api

import (
	"net/http"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/tariff"
)

// What a tier may move. Finance decides, any administrator reads and tries.

func (a *API) tierRoutes() []Route {
	all, finance := admins(core.Roles...), admins(core.Finance)
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/admin/limits", Who: all,
			Says: "Tells the limits of all tiers that are in force at a time, and those that are to come after it.",
			Do:   do(a.limits),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/limits-history", Who: all,
			Says:    "Tells the limits of one tier, latest first, with those to come and those that were taken back.",
			Refuses: []core.Code{core.UnknownTier},
			Do:      do(a.limitsHistory),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/try-limits", Who: all,
			Says:    "Tells how many accounts of a tier would be over other limits at this moment, and changes nothing.",
			Refuses: []core.Code{core.UnknownTier, core.BadLimits},
			Do:      do(a.tryLimits),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/save-limits", Who: finance,
			Says:    "Saves all limits of one tier, from a time on. Once in force they cannot be taken back, only followed by others.",
			Refuses: []core.Code{core.BadLimits, core.UnknownTier, core.Unpriced, core.TooLate, core.TimeTaken},
			Do:      do(a.saveLimits),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/take-back-limits", Who: finance,
			Says:    "Has limits not come that are to come, until a minute before; doing so twice changes nothing.",
			Refuses: []core.Code{core.UnknownTier, core.NothingToCome, core.TooLate, core.Unpriced},
			Do:      do(a.takeBackLimits),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/make-tier", Who: finance,
			Says:    "Makes a tier for one kind of parties, with limits from now on.",
			Refuses: []core.Code{core.TierTaken, core.BadLimits, core.Unpriced},
			Do:      do(a.makeTier),
		},
	}
}

// limitsShown are the limits of a tier as programs read them. What is left out is not limited.
type limitsShown struct {
	Tier        core.Tier  `json:"tier"`
	Effective   time.Time  `json:"effectiveAt"`
	TakenBack   *time.Time `json:"takenBackAt,omitempty" is:"when it was decided that they are not to come"`
	Transaction Shillings  `json:"oneTransaction"`
	Day         Shillings  `json:"aDay,omitempty" is:"what goes out in a day; no limit if left out"`
	Month       Shillings  `json:"aMonth,omitempty" is:"what goes out in a month; no limit if left out"`
	Largest     Shillings  `json:"largestBalance,omitempty" is:"no limit if left out"`
}

func limitsOf(all []tariff.Limits) []limitsShown {
	shown := make([]limitsShown, len(all))
	for i, l := range all {
		shown[i] = limitsShown{
			Tier: l.Tier, Effective: l.Effective, TakenBack: ifAny(l.TakenBack),
			Transaction: Shillings(l.Transaction), Day: Shillings(l.Day), Month: Shillings(l.Month), Largest: Shillings(l.Largest),
		}
	}
	return shown
}

type allLimits struct {
	InForce []limitsShown `json:"inForce"`
	ToCome  []limitsShown `json:"toCome"`
}

func (a *API) limits(v *visit, in atTime) (Done[allLimits], error) {
	inForce, toCome, err := a.Office.Limits(v.ctx, in.At)
	return done("The limits", allLimits{limitsOf(inForce), limitsOf(toCome)}), err
}

type limitsBefore struct {
	Tier   core.Tier `api:"tier" is:"whose limits"`
	Before time.Time `api:"before,optional" is:"the next of the page before; all if not given"`
}

type limitsHistory struct {
	Limits []limitsShown `json:"limits"`
	Next   *time.Time    `json:"next,omitempty" is:"as before for the next page; left out when there may be none"`
}

func (a *API) limitsHistory(v *visit, in limitsBefore) (Done[limitsHistory], error) {
	all, err := a.Office.LimitsBefore(v.ctx, in.Tier, in.Before)
	page := limitsHistory{Limits: limitsOf(all)}
	if len(all) == office.MostOfHistory {
		page.Next = &all[len(all)-1].Effective
	}
	return done("The limits, latest first", page), err
}

type tryLimits struct {
	Tier        core.Tier   `api:"tier" is:"whose limits"`
	Transaction core.Amount `api:"oneTransaction" is:"at most, in shillings like the others"`
	Day         core.Amount `api:"aDay,optional" is:"goes out in a day at most; no limit if not given"`
	Month       core.Amount `api:"aMonth,optional" is:"goes out in a month at most; no limit if not given"`
	Largest     core.Amount `api:"largestBalance,optional" is:"no limit if not given"`
}

type crossed struct {
	Accounts int `json:"accounts" is:"open accounts of the tier"`
	Largest  int `json:"overLargestBalance" is:"of them have more than the largest balance"`
	Day      int `json:"overDay" is:"of them have spent more today"`
	Month    int `json:"overMonth" is:"of them have spent more this month"`
}

func (a *API) tryLimits(v *visit, in tryLimits) (Done[crossed], error) {
	c, err := a.Office.TryLimits(v.ctx, tariff.Limits{
		Tier: in.Tier, Transaction: in.Transaction, Day: in.Day, Month: in.Month, Largest: in.Largest,
	})
	return done("Tried, and nothing changed", crossed(c)), err
}

type newLimits struct {
	Tier        core.Tier   `api:"tier" is:"whose limits"`
	Transaction core.Amount `api:"oneTransaction" is:"at most, in shillings like the others"`
	Day         core.Amount `api:"aDay,optional" is:"goes out in a day at most; no limit if not given"`
	Month       core.Amount `api:"aMonth,optional" is:"goes out in a month at most; no limit if not given"`
	Largest     core.Amount `api:"largestBalance,optional" is:"no limit if not given"`
	Effective   time.Time   `api:"effectiveAt,optional" is:"from when on; now if not given"`
}

func (a *API) saveLimits(v *visit, in newLimits) (Done[since], error) {
	at, err := a.Office.SaveLimits(v.ctx, v.by(), tariff.Limits{
		Tier: in.Tier, Effective: in.Effective, Transaction: in.Transaction, Day: in.Day, Month: in.Month, Largest: in.Largest,
	})
	return done("limits saved", since{at}), err
}

type oldLimits struct {
	Tier      core.Tier `api:"tier" is:"whose limits"`
	Effective time.Time `api:"effectiveAt" is:"from when on they were to be in force"`
}

func (a *API) takeBackLimits(v *visit, in oldLimits) (Done[nothing], error) {
	err := a.Office.TakeBackLimits(v.ctx, v.by(), in.Tier, in.Effective)
	return done("limits taken back", nothing{}), err
}

type newTier struct {
	Tier        core.Tier   `api:"tier" is:"its name: small letters, 20 at most"`
	Kind        core.Kind   `api:"kind" is:"who may be in it; of agents super agents too"`
	Transaction core.Amount `api:"oneTransaction" is:"at most, in shillings like the others"`
	Day         core.Amount `api:"aDay,optional" is:"goes out in a day at most; no limit if not given"`
	Month       core.Amount `api:"aMonth,optional" is:"goes out in a month at most; no limit if not given"`
	Largest     core.Amount `api:"largestBalance,optional" is:"no limit if not given"`
}

func (a *API) makeTier(v *visit, in newTier) (Done[nothing], error) {
	l := tariff.Limits{Tier: in.Tier, Transaction: in.Transaction, Day: in.Day, Month: in.Month, Largest: in.Largest}
	err := a.Office.MakeTier(v.ctx, v.by(), l, in.Kind)
	return done("tier made", nothing{}), err
}

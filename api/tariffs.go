package api

import (
	"net/http"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/tariff"
)

// What operations cost. Finance decides, any administrator reads and tries.

func (a *API) tariffRoutes() []Route {
	all, finance := admins(core.Roles...), admins(core.Finance)
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/admin/get-tariff", Who: all,
			Says: "Tells what each operation costs now, band by band.",
			Do:   do(a.charges),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/update-charge", Who: finance,
			Says:    "Changes what one band costs, from now on.",
			Refuses: []core.Code{core.UnknownCharge, core.Unpriced},
			Do:      do(a.setCharge),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/tariffs", Who: all,
			Says: "Tells the tariffs that are in force at a time, and those that are to come after it.",
			Do:   do(a.tariffs),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/tariff-history", Who: all,
			Says:    "Tells the tariffs of one key, latest first, with those to come and those that were taken back.",
			Refuses: []core.Code{core.NotAllowed},
			Do:      do(a.tariffHistory),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/try-tariff", Who: all,
			Says:    "Tells what the last transactions would have cost by other bands, and changes nothing.",
			Refuses: []core.Code{core.NotAllowed, core.BadBands},
			Do:      do(a.tryTariff),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/save-tariff", Who: finance,
			Says:    "Saves all bands of one key, from a time on. Once in force they cannot be taken back, only followed by others.",
			Refuses: []core.Code{core.NotAllowed, core.BadBands, core.Unpriced, core.TooLate, core.TimeTaken},
			Do:      do(a.saveTariff),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/take-back-tariff", Who: finance,
			Says:    "Has a tariff not come that is to come, until a minute before; doing so twice changes nothing.",
			Refuses: []core.Code{core.NotAllowed, core.NothingToCome, core.TooLate, core.Unpriced},
			Do:      do(a.takeBackTariff),
		},
	}
}

// charge is a band as programs know it.
type charge struct {
	ID        string         `json:"id" is:"the same for as long as there is a band of this key over this amount"`
	Type      string         `json:"txnOperation" is:"such as WITHDRAW, TRANSFER"`
	Operation core.Operation `json:"operation"`
	From      core.Kind      `json:"srcUserType"`
	To        core.Kind      `json:"destUserType"`
	Over      Shillings      `json:"over" is:"for amounts over this"`
	UpTo      Shillings      `json:"upTo" is:"and up to this, included"`
	Fee       Shillings      `json:"fee"`
	Effective time.Time      `json:"effectiveAt" is:"since when"`
}

func (a *API) charges(v *visit, _ nothing) (Done[[]charge], error) {
	inForce, _, err := a.Office.Tariffs(v.ctx, time.Time{})
	all := []charge{}
	for _, t := range inForce {
		for _, b := range t.Bands {
			all = append(all, charge{
				ID: tariff.Charge{Key: t.Key, Over: b.Over}.String(), Type: transactionTypes[t.Operation], Operation: t.Operation,
				From: t.From, To: t.To, Over: Shillings(b.Over), UpTo: Shillings(b.UpTo), Fee: Shillings(b.Fee), Effective: t.Effective,
			})
		}
	}
	return done("The charges in force", all), err
}

type newCharge struct {
	Charge tariff.Charge `api:"chargeId" is:"the id of a charge in force"`
	Amount cents         `api:"amount" is:"what it costs from now on, in cents"`
}

func (a *API) setCharge(v *visit, in newCharge) (Done[nothing], error) {
	err := a.Office.SetFee(v.ctx, v.by(), in.Charge, core.Amount(in.Amount))
	return done("charge configured", nothing{}), err
}

// tariffShown is a whole tariff as programs read it.
type tariffShown struct {
	Operation core.Operation `json:"operation"`
	From      core.Kind      `json:"from"`
	To        core.Kind      `json:"to"`
	Effective time.Time      `json:"effectiveAt"`
	TakenBack *time.Time     `json:"takenBackAt,omitempty" is:"when it was decided that it is not to come"`
	Bands     []band         `json:"bands"`
}

type band struct {
	Over Shillings `json:"over"`
	UpTo Shillings `json:"upTo"`
	Fee  Shillings `json:"fee"`
}

func tariffsShown(all []tariff.Tariff) []tariffShown {
	shown := make([]tariffShown, len(all))
	for i, t := range all {
		shown[i] = tariffShown{
			Operation: t.Operation, From: t.From, To: t.To, Effective: t.Effective, TakenBack: ifAny(t.TakenBack),
			Bands: make([]band, len(t.Bands)),
		}
		for j, b := range t.Bands {
			shown[i].Bands[j] = band{Shillings(b.Over), Shillings(b.UpTo), Shillings(b.Fee)}
		}
	}
	return shown
}

// ifAny is a time for JSON, nil if it is zero.
func ifAny(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

type atTime struct {
	At time.Time `api:"at,optional" is:"now if not given"`
}

type tariffs struct {
	InForce []tariffShown `json:"inForce"`
	ToCome  []tariffShown `json:"toCome"`
}

func (a *API) tariffs(v *visit, in atTime) (Done[tariffs], error) {
	inForce, toCome, err := a.Office.Tariffs(v.ctx, in.At)
	return done("The tariffs", tariffs{tariffsShown(inForce), tariffsShown(toCome)}), err
}

type tariffsBefore struct {
	Operation pricedOne `api:"operation" is:"what is done"`
	From      core.Kind `api:"from" is:"by whom"`
	To        core.Kind `api:"to" is:"with whom"`
	Before    time.Time `api:"before,optional" is:"the next of the page before; all if not given"`
}

type tariffHistory struct {
	Tariffs []tariffShown `json:"tariffs"`
	Next    *time.Time    `json:"next,omitempty" is:"as before for the next page; left out when there may be none"`
}

func (a *API) tariffHistory(v *visit, in tariffsBefore) (Done[tariffHistory], error) {
	all, err := a.Office.TariffsBefore(v.ctx, tariff.Key{Operation: core.Operation(in.Operation), From: in.From, To: in.To}, in.Before)
	page := tariffHistory{Tariffs: tariffsShown(all)}
	if len(all) == office.MostOfHistory {
		page.Next = &all[len(all)-1].Effective
	}
	return done("The tariffs, latest first", page), err
}

type tryTariff struct {
	Operation pricedOne     `api:"operation" is:"what is done"`
	From      core.Kind     `api:"from" is:"by whom"`
	To        core.Kind     `api:"to" is:"with whom"`
	Bands     []tariff.Band `api:"bands" is:"a list, or separated by commas: over-upTo:fee, amounts in shillings and the fee in cents"`
	Last      int           `api:"last,optional" is:"so many transactions, 100,000 at most; 10,000 if not given"`
	All       bool          `api:"all,optional" is:"true for the last of all transactions; those of the key if not given"`
}

type trial struct {
	Count     int        `json:"count" is:"of transactions, which may be fewer than were asked for"`
	Since     *time.Time `json:"since,omitempty" is:"of the oldest"`
	Was       Shillings  `json:"was" is:"what they cost, without the uncovered"`
	Would     Shillings  `json:"would" is:"what they would have cost"`
	More      int        `json:"more" is:"would have cost more"`
	Less      int        `json:"less" is:"would have cost less"`
	Uncovered int        `json:"uncovered" is:"have no price by these bands"`
}

const triedUnlessTold = 10_000

func (a *API) tryTariff(v *visit, in tryTariff) (Done[trial], error) {
	if in.Last == 0 {
		in.Last = triedUnlessTold
	}
	if in.Last < 0 || in.Last > office.MostTried {
		return Done[trial]{}, inField(core.Errorf(core.BadField, "%d transactions", in.Last), "last")
	}
	t := tariff.Tariff{Key: tariff.Key{Operation: core.Operation(in.Operation), From: in.From, To: in.To}, Bands: in.Bands}
	r, err := a.Office.TryTariff(v.ctx, t, in.Last, in.All)
	return done("Tried, and nothing changed", trial{
		r.Count, ifAny(r.Since), Shillings(r.Was), Shillings(r.Would), r.More, r.Less, r.Uncovered,
	}), err
}

type newTariff struct {
	Operation pricedOne     `api:"operation" is:"what is done"`
	From      core.Kind     `api:"from" is:"by whom"`
	To        core.Kind     `api:"to" is:"with whom"`
	Bands     []tariff.Band `api:"bands" is:"a list, or separated by commas: over-upTo:fee, amounts in shillings and the fee in cents"`
	Effective time.Time     `api:"effectiveAt,optional" is:"from when on; now if not given"`
}

type since struct {
	Effective time.Time `json:"effectiveAt"`
}

func (a *API) saveTariff(v *visit, in newTariff) (Done[since], error) {
	t := tariff.Tariff{Key: tariff.Key{Operation: core.Operation(in.Operation), From: in.From, To: in.To}, Effective: in.Effective, Bands: in.Bands}
	at, err := a.Office.SaveTariff(v.ctx, v.by(), t)
	return done("tariff saved", since{at}), err
}

type oldTariff struct {
	Operation pricedOne `api:"operation" is:"what is done"`
	From      core.Kind `api:"from" is:"by whom"`
	To        core.Kind `api:"to" is:"with whom"`
	Effective time.Time `api:"effectiveAt" is:"from when on it was to be in force"`
}

func (a *API) takeBackTariff(v *visit, in oldTariff) (Done[nothing], error) {
	err := a.Office.TakeBackTariff(v.ctx, v.by(), tariff.Key{Operation: core.Operation(in.Operation), From: in.From, To: in.To}, in.Effective)
	return done("tariff taken back", nothing{}), err
}

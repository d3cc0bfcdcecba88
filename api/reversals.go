package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Transfers that are undone. Care and finance may begin that and collect; only finance ends a case by which somebody
// goes without.

func (a *API) reversalRoutes() []Route {
	both := admins(core.Care, core.Finance)
	return []Route{
		{
			Method: http.MethodPost, Path: "/api/admin/reverse", Who: both, Money: true,
			Says:    "Undoes a transaction, once: if who was paid has all of it, it goes back with fee and commission; else what is left is held, and the case stays open.",
			Refuses: []core.Code{core.UnknownReceipt, core.PutAway, core.NotReversible, core.PayerClosed, core.PayeeClosed},
			Do:      do(a.reverse),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/reversals", Who: both,
			Says: "Lists reversals, the newest first, fifty at a time.",
			Do:   do(a.listReversals),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/reversals/:id", Who: both,
			Says:    "Tells how a reversal stands, and each step of it.",
			Refuses: []core.Code{core.NoReversal},
			Do:      do(a.viewReversal),
		},
		a.reversalStep(ledger.Collect, both,
			"Takes again what there is by now from who was paid; once all is there, it goes back."),
		a.reversalStep(ledger.Settle, admins(core.Finance),
			"Ends a reversal with what was taken, which goes back with the fee; the rest is asked of nobody any more."),
		a.reversalStep(ledger.GiveBack, admins(core.Finance),
			"Ends a reversal by giving back what was taken: the transaction stands."),
	}
}

type newReversal struct {
	Receipt core.Receipt `api:"receipt" is:"of the transaction"`
	Reason  reason       `api:"reason" is:"why; it stays in the audit log"`
}

type reversalStep struct {
	ID     int    `api:"id" is:"of the reversal"`
	Reason reason `api:"reason" is:"why; it stays in the audit log"`
}

type reversal struct {
	ID       string         `json:"reversalId"`
	State    string         `json:"state" is:"open, whole, settled or given_back"`
	Of       core.Receipt   `json:"receipt" is:"of the transaction that is reversed"`
	Type     string         `json:"transactionType" is:"likewise"`
	Payer    string         `json:"payerId" is:"who paid then, and gets it back"`
	Payee    string         `json:"payeeId" is:"who was paid"`
	Amount   Shillings      `json:"amount" is:"that was paid"`
	Fee      Shillings      `json:"fee" is:"on top of it"`
	Owed     Shillings      `json:"owed" is:"by who was paid: the amount, and what an agent earned by paying it out"`
	Taken    Shillings      `json:"taken" is:"of that, and held as long as the case is open"`
	Returned Shillings      `json:"returned" is:"to the payer"`
	Reason   string         `json:"reason"`
	Opened   time.Time      `json:"openedAt"`
	Ended    time.Time      `json:"endedAt,omitzero"`
	Steps    []stepReversal `json:"steps,omitempty"`
}

type stepReversal struct {
	Step    string       `json:"step" is:"collect, settle or give_back"`
	Receipt core.Receipt `json:"receipt,omitempty" is:"of what it moved"`
	Held    Shillings    `json:"held" is:"that it put aside, negative when it took that from there"`
	By      string       `json:"administratorId"`
	Reason  string       `json:"reason"`
	At      time.Time    `json:"createdAt"`
}

// because is a deed with its reason; what it is, the wallet says.
func (v *visit) because(why reason) core.Deed {
	d := v.by().Deed("", core.OfTransfer, 0)
	d.Reason = string(why)
	return d
}

func (a *API) reverse(v *visit, in newReversal) (Done[reversal], error) {
	r, err := a.Wallet.Reverse(v.ctx, in.Receipt, v.because(in.Reason))
	return done(saysOf[r.State], shown(r)), err
}

// reversalStep is the route of a step in a case.
func (a *API) reversalStep(step ledger.Step, who Who, says string) Route {
	return Route{
		Method: http.MethodPost, Path: "/api/admin/reversals/:id/" + strings.ReplaceAll(string(step), "_", "-"),
		Who: who, Money: true, Says: says,
		Refuses: []core.Code{core.NoReversal, core.ReversalEnded, core.NothingToCollect, core.PayerClosed, core.PayeeClosed},
		Do: do(func(v *visit, in reversalStep) (Done[reversal], error) {
			r, err := a.Wallet.StepReversal(v.ctx, v.request, int64(in.ID), step, v.because(in.Reason))
			return done(saysOf[r.State], shown(r)), err
		}),
	}
}

// saysOf is how a reversal stands, for people.
var saysOf = map[wallet.ReversalState]string{
	wallet.Open:    "not all is there: the case is open",
	wallet.Whole:   "transaction reversed",
	wallet.Settled: "transaction reversed with what there was",
	wallet.Given:   "what was taken is given back: the transaction stands",
}

func (a *API) viewReversal(v *visit, in struct {
	ID int `api:"id" is:"of the reversal"`
},
) (Done[reversal], error) {
	r, err := a.Wallet.ReversalByID(v.ctx, int64(in.ID))
	return done(saysOf[r.State], shown(r)), err
}

type whichReversals struct {
	State  wallet.ReversalState `api:"state,optional" is:"only those; all if not given"`
	Before int                  `api:"before,optional" is:"the last reversalId of the page before"`
}

type reversals struct {
	Reversals []reversal `json:"reversals"`
}

func (a *API) listReversals(v *visit, in whichReversals) (Done[reversals], error) {
	found, err := a.Wallet.Reversals(v.ctx, in.State, int64(in.Before))
	all := reversals{Reversals: make([]reversal, len(found))}
	for i, r := range found {
		all.Reversals[i] = shown(r)
	}
	return done("Reversals", all), err
}

func shown(r wallet.Reversal) reversal {
	s := reversal{
		ID: userID(r.ID), State: string(r.State), Of: r.Receipt, Type: transactionTypes[r.Operation],
		Payer: userID(r.Payer.ID), Payee: userID(r.Payee.ID), Amount: Shillings(r.Amount), Fee: Shillings(r.Fee),
		Owed: Shillings(r.Owed()), Taken: Shillings(r.Taken), Returned: Shillings(r.Returned),
		Reason: r.Reason, Opened: r.Opened, Ended: r.Ended,
	}
	for _, one := range r.Steps {
		s.Steps = append(s.Steps, stepReversal{
			Step: string(one.Step), Receipt: one.Receipt, Held: Shillings(one.Held), By: userID(one.By), Reason: one.Reason, At: one.At,
		})
	}
	return s
}

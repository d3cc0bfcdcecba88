package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/office"
)

// What finance books of the bank. The bank's reference is what names the command, so these routes take no Idempotency-Key:
// the same deposit booked under two keys would be money out of nothing.

func (a *API) floatRoutes() []Route {
	return []Route{
		{
			Method: http.MethodPost, Path: "/api/admin/assign-float", Who: admins(core.Finance),
			Says:    "Books a super agent's deposit at the bank as her float. The bank's reference is used once: the same again gives the first answer.",
			Refuses: notBooked,
			Do: do(func(v *visit, in booking) (Done[booked], error) {
				return a.book(v, in, "Float has been assigned.", a.Office.IssueFloat)
			}),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/redeem-float", Who: admins(core.Finance),
			Says:    "Books what was paid out at the bank, out of an agent's float or a merchant's till. The bank's reference is used once, likewise.",
			Refuses: notBooked,
			Do: do(func(v *visit, in booking) (Done[booked], error) {
				return a.book(v, in, "Float has been redeemed.", a.Office.RedeemFloat)
			}),
		},
	}
}

// notBooked is why the bank's money may not be booked.
var notBooked = append(
	slices.Clip(byAnyName),
	core.NotAllowed, core.BelowSmallest, core.InsufficientFunds, core.PayerClosed, core.PayeeClosed, core.TooFast,
	core.RequestReused, core.OutcomeUnknown,
)

type booking struct {
	AccountNo string         `api:"accountNo" is:"e-mail, phone number, or agent or till number"`
	Amount    core.Amount    `api:"amount" is:"in shillings"`
	Reference core.Reference `api:"reference" is:"the bank's, in any spelling"`
}

type booked struct {
	Balance Shillings    `json:"balance" is:"of the float or till after it"`
	ID      string       `json:"transactionId"`
	Receipt core.Receipt `json:"receipt,omitempty" is:"as long as its month is part of the ledger"`
}

// books is one of the two.
type books func(context.Context, office.By, core.Party, core.Amount, core.Reference) (ledger.Outcome, error)

func (a *API) book(v *visit, in booking, says string, carryOut books) (Done[booked], error) {
	if err := a.countMoney(v); err != nil {
		return Done[booked]{}, err
	}
	p, err := a.Wallet.Find(v.ctx, in.AccountNo)
	if err != nil {
		return Done[booked]{}, inField(err, "accountNo")
	}
	o, err := carryOut(v.ctx, v.by(), p, in.Amount, in.Reference)
	if err != nil {
		return Done[booked]{}, err
	}
	balance, ok := o.Balance(p.Account)
	if !ok { // it was booked before, in a month that was put away
		b, err := a.Wallet.BalanceOf(v.ctx, p)
		if err != nil {
			return Done[booked]{}, err
		}
		balance = b.Available + b.Held
	}
	return done(says, booked{Shillings(balance), userID(o.Transfer), o.Receipt}), nil
}

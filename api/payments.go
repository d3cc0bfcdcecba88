package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Money that parties move by their programs.

func (a *API) paymentRoutes() []Route {
	return []Route{
		{
			Method: http.MethodPost, Path: "/api/transaction/deposit", Who: parties(core.Agent, core.SuperAgent), Money: true,
			Says:    "Moves an agent's float to a subscriber who handed over cash, or a super agent's to an agent.",
			Refuses: notPaid,
			Do:      do(func(v *visit, in payment) (Done[paid], error) { return a.pay(v, in, a.Programs.Deposit) }),
		},
		{
			Method: http.MethodPost, Path: "/api/transaction/transfer", Who: spenders(), Money: true,
			Says:    "Sends money to another party, or pays a merchant.",
			Refuses: notPaid,
			Do:      do(func(v *visit, in payment) (Done[paid], error) { return a.pay(v, in, a.Programs.Send) }),
		},
		{
			Method: http.MethodPost, Path: "/api/transaction/withdraw", Who: spenders(), Money: true,
			Says:    "Withdraws cash at an agent. It waits until she confirms with the code that the customer gets by SMS, unless she confirms by herself.",
			Refuses: append(slices.Clip(notPaid), core.RequestOpen, core.TooManyRequests),
			Do:      do(a.withdraw),
		},
	}
}

// notPaid is why money may not be moved.
var notPaid = append(
	slices.Clip(byAnyName),
	core.ToOneself, core.NotAllowed, core.TooManyLookups,
	core.PayerDormant, core.PayerClosed, core.PayeeSuspended, core.PayeeClosed, core.AfterReset,
	core.NoTariff, core.FeeChanged, core.BelowSmallest, core.OverTransactionLimit, core.OverDayLimit, core.OverMonthLimit,
	core.OverLargestBalance, core.InsufficientFunds,
)

// spenders are all but super agents, who hand on float and nothing else.
func spenders() Who { return parties(core.Subscriber, core.Agent, core.Merchant) }

type payment struct {
	Amount    core.Amount  `api:"amount" is:"in shillings, without the fee"`
	AccountNo string       `api:"accountNo" is:"e-mail, phone number, or agent or till number of who is to get it"`
	Type      customerType `api:"customerType" is:"what she is; a super agent is an agent"`
	Fee       *core.Amount `api:"fee,optional" is:"in shillings, that is expected: another one is refused"`
}

// customerType is what somebody is who gets money.
type customerType core.Kind

var customerTypes = []customerType{customerType(core.Subscriber), customerType(core.Agent), customerType(core.Merchant)}

// paid is what came of money that was to be moved. The other side's name is not in it.
type paid struct {
	Message   string       `json:"message"`
	ID        string       `json:"transactionId,omitempty"`
	Receipt   core.Receipt `json:"receipt,omitempty"`
	Fee       Shillings    `json:"fee" is:"that was charged, or is on hold"`
	State     string       `json:"state" is:"done; of a withdrawal that waits: waiting; of one that waited, how it ended: confirmed, refused, cancelled, expired, codes"`
	Ref       string       `json:"ref,omitempty" is:"by which a withdrawal that waits is called at the agent's"`
	ExpiresAt time.Time    `json:"expiresAt,omitzero" is:"until when it waits"`
}

// bidding is one of the things that programs may have done.
type bidding func(context.Context, wallet.Bid) (wallet.BidOutcome, error)

func (a *API) pay(v *visit, in payment, carryOut bidding) (Done[paid], error) {
	to, err := a.Programs.Payee(v.ctx, v.party(), v.request, in.AccountNo, core.Kind(in.Type))
	if err != nil {
		return Done[paid]{}, inField(err, "accountNo")
	}
	return a.carry(v, to, in.Amount, in.Fee, carryOut)
}

type withdrawal struct {
	Amount core.Amount  `api:"amount" is:"in shillings, without the fee"`
	Agent  string       `api:"agentNumber" is:"the agent's number, e-mail or phone number"`
	Fee    *core.Amount `api:"fee,optional" is:"in shillings, that is expected: another one is refused"`
}

func (a *API) withdraw(v *visit, in withdrawal) (Done[paid], error) {
	agent, err := a.Programs.Payee(v.ctx, v.party(), v.request, in.Agent, "")
	if err != nil {
		return Done[paid]{}, inField(err, "agentNumber")
	}
	return a.carry(v, agent, in.Amount, in.Fee, a.Programs.Withdraw)
}

const (
	underProcessing = "Transaction under processing. You will receive a message shortly."
	hasEnded        = "This request for cash has ended. You have received a message."

	stateDone    = "done"
	stateWaiting = "waiting"
)

func (a *API) carry(v *visit, to core.Party, amount core.Amount, fee *core.Amount, carryOut bidding) (Done[paid], error) {
	s, err := carryOut(v.ctx, wallet.Bid{Party: v.party(), Request: v.request, To: to, Amount: amount, Fee: fee})
	if err != nil {
		return Done[paid]{}, err
	}
	p := paid{Message: underProcessing, Fee: Shillings(s.Fee), Receipt: s.Receipt, Ref: s.Ref, ExpiresAt: s.Expires}
	if s.Transfer != 0 {
		p.ID = userID(s.Transfer)
	}
	switch {
	case s.Ended != "":
		p.Message, p.State = hasEnded, string(s.Ended)
	case s.Receipt != "":
		p.State = stateDone
	default:
		p.State = stateWaiting
	}
	return done("transaction "+p.State, p), nil
}

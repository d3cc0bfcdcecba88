package wallet

import (
	"context"
	"errors"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// AskWithdraw puts amount and fee on hold and tells both sides: p.Party is the customer, p.To the agent.
// The same request again gives the same CashRequest, code included. RequestOpen, TooManyRequests, FeeChanged
// and every refusal of the ledger.
func (w *Wallet) AskWithdraw(ctx context.Context, p *Payment) (CashRequest, error) {
	return w.ask(ctx, p, p.cashOut())
}

// AskDeposit tells the agent that a customer wants to hand her cash. Nothing is held. The CashRequest that
// the customer gets has no code: the agent has it.
func (w *Wallet) AskDeposit(ctx context.Context, p *Payment) (CashRequest, error) {
	return w.ask(ctx, p, CashRequest{Operation: core.Deposit, Customer: p.Party, Agent: p.To, Amount: p.Amount})
}

func (w *Wallet) ask(ctx context.Context, p *Payment, c CashRequest) (CashRequest, error) {
	if err := w.endDue(ctx, p.Party); err != nil {
		return CashRequest{}, err
	}
	fee, refused := w.priceOf(ctx, c)
	errand := map[core.Operation]string{core.Withdraw: "asked_out", core.Deposit: "asked_in"}[c.Operation]
	o, err := w.settle(ctx, p, errand, fee, refused, func() Order {
		c.Fee = p.Fee
		return w.asking(p.Request, c)
	})
	if err != nil {
		return CashRequest{}, err
	}
	kept, err := w.counter.CashOf(ctx, o.Request)
	if err != nil { // it is asked, and the SMS of it is written
		return CashRequest{}, uncertain(err)
	}
	p.Fee = kept.Fee // that of the first time, if it came again
	return kept.forCustomer(), nil
}

// endDue ends what the customer asked for earlier and what is past its time: the sweeper may come by only in
// a few seconds, and till then she could ask for nothing else.
func (w *Wallet) endDue(ctx context.Context, customer core.Party) error {
	due, err := w.counter.CashDue(ctx, customer.ID, 1)
	for _, c := range due {
		_, late := w.endLate(ctx, c)
		err = errors.Join(err, late)
	}
	return err
}

// asking is the order that begins a cash request: a hold on what the customer withdraws, a note of what she
// deposits.
func (w *Wallet) asking(r core.RequestID, c CashRequest) Order {
	action := ledger.Place
	if c.Operation == core.Deposit {
		action = ledger.Note
	}
	return Order{
		Posting: ledger.Posting{
			Request: r, Action: action, Operation: c.Operation,
			From: c.pays().Account, To: c.paid().Account, Amount: c.Amount, Fee: c.Fee,
		},
		Tell: []notice.Notice{tellRefused(c.Customer, c.Operation, c.Amount)},
		Ask: &Asking{
			CashRequest: c, Lasts: cashLasts, Most: mostAsked, Tell: tellAsked,
			Draw: func() (string, error) { return draw(w.random, codeDigits) },
		},
	}
}

// tellAsked gives the code to the one side and what to do to both.
func tellAsked(c Cash) []notice.Notice {
	customer, agent := text.Key("sms.cash.code"), text.Key("sms.cash.asked")
	toCustomer := text.Args{"amount": c.Amount.String(), "number": c.Agent.Number, "name": c.Agent.Name}
	toAgent := text.Args{"amount": c.Amount.String(), "name": c.Customer.Masked(), "ref": c.Ref}
	if c.Operation == core.Deposit {
		customer, agent = "sms.cash.hand", "sms.cash.deposit"
		toAgent["code"] = c.Code
	} else {
		toCustomer["code"] = c.Code
	}
	return []notice.Notice{tell(c.Customer, customer, toCustomer), tell(c.Agent, agent, toAgent)}
}

package wallet

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/tariff"
	"github.com/piga-money/piga/core/text"
)

// DepositNow moves an agent's float to a subscriber, or a super agent's to an agent, at once: p.Party is who
// took the cash, p.To who gets the money.
func (w *Wallet) DepositNow(ctx context.Context, p *Payment) (core.Receipt, error) {
	fee, refused := w.priceOf(ctx, p.cashIn())
	o, err := w.settle(ctx, p, "deposited", fee, refused, p.deposit)
	return o.Receipt, err
}

// cashIn is the payment as cash that the payer took, cashOut as cash that the payee hands over.
func (p *Payment) cashIn() CashRequest {
	return CashRequest{Operation: core.Deposit, Agent: p.Party, Customer: p.To, Amount: p.Amount, Fee: p.Fee}
}

func (p *Payment) cashOut() CashRequest {
	return CashRequest{Operation: core.Withdraw, Customer: p.Party, Agent: p.To, Amount: p.Amount, Fee: p.Fee}
}

// deposit and withdrawal are the payment as an order that moves cash at once.
func (p *Payment) deposit() Order    { return p.atOnce(deposit(p.cashIn())) }
func (p *Payment) withdrawal() Order { return p.atOnce(withdrawal(p.cashOut())) }

func (p *Payment) atOnce(o Order) Order {
	o.Request = p.Request
	o.Tell = append(o.Tell, tellRefused(p.Party, o.Operation, p.Amount))
	return o
}

// deposit is the order that pays out of a float for cash that was taken. What a super agent's cash earns is
// no matter of ours.
func deposit(c CashRequest) Order {
	o := Order{
		Posting: moving(c),
		Tell: []notice.Notice{
			balanced(c.Customer, "sms.deposited", c.Customer.Account, text.Args{
				"amount": c.Amount.Long(), "number": c.Agent.Number, "name": c.Agent.Name,
			}),
			balanced(c.Agent, "sms.agent.deposit", c.Agent.Account, text.Args{
				"amount": c.Amount.Long(), "name": c.Customer.Name, "phone": c.Customer.Phone.National(),
			}),
		},
	}
	if c.Agent.Kind == core.Agent {
		o.Earn = &Earning{
			Agent: c.Agent.ID, Customer: c.Customer.ID, Account: c.Agent.Commission,
			Of: func(today core.Amount) core.Amount { return tariff.OfDeposit(c.Amount, today) },
		}
	}
	return o
}

// capture is the order that moves what is on hold for cash that lies counted out on the counter.
func capture(c Cash) Order {
	o := withdrawal(c.CashRequest)
	o.Action, o.Hold = ledger.Capture, c.Hold
	return o
}

// withdrawal is the order that moves what is paid out over the counter.
func withdrawal(c CashRequest) Order {
	o := Order{
		Posting: moving(c),
		Tell: []notice.Notice{
			balanced(c.Customer, "sms.withdrew", c.Customer.Account, text.Args{
				"amount": c.Amount.Long(), "fee": c.Fee.Long(), "number": c.Agent.Number, "name": c.Agent.Name,
			}),
			balanced(c.Agent, "sms.agent.withdrawal", c.Agent.Account, text.Args{
				"amount": c.Amount.Long(), "name": c.Customer.Name, "phone": c.Customer.Phone.National(),
			}),
		},
	}
	if earned := tariff.OfWithdrawal(c.Fee); earned > 0 {
		o.Entries = append(o.Entries,
			ledger.Entry{Account: core.CommissionExpense, Amount: -earned},
			ledger.Entry{Account: c.Agent.Commission, Amount: earned})
	}
	return o
}

// moving is a cash request as entries. Who pays pays the fee, on top.
func moving(c CashRequest) ledger.Posting {
	from, to := c.pays().Account, c.paid().Account
	return ledger.Posting{
		Action: ledger.Move, Operation: c.Operation, From: from, To: to, Amount: c.Amount, Fee: c.Fee,
		Entries: usualEntries(from, to, c.Amount, c.Fee),
	}
}

// balanced is a notice that tells a balance too.
func balanced(p core.Party, key text.Key, of core.AccountID, args text.Args) notice.Notice {
	n := tell(p, key, args)
	n.Balance = of
	return n
}

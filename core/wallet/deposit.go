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
	c := CashRequest{Operation: core.Deposit, Agent: p.Party, Customer: p.To, Amount: p.Amount}
	fee, refused := w.priceOf(ctx, c)
	o, err := w.settle(ctx, p, "deposited", fee, refused, func() Order {
		c.Fee = p.Fee
		order := deposit(c)
		order.Request = p.Request
		order.Tell = append(order.Tell, tellRefused(p.Party, core.Deposit, p.Amount))
		return order
	})
	return o.Receipt, err
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

// withdrawal is the order that captures what is on hold for cash that lies counted out on the counter.
func withdrawal(c Cash) Order {
	o := Order{
		Posting: moving(c.CashRequest),
		Tell: []notice.Notice{
			balanced(c.Customer, "sms.withdrew", c.Customer.Account, text.Args{
				"amount": c.Amount.Long(), "fee": c.Fee.Long(), "number": c.Agent.Number, "name": c.Agent.Name,
			}),
			balanced(c.Agent, "sms.agent.withdrawal", c.Agent.Account, text.Args{
				"amount": c.Amount.Long(), "name": c.Customer.Name, "phone": c.Customer.Phone.National(),
			}),
		},
	}
	o.Action, o.Hold = ledger.Capture, c.Hold
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

package main

import (
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/tariff"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// The orders of the wallet, as it hands them to Post.

// sendOrder is a payment of one party to another. A merchant is paid with a fee too, which the tariff that ships
// does not ask for: so the rows are the same, and what is compared is how hot his account is.
func sendOrder(from, to core.Party, amount core.Amount) wallet.Order {
	op := core.Send
	if to.Kind == core.Merchant {
		op = core.Pay
	}
	const fee core.Amount = historyFee
	return wallet.Order{
		Posting: ledger.Posting{
			Request: newRequest(), Action: ledger.Move, Operation: op,
			From: from.Account, To: to.Account, Amount: amount, Fee: fee, Entries: entries(from, to, amount, fee),
		},
		Tell: []notice.Notice{
			balanced(from, "sms.sent", text.Args{
				"amount": amount.Long(), "fee": fee.Long(), "name": to.Name, "phone": to.Phone.National(),
			}),
			balanced(to, "sms.received", text.Args{
				"amount": amount.Long(), "name": from.Name, "phone": from.Phone.National(),
			}),
			refused(from, op, amount),
		},
	}
}

const (
	withdrawalFee core.Amount = 27_00
	cashLasts                 = 10 * time.Minute
	mostAsked                 = 1_000_000 // by a customer in an hour: six is for people
)

// askOrder puts a withdrawal on hold, and tells whoever asks which cash request it became.
func askOrder(customer, agent core.Party, amount core.Amount, draw func() string, asked *wallet.Cash) wallet.Order {
	return wallet.Order{
		Posting: ledger.Posting{
			Request: newRequest(), Action: ledger.Place, Operation: core.Withdraw,
			From: customer.Account, To: agent.Account, Amount: amount, Fee: withdrawalFee,
		},
		Tell: []notice.Notice{refused(customer, core.Withdraw, amount)},
		Ask: &wallet.Asking{
			CashRequest: wallet.CashRequest{
				Operation: core.Withdraw, Customer: customer, Agent: agent, Amount: amount, Fee: withdrawalFee,
			},
			Lasts: cashLasts, Most: mostAsked,
			Draw: func() (string, error) { return draw(), nil },
			Tell: func(c wallet.Cash) []notice.Notice {
				*asked = c
				return []notice.Notice{
					tell(customer, "sms.cash.code", text.Args{
						"amount": amount.String(), "number": agent.Number, "name": agent.Name, "code": c.Code,
					}),
					tell(agent, "sms.cash.asked", text.Args{"amount": amount.String(), "name": customer.Masked(), "ref": c.Ref}),
				}
			},
		},
	}
}

// confirmOrder captures what is on hold for a cash request.
func confirmOrder(c wallet.Cash, hold core.HoldID) wallet.Order {
	earned := tariff.OfWithdrawal(c.Fee)
	return wallet.Order{
		Posting: ledger.Posting{
			Request: newRequest(), Action: ledger.Capture, Operation: core.Withdraw,
			From: c.Customer.Account, To: c.Agent.Account, Amount: c.Amount, Fee: c.Fee, Hold: hold,
			Entries: append(entries(c.Customer, c.Agent, c.Amount, c.Fee),
				ledger.Entry{Account: core.CommissionExpense, Amount: -earned},
				ledger.Entry{Account: c.Agent.Commission, Amount: earned}),
		},
		Tell: []notice.Notice{
			balanced(c.Customer, "sms.withdrew", text.Args{
				"amount": c.Amount.Long(), "fee": c.Fee.Long(), "number": c.Agent.Number, "name": c.Agent.Name,
			}),
			balanced(c.Agent, "sms.agent.withdrawal", text.Args{
				"amount": c.Amount.Long(), "name": c.Customer.Name, "phone": c.Customer.Phone.National(),
			}),
		},
		End: &wallet.Ending{ID: c.ID, How: wallet.Confirmed},
	}
}

func entries(from, to core.Party, amount, fee core.Amount) []ledger.Entry {
	return []ledger.Entry{
		{Account: from.Account, Amount: -(amount + fee)},
		{Account: to.Account, Amount: amount},
		{Account: core.Fees, Amount: fee},
	}
}

func tell(p core.Party, key text.Key, args text.Args) notice.Notice {
	return notice.Notice{To: p.ID, Phone: p.Phone, Lang: p.Lang, When: notice.Done, Key: key, Args: args}
}

func balanced(p core.Party, key text.Key, args text.Args) notice.Notice {
	n := tell(p, key, args)
	n.Balance = p.Account
	return n
}

func refused(p core.Party, op core.Operation, amount core.Amount) notice.Notice {
	n := tell(p, "", text.Args{"amount": amount.Long(), "operation": string(op), "limit": wallet.MostAfterReset.String()})
	n.When = notice.Refused
	return n
}

// code is four digits.
func code(n int) string { return strconv.Itoa(1000 + n%9000) }

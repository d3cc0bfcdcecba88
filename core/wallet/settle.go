package wallet

import (
	"context"
	"maps"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// What every errand that is paid for by a PIN has in common.

// settle carries an errand out once its price is known, or the refusal that was found on the way: it asks for
// the PIN, and then the ledger. order is called when the fee stands. A refusal is an error. errand names the
// words that tell later on what became of it: errand.sent and its kin.
func (w *Wallet) settle(
	ctx context.Context, p *Payment, errand string, fee core.Amount, refused error, order func() Order,
) (ledger.Outcome, error) {
	if undecided(refused) {
		return ledger.Outcome{}, refused
	}
	if refused == nil && fee != p.Fee {
		p.Fee = fee
		return ledger.Outcome{}, core.Errorf(core.FeeChanged, "now %s", fee)
	}
	what := order()
	if err := w.authorizeFor(ctx, p.Authority, p.intent(errand, what.Posting)); err != nil {
		return ledger.Outcome{}, err
	}
	return w.carryOut(ctx, p, what, refused)
}

// undecided is true of what kept us from finding the price, and so is no refusal.
func undecided(refused error) bool {
	code := core.CodeOf(refused)
	return code == core.Internal || code == core.Unavailable
}

// carryOut asks the ledger for what a party gave her word for, with its intent written down, or has it keep the
// refusal that was found on the way.
func (w *Wallet) carryOut(ctx context.Context, p *Payment, what Order, refused error) (ledger.Outcome, error) {
	if refused != nil {
		what = Order{Posting: what.refusal(core.CodeOf(refused)), Tell: filled(what.Tell, refused)}
	}
	o, err := w.books.Post(ctx, what)
	if err != nil {
		return ledger.Outcome{}, uncertain(err)
	}
	if o.Code != "" {
		return ledger.Outcome{}, why(o, p.Amount, refused)
	}
	if len(o.Entries) > 0 {
		p.Fee = paidFee(o, what.From, p.Amount) // that of the first time, if it came again
	}
	return o, nil
}

// filled are notices of a refusal with the blanks that its words need.
func filled(tell []notice.Notice, refused error) []notice.Notice {
	for _, n := range tell {
		if n.When == notice.Refused {
			maps.Copy(n.Args, core.ArgsOf(refused))
		}
	}
	return tell
}

// why is a refusal with the blanks that its words need.
func why(o ledger.Outcome, amount core.Amount, refused error) error {
	e := core.Errorf(o.Code, "request %s", o.Request)
	if amount > 0 { // a confirmation that was refused, asked for again, knows its request no more
		e = e.With("amount", amount.String())
	}
	if o.Code == core.AfterReset {
		e = e.With("limit", MostAfterReset.String())
	}
	for blank, value := range core.ArgsOf(refused) {
		e = e.With(blank, value)
	}
	return e
}

// paidFee is what an account paid for a transfer besides its amount.
func paidFee(o ledger.Outcome, payer core.AccountID, amount core.Amount) core.Amount {
	for _, e := range o.Entries {
		if e.Account == payer {
			return -e.Amount - amount
		}
	}
	return 0
}

// usualEntries are those of a payment: who pays pays the fee on top.
func usualEntries(from, to core.AccountID, amount, fee core.Amount) []ledger.Entry {
	entries := []ledger.Entry{{Account: from, Amount: -(amount + fee)}, {Account: to, Amount: amount}}
	if fee != 0 {
		entries = append(entries, ledger.Entry{Account: core.Fees, Amount: fee})
	}
	return entries
}

// tellRefused tells who asked for something that it was refused, in the words for the refusal's code.
func tellRefused(p core.Party, op core.Operation, amount core.Amount) notice.Notice {
	n := tell(p, "", text.Args{"amount": amount.Long(), "operation": string(op), "limit": MostAfterReset.String()})
	n.When = notice.Refused
	return n
}

// refusal is the order's posting as one that writes down only that it was refused.
func (o Order) refusal(code core.Code) ledger.Posting {
	o.Action, o.Code, o.Entries = ledger.Refuse, code, nil
	return o.Posting
}

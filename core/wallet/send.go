package wallet

import (
	"context"
	"maps"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/tariff"
	"github.com/piga-money/piga/core/text"
)

// Payee is the party with a phone number, as somebody who wants to pay her may see her. It counts: a
// caller who looks up too many is refused with TooManyLookups. Refused too is whoever could not be paid:
// ToOneself, NotRegistered, NotAllowed, PayeeSuspended.
func (w *Wallet) Payee(ctx context.Context, from core.Party, phone core.MSISDN) (core.Party, error) {
	if phone == from.Phone {
		return core.Party{}, core.Errorf(core.ToOneself, "party %d", from.ID)
	}
	if err := w.people.CountLookup(ctx, from.ID, mostLookups, lookupWindow); err != nil {
		return core.Party{}, err
	}
	to, err := w.people.PartyByPhone(ctx, phone)
	if err != nil {
		return core.Party{}, err
	}
	if _, err := tariff.OfTransfer(from, to); err != nil {
		return core.Party{}, err
	}
	if to.Status == core.Suspended {
		return core.Party{}, core.Errorf(core.PayeeSuspended, "party %d", to.ID)
	}
	to.IDNumber = ""
	return to, nil
}

// Quote is the fee of a payment, or the refusal that can be told before a PIN: NotAllowed, ToOneself,
// NoTariff, BelowSmallest, OverTransactionLimit. What depends on somebody's balance is not told here.
func (w *Wallet) Quote(ctx context.Context, from, to core.Party, amount core.Amount) (core.Amount, error) {
	key, err := tariff.OfTransfer(from, to)
	if err != nil {
		return 0, err
	}
	return w.price(ctx, key, from.Tier, amount)
}

// price is what an amount costs whoever pays from a tier.
func (w *Wallet) price(ctx context.Context, key tariff.Key, tier core.Tier, amount core.Amount) (core.Amount, error) {
	bands, limits, err := w.books.Price(ctx, key, tier)
	if err != nil {
		return 0, err
	}
	if limits.Transaction > 0 && amount > limits.Transaction {
		return 0, core.Errorf(core.OverTransactionLimit, "%s", amount).With("limit", limits.Transaction.String())
	}
	return tariff.Fee(bands, amount)
}

// Lately is how long ago the same was paid to the same under another request, if that was within two
// minutes.
func (w *Wallet) Lately(
	ctx context.Context, r core.RequestID, from, to core.Party, amount core.Amount,
) (time.Duration, bool, error) {
	key, err := tariff.OfTransfer(from, to)
	if err != nil {
		return 0, false, err
	}
	same := ledger.Posting{Request: r, Operation: key.Operation, From: from.Account, To: to.Account, Amount: amount}
	return w.books.Lately(ctx, same, sameWithin)
}

// Payment is one party paying another, by her PIN. Fee is what she was shown.
type Payment struct {
	Authority
	Request core.RequestID
	To      core.Party
	Amount  core.Amount
	Fee     core.Amount
}

// Send pays. The same request again gives the first receipt again, and moves nothing; the payment then holds
// the fee of the first time. When the fee is not the one shown any more, it is FeeChanged, the payment holds
// the new one, and nothing is asked of the ledger. Every other refusal but a wrong PIN is kept under the
// request. OutcomeUnknown means that the PIN was right, and that an SMS will tell what became of
// the payment.
func (w *Wallet) Send(ctx context.Context, p *Payment) (core.Receipt, error) {
	fee, refused := w.Quote(ctx, p.Party, p.To, p.Amount)
	o, err := w.settle(ctx, p, "sent", fee, refused, p.order)
	return o.Receipt, err
}

// settle carries an errand out once its price is known, or the refusal that was found on the way: it asks for
// the PIN, and then the ledger. order is called when the fee stands. A refusal is an error. errand names the
// words that tell later on what became of it: errand.sent and its kin.
func (w *Wallet) settle(
	ctx context.Context, p *Payment, errand string, fee core.Amount, refused error, order func() Order,
) (ledger.Outcome, error) {
	if code := core.CodeOf(refused); code == core.Internal || code == core.Unavailable {
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

// order is the payment as entries, and who is told of it.
func (p *Payment) order() Order {
	op := core.Send
	if p.To.Kind == core.Merchant {
		op = core.Pay
	}
	entries := usualEntries(p.Party.Account, p.To.Account, p.Amount, p.Fee)
	return Order{
		Posting: ledger.Posting{
			Request: p.Request, Action: ledger.Move, Operation: op,
			From: p.Party.Account, To: p.To.Account, Amount: p.Amount, Fee: p.Fee, Entries: entries,
		},
		Tell: []notice.Notice{p.tellPayer(), p.tellPayee(), p.tellRefused()},
	}
}

// usualEntries are those of a payment: who pays pays the fee on top.
func usualEntries(from, to core.AccountID, amount, fee core.Amount) []ledger.Entry {
	entries := []ledger.Entry{{Account: from, Amount: -(amount + fee)}, {Account: to, Amount: amount}}
	if fee != 0 {
		entries = append(entries, ledger.Entry{Account: core.Fees, Amount: fee})
	}
	return entries
}

func (p *Payment) tellPayer() notice.Notice {
	return notice.Notice{
		To: p.Party.ID, Phone: p.Party.Phone, Lang: p.Party.Lang, When: notice.Done,
		Key: "sms.sent", Balance: p.Party.Account,
		Args: text.Args{"amount": p.Amount.Long(), "fee": p.Fee.Long(), "name": p.To.Name, "phone": p.To.Phone.National()},
	}
}

func (p *Payment) tellPayee() notice.Notice {
	return notice.Notice{
		To: p.To.ID, Phone: p.To.Phone, Lang: p.To.Lang, When: notice.Done,
		Key: "sms.received", Balance: p.To.Account,
		Args: text.Args{"amount": p.Amount.Long(), "name": p.Party.Name, "phone": p.Party.Phone.National()},
	}
}

func (p *Payment) tellRefused() notice.Notice { return tellRefused(p.Party, core.Send, p.Amount) }

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

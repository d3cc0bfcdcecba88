package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/tariff"
	"github.com/piga-money/piga/core/text"
)

// Payee is the party with a phone number, as somebody who wants to pay her may see her. It counts: a
// caller who looks up too many different numbers is refused with TooManyLookups. Refused too is whoever
// could not be paid: ToOneself, NotRegistered, NotAllowed, PayeeSuspended.
func (w *Wallet) Payee(ctx context.Context, from core.Party, phone core.MSISDN) (core.Party, error) {
	if phone == from.Phone {
		return core.Party{}, core.Errorf(core.ToOneself, "party %d", from.ID)
	}
	if err := w.people.CountLookup(ctx, from.ID, string(phone), mostLookups, lookupWindow); err != nil {
		return core.Party{}, err
	}
	to, err := w.people.PartyByPhone(ctx, phone)
	if err != nil {
		return core.Party{}, err
	}
	if _, err := tariff.OfTransfer(from, to); err != nil {
		return core.Party{}, err
	}
	if to.Status.Stopped() {
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

func (p *Payment) tellPayer() notice.Notice {
	return balanced(p.Party, "sms.sent", p.Party.Account, text.Args{
		"amount": p.Amount.Long(), "fee": p.Fee.Long(), "name": p.To.Name, "phone": p.To.Phone.National(),
	})
}

func (p *Payment) tellPayee() notice.Notice {
	return balanced(p.To, "sms.received", p.To.Account, text.Args{
		"amount": p.Amount.Long(), "name": p.Party.Name, "phone": p.Party.Phone.National(),
	})
}

func (p *Payment) tellRefused() notice.Notice { return tellRefused(p.Party, core.Send, p.Amount) }

package wallet

import (
	"context"
	"fmt"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Booking is money that came to the bank for somebody's float, or was paid out to somebody, as finance books it.
type Booking struct {
	Reference core.Reference // the bank's, which is used once
	Party     core.Party
	Amount    core.Amount
	Deed      *core.Deed // whose it is, which is written once too; nil for nobody's
}

// leastBooked is the smallest amount that is booked.
const leastBooked = core.Shilling

// IssueFloat books a super agent's deposit at the bank as her float. The same again gives the first outcome, another amount
// or agent with the same reference is RequestReused.
func (w *Wallet) IssueFloat(ctx context.Context, b Booking) (ledger.Outcome, error) {
	var barred error
	if b.Party.Kind != core.SuperAgent {
		barred = core.Errorf(core.NotAllowed, "party %d is no super agent", b.Party.ID)
	}
	return w.book(ctx, b, b.order(core.Issue, core.Trust, b.Party.Account, "sms.float_issued"), barred)
}

// RedeemFloat books what was paid out to an agent or a merchant at the bank, out of her float or till, likewise.
func (w *Wallet) RedeemFloat(ctx context.Context, b Booking) (ledger.Outcome, error) {
	var barred error
	if b.Party.Kind == core.Subscriber {
		barred = core.Errorf(core.NotAllowed, "party %d has neither float nor till", b.Party.ID)
	}
	return w.book(ctx, b, b.order(core.Redeem, b.Party.Account, core.Trust, "sms.redeemed"), barred)
}

func (b Booking) order(op core.Operation, from, to core.AccountID, told text.Key) Order {
	return Order{
		Posting: ledger.Posting{
			Action: ledger.Move, Operation: op, From: from, To: to, Amount: b.Amount, Entries: usualEntries(from, to, b.Amount, 0),
		},
		Tell: []notice.Notice{balanced(b.Party, told, b.Party.Account, text.Args{"amount": b.Amount.Long()})},
		Deed: b.Deed,
	}
}

// book posts a booking under a request id that its reference makes. That stands for something at the bank, so a refusal
// must not use it up: somebody was suspended, or her till held too little, and the money has moved out there all the same.
// Each refusal is kept under an id of its own, for ever, and what is asked then has the next one. So of those ids one at the
// most was carried out, which is the last. Who is barred is told so unless that was done before.
func (w *Wallet) book(ctx context.Context, b Booking, o Order, barred error) (ledger.Outcome, error) {
	if b.Amount < leastBooked {
		return ledger.Outcome{}, core.Errorf(core.BelowSmallest, "%s", b.Amount).With("smallest", leastBooked.String())
	}
	for refusals := 0; ; {
		o.Request = b.request(o.Operation, refusals)
		first, known, err := w.books.Outcome(ctx, o.Request)
		if err != nil {
			return ledger.Outcome{}, err
		}
		if known && first.Code != "" {
			refusals++
			continue
		}
		if !known && barred != nil {
			return ledger.Outcome{}, barred
		}
		done, err := w.books.Post(ctx, o)
		if err != nil {
			return ledger.Outcome{}, err
		}
		if known || done.Recorded() || done.Code == "" {
			return done, refusal(done, b.Amount)
		}
		// Somebody with the same reference was refused just now, or had another amount.
	}
}

func refusal(o ledger.Outcome, amount core.Amount) error {
	if o.Code == "" {
		return nil
	}
	return why(o, amount, nil)
}

// request is "issue:BANK1" at first, and "issue:BANK1#2" once that was refused.
func (b Booking) request(op core.Operation, refusals int) core.RequestID {
	id := core.RequestID(fmt.Sprintf("%s:%s", op, b.Reference))
	if refusals > 0 {
		id += core.RequestID(fmt.Sprintf("#%d", refusals+1))
	}
	return id
}

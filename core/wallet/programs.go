package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
)

// Programs is what programs may have done with a wallet: the errands of phones, with the same intents, fees, refusals and
// messages, by the word of a bearer whose token was looked at, and by no PIN. It is a type of its own, and a Bid is no
// Payment, so that no screen gets past a PIN by mistake: menus are given a Wallet.
type Programs struct {
	wallet *Wallet
	atOnce bool
}

// NewPrograms makes the programs' side of a wallet. Where atOnce is true every agent confirms by herself what programs ask
// to withdraw, whatever she has set.
func NewPrograms(w *Wallet, atOnce bool) *Programs { return &Programs{w, atOnce} }

// Bid is one party paying another, by her program.
type Bid struct {
	Party   core.Party // whose token it was
	Request core.RequestID
	To      core.Party
	Amount  core.Amount
	Fee     *core.Amount // that the program expects; nil for the one in force, whatever it is
}

// payment is the bid as orders are made of it. There is no PIN in it, so that it is good for nothing else.
func (b Bid) payment() *Payment {
	return &Payment{Authority: Authority{Party: b.Party}, Request: b.Request, To: b.To, Amount: b.Amount}
}

// BidOutcome is what came of a bid.
type BidOutcome struct {
	Transfer core.TransferID // it and the receipt are zero of a withdrawal that waits, or waited for nothing
	Receipt  core.Receipt
	Fee      core.Amount

	Ref     string    // of what waits
	Expires time.Time // until when
	Ended   CashEnd   // how the waiting ended, if it has by now
}

// Payee is whom a program names by e-mail, phone number, or agent's or till's number: NotRegistered, also when she is not
// of the kind that the program says. An agent may be a super agent; kind "" is any. It counts as a look-up. Of a request
// that was settled it is RequestReused that nobody has the name any more, and OutcomeUnknown of one that may be under way:
// whoever asks again must not think that she was never paid.
func (g *Programs) Payee(
	ctx context.Context, from core.Party, r core.RequestID, accountNo string, kind core.Kind,
) (core.Party, error) {
	p, err := g.payee(ctx, from, accountNo, kind)
	if core.CodeOf(err) != core.NotRegistered {
		return p, err
	}
	settled, before := g.before(ctx, r)
	switch {
	case before != nil:
		return core.Party{}, before
	case settled:
		return core.Party{}, core.Errorf(core.RequestReused, "request %s, and by now: %w", r, err)
	default:
		return core.Party{}, err
	}
}

// before is whether a request has come before and has its outcome, and OutcomeUnknown when it has come and has none.
func (g *Programs) before(ctx context.Context, r core.RequestID) (settled bool, err error) {
	_, settled, err = g.wallet.books.Outcome(ctx, r)
	if err != nil || settled {
		return settled, err
	}
	came, err := g.wallet.intents.Intended(ctx, r)
	if err == nil && came {
		err = core.Errorf(core.OutcomeUnknown, "request %s may be under way", r)
	}
	return false, err
}

func (g *Programs) payee(ctx context.Context, from core.Party, accountNo string, kind core.Kind) (core.Party, error) {
	name, find, err := g.wallet.named(accountNo)
	if err != nil {
		return core.Party{}, err
	}
	if err := g.wallet.people.CountLookup(ctx, from.ID, name, mostLookups, lookupWindow); err != nil {
		return core.Party{}, err
	}
	p, err := find(ctx)
	if err != nil {
		return core.Party{}, err
	}
	if kind != "" && p.Kind != kind && (kind != core.Agent || p.Kind != core.SuperAgent) {
		return core.Party{}, core.Errorf(core.NotRegistered, "party %d is a %s, and no %s", p.ID, p.Kind, kind)
	}
	return p, nil
}

// Send pays, as Wallet.Send does. The same request again gives what the first came to.
func (g *Programs) Send(ctx context.Context, b Bid) (BidOutcome, error) {
	p := b.payment()
	fee, refused := g.wallet.Quote(ctx, p.Party, p.To, p.Amount)
	return g.settle(ctx, b, p, "sent", fee, refused, p.order)
}

// Deposit moves float for cash that was taken, as Wallet.DepositNow does.
func (g *Programs) Deposit(ctx context.Context, b Bid) (BidOutcome, error) {
	p := b.payment()
	fee, refused := g.wallet.priceOf(ctx, p.cashIn())
	return g.settle(ctx, b, p, "deposited", fee, refused, p.deposit)
}

// Withdraw moves money to an agent for cash: at once where she confirms by herself, else it is put on hold until she
// confirms, as by phone. The customer's code goes to her by SMS alone.
func (g *Programs) Withdraw(ctx context.Context, b Bid) (BidOutcome, error) {
	p := b.payment()
	order := p.withdrawal
	if !g.atOnce && !b.To.AutoConfirm {
		if err := g.wallet.endDue(ctx, p.Party); err != nil {
			return BidOutcome{}, err
		}
		order = func() Order { return g.wallet.asking(p.Request, p.cashOut()) }
	}
	fee, refused := g.wallet.priceOf(ctx, p.cashOut())
	s, err := g.settle(ctx, b, p, "asked_out", fee, refused, order)
	if err != nil || s.Receipt != "" {
		return s, err
	}
	kept, err := g.wallet.counter.CashOf(ctx, b.Request)
	if err != nil { // it is asked, and the SMS of it is written
		return BidOutcome{}, uncertain(err)
	}
	s = BidOutcome{Fee: kept.Fee, Ref: kept.Ref, Expires: kept.Expires, Ended: kept.Ended}
	if kept.Ended == Confirmed {
		moved, _, err := g.wallet.books.Outcome(ctx, kept.By)
		if err != nil {
			return BidOutcome{}, uncertain(err)
		}
		s.Transfer, s.Receipt = moved.Transfer, moved.Receipt
	}
	return s, nil
}

// settle carries a bid out once its price is known, or the refusal that was found on the way: it writes the intent down,
// and asks the ledger. What was settled before is not asked about its fee, and what may be under way has none that could be
// told.
func (g *Programs) settle(
	ctx context.Context, b Bid, p *Payment, errand string, fee core.Amount, refused error, order func() Order,
) (BidOutcome, error) {
	if undecided(refused) {
		return BidOutcome{}, refused
	}
	if refused == nil && b.Fee != nil && *b.Fee != fee {
		settled, err := g.before(ctx, b.Request)
		if err == nil && !settled {
			err = core.Errorf(core.FeeChanged, "now %s", fee).With("fee", fee.String())
		}
		if err != nil {
			return BidOutcome{}, err
		}
	}
	p.Fee = fee
	what := order()
	if err := g.wallet.intents.Intend(ctx, p.intent(errand, what.Posting)); err != nil {
		return BidOutcome{}, err
	}
	o, err := g.wallet.carryOut(ctx, p, what, refused)
	return BidOutcome{Transfer: o.Transfer, Receipt: o.Receipt, Fee: p.Fee}, err
}

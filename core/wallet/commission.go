package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Commission is what an agent has earned and not yet taken.
func (w *Wallet) Commission(ctx context.Context, a Authority) (Balance, error) {
	if err := w.authorize(ctx, a); err != nil {
		return Balance{}, err
	}
	if a.Party.Kind != core.Agent {
		return Balance{}, core.Errorf(core.NotAllowed, "party %d is no agent", a.Party.ID)
	}
	return w.books.Balance(ctx, a.Party.Commission)
}

// leastTaken is the smallest commission that is moved.
const leastTaken = core.Shilling

// TakeCommission moves commission to the agent's own float. p.To is the agent herself.
func (w *Wallet) TakeCommission(ctx context.Context, p *Payment) (core.Receipt, error) {
	var refused error
	switch {
	case p.Party.Kind != core.Agent || p.To.ID != p.Party.ID:
		refused = core.Errorf(core.NotAllowed, "party %d", p.Party.ID)
	case p.Amount < leastTaken:
		refused = core.Errorf(core.BelowSmallest, "%s", p.Amount).With("smallest", leastTaken.String())
	}
	o, err := w.settle(ctx, p, "taken", 0, refused, func() Order {
		from, to := p.Party.Commission, p.Party.Account
		return Order{
			Posting: ledger.Posting{
				Request: p.Request, Action: ledger.Move, Operation: core.TakeCommission,
				From: from, To: to, Amount: p.Amount, Entries: usualEntries(from, to, p.Amount, 0),
			},
			Tell: []notice.Notice{
				balanced(p.Party, "sms.took_commission", to, text.Args{"amount": p.Amount.Long()}),
				tellRefused(p.Party, core.TakeCommission, p.Amount),
			},
		}
	})
	return o.Receipt, err
}

// Transfers may be checked so often: enough for a counter with a queue, too little to try receipts.
const (
	mostChecks  = 20
	checkWindow = time.Hour
)

// Check is what the ledger holds of a transfer, for somebody who took part in it: UnknownReceipt for
// anybody else. It counts: more than twenty in an hour are TooManyLookups.
func (w *Wallet) Check(ctx context.Context, asker core.Party, r core.Receipt) (Line, error) {
	if err := w.counter.CountCheck(ctx, asker.ID, mostChecks, checkWindow); err != nil {
		return Line{}, err
	}
	return w.counter.LineOf(ctx, r, asker.ID)
}

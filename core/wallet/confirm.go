package wallet

import (
	"context"
	"errors"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// Confirm carries out an open request at an agent who gives its code. by names the confirmation ("sms:" + the
// provider's message id, or the call's request id): the same again gives the first receipt. id zero means
// whichever of the agent's open requests has the code. A wrong code is WrongCode; three for a request, by SMS
// and menu together, end it, and ten in an hour are CodesStopped for an hour. Whoever authorised herself by
// something other than a PIN (her own phone sending an SMS) passes auth with the Party alone.
//
// What the ledger refuses, such as a deposit beyond the float, is kept under by and leaves the request open:
// the agent may see to it and confirm under another id, else it expires.
func (w *Wallet) Confirm(ctx context.Context, auth Authority, by core.RequestID, id int64, code string) (CashRequest, core.Receipt, error) {
	if auth.Turn != "" || len(auth.PIN.Reveal()) > 0 {
		if err := w.authorize(ctx, auth); err != nil {
			return CashRequest{}, "", err
		}
	}
	if c, o, again, err := w.counter.Answered(ctx, by); err != nil || again {
		return first(auth.Party, c, o, err)
	}
	c, out, err := w.counter.TryCode(ctx, CodeTry{Agent: auth.Party.ID, Turn: string(by) + "/" + auth.Turn, ID: id}, code)
	for _, worn := range out {
		_, ending := w.endLate(ctx, worn)
		err = errors.Join(err, ending) // the sweeper does it otherwise
	}
	if err != nil {
		return CashRequest{}, "", err
	}
	order := confirmation(c)
	order.Request = by
	o, err := w.books.Post(ctx, order)
	if err != nil {
		return CashRequest{}, "", err
	}
	return first(auth.Party, c, o, nil)
}

// confirmation is the order that ends a request by moving its money.
func confirmation(c Cash) Order {
	order := withdrawal(c)
	if c.Operation == core.Deposit {
		order = deposit(c.CashRequest)
	}
	order.End = &Ending{ID: c.ID, How: Confirmed}
	return order
}

// first is what a confirmation came to, also when it is asked for again.
func first(agent core.Party, c Cash, o ledger.Outcome, err error) (CashRequest, core.Receipt, error) {
	switch {
	case err != nil:
		return CashRequest{}, "", err
	case o.Code != "":
		return CashRequest{}, "", why(o, c.Amount, nil)
	case c.Agent.ID != agent.ID:
		return CashRequest{}, "", core.Errorf(core.RequestReused, "request %s", o.Request)
	}
	return c.uncoded(), o.Receipt, nil
}

package wallet

import (
	"context"
	"errors"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/text"
)

// Confirm carries out an open request at an agent who gives its code. by names the confirmation ("sms:" + the
// provider's message id, or the call's request id): the same again gives the first receipt. id zero means
// whichever of the agent's open requests has the code. A wrong code is WrongCode; three for a request, by SMS
// and menu together, end it, and ten in an hour are CodesStopped for an hour. Whoever authorised herself by
// something other than a PIN (her own phone sending an SMS) passes auth with the Party alone.
//
// What the ledger refuses, such as a deposit beyond the float, is kept under by and leaves the request open:
// the agent may see to it and confirm under another id, else it expires. With a PIN, so is what the code is
// refused for, and an SMS tells her of either.
func (w *Wallet) Confirm(ctx context.Context, auth Authority, by core.RequestID, id int64, code string) (CashRequest, core.Receipt, error) {
	if auth.Turn == "" && len(auth.PIN.Reveal()) == 0 {
		return w.confirm(ctx, auth, by, id, code, nil)
	}
	meant, err := w.counter.CashByID(ctx, id)
	switch {
	case err != nil:
		return CashRequest{}, "", err
	case meant.Agent.ID != auth.Party.ID:
		return CashRequest{}, "", core.Errorf(core.NoRequest, "cash request %d is not at party %d", id, auth.Party.ID)
	}
	if err := w.authorizeFor(ctx, auth, confirming(auth.Party, by, meant)); err != nil {
		return CashRequest{}, "", err
	}
	c, receipt, err := w.confirm(ctx, auth, by, id, code, &meant)
	if lost(core.CodeOf(err)) {
		err = uncertain(err)
	}
	return c, receipt, err
}

// lost is true of what is no answer to a confirmation.
func lost(code core.Code) bool {
	return code == core.Internal || code == core.Unavailable || code == core.Busy
}

// confirming is the confirmation of what is meant as an intent.
func confirming(agent core.Party, by core.RequestID, meant Cash) *Intent {
	i := &Intent{
		Request: by, Content: confirmation(meant).Posting, Party: agent, Errand: "confirmed_out",
		Args: text.Args{"amount": meant.Amount.String(), "name": meant.Customer.Masked()},
	}
	if meant.Operation == core.Deposit {
		i.Errand = "confirmed_in"
	}
	return i
}

// confirm is Confirm after the PIN. What is meant is nil where there was none: else the agent has an intent,
// and every refusal is told to her by SMS, also that of the code, which is kept under the request id.
func (w *Wallet) confirm(
	ctx context.Context, auth Authority, by core.RequestID, id int64, code string, meant *Cash,
) (CashRequest, core.Receipt, error) {
	if c, o, again, err := w.counter.Answered(ctx, by); err != nil || again {
		return first(auth.Party, c, o, err)
	}
	c, out, refused := w.counter.TryCode(ctx, CodeTry{Agent: auth.Party.ID, Turn: string(by) + "/" + auth.Turn, ID: id}, code)
	for _, worn := range out {
		_, ending := w.endLate(ctx, worn)
		refused = errors.Join(refused, ending) // the sweeper does it otherwise
	}
	if refused != nil && (meant == nil || !codeRefused(core.CodeOf(refused))) {
		return CashRequest{}, "", refused
	}
	if refused != nil {
		c = *meant
	}
	order := confirmation(c)
	order.Request = by
	if meant != nil {
		order.Tell = append(order.Tell, tellRefused(auth.Party, c.Operation, c.Amount))
	}
	if refused != nil {
		order = Order{Posting: order.refusal(core.CodeOf(refused)), Tell: order.Tell}
	}
	o, err := w.books.Post(ctx, order)
	if err != nil {
		return CashRequest{}, "", err
	}
	return first(auth.Party, c, o, nil)
}

// codeRefused is true of what is found out by a code that is tried.
func codeRefused(code core.Code) bool {
	switch code {
	case core.WrongCode, core.CodesStopped, core.NoRequest, core.HoldEnded, core.HoldExpired:
		return true
	default:
		return false
	}
}

// confirmation is the order that ends a request by moving its money.
func confirmation(c Cash) Order {
	order := capture(c)
	if c.Operation == core.Deposit {
		order = deposit(c.CashRequest)
	}
	order.End = c.ending(Confirmed)
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

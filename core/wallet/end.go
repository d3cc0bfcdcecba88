package wallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Decline ends an open request at an agent without moving money, by its Ref ("R17"); both are told. NoRequest,
// HoldEnded.
func (w *Wallet) Decline(ctx context.Context, agent core.Party, ref string) (CashRequest, error) {
	n, err := parseRef(ref)
	if err != nil {
		return CashRequest{}, err
	}
	c, err := w.counter.CashByRef(ctx, agent.ID, n)
	if err != nil {
		return CashRequest{}, err
	}
	_, err = w.end(ctx, c, Declined, "")
	return c.uncoded(), err
}

// Cancel is the customer's own way to end her open request.
func (w *Wallet) Cancel(ctx context.Context, customer core.Party, id int64) (CashRequest, error) {
	c, err := w.counter.CashByID(ctx, id)
	switch {
	case err != nil:
		return CashRequest{}, err
	case c.Customer.ID != customer.ID:
		return CashRequest{}, core.Errorf(core.NoRequest, "cash request %d is not of party %d", id, customer.ID)
	}
	_, err = w.end(ctx, c, Cancelled, "")
	return c.uncoded(), err
}

// atOnce is how many late requests are listed at a time.
const atOnce = 100

// Expire ends requests whose time is over by the database's clock, tells both sides, and says how many. Any
// number of gateways may call it at once, also for requests of a gateway that is gone. One that cannot be
// ended stops none of the others.
func (w *Wallet) Expire(ctx context.Context) (int, error) {
	due, err := w.counter.CashDue(ctx, 0, atOnce)
	ended := 0
	for _, c := range due {
		done, late := w.endLate(ctx, c)
		err = errors.Join(err, late)
		if done {
			ended++
		}
	}
	return ended, err
}

// endWithin is how long a sweeper gives one request to end, or to be voided. One whose accounts are locked for
// longer is for the next round.
const endWithin = 5 * time.Second

// retryEnd is how often the same end is asked for under a new request id. One id for ever would not do: had
// it come too early by the clock that decides, that refusal would stand for ever, and the hold with it.
const retryEnd = 10 * time.Second

// endLate ends a request that is past its time or out of tries, and is false when somebody else did.
func (w *Wallet) endLate(ctx context.Context, c Cash) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, endWithin)
	defer cancel()
	how, again := Expired, fmt.Sprint(":", w.clock().Unix()/int64(retryEnd/time.Second))
	if c.Wrong >= MostCodes {
		how = WornOut
	}
	done, err := w.end(ctx, c, how, again)
	if code := core.CodeOf(err); code == core.HoldEnded || code == core.HoldRunning {
		return false, nil
	}
	return done, err
}

// end ends a request without moving money, and is true when it did so now: HoldEnded when it had ended in
// another way. Whoever is first, the ledger says so under the lock of the request.
func (w *Wallet) end(ctx context.Context, c Cash, how CashEnd, again string) (bool, error) {
	if c.Ended != "" {
		return false, core.Errorf(core.HoldEnded, "cash request %d: %s", c.ID, c.Ended)
	}
	action := ledger.Release
	switch {
	case c.Operation == core.Deposit:
		action = ledger.Note
	case how == Expired:
		action = ledger.Expire
	}
	o, err := w.books.Post(ctx, Order{
		Posting: ledger.Posting{
			Request: core.RequestID(fmt.Sprintf("cash:%d:%s%s", c.ID, how, again)), Action: action, Operation: c.Operation,
			Amount: c.Amount, Fee: c.Fee, Hold: c.Hold,
		},
		Tell: tellEnded(c.CashRequest, how),
		End:  c.ending(how),
	})
	if err != nil {
		return false, err
	}
	return o.Code == "" && !o.Again, o.Err()
}

// ending is the end of the request that an order brings.
func (c CashRequest) ending(how CashEnd) *Ending {
	return &Ending{ID: c.ID, How: how, Customer: c.Customer.Account, Agent: c.Agent.Account}
}

// tellEnded tells both sides the same: it is over and nothing moved.
func tellEnded(c CashRequest, how CashEnd) []notice.Notice {
	return []notice.Notice{
		tell(c.Customer, text.Key("sms.cash."+string(how)), text.Args{
			"amount": c.Amount.String(), "number": c.Agent.Number, "name": c.Agent.Name,
		}),
		tell(c.Agent, text.Key("sms.cash.agent."+string(how)), text.Args{
			"amount": c.Amount.String(), "ref": c.Ref, "name": c.Customer.Masked(),
		}),
	}
}

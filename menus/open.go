package menus

import (
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// My open requests: what a customer asked of an agent and waits for. There is one at most. To cancel it
// only gives back, so that no PIN is asked.

var (
	openWithdraw = openScreen("open.withdraw")
	openDeposit  = openScreen("open.deposit")
)

func openScreen(k text.Key) Screen {
	return Screen{Key: k, Back: "account", Enter: findOpen, Fill: openArgs, Take: func(c *Call, answer string) (Next, error) {
		if answer != "1" {
			return Next{}, core.Errorf(core.BadChoice, "only to cancel it")
		}
		if _, err := c.wallet.Cancel(c.ctx, c.Caller, c.Form.Request.ID); err != nil {
			return Next{}, err
		}
		return End("open.cancelled", openArgs(c))
	}}
}

// findOpen leads to the screen of the open request's kind.
func findOpen(c *Call) (Next, error) {
	r, ok, err := c.wallet.Mine(c.ctx, c.Caller)
	switch {
	case err != nil:
		return Next{}, err
	case !ok:
		return End("open.none", nil)
	}
	c.Form.Request = c.request(r, r.Agent)
	return GoTo("open." + text.Key(r.Operation))
}

func openArgs(c *Call) text.Args {
	r := c.Form.Request
	return text.Args{
		"name": shown(r.With), "amount": r.Amount.String(), "fee": r.Fee.String(), "minutes": strconv.Itoa(r.Minutes),
	}
}

// request is what a call remembers of a request with another.
func (c *Call) request(r wallet.CashRequest, with core.Party) Request {
	return Request{
		ID: r.ID, Ref: r.Ref, Operation: r.Operation, With: with, Amount: r.Amount, Fee: r.Fee, Minutes: c.minutes(r),
	}
}

// minutes are those that a request still waits, begun ones counted whole.
func (c *Call) minutes(r wallet.CashRequest) int {
	return int((r.Left + time.Minute - 1) / time.Minute)
}

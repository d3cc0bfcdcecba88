package menus

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Float to an agent: an agent sends it, a super agent deposits it.

var floatTo = Screen{
	Key:  "float.to",
	Back: "home",
	Take: func(c *Call, answer string) (Next, error) {
		number, err := agentNumber(answer)
		if err != nil {
			return Next{}, err
		}
		if c.Form.To, err = c.wallet.FloatPayee(c.ctx, c.Caller, number); err != nil {
			return Next{}, err
		}
		return GoTo("float.amount")
	},
}

func quoteFloat(c *Call) (Next, error) {
	if c.Caller.Kind == core.SuperAgent {
		return c.deposit("float.again", "float.pin")
	}
	return c.send("float.again", "float.pin")
}

var (
	floatAmount = resumable(askAmount("float.amount", "float.to", quoteFloat), "go_on.float_to", nil)
	floatAgain  = resumable(askAgain("float.again", "float.amount", "float.pin"), "go_on.float", quoteFloat)
	floatPIN    = resumable(payPIN("float.pin", "float.done", payFloat), "go_on.float", quoteFloat)
)

func payFloat(w *wallet.Wallet, ctx context.Context, p *wallet.Payment) (core.Receipt, error) { //nolint:revive // the receiver comes first, as in (*wallet.Wallet).Send
	if p.Party.Kind == core.SuperAgent {
		return w.DepositNow(ctx, p)
	}
	return w.Send(ctx, p)
}

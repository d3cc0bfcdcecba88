package menus

import (
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// An agent's commission: what she has earned, and taking it to the float.

var commission = choose("commission", "account.more", map[string]text.Key{
	"1": "commission.pin", "2": "commission.amount",
})

var commissionPIN = Screen{
	Key: "commission.pin",
	PIN: true,
	Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		b, err := c.wallet.Commission(c.ctx, auth)
		if err != nil {
			return Next{}, err
		}
		return End("commission.done", text.Args{"balance": b.Available.String()})
	}),
}

var commissionAmount = askAmount("commission.amount", "commission", func(c *Call) (Next, error) {
	c.Form.To, c.Form.Fee = c.Caller, 0
	return GoTo("commission.take.pin")
})

var commissionTakePIN = payPIN("commission.take.pin", "commission.taken", (*wallet.Wallet).TakeCommission)

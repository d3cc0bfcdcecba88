package menus

import (
	"strconv"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Sending money: to whom, how much, and a PIN to say so.

var sendTo = Screen{
	Key:  "send.to",
	Back: "home",
	Take: func(c *Call, answer string) (Next, error) {
		phone, err := core.ParseMSISDN(answer)
		if err != nil {
			return Next{}, err
		}
		if c.Form.To, err = c.wallet.Payee(c.ctx, c.Caller, phone); err != nil {
			return Next{}, err
		}
		return GoTo("send.amount")
	},
}

var sendAmount = Screen{
	Key:  "send.amount",
	Back: "send.to",
	Fill: payment,
	Take: func(c *Call, answer string) (Next, error) {
		amount, err := core.ParseAmount(answer)
		if err != nil {
			return Next{}, err
		}
		fee, err := c.wallet.Quote(c.ctx, c.Caller, c.Form.To, amount)
		if err != nil {
			return Next{}, err
		}
		c.Form.Amount, c.Form.Fee = amount, fee
		ago, again, err := c.wallet.Lately(c.ctx, c.turn.Request, c.Caller, c.Form.To, amount)
		if err != nil {
			return Next{}, err
		}
		if again {
			c.Form.Minutes = max(1, int(ago.Minutes()))
			return GoTo("send.again")
		}
		return GoTo("send.pin")
	},
}

// sendAgain asks whether the same payment a moment ago was not enough.
var sendAgain = Screen{
	Key:  "send.again",
	Back: "send.amount",
	Fill: payment,
	Take: func(_ *Call, answer string) (Next, error) {
		if answer != "1" {
			return Next{}, core.Errorf(core.BadChoice, "neither yes nor no")
		}
		return GoTo("send.pin")
	},
}

var sendPIN = Screen{
	Key:   "send.pin",
	PIN:   true,
	Money: true,
	Fill:  payment,
	Take: func(c *Call, answer string) (Next, error) {
		auth, err := c.authority(answer)
		if err != nil {
			return Next{}, err
		}
		p := wallet.Payment{Request: c.turn.Request, Authority: auth, To: c.Form.To, Amount: c.Form.Amount, Fee: c.Form.Fee}
		receipt, err := c.wallet.Send(c.ctx, &p)
		c.Form.Fee = p.Fee // the new one, if it changed; the one that was paid
		if err != nil {
			return Next{}, err
		}
		args := payment(c)
		args["receipt"] = string(receipt)
		return End("send.done", args)
	},
}

// payment are the blanks of whatever is being paid.
func payment(c *Call) text.Args {
	return text.Args{
		"name":    shown(c.Form.To),
		"phone":   c.Form.To.Phone.Masked(),
		"amount":  c.Form.Amount.String(),
		"fee":     c.Form.Fee.String(),
		"minutes": strconv.Itoa(c.Form.Minutes),
	}
}

// authority is the caller's word for something, with the PIN that she typed for it.
func (c *Call) authority(answer string) (wallet.Authority, error) {
	pin, err := core.ParsePIN(answer)
	return wallet.Authority{Party: c.Caller, PIN: pin, Turn: c.turn.ID}, err
}

// How much of a name fits on a page, in septets.
const (
	personWidth = 20
	tradeWidth  = 30 // a number and a trading name
)

// shown is a name as it fits on a page.
func shown(p core.Party) string {
	if p.Number != "" {
		return text.Cut(p.Masked(), tradeWidth)
	}
	return text.Cut(p.Masked(), personWidth)
}

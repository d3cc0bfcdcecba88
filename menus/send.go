package menus

import (
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

var (
	sendAmount = resumable(askAmount("send.amount", "send.to", quoteSend), "go_on.send_to", nil)
	sendAgain  = resumable(askAgain("send.again", "send.amount", "send.pin"), "go_on.send", quoteSend)
	sendPIN    = resumable(payPIN("send.pin", "send.done", (*wallet.Wallet).Send), "go_on.send", quoteSend)
)

func quoteSend(c *Call) (Next, error) { return c.send("send.again", "send.pin") }

// send finds the fee of what is sent.
func (c *Call) send(again, pin text.Key) (Next, error) {
	fee, err := c.wallet.Quote(c.ctx, c.Caller, c.Form.To, c.Form.Amount)
	if err != nil {
		return Next{}, err
	}
	c.Form.Fee = fee
	return c.orAgain((*wallet.Wallet).Lately, again, pin)
}

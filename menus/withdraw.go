package menus

import (
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Cash over an agent's counter, as the customer asks for it: at which agent, how much, and a PIN. A
// withdrawal ends with the code that the agent must learn; at a deposit it is the agent who has one.

var (
	withdrawAt     = askAgent("withdraw.at", "withdraw.amount")
	withdrawAmount = askCash("withdraw.amount", "withdraw.at", "withdraw.pin", core.Withdraw, toOther)
	withdrawPIN    = askPIN("withdraw.pin", "withdraw.done", (*wallet.Wallet).AskWithdraw)

	depositAt     = askAgent("deposit.at", "deposit.amount")
	depositAmount = askCash("deposit.amount", "deposit.at", "deposit.pin", core.Deposit, fromOther)
	depositPIN    = askPIN("deposit.pin", "deposit.done", (*wallet.Wallet).AskDeposit)
)

// askAgent is a screen that asks for the number that stands over an agent's counter.
func askAgent(k, next text.Key) Screen {
	return Screen{Key: k, Back: "home", Take: func(c *Call, answer string) (Next, error) {
		number, err := agentNumber(answer)
		if err != nil {
			return Next{}, err
		}
		if c.Form.To, err = c.wallet.AgentByNumber(c.ctx, c.Caller, number); err != nil {
			return Next{}, err
		}
		return GoTo(next)
	}}
}

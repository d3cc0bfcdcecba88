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
	withdrawAmount = resumable(askAmount("withdraw.amount", "withdraw.at", quoteWithdraw), "go_on.withdraw_at", nil)
	withdrawPIN    = resumable(askPIN("withdraw.pin", "withdraw.done", (*wallet.Wallet).AskWithdraw), "go_on.withdraw", quoteWithdraw)

	depositAt     = askAgent("deposit.at", "deposit.amount")
	depositAmount = resumable(askAmount("deposit.amount", "deposit.at", quoteDeposit), "go_on.deposit_at", nil)
	depositPIN    = resumable(askPIN("deposit.pin", "deposit.done", (*wallet.Wallet).AskDeposit), "go_on.deposit", quoteDeposit)
)

func quoteWithdraw(c *Call) (Next, error) { return c.quoteCash("withdraw.pin", core.Withdraw, toOther) }

func quoteDeposit(c *Call) (Next, error) { return c.quoteCash("deposit.pin", core.Deposit, fromOther) }

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

package menus

import (
	"strconv"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Requests waiting: what customers asked of an agent. She confirms one with its code and then her PIN, or
// refuses it, for which nothing is needed: it only gives back.

var requests = Screen{
	Key:  "requests",
	Back: "home",
	Enter: func(c *Call) (Next, error) {
		waiting, err := c.wallet.Waiting(c.ctx, c.Caller)
		switch {
		case err != nil:
			return Next{}, err
		case len(waiting) == 0:
			return End("requests.none", nil)
		}
		c.Form = Form{}
		for _, r := range waiting {
			c.Form.Waiting = append(c.Form.Waiting, c.request(r, r.Customer))
		}
		return GoTo("requests")
	},
	Fill: func(c *Call) text.Args { return text.Args{text.Lines: c.waiting()} },
	Take: func(c *Call, answer string) (Next, error) {
		n, err := strconv.Atoi(answer)
		if err != nil || n < 1 || n > len(c.Form.Waiting) {
			return Next{}, core.Errorf(core.BadChoice, "none of those that wait")
		}
		c.Form.Request = c.Form.Waiting[n-1]
		return GoTo("request." + text.Key(c.Form.Request.Operation))
	},
}

var (
	requestWithdraw     = oneRequest("request.withdraw")
	requestWithdrawCode = requestCode("request.withdraw.code", "request.withdraw", "request.withdraw.pin")
	requestWithdrawPIN  = requestPIN("request.withdraw.pin", "request.withdraw.done")

	requestDeposit     = oneRequest("request.deposit")
	requestDepositCode = requestCode("request.deposit.code", "request.deposit", "request.deposit.pin")
	requestDepositPIN  = requestPIN("request.deposit.pin", "request.deposit.done")
)

func oneRequest(k text.Key) Screen {
	return Screen{Key: k, Back: "requests", Fill: requestArgs, Take: func(c *Call, answer string) (Next, error) {
		switch answer {
		case "1":
			return GoTo(k + ".code")
		case "2":
			if _, err := c.wallet.Decline(c.ctx, c.Caller, c.Form.Request.Ref); err != nil {
				return Next{}, err
			}
			return End("request.refused", requestArgs(c))
		default:
			return Next{}, core.Errorf(core.BadChoice, "neither confirmed nor refused")
		}
	}}
}

// requestCode carries the code to the screen that asks for the PIN, sealed. Whether it is right is found out
// there: without a PIN nobody may try codes.
func requestCode(k, back, next text.Key) Screen {
	return Screen{Key: k, Back: back, Fill: requestArgs, Take: func(c *Call, answer string) (Next, error) {
		if len(answer) != 4 || strings.Trim(answer, "0123456789") != "" {
			return Next{}, core.Errorf(core.WrongCode, "not four digits")
		}
		var err error
		if c.Form.Code, err = c.wallet.SealCode(c.Caller, answer); err != nil {
			return Next{}, err
		}
		return GoTo(next)
	}}
}

func requestPIN(k, done text.Key) Screen {
	return Screen{Key: k, PIN: true, Money: true, Fill: requestArgs, Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		code, err := c.wallet.OpenCode(c.Caller, c.Form.Code)
		if err != nil {
			return Next{}, err
		}
		_, receipt, err := c.wallet.Confirm(c.ctx, auth, c.turn.Request, c.Form.Request.ID, code)
		if err != nil {
			return Next{}, err
		}
		args := requestArgs(c)
		args["receipt"] = string(receipt)
		return End(done, args)
	})}
}

func requestArgs(c *Call) text.Args {
	r := c.Form.Request
	return text.Args{
		"ref": r.Ref, "name": shown(r.With), "amount": r.Amount.String(), "phone": r.With.Phone.Masked(),
		"minutes": strconv.Itoa(r.Minutes),
	}
}

// listWidth is what all lines of the list may take together, in septets, so that the rest of the page has
// room in every language.
const listWidth = 104

// waiting are the requests that wait, one a line, their names cut to what is left, as many as fit. The others
// come when these are done.
func (c *Call) waiting() string {
	var lines []string
	width := listWidth/max(1, len(c.Form.Waiting)) - 1
	left := listWidth
	for i, r := range c.Form.Waiting {
		line := c.waitingLine(strconv.Itoa(i+1), r, width)
		n, _ := text.Septets(line)
		if left -= n + 1; left < 0 {
			break
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (c *Call) waitingLine(choice string, r Request, width int) string {
	k := "request.line." + text.Key(r.Operation)
	args := text.Args{"choice": choice, "ref": r.Ref, "amount": r.Amount.String(), "name": ""}
	rest, _ := text.Septets(c.say(k, args))
	args["name"] = text.Cut(shown(r.With), max(leastName, width-rest))
	return c.say(k, args)
}

// leastName is what is left of a name in the list, however little room there is.
const leastName = 4

package menus

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// What every payment asks alike: how much, whether the same again, and the PIN for it.

// askAmount is a screen that asks how much. Then says what comes of it: it finds the fee.
func askAmount(k, back text.Key, then func(*Call) (Next, error)) Screen {
	return Screen{Key: k, Back: back, Fill: payment, Take: func(c *Call, answer string) (Next, error) {
		amount, err := core.ParseAmount(answer)
		if err != nil {
			return Next{}, err
		}
		c.Form.Amount = amount
		return then(c)
	}}
}

// quoteCash finds the fee of cash over the counter, and goes on to what is next.
func (c *Call) quoteCash(next text.Key, op core.Operation, sides sides) (_ Next, err error) {
	from, to := sides(c)
	if c.Form.Fee, err = c.wallet.QuoteCash(c.ctx, op, from, to, c.Form.Amount); err != nil {
		return Next{}, err
	}
	return GoTo(next)
}

// resumable is a screen whose errand can be taken up in a later call: the words that offer it, and how it goes
// on; nil shows the screen as it was left.
func resumable(s Screen, offer text.Key, goOn func(*Call) (Next, error)) Screen {
	s.Offer, s.GoOn = offer, goOn
	return s
}

// sides says between whom money flows.
type sides func(*Call) (from, to core.Party)

func toOther(c *Call) (from, to core.Party)   { return c.Caller, c.Form.To }
func fromOther(c *Call) (from, to core.Party) { return c.Form.To, c.Caller }

// lately tells how long ago the same was paid: wallet.Lately, or LatelyDeposited.
type lately func(
	*wallet.Wallet, context.Context, core.RequestID, core.Party, core.Party, core.Amount,
) (time.Duration, bool, error)

// orAgain goes on to the PIN, by way of a question when the same was paid a moment ago.
func (c *Call) orAgain(lately lately, again, pin text.Key) (Next, error) {
	ago, same, err := lately(c.wallet, c.ctx, c.turn.Request, c.Caller, c.Form.To, c.Form.Amount)
	if err != nil {
		return Next{}, err
	}
	if same {
		c.Form.Minutes = max(1, int(ago.Minutes()))
		return GoTo(again)
	}
	return GoTo(pin)
}

// askAgain asks whether the same payment a moment ago was not enough.
func askAgain(k, back, pin text.Key) Screen {
	return Screen{Key: k, Back: back, Fill: payment, Take: func(_ *Call, answer string) (Next, error) {
		if answer != "1" {
			return Next{}, core.Errorf(core.BadChoice, "neither yes nor no")
		}
		return GoTo(pin)
	}}
}

// payPIN asks for the PIN of a payment that has a receipt when it is done, and ends with the words of done.
func payPIN(k, done text.Key, pay func(*wallet.Wallet, context.Context, *wallet.Payment) (core.Receipt, error)) Screen {
	return Screen{Key: k, PIN: true, Money: true, Fill: payment, Take: func(c *Call, answer string) (Next, error) {
		p, err := c.payment(answer)
		if err != nil {
			return Next{}, err
		}
		receipt, err := pay(c.wallet, c.ctx, &p)
		c.Form.Fee = p.Fee // the new one, if it changed; the one that was paid
		if err != nil {
			return Next{}, err
		}
		args := payment(c)
		args["receipt"] = string(receipt)
		return End(done, args)
	}}
}

// askPIN asks for the PIN of a request to an agent, which is done only once she confirms.
func askPIN(k, done text.Key, ask func(*wallet.Wallet, context.Context, *wallet.Payment) (wallet.CashRequest, error)) Screen {
	return Screen{Key: k, PIN: true, Money: true, Fill: payment, Take: func(c *Call, answer string) (Next, error) {
		p, err := c.payment(answer)
		if err != nil {
			return Next{}, err
		}
		r, err := ask(c.wallet, c.ctx, &p)
		c.Form.Fee = p.Fee // the new one, if it changed
		if err != nil {
			return Next{}, err
		}
		args := payment(c)
		args["code"], args["minutes"] = r.Code, strconv.Itoa(c.minutes(r))
		return End(done, args)
	}}
}

// payment is what the form says, by the PIN that was just typed.
func (c *Call) payment(answer string) (wallet.Payment, error) {
	auth, err := c.authority(answer)
	return wallet.Payment{
		Request: c.turn.Request, Authority: auth, To: c.Form.To, Amount: c.Form.Amount, Fee: c.Form.Fee,
	}, err
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

// byPIN is what the answer to a screen means that asks for a PIN and nothing else.
func byPIN(take func(*Call, wallet.Authority) (Next, error)) func(*Call, string) (Next, error) {
	return func(c *Call, answer string) (Next, error) {
		auth, err := c.authority(answer)
		if err != nil {
			return Next{}, err
		}
		return take(c, auth)
	}
}

// authority is the caller's word for something, with the PIN that she typed for it.
func (c *Call) authority(answer string) (wallet.Authority, error) {
	pin, err := core.ParsePIN(answer)
	return wallet.Authority{Party: c.Caller, PIN: pin, Turn: c.turn.ID, Noted: c.turn.Noted}, err
}

// agentNumber is what can be an agent's number. Anything else is on Piga as little as an unknown one, and
// costs no look-up.
func agentNumber(answer string) (string, error) {
	if len(answer) != 5 || strings.Trim(answer, "0123456789") != "" {
		return "", core.Errorf(core.NotRegistered, "not an agent's number")
	}
	return answer, nil
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

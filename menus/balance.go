package menus

import (
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Reading: the balance, the last transfers. Each wants the PIN, and is the last word of its call.

var balancePIN = Screen{
	Key: "balance.pin",
	PIN: true,
	Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		b, err := c.wallet.Balance(c.ctx, auth)
		if err != nil {
			return Next{}, err
		}
		args := text.Args{"balance": b.Available.String(), "held": b.Held.String()}
		switch {
		case b.Held != 0:
			return End("balance.held", args)
		case c.Caller.Kind == core.Agent || c.Caller.Kind == core.SuperAgent:
			return End("balance.float", args)
		default:
			return End("balance.done", args)
		}
	}),
}

var statementPIN = Screen{
	Key: "statement.pin",
	PIN: true,
	Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		lines, err := c.wallet.Statement(c.ctx, auth)
		if err != nil {
			return Next{}, err
		}
		if len(lines) == 0 {
			return End("statement.none", nil)
		}
		return End("statement.done", text.Args{text.Lines: c.lines(lines)})
	}),
}

var lastPIN = Screen{
	Key: "last.pin",
	PIN: true,
	Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		l, ok, err := c.wallet.Last(c.ctx, auth)
		if err != nil {
			return Next{}, err
		}
		if !ok {
			return End("last.none", nil)
		}
		words := text.Key("last.done")
		if l.In { // what it cost the other side is not ours to tell
			words = "last.in"
		}
		return End(words, text.Args{
			"receipt": string(l.Receipt), "line": l.Words(c.words[c.Lang]), "fee": l.Fee.String(), "time": text.Time(l.At),
		})
	}),
}

// mostLines of a statement go on a page, if they fit; a message holds the rest.
const mostLines = 3

// lines are the newest transfers, one a line, as many as fit.
func (c *Call) lines(lines []wallet.Line) string {
	all := ""
	for i, l := range lines {
		next := all
		if i > 0 {
			next += "\n"
		}
		next += l.Words(c.words[c.Lang])
		if i == mostLines || !text.Fits("END "+c.say("statement.done", text.Args{text.Lines: next})) {
			break
		}
		all = next
	}
	return all
}

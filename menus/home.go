package menus

import (
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// What a caller sees first. Choices keep their numbers when others are added.

var (
	home = choose("home", "", map[string]text.Key{
		"1": "send.to", "2": "withdraw.at", "3": "deposit.at", "4": "balance.pin", "5": "statement.pin", "6": "account",
	})
	agentHome = choose("home.agent", "", map[string]text.Key{
		"1": "cashin.to", "2": "requests", "3": "balance.pin", "4": "statement.pin", "5": "float.to", "6": "account",
	})
	superHome = choose("home.super", "", map[string]text.Key{
		"1": "float.to", "2": "balance.pin", "3": "statement.pin", "4": "account",
	})
	merchantHome = choose("home.merchant", "", map[string]text.Key{
		"1": "send.to", "2": "withdraw.at", "4": "balance.pin", "5": "statement.pin", "6": "account",
	})
)

// start is the screen at which a caller's call begins.
func start(caller core.Party) text.Key {
	switch {
	case caller.ID == 0:
		return "register.name"
	case caller.Kind == core.Agent:
		return "home.agent"
	case caller.Kind == core.SuperAgent:
		return "home.super"
	case caller.Kind == core.Merchant:
		return "home.merchant"
	default:
		return "home"
	}
}

// choose is a screen of numbered choices. Each begins a new form.
func choose(k, back text.Key, choices map[string]text.Key) Screen {
	return Screen{Key: k, Back: back, Take: func(c *Call, answer string) (Next, error) {
		next, ok := choices[answer]
		if !ok {
			return Next{}, core.Errorf(core.BadChoice, "no such choice on %s", k)
		}
		c.Form = Form{}
		return GoTo(next)
	}}
}

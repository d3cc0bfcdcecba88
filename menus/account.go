package menus

import (
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// My account: change PIN, language, details, last transaction, and what one's kind has besides. "account"
// leads to the caller's own.

var (
	account = choose("account", "home", map[string]text.Key{
		"1": "pin.new", "2": "language", "3": "details", "4": "last.pin", "5": "open.withdraw",
	})
	// An agent has more than a page holds. Who knows the number of a choice need not turn the page.
	agentAccount = choose("account.agent", "home", map[string]text.Key{
		"1": "pin.new", "2": "language", "3": "details", "4": "last.pin",
		"5": "commission", "6": "enrol.phone", "7": "reset.phone", "9": "account.more",
	})
	agentMore = choose("account.more", "account", map[string]text.Key{
		"5": "commission", "6": "enrol.phone", "7": "reset.phone",
	})
	superAccount = choose("account.super", "home", map[string]text.Key{
		"1": "pin.new", "2": "language", "3": "details", "4": "last.pin",
	})
)

func accountOf(caller core.Party) text.Key {
	switch caller.Kind {
	case core.Agent:
		return "account.agent"
	case core.SuperAgent:
		return "account.super"
	default:
		return "account"
	}
}

var (
	newPIN      = askNewPIN("pin.new", "account", "pin.again")
	newPINAgain = askAgainPIN("pin.again", "pin.new", "pin.old")
)

// oldPIN asks for the PIN of until now, last, since it is what allows the change.
var oldPIN = Screen{
	Key: "pin.old",
	PIN: true,
	Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		if err := c.wallet.ChangePIN(c.ctx, auth, c.Form.NewPIN); err != nil {
			return Next{}, err
		}
		return End("pin.done", nil)
	}),
}

var language = Screen{
	Key:  "language",
	Back: "account",
	Take: func(c *Call, answer string) (Next, error) {
		lang, ok := map[string]core.Lang{"1": core.English, "2": core.Swahili}[answer]
		if !ok {
			return Next{}, core.Errorf(core.BadChoice, "no such language")
		}
		if err := c.wallet.SetLang(c.ctx, c.Caller, lang); err != nil {
			return Next{}, err
		}
		c.Lang, c.Caller.Lang = lang, lang
		return End("language.done", nil)
	},
}

var details = Screen{
	Key:  "details",
	Back: "account",
	Fill: func(c *Call) text.Args {
		return text.Args{
			"name":  text.Cut(c.Caller.Name, 40),
			"phone": c.Caller.Phone.National(),
			"tier":  c.tierShown(),
			"id":    c.idShown(),
		}
	},
	Take: func(*Call, string) (Next, error) {
		return Next{}, core.Errorf(core.BadChoice, "only back or home")
	},
}

// tierShown is what the caller's tier is called. One that an administrator made is called by its name.
func (c *Call) tierShown() string {
	if k := text.Key("tier." + string(c.Caller.Tier)); c.words[c.Lang].Has(k) {
		return c.say(k, nil)
	}
	return string(c.Caller.Tier)
}

// idShown is by what the caller is known: her number over the counter, or her ID.
func (c *Call) idShown() string {
	switch {
	case c.Caller.Number != "":
		return c.say("details.number", text.Args{"number": c.Caller.Number})
	case c.IDEnd == "":
		return c.say("details.no_id", nil)
	default:
		return c.say("details.id", text.Args{"id": c.IDEnd})
	}
}

// askNewPIN is a screen that asks for a new PIN, and carries it to the one that asks for it again, sealed.
func askNewPIN(k, back, again text.Key) Screen {
	return Screen{Key: k, Back: back, PIN: true, Take: func(c *Call, answer string) (Next, error) {
		pin, err := core.ParsePIN(answer)
		if err != nil {
			return Next{}, err
		}
		if c.Form.NewPIN, err = c.wallet.NewPIN(c.ctx, c.Caller, pin); err != nil {
			return Next{}, err
		}
		return GoTo(again)
	}}
}

// askAgainPIN is a screen that asks for the new PIN again, before what allows it is asked.
func askAgainPIN(k, back, next text.Key) Screen {
	return Screen{Key: k, Back: back, PIN: true, Take: func(c *Call, answer string) (Next, error) {
		if _, err := c.samePIN(answer); err != nil {
			return Next{}, err
		}
		return GoTo(next)
	}}
}

// samePIN is the PIN typed again, if it is the one typed first.
func (c *Call) samePIN(answer string) (core.PIN, error) {
	pin, err := core.ParsePIN(answer)
	if err != nil {
		return core.PIN{}, err
	}
	return pin, c.wallet.SamePIN(c.ctx, c.Caller, pin, c.Form.NewPIN)
}

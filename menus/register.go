package menus

import (
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Registering: an unknown caller gives her name, her ID number if she wants, and a PIN, twice.

var registerName = Screen{
	Key: "register.name",
	Take: func(c *Call, answer string) (Next, error) {
		if answer == "9" { // the other language
			c.Lang = other(c.Lang)
			return GoTo("register.name")
		}
		name, err := core.ParseName(answer)
		if err != nil {
			return Next{}, err
		}
		c.Form.Name = name
		return GoTo("register.id")
	},
}

var registerID = Screen{
	Key:  "register.id",
	Back: "register.name",
	Fill: func(c *Call) text.Args { return text.Args{"name": text.Cut(c.Form.Name, 40)} },
	Take: func(c *Call, answer string) (Next, error) {
		if answer == "" || answer == "1" {
			c.Form.IDNumber = ""
			return GoTo("register.pin")
		}
		id, err := core.ParseIDNumber(answer)
		if err != nil {
			return Next{}, err
		}
		c.Form.IDNumber = id
		return GoTo("register.pin")
	},
}

var registerPIN = askNewPIN("register.pin", "register.id", "register.again")

var registerAgain = Screen{
	Key:  "register.again",
	Back: "register.pin",
	PIN:  true,
	Take: func(c *Call, answer string) (Next, error) {
		pin, err := c.samePIN(answer)
		if err != nil {
			return Next{}, err
		}
		c.Caller, err = c.wallet.Register(c.ctx, wallet.Registration{
			Phone: c.Caller.Phone, Name: c.Form.Name, IDNumber: c.Form.IDNumber, Lang: c.Lang, PIN: pin,
		})
		if err != nil {
			return Next{}, err
		}
		return End("register.done", text.Args{"name": text.Cut(c.Form.Name, 40)})
	},
}

func other(l core.Lang) core.Lang {
	if l == core.English {
		return core.Swahili
	}
	return core.English
}

// startsWithName is true of answers that can be those of a registration.
func startsWithName(answers []string) bool {
	if len(answers) == 0 {
		return false
	}
	_, err := core.ParseName(answers[0])
	return err == nil || answers[0] == "9"
}

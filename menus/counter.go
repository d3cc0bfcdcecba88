package menus

import (
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// An agent at her counter deposits for a customer who stands there: who, how much, and the agent's PIN.

var cashinTo = Screen{
	Key:  "cashin.to",
	Back: "home",
	Take: func(c *Call, answer string) (Next, error) {
		phone, err := core.ParseMSISDN(answer)
		if err != nil {
			return Next{}, err
		}
		if c.Form.To, err = c.wallet.Depositor(c.ctx, c.Caller, phone); err != nil {
			return Next{}, err
		}
		return GoTo("cashin.amount")
	},
}

var (
	cashinAmount = resumable(askAmount("cashin.amount", "cashin.to", quoteCashin), "go_on.cashin_to", nil)
	cashinAgain  = resumable(askAgain("cashin.again", "cashin.amount", "cashin.pin"), "go_on.cashin", quoteCashin)
	cashinPIN    = resumable(payPIN("cashin.pin", "cashin.done", (*wallet.Wallet).DepositNow), "go_on.cashin", quoteCashin)
)

func quoteCashin(c *Call) (Next, error) { return c.deposit("cashin.again", "cashin.pin") }

// deposit finds the fee of what is deposited at once.
func (c *Call) deposit(again, pin text.Key) (Next, error) {
	if _, err := c.quoteCash(pin, core.Deposit, toOther); err != nil {
		return Next{}, err
	}
	return c.orAgain((*wallet.Wallet).LatelyDeposited, again, pin)
}

// Registering a customer at the counter. She sets her PIN herself, with a code that comes to her phone.

var enrolPhone = askCustomer("enrol.phone", "enrol.name")

var enrolName = Screen{
	Key:  "enrol.name",
	Back: "enrol.phone",
	Fill: customer,
	Take: func(c *Call, answer string) (Next, error) {
		name, err := core.ParseName(answer)
		if err != nil {
			return Next{}, err
		}
		c.Form.Name = name
		return GoTo("enrol.id")
	},
}

var enrolID = askID("enrol.id", "enrol.name", "enrol.pin")

var enrolPIN = Screen{
	Key:  "enrol.pin",
	PIN:  true,
	Fill: customer,
	Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		if _, err := c.wallet.RegisterBy(c.ctx, auth, wallet.Registration{
			Phone: c.Form.Phone, Name: c.Form.Name, IDNumber: c.Form.IDNumber, Lang: c.Lang,
		}); err != nil {
			return Next{}, err
		}
		return End("enrol.done", customer(c))
	}),
}

// A customer forgot her PIN: the agent looks at her card, and a code comes to her phone.

var (
	resetPhone = askCustomer("reset.phone", "reset.id")
	resetID    = askID("reset.id", "reset.phone", "reset.pin")
)

var resetPIN = Screen{
	Key:  "reset.pin",
	PIN:  true,
	Fill: customer,
	Take: byPIN(func(c *Call, auth wallet.Authority) (Next, error) {
		if err := c.wallet.ResetPIN(c.ctx, auth, c.Form.Phone, c.Form.IDNumber); err != nil {
			return Next{}, err
		}
		return End("reset.done", customer(c))
	}),
}

// askCustomer is a screen that asks for the phone number of a customer who stands at the counter. Nobody
// is looked up by it.
func askCustomer(k, next text.Key) Screen {
	return Screen{Key: k, Back: "account.more", Take: func(c *Call, answer string) (Next, error) {
		phone, err := core.ParseMSISDN(answer)
		if err != nil {
			return Next{}, err
		}
		c.Form.Phone = phone
		return GoTo(next)
	}}
}

func askID(k, back, next text.Key) Screen {
	return Screen{Key: k, Back: back, Fill: customer, Take: func(c *Call, answer string) (Next, error) {
		id, err := core.ParseIDNumber(answer)
		if err != nil {
			return Next{}, err
		}
		c.Form.IDNumber = id
		return GoTo(next)
	}}
}

// customer are the blanks about the one at the counter. Her number stands there in full: the agent must see
// whether she typed it right.
func customer(c *Call) text.Args {
	return text.Args{"name": text.Cut(c.Form.Name, 40), "phone": c.Form.Phone.National(), "id": c.Form.IDNumber}
}

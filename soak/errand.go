package soak

import (
	"fmt"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// errand is what somebody wants of one call: what she answers at each screen that is on her way. A screen that
// is not, she leaves for home, or cancels.
type errand struct {
	name    string
	dial    string // behind the service code: a deep dial
	answers map[text.Key]func(Said) string
	pays    text.Key // the screen at which her PIN pays for it; empty if she only reads
	also    text.Key // another such
	wrong   bool     // she mistypes her PIN at first
	leave   text.Key // she hangs up at this screen
	goOn    bool     // she takes up what she left
}

// steps is an errand of screens and answers in turn.
func steps(name string, pairs ...string) errand {
	e := errand{name: name, answers: map[text.Key]func(Said) string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		answer := pairs[i+1]
		e.answers[text.Key(pairs[i])] = func(Said) string { return answer }
	}
	return e
}

// byPIN has the PIN typed at a screen that names the price, or asks for nothing else.
func (e errand) byPIN(k text.Key) errand {
	e.pays = k
	return e
}

// weighted is an errand and how often it comes.
type weighted struct {
	of int
	do func(*caller) errand
}

// plan draws the next errand of a caller.
func (c *caller) plan() errand {
	plans := subscribers()
	switch c.Party.Kind {
	case core.Agent:
		plans = agents()
	case core.Merchant:
		plans = merchants()
	default:
	}
	sum := 0
	for _, p := range plans {
		sum += p.of
	}
	at := c.r.IntN(sum)
	for _, p := range plans {
		if at -= p.of; at < 0 {
			e := p.do(c)
			e.wrong = c.r.IntN(25) == 0
			return e
		}
	}
	return reading("4", "balance.pin") // not reached
}

func subscribers() []weighted {
	return append([]weighted{
		{34, func(c *caller) errand { return c.send(c.friend(core.Subscriber), c.amount(500)) }},
		{5, func(c *caller) errand { return c.send(c.lastPaid()) }},
		{3, func(c *caller) errand { return c.send(fmt.Sprintf("07990000%02d", c.r.IntN(3)), "100") }},
		{2, func(c *caller) errand { return c.send(c.Party.Phone.National(), "100") }},
		{3, func(c *caller) errand { return c.send(c.friend(core.Subscriber), "149000") }},
		{2, func(c *caller) errand { return c.send(c.friend(core.Subscriber), "1,000,000") }},
		{8, func(c *caller) errand { return c.send(c.friend(core.Merchant), c.amount(300)) }},
		{5, func(c *caller) errand { return c.deepSend() }},
		{16, func(c *caller) errand { return c.atCounter("2", "withdraw", c.amount(1000)) }},
		{10, func(c *caller) errand { return c.atCounter("3", "deposit", fmt.Sprint(100*(1+c.r.IntN(20)))) }},
		{6, func(*caller) errand { return reading("4", "balance.pin") }},
		{4, func(*caller) errand { return reading("5", "statement.pin") }},
		{4, func(*caller) errand {
			return steps("cancel", "home", "6", "account", "5", "open.withdraw", "1", "open.deposit", "1")
		}},
	}, everybody("home")...)
}

func merchants() []weighted {
	return append([]weighted{
		{30, func(c *caller) errand { return c.send(c.friend(core.Subscriber), c.amount(200)).from("home.merchant") }},
		{15, func(c *caller) errand { return c.atCounter("2", "withdraw", c.amount(1000)).from("home.merchant") }},
		{8, func(*caller) errand { return reading("4", "balance.pin").from("home.merchant") }},
	}, everybody("home.merchant")...)
}

func agents() []weighted {
	return append([]weighted{
		{30, (*caller).serve},
		{20, (*caller).cashIn},
		{5, func(c *caller) errand {
			return steps("float", "home.agent", "5", "float.to", c.friendNumber(core.Agent), "float.amount", c.amount(400),
				"float.again", "1").byPIN("float.pin")
		}},
		{6, func(*caller) errand { return reading("3", "balance.pin").from("home.agent") }},
		{3, func(*caller) errand { return reading("4", "statement.pin").from("home.agent") }},
		{5, func(c *caller) errand {
			return steps("take commission", "home.agent", "6", "account.agent", "5", "commission", "2",
				"commission.amount", fmt.Sprint(1+c.r.IntN(10))).byPIN("commission.take.pin")
		}},
		{2, func(*caller) errand {
			return steps("commission", "home.agent", "6", "account.agent", "9", "account.more", "5", "commission", "1").byPIN("commission.pin")
		}},
	}, everybody("home.agent")...)
}

// everybody may want these.
func everybody(home string) []weighted {
	account := map[string]string{"home.agent": "account.agent"}[home]
	if account == "" {
		account = "account"
	}
	return []weighted{
		{4, func(*caller) errand { return steps("last", home, "6", account, "4").byPIN("last.pin") }},
		{2, func(c *caller) errand {
			return steps("language", home, "6", account, "2", "language", fmt.Sprint(1+c.r.IntN(2)))
		}},
		{2, (*caller).changePIN},
		{2, func(*caller) errand { return steps("details", home, "6", account, "3") }},
		{4, func(c *caller) errand { return c.goOn() }},
		{3, func(c *caller) errand { return c.leaving() }},
	}
}

// from is an errand that begins at another home.
func (e errand) from(home text.Key) errand {
	e.answers[home] = e.answers["home"]
	return e
}

func reading(choice string, pin text.Key) errand {
	return steps(string(pin), "home", choice).byPIN(pin)
}

func (c *caller) send(to, amount string) errand {
	c.paidLast = [2]string{to, amount}
	return steps("send", "home", "1", "send.to", to, "send.amount", amount, "send.again", "1").byPIN("send.pin")
}

// deepSend dials the whole of it but the PIN.
func (c *caller) deepSend() errand {
	e := c.send(c.friend(core.Subscriber), c.amount(200))
	e.name, e.dial = "deep send", "1*"+c.paidLast[0]+"*"+c.paidLast[1]
	return e
}

// atCounter asks an agent to give or to take cash.
func (c *caller) atCounter(choice, what, amount string) errand {
	at, much, pin := text.Key(what+".at"), text.Key(what+".amount"), text.Key(what+".pin")
	return steps(what, "home", choice, string(at), c.friendNumber(core.Agent), string(much), amount).byPIN(pin)
}

// cashIn is a deposit at once, by an agent.
func (c *caller) cashIn() errand {
	return steps("cash in", "home.agent", "1", "cashin.to", c.friend(core.Subscriber),
		"cashin.amount", fmt.Sprint(100*(1+c.r.IntN(20))), "cashin.again", "1").byPIN("cashin.pin")
}

// goOn takes up whatever was left, and pays for it.
func (c *caller) goOn() errand {
	e := steps("go on", "go_on", "1", "send.amount", c.amount(100), "withdraw.amount", c.amount(300),
		"deposit.amount", "200", "cashin.amount", "300", "float.amount", c.amount(100),
		"send.again", "1", "cashin.again", "1", "float.again", "1")
	e.goOn = true
	return e
}

// leaving hangs up in the middle, at the amount or at the PIN.
func (c *caller) leaving() errand {
	e := c.send(c.friend(core.Subscriber), c.amount(100))
	if c.Party.Kind == core.Agent {
		e = c.cashIn()
	}
	at := []string{"amount", "pin"}[c.r.IntN(2)]
	e.leave = text.Key(strings.TrimSuffix(string(e.pays), "pin") + at)
	return e.from("home.merchant")
}

// changePIN takes a new PIN, which counts from the moment that she reads or is texted that it does.
func (c *caller) changePIN() errand {
	pin := newPIN(c.r, c.taken)
	e := steps("change PIN", "home", "6", "home.agent", "6", "home.merchant", "6", "account", "1", "account.agent", "1",
		"pin.new", pin, "pin.again", pin).byPIN("pin.old")
	c.nextPIN = pin
	return e
}

// amount is one in shillings, in tens.
func (c *caller) amount(most int) string { return fmt.Sprint(10 * (1 + c.r.IntN(most/10))) }

// friend is the phone of one of the few whom she has to do with: more she may not look up within an hour.
func (c *caller) friend(k core.Kind) string { return c.oneOf(k).Phone.National() }

func (c *caller) friendNumber(k core.Kind) string { return c.oneOf(k).Number }

func (c *caller) oneOf(k core.Kind) core.Party {
	friends := c.friends[k]
	if len(friends) == 0 {
		return core.Party{Phone: "+254799000009", Number: "10999"}
	}
	return friends[c.r.IntN(len(friends))]
}

// lastPaid is the last payment once more.
func (c *caller) lastPaid() (to, amount string) {
	if c.paidLast[0] == "" {
		return c.friend(core.Subscriber), c.amount(100)
	}
	return c.paidLast[0], c.paidLast[1]
}

package menus

import (
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Dialling again after a call that broke off: what became of its errand, or where it stood.

// errand is the page for what became of the last errand where that has no room above the caller's home.
var errand = Screen{
	Key:  "errand",
	Fill: func(c *Call) text.Args { return text.Args{"line": c.told} },
	Take: func(*Call, string) (Next, error) { return GoTo(home.Key) },
}

// goOn offers to take the errand up that the caller left in the middle. "1" is taken by the engine.
var goOn = Screen{
	Key:  "go_on",
	Fill: func(c *Call) text.Args { return text.Args{"errand": c.say(c.Left.Offer, payment(c))} },
	Take: func(c *Call, answer string) (Next, error) {
		if answer != "2" {
			return Next{}, core.Errorf(core.BadChoice, "neither on nor home")
		}
		c.Left, c.Form = Left{}, Form{}
		return GoTo(home.Key)
	},
}

// Left is where an errand stood when the caller's last call broke off.
type Left struct {
	Screen text.Key `json:"screen"`
	Offer  text.Key `json:"offer"`
}

// again is the first page of a plain dial: under what became of the last errand, if she may not have seen
// that; else the offer to go on with what the last call left, if that is an errand; else her home.
func (c *Call) again(who wallet.Greeting, left State) (Page, error) {
	if who.Errand {
		last, ok, err := c.wallet.LastErrand(c.ctx, c.Caller)
		switch {
		case ok:
			return c.tell(last.Words(c.words[c.Lang])), nil
		case err != nil:
			return c.page(""), err
		}
	}
	c.offer(left)
	return c.page(""), nil
}

// tell puts a line above the caller's home, or on a page of its own.
func (c *Call) tell(line string) Page {
	if p := c.page(line + "\n"); text.Fits("CON " + p.Text) {
		return p
	}
	c.told, c.Screen = line, errand.Key
	return c.page("")
}

// offer stands at goOn if the last call was left where an errand can be taken up, or at that very offer.
func (c *Call) offer(left State) {
	at := left.Screen
	if at == goOn.Key {
		at = left.Left.Screen
	}
	s := find(at)
	if s.Offer == "" || left.Caller.ID != c.Caller.ID {
		return
	}
	c.Screen, c.Form, c.Left = goOn.Key, left.Form, Left{Screen: at, Offer: s.Offer}
}

// goOn takes the errand up where it stood.
func (c *Call) goOn() (Next, error) {
	s := find(c.Left.Screen)
	if s.GoOn == nil {
		return GoTo(s.Key)
	}
	return s.GoOn(c)
}

package menus

import (
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// mostWrong wrong answers in a row end the call.
const mostWrong = 3

// take is one step: what an answer means at the screen where the call stands, and what that shows.
func (c *Call) take(answer string) (Page, error) {
	s := find(c.Screen)
	if s.Key != c.Screen { // a screen of an older build
		c.Screen = start(c.Caller)
		return c.page(""), nil
	}
	next, err := c.follow(s, strings.TrimSpace(answer))
	if err != nil {
		return c.trouble(s, err)
	}
	c.Wrong = 0
	if next.end {
		return c.over(next.screen, "", next.args), nil
	}
	c.Screen = next.screen
	if c.Screen == home.Key { // whichever is the caller's
		c.Screen = start(c.Caller)
	}
	return c.page(""), nil
}

// follow is what an answer means: the two that mean the same on every screen, else what the screen says.
func (c *Call) follow(s Screen, answer string) (Next, error) {
	switch {
	case answer == "0" && s.Back != "":
		return GoTo(s.Back)
	case answer == "0" && s.PIN:
		return End("cancelled", nil)
	case answer == "00" && c.Caller.ID != 0 && s.Key != start(c.Caller):
		return GoTo(home.Key)
	}
	return s.Take(c, answer)
}

// trouble asks again when the answer can be mended, a few times, and otherwise says why the call ends.
func (c *Call) trouble(s Screen, err error) (Page, error) {
	code := core.CodeOf(err)
	why := text.ForError(code)
	var page Page
	switch {
	case code == core.FeeChanged: // nobody's fault, and the new fee stands on the page
		page = c.page(c.say(why, core.ArgsOf(err)) + "\n")
	case s.mends(code) && c.Wrong+1 < mostWrong:
		c.Wrong++
		page = c.page(c.say(why, core.ArgsOf(err)) + "\n")
	case s.mends(code):
		page = c.over("call.three_wrong", code, nil)
	default:
		page = c.over(why, code, core.ArgsOf(err))
	}
	page.Code = code
	if !operational(code) {
		err = nil
	}
	return page, err
}

// mends is true of what another answer to the same screen can mend. Once a PIN was right, what the ledger
// refuses stays refused.
func (s Screen) mends(code core.Code) bool {
	switch code {
	case core.BadPIN, core.WrongPIN:
		return s.PIN
	case core.WeakPIN, core.PINsDiffer: // of a new one
		return s.PIN && !s.Money
	case core.BadAmount, core.BadPhone, core.PhoneTooShort, core.PhoneTooLong, core.PhoneForeign,
		core.PhoneNotMobile, core.BadName, core.BadIDNumber, core.BadChoice, core.NotRegistered, core.ToOneself,
		core.NotAllowed, core.NoTariff, core.PayeeSuspended, core.PayeeClosed, core.BelowSmallest,
		core.OverTransactionLimit:
		return !s.PIN
	default:
		return false
	}
}

// operational is true of what operators should read about.
func operational(code core.Code) bool {
	switch code {
	case core.Internal, core.Unavailable, core.OutcomeUnknown, core.Busy, core.Unbalanced, core.BadPosting,
		core.UnknownAccount, core.Overflow, core.RequestReused:
		return true
	default:
		return false
	}
}

// page is the words of the screen at which the call stands, under one line of trouble if there is any.
func (c *Call) page(trouble string) Page {
	s := find(c.Screen)
	var args text.Args
	if s.Fill != nil {
		args = s.Fill(c)
	}
	return Page{Text: trouble + c.say(s.Key, args), Screen: s.Key}
}

// over is the last page of a call.
func (c *Call) over(k text.Key, code core.Code, args text.Args) Page {
	return Page{Text: c.say(k, args), End: true, Screen: k, Code: code}
}

func (c *Call) say(k text.Key, args text.Args) string { return c.words[c.Lang].Say(k, args) }

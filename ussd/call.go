package ussd

import (
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/menus"
)

// call is what is remembered between turns. What was typed is in it only as far as the menus' form holds
// it, which has no room for a PIN.
type call struct {
	Phone   core.MSISDN
	Service string
	Marks   marks
	Pages   []Reply // of the last turns, at most pagesKept
	State   menus.State
	At      int64 // of the last turn, in seconds of Unix
}

// pagesKept is how far back a late hop gets its own page. Further back, nobody looks at it any more.
const pagesKept = 4

// after is the call with one turn more. c is nil when that is the first.
func (c *call) after(cb Callback, m marker, s menus.State, r Reply, at time.Time) *call {
	n := call{Phone: cb.Phone, Service: cb.Service, State: s, At: at.Unix()}
	if c != nil {
		n.Marks, n.Pages = slices.Clip(c.Marks), slices.Clip(c.Pages) // so that to append copies them
	}
	n.Marks, n.Pages = m.add(n.Marks, cb.Text), append(n.Pages, r)
	n.Pages = n.Pages[max(0, len(n.Pages)-pagesKept):]
	return &n
}

func (c *call) turns() int {
	n := 0
	for _, k := range c.Marks {
		if k.turn {
			n++
		}
	}
	return n
}

// page is what a turn got, or the page now shown when that is no longer known.
func (c *call) page(number int) Reply {
	i := number - (c.turns() - len(c.Pages))
	if i < 0 || i >= len(c.Pages) {
		i = len(c.Pages) - 1
	}
	return c.Pages[i]
}

// brokeOff is whether the call was a phone's, and left in the middle, so short a time ago.
func (c *call) brokeOff(cb Callback, now time.Time, within time.Duration) bool {
	return c.Phone == cb.Phone && c.Service == cb.Service && !c.ended() && now.Sub(time.Unix(c.At, 0)) <= within
}

// ended is whether the page now shown was the last.
func (c *call) ended() bool { return c.Pages[len(c.Pages)-1].End }

// Package room bounds how much is in hand at a time, so that what was begun is done while somebody waits for it, and
// who comes when there is no room is told so at once. It must not know what is done.
package room

import (
	"sync"
	"time"

	"github.com/piga-money/piga/core"
)

const (
	// What is in hand should be done within this time on average, which leaves the slowest, and what those who are
	// in have still to ask, well within the time that anybody waits.
	soon = 500 * time.Millisecond

	// So much may be in hand while nothing is known of how fast it is done.
	untried = 256

	// So much may be in hand however slow it is: that is how it is found out that all is well again.
	least = 16

	// How fast it is done is looked at this often.
	window = 100 * time.Millisecond
)

// Room is how much may be in hand, which follows from how fast it is done: on two cores or on 64, and whatever it is
// that is slow. By Little's law there is as much in hand as is done a second, times the seconds that one thing takes. So
// where things take too long, as much may be in hand as was done within the time that they should take; and where they
// do not, and much is in hand, a little more than until now.
//
// It may be used by many at once.
type Room struct {
	clock core.Clock

	mu     sync.Mutex
	inHand int
	limit  int
	seen   seen
	pace   pace
}

// seen is what there was in a window.
type seen struct {
	since time.Time
	most  int // in hand at once
	done  int
	took  time.Duration // all of it
}

// New is a room in which nobody is.
func New(clock core.Clock) *Room { return &Room{clock: clock, limit: untried} }

// Enter begins something new, and gives what ends it; or ok is false, and nothing may be begun.
func (r *Room) Enter() (leave func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	begins := r.pace.allows(r.clock())
	if r.inHand >= r.limit {
		return nil, false
	}
	if !begins {
		r.pace.short = true
		return nil, false
	}
	r.pace.begun[0]++
	return r.enter(), true
}

// GoOn begins what cannot be turned away, as it belongs to something that was begun before, and gives what ends it.
func (r *Room) GoOn() (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.enter()
}

func (r *Room) enter() (leave func()) {
	now := r.clock()
	if r.inHand == 0 { // time in which there was nothing to do says nothing
		r.seen = seen{since: now}
	}
	r.inHand++
	r.seen.most = max(r.seen.most, r.inHand)
	return func() { r.leave(now) }
}

func (r *Room) leave(entered time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock()
	r.inHand--
	r.seen.done++
	r.seen.took += now.Sub(entered)
	switch within := now.Sub(r.seen.since); {
	case within < 0: // the clock was set back
		r.seen = seen{since: now, most: r.inHand}
	case within >= window:
		r.pace.pass(now)
		r.limit = r.seen.limit(r.limit, within)
		r.pace.isSlow = r.pace.isSlow || r.seen.slow() && r.seen.most > r.limit
		r.seen = seen{since: now, most: r.inHand}
	}
}

// slow is whether things took too long.
func (s seen) slow() bool { return s.took/time.Duration(s.done) > soon }

// limit is how much may be in hand after such a window, when it was so much until now.
func (s seen) limit(now int, within time.Duration) int {
	switch {
	case s.slow():
		fits := int(float64(s.done) * soon.Seconds() / within.Seconds())
		return max(least, min(now, fits))
	case 2*s.most > now:
		return now + now/8
	default:
		return now
	}
}

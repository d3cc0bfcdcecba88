package room

import "time"

const (
	// What is begun has come to its end within this time, for the most part.
	lasting = 30 * time.Second

	// How much was begun is remembered for so many seconds.
	remembered = 60

	// Things take too long for so many seconds on end before less may be begun: not when the database stops for breath.
	patience = 3
)

// pace is how much may be begun a second. What is in hand does not tell what is still to come: a call that was let in
// comes back for its PIN, which costs the most, half a minute later. Where only the room were looked at, too much would
// be begun for half a minute and nothing in the next, again and again, and in the one half nobody served in time.
//
// So where things take too long, a little less may be begun than was on average; then it is waited until what was begun
// before is over; and while somebody is turned away for the pace alone, a little more may be begun each second.
type pace struct {
	most   float64 // a second; zero while it was never too much
	second time.Time
	begun  [remembered]int // in each of the last seconds, this one at first
	known  int             // of how many of them
	slow   int             // seconds on end in which things took too long
	isSlow bool            // in this one
	short  bool            // somebody was turned away for the pace alone in this one
	cut    time.Time
}

// allows is whether one more may be begun now.
func (p *pace) allows(now time.Time) bool {
	p.pass(now)
	return p.most == 0 || float64(p.begun[0]) < p.most
}

// pass looks back on the seconds that have passed.
func (p *pace) pass(now time.Time) {
	if passed := now.Sub(p.second); passed < 0 || passed > remembered*time.Second { // long ago, or another clock
		*p = pace{most: p.most, second: now}
	}
	for ; now.Sub(p.second) >= time.Second; p.second = p.second.Add(time.Second) {
		p.known = min(p.known+1, remembered)
		p.judge()
		copy(p.begun[1:], p.begun[:])
		p.begun[0], p.isSlow, p.short = 0, false, false
	}
}

// judge changes the pace by the second that is over.
func (p *pace) judge() {
	if !p.isSlow {
		p.slow = 0
		if p.short {
			p.most *= 1.01
		}
		return
	}
	p.slow++
	if p.slow < patience || p.second.Sub(p.cut) < lasting {
		return
	}
	sum := 0
	for _, n := range p.begun[:p.known] {
		sum += n
	}
	less := max(least, 0.9*float64(sum)/float64(p.known))
	if p.most == 0 || less < p.most {
		p.most = less
	}
	p.cut = p.second
}

package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/piga-money/piga/soak"
)

const (
	// recovers is how long after a fault was mended a turn may still be broken off by it.
	recovers = 10 * time.Second
	// answeredWithin is how soon after a promotion calls must be answered again, with nobody touching Piga.
	answeredWithin = 30 * time.Second
)

// verdict adds what the soak cannot know: which turns were broken off for no reason, who ended by herself, and how long
// a promotion took.
func (t *torture) verdict(r *report, b *soak.Books) {
	for _, g := range t.seen.unexcused(r.excused) {
		r.wrong("a turn at %s was broken off, and nothing was wrong: %s", r.at(g.began), g.what)
	}
	for i := range r.happened {
		h := &r.happened[i]
		next := r.ended
		if i+1 < len(r.happened) {
			next = r.happened[i+1].began
		}
		r.spans = append(r.spans, t.seen.between(h.began, next))
		if h.name != promotion {
			continue
		}
		promoted := promotedIn(t.site.promotions, h)
		again, ok := movedAfter(b, promoted)
		r.moved = append(r.moved, again)
		switch silence := t.seen.between(promoted, next).until; {
		case !ok:
			r.wrong("no money moved any more after the promotion at %s", r.at(promoted))
		case again > answeredWithin, silence > answeredWithin:
			r.wrong("after the promotion at %s calls were answered again after %s, and money moved after %s", r.at(promoted), silence, again)
		}
	}
	if r.auditFailed != nil {
		r.wrong("piga audit: %v\n%s", r.auditFailed, r.audited)
	}
	for _, e := range t.site.endsSince(r.began) {
		short := func(h happened) bool { return h.name == shortage && e.at.After(h.began) && e.at.Before(h.ended) }
		if !slices.ContainsFunc(r.happened, short) {
			r.wrong("%s ended by itself at %s: %s", e.gateway, r.at(e.at), e.how)
		}
	}
}

// excused is whether something was wrong at some moment between two.
func (r *report) excused(from, to time.Time) bool {
	for _, h := range r.happened {
		if to.After(h.began) && from.Before(h.ended.Add(recovers)) {
			return true
		}
	}
	return false
}

func promotedIn(all []time.Time, h *happened) time.Time {
	for _, at := range all {
		if !at.Before(h.began) && !at.After(h.ended) {
			return at
		}
	}
	return h.began
}

// movedAfter is how long after a moment something was posted, by the database's clock, which is this machine's.
func movedAfter(b *soak.Books, at time.Time) (again time.Duration, ok bool) {
	for _, o := range b.Outcomes {
		if d := o.At.Sub(at); d > 0 && (!ok || d < again) {
			again, ok = d, true
		}
	}
	return again, ok
}

func (r *report) wrong(format string, args ...any) {
	r.wrongs = append(r.wrongs, fmt.Sprintf(format, args...))
}

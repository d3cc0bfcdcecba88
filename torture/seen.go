package main

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sandbox"
)

// sight is what a caller saw of a turn.
type sight string

const (
	answered sight = "answered"
	broken   sight = "broken off" // no page at all
	again    sight = "dial again" // nothing happened, and a page says so
	unknown  sight = "unknown"    // an SMS will tell, says the page
)

// glance is one turn as seen from outside.
type glance struct {
	began, ended time.Time
	sight        sight
	dialled      bool   // the first of a call, for which the ledger's database is asked
	plain        bool   // no hostility had to do with it, which has some dial again on any day
	what         string // for the report, of what was not answered
}

// seen is all that callers saw. It is safe for concurrent use.
type seen struct {
	words map[string]sight // what pages say that are no answer

	mu  sync.Mutex
	all []glance
}

func newSeen(words text.Catalogs) *seen {
	s := &seen{words: map[string]sight{}}
	for _, lang := range core.Langs {
		for _, k := range []text.Key{"call.again", "call.busy", "call.unavailable", "error.busy", "error.unavailable"} {
			s.words[words[lang].Say(k, nil)] = again
		}
		for _, k := range []text.Key{"call.received", "call.sms_follows", "error.outcome_unknown"} {
			s.words[words[lang].Say(k, nil)] = unknown
		}
	}
	return s
}

// Watch takes in a line of the wire.
func (s *seen) Watch(l sandbox.Line) {
	notSent := l.Status == 0 && (slices.Contains(l.Did, sandbox.DropBefore) || slices.Contains(l.Did, sandbox.HangUpAtPIN) ||
		strings.HasPrefix(l.Note, "too long"))
	if l.What != "callback" || notSent {
		return
	}
	g := glance{began: l.At, ended: l.At.Add(time.Duration(l.TookMS * float64(time.Millisecond))), dialled: l.Hop == 1, sight: answered}
	g.plain = len(l.Did) == 0 && l.Note == ""
	if l.Status != http.StatusOK {
		g.sight, g.what = broken, l.Note
	} else {
		for words, sight := range s.words {
			if strings.Contains(l.Got, words) {
				g.sight = sight
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, g)
}

// span is what was seen from one moment to another.
type span struct {
	turns   map[sight]int
	silence time.Duration // the longest time without a call that was answered
	until   time.Duration // from the beginning until calls were answered again: see answeredAgain; 0 if they always were
}

// between counts turns by their beginning; a call is answered when whoever dialled sees a page that is an answer.
func (s *seen) between(from, to time.Time) span {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := span{turns: map[sight]int{}}
	var dials []glance
	for _, g := range s.all {
		if g.began.Before(from) || !g.began.Before(to) {
			continue
		}
		p.turns[g.sight]++
		if g.dialled && (g.sight == answered || g.sight == broken || g.plain) {
			dials = append(dials, g)
		}
	}
	slices.SortFunc(dials, func(a, b glance) int { return a.ended.Compare(b.ended) })
	p.until = answeredAgain(dials, from, to)
	before := from
	for _, g := range append(dials, glance{ended: to, sight: answered}) {
		if g.sight == answered {
			p.silence = max(p.silence, g.ended.Sub(before))
			before = g.ended
		}
	}
	return p
}

// inARow is how many calls in a row are looked at together.
const inARow = 10

// answeredAgain is how long it took until a call was answered after the last one that was not, as most of ten in a row were
// not. One that is told Busy among many that are answered does not mean that nobody is.
func answeredAgain(dials []glance, from, to time.Time) time.Duration {
	back, bad := 0, 0
	for i, g := range dials {
		if g.sight != answered {
			bad++
		}
		if i >= inARow && dials[i-inARow].sight != answered {
			bad--
		}
		if g.sight != answered && bad > min(i+1, inARow)/2 {
			back = i + 1
		}
	}
	if back == 0 {
		return 0
	}
	for _, g := range dials[back:] {
		if g.sight == answered {
			return g.ended.Sub(from)
		}
	}
	return to.Sub(from)
}

// unexcused are the turns that were broken off while nothing was wrong.
func (s *seen) unexcused(excused func(from, to time.Time) bool) (all []glance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.all {
		if g.sight == broken && !excused(g.began, g.ended) {
			all = append(all, g)
		}
	}
	return all
}

package ussd

import "strings"

// turn is what a callback is within its call.
type turn struct {
	kind   kind
	answer string // of next: what was typed, verbatim
	number int    // in the call, from 0; of replay and stale, the one whose page is shown again
}

// executes is whether the menus have to carry the turn out.
func (t turn) executes() bool { return t.kind == first || t.kind == next }

// settled is whether a worker that has the call at this moment cannot change what the turn is.
func (t turn) settled() bool { return t.kind == replay || t.kind == stale || t.kind == foreign }

// classify tells what a callback is, from the stored call (nil: none) and the new text. Nothing is done
// before that is known, and a text that was a turn before is never carried out again.
func classify(c *call, m marker, cb Callback) turn {
	switch {
	case c == nil && fits(cb.Text):
		return turn{kind: first}
	case c == nil:
		return turn{kind: diverged}
	case c.Phone != cb.Phone || c.Service != cb.Service:
		return turn{kind: foreign}
	case !fits(cb.Text):
		return turn{kind: diverged, number: c.turns()}
	}
	if number, ok := earlier(c, m, cb.Text); ok {
		shown := c.turns() - 1
		switch number {
		case shown:
			return turn{kind: replay, number: number}
		case -1:
			return turn{kind: stale, number: shown}
		}
		return turn{kind: stale, number: number}
	}
	if answer, ok := answerAfter(c.Marks[len(c.Marks)-1], m, cb.Text); ok && !c.ended() {
		return turn{kind: next, answer: answer, number: c.turns()}
	}
	return turn{kind: diverged, number: c.turns()}
}

// earlier finds the turn that a text was, or begins with up to a "*"; its number is -1 when it was no
// turn of its own, as when a deep dial took it in one.
func earlier(c *call, m marker, text string) (number int, ok bool) {
	for _, k := range c.Marks {
		if k.turn {
			number++
		}
		if k.length != len(text) || k.sum != m.sum(text) { // one mark at most is as long
			continue
		}
		if k.turn {
			return number - 1, true
		}
		return -1, true
	}
	// Every text begins with the empty one: the start of the session, sent twice and late.
	return -1, text == ""
}

// answerAfter is what a text has more than the last one, without the "*" that joins them. That may be
// empty, or hold further "*": the aggregator does not escape them (africastalking.md: "7*a*b" and then
// "7*a*b*****" is the answer "****"). After an empty text there is nothing to join to, but also an empty
// answer given there does not show until the next one comes, as "*1".
func answerAfter(last mark, m marker, text string) (string, bool) {
	if len(text) <= last.length || m.sum(text[:last.length]) != last.sum {
		return "", false
	}
	if last.length == 0 {
		return strings.TrimPrefix(text, "*"), true
	}
	return strings.CutPrefix(text[last.length:], "*")
}

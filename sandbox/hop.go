package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// hop is one callback of a call: all that is needed to post it while the phone is not locked.
type hop struct {
	line    Line
	at      occasion
	form    url.Values
	earlier []string // the texts before it
	did     struck
}

// hop takes what was typed to the application and shows what comes back. The application's answer is waited
// for even when ctx ends: the network does not know that nobody looks.
func (p *Phone) hop(ctx context.Context, c *call) Screen {
	ctx = context.WithoutCancel(ctx)
	h := p.prepare(c)
	if h.did.by(SlowNetwork) {
		_ = pause(ctx, p.s.delay(h.at, SlowNetwork)) // this ctx does not end
	}
	if h.did.by(DropBefore) {
		h.line.At, h.line.Sent, h.line.Note = p.s.Clock(), h.form.Encode(), "dropped on the way to the application"
		p.s.write(h.line)
		return p.drop(c)
	}
	if h.did.by(EventEarly) {
		p.tellEarly(ctx, c, h)
	}
	return p.arrive(c, h, p.s.carry(ctx, h))
}

// prepare counts the hop and decides what hostility does to it.
func (p *Phone) prepare(c *call) hop {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.hops++
	at := occasion(fmt.Sprintf("%s hop %d", c.name, c.hops))
	kinds := []Kind{RawPlus, SlowNetwork, DropBefore, DropAfter, RepeatHop, TwoAtOnce}
	if c.hops == 1 {
		kinds = append(kinds, StartTwice)
	} else {
		kinds = append(kinds, StarAndHash, LateHop, EventEarly)
	}
	did := p.s.strikes(at, kinds...)
	if did.by(DropBefore) {
		did = struck{DropBefore} // nothing else happens to what is not there
	}
	if did.by(StarAndHash) {
		c.typed[len(c.typed)-1] += []string{"*", "#", "**", "*#"}[p.s.pick(at, StarAndHash, 4)]
	}
	text := c.text()
	h := hop{
		at: at, did: did, earlier: c.sent,
		line: Line{What: "callback", Phone: p.number, Call: c.session, Hop: c.hops, Did: append(c.did[:len(c.did):len(c.did)], did...)},
		form: url.Values{
			"sessionId": {c.session}, "phoneNumber": {p.number}, "networkCode": {c.network}, "serviceCode": {c.service}, "text": {text},
		},
	}
	c.sent = append(c.sent[:len(c.sent):len(c.sent)], text)
	return h
}

// carry posts a hop, in as many copies as hostility likes, and gives the answer that reaches the caller.
func (s *Sandbox) carry(ctx context.Context, h hop) answered {
	var seen answered
	if h.did.by(TwoAtOnce) {
		var second sync.WaitGroup
		second.Go(func() { s.send(ctx, h, h.form.Get("text"), "a copy, at the same time") })
		seen = s.send(ctx, h, h.form.Get("text"), "")
		second.Wait()
	} else {
		seen = s.send(ctx, h, h.form.Get("text"), "")
	}
	if h.did.by(StartTwice) {
		s.send(ctx, h, h.form.Get("text"), "the start once more")
	}
	if h.did.by(RepeatHop) {
		seen = s.send(ctx, h, h.form.Get("text"), "once more, and this answer is shown")
	}
	if h.did.by(LateHop) {
		n := s.pick(h.at, LateHop, len(h.earlier))
		s.send(ctx, h, h.earlier[n], fmt.Sprintf("hop %d, late", n+1))
	}
	return seen
}

// send posts one copy.
func (s *Sandbox) send(ctx context.Context, h hop, text, note string) answered {
	form := url.Values{}
	for field, values := range h.form {
		form[field] = values
	}
	form.Set("text", text)
	body := form.Encode()
	if h.did.by(RawPlus) {
		body = withRawPlus(form)
	}
	l := h.line
	l.Note = note
	return s.post(ctx, s.Callback, body, l)
}

// pin finds a page at which people are asked for it.
var pin = regexp.MustCompile(`(?i)\bPIN\b`)

// arrive shows an answer as the phone would.
func (p *Phone) arrive(c *call, h hop, a answered) Screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.response = a.body
	if m := a.metadata; len(m) <= 99 && !strings.Contains(m, "|") {
		c.metadata = append(c.metadata, m)
	}
	page, more, fault := a.read()
	switch {
	case p.call != c: // hung up meanwhile, and nobody sees it
		return p.screen
	case fault != "":
		return p.end(c, failed, fault, Screen{Text: noPage, Wrong: fault})
	case h.did.by(DropAfter), h.did.by(EventEarly):
		return p.end(c, left, "", droppedScreen())
	}
	c.waiting = false
	screen := p.fitted(c, h, a.body, page)
	screen.Open = more && c.hops < mostHops
	switch {
	case !more:
		return p.end(c, reached, "", screen)
	case !screen.Open:
		return p.end(c, left, "", screen)
	case pin.MatchString(page) && p.s.strikes(h.at, HangUpAtPIN).by(HangUpAtPIN):
		p.note(h, struck{HangUpAtPIN}, "hung up")
		screen.Open = false
		return p.end(c, left, "", screen)
	}
	c.idle.Reset(p.s.Idle)
	return p.show(screen)
}

// fitted is as much of a page as the call's network shows.
func (p *Phone) fitted(c *call, h hop, answer, page string) Screen {
	network := networkOf(c.network)
	used, limit, ucs2 := network.measure(answer)
	screen := Screen{Text: page, Used: used, Limit: limit, UCS2: ucs2}
	if used > limit {
		screen.Text = network.fit(answer)[len("CON "):]
		screen.Wrong = fmt.Sprintf("too long: %d of %d", used, limit)
		p.note(h, nil, screen.Wrong)
	}
	return screen
}

// note is a line about what nothing was sent for.
func (p *Phone) note(h hop, did struck, words string) {
	l := h.line
	l.At, l.Did, l.Note = p.s.Clock(), did, words
	p.s.write(l)
}

func droppedScreen() Screen { return Screen{Text: noPage, Wrong: "dropped"} }

// drop ends a call of which the caller only learns that it is over.
func (p *Phone) drop(c *call) Screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.call != c {
		return p.screen
	}
	return p.end(c, left, "", droppedScreen())
}

// read takes an answer apart. A fault is why the phone shows no page: any status but 200, or anything before
// the prefix.
func (a answered) read() (page string, more bool, fault string) {
	switch {
	case a.err != nil:
		return "", false, a.err.Error()
	case a.status != http.StatusOK:
		return "", false, fmt.Sprintf("the application answered %d", a.status)
	}
	if page, ok := strings.CutPrefix(a.body, "CON "); ok {
		return page, true, ""
	}
	if page, ok := strings.CutPrefix(a.body, "END "); ok {
		return page, false, ""
	}
	return "", false, "the answer begins with neither CON nor END"
}

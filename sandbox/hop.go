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
		h.line.At, h.line.Sent, h.line.Note = p.s.Clock(), encode(h.form), "dropped on the way to the application"
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
		second.Go(func() { s.copy(ctx, h, h.form.Get("text"), "a copy, at the same time") })
		seen = s.copy(ctx, h, h.form.Get("text"), "")
		second.Wait()
	} else {
		seen = s.copy(ctx, h, h.form.Get("text"), "")
	}
	if h.did.by(StartTwice) {
		s.copy(ctx, h, h.form.Get("text"), "the start once more")
	}
	if h.did.by(RepeatHop) {
		seen = s.copy(ctx, h, h.form.Get("text"), "once more, and this answer is shown")
	}
	if h.did.by(LateHop) {
		n := s.pick(h.at, LateHop, len(h.earlier))
		s.copy(ctx, h, h.earlier[n], fmt.Sprintf("hop %d, late", n+1))
	}
	return seen
}

func (s *Sandbox) copy(ctx context.Context, h hop, text, note string) answered {
	form := url.Values{}
	for field, values := range h.form {
		form[field] = values
	}
	form.Set("text", text)
	body := encode(form)
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
	if p.call != c { // hung up meanwhile, and nobody sees it
		return p.screen
	}
	page, more, fault := a.read()
	switch {
	case fault != "":
		p.finish(c, failed, fault)
		return p.show(Screen{Text: noPage, Wrong: fault})
	case h.did.by(DropAfter), h.did.by(EventEarly):
		p.finish(c, left, "")
		return p.show(Screen{Text: noPage, Wrong: "dropped"})
	}
	c.waiting = false
	network := networkOf(c.network)
	used, limit, ucs2 := network.measure(a.body)
	screen := Screen{Text: page, Open: more, Used: used, Limit: limit, UCS2: ucs2}
	if used > limit {
		screen.Text = network.fit(a.body)[len("CON "):]
		screen.Wrong = fmt.Sprintf("%s: %d of %d", tooLong, used, limit)
		p.s.write(Line{At: p.s.Clock(), What: "callback", Phone: p.number, Call: c.session, Hop: h.line.Hop, Note: screen.Wrong})
	}
	switch {
	case !more:
		p.finish(c, reached, "")
	case c.hops >= mostHops:
		screen.Open = false
		p.finish(c, left, "")
	case pin.MatchString(page) && p.s.strikes(h.at, HangUpAtPIN).by(HangUpAtPIN):
		screen.Open = false
		p.s.write(Line{At: p.s.Clock(), What: "callback", Phone: p.number, Call: c.session, Hop: h.line.Hop, Did: []Kind{HangUpAtPIN}, Note: "hung up"})
		p.finish(c, left, "")
	default:
		c.idle.Reset(p.s.Idle)
	}
	return p.show(screen)
}

// drop ends a call of which the caller only learns that it is over.
func (p *Phone) drop(c *call) Screen {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.call != c {
		return p.screen
	}
	p.finish(c, left, "")
	return p.show(Screen{Text: noPage, Wrong: "dropped"})
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

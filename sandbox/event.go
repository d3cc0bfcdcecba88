package sandbox

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// callCost is what the provider charges for a call, as it writes it.
const callCost = "KES 0.10"

// endEvent tells the application how a call ended. The phone is locked.
func (p *Phone) endEvent(c *call, status, why string) {
	if p.s.Events == "" || c.told {
		return
	}
	c.told = true
	did := p.s.strikes(c.name, EventLate, EventTwice, EventNever)
	d := p.event(c, status, why)
	d.line.Did = did
	switch {
	case did.by(EventNever):
		d.line.Did = struck{EventNever}
		d.line.At, d.line.Sent, d.line.Note = p.s.Clock(), d.form.Encode(), "never sent"
		p.s.write(d.line)
		return
	case did.by(EventLate):
		d.wait = p.s.Delay + p.s.delay(c.name, EventLate)
	}
	p.s.later(d)
	if did.by(EventTwice) {
		d.line.Note = "a copy"
		p.s.later(d)
	}
}

// tellEarly says that a call is over whose last hop is still to come.
func (p *Phone) tellEarly(ctx context.Context, c *call, h hop) {
	p.mu.Lock()
	if p.s.Events == "" || c.told {
		p.mu.Unlock()
		return
	}
	c.told = true
	d := p.event(c, left, "")
	p.mu.Unlock()
	d.form.Set("hopsCount", strconv.Itoa(len(h.earlier)))
	d.form.Set("input", h.earlier[len(h.earlier)-1])
	d.line.Did, d.line.Note = struck{EventEarly}, "before the last hop"
	p.s.deliverOnce(ctx, d)
}

// event is the end event as the provider posts it: what was typed, with any PIN, is in it.
func (p *Phone) event(c *call, status, why string) delivery {
	now := p.s.Clock()
	return delivery{
		line: Line{What: "event", Phone: p.number, Call: c.session, Hop: c.hops}, to: p.s.Events,
		form: url.Values{
			"date":             {now.UTC().Format(time.DateTime)},
			"sessionId":        {c.session},
			"serviceCode":      {c.service},
			"networkCode":      {c.network},
			"phoneNumber":      {p.number},
			"status":           {status},
			"cost":             {callCost},
			"durationInMillis": {strconv.FormatInt(now.Sub(c.began).Milliseconds(), 10)},
			"hopsCount":        {strconv.Itoa(c.hops)},
			"hopsMetadata":     {strings.Join(c.metadata, "|")},
			"input":            {c.text()},
			"lastAppResponse":  {c.response},
			"errorMessage":     {why},
		},
		again: betweenTries, tries: tries,
	}
}

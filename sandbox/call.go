package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// call is one USSD session. It is locked with its phone.
type call struct {
	session, service string
	network          string
	name             occasion // such as "+254711000001 call 2"
	typed            []string // answers, the first of which is what was dialled deep
	sent             []string // the text of every hop
	hops             int
	waiting          bool // for the application
	metadata         []string
	response         string // the application's last
	did              struck // what hostility does to the whole of it
	told             bool   // the end event has been sent
	began            time.Time
	idle, limit      *time.Timer
}

// How a call ends, in the provider's words.
const (
	reached = "Success"    // END
	left    = "Incomplete" // the caller left or did not answer in time
	failed  = "Failed"     // our callback broke
)

// mostHops bounds a call. People have no time for more.
const mostHops = 200

// begin puts a call on, in place of the one that is.
func (p *Phone) begin(session, service, deep string) *call {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
	p.calls++
	c := &call{
		session: session, service: service, network: p.network, waiting: true, began: p.s.Clock(),
		name: occasion(fmt.Sprintf("%s call %d", p.number, p.calls)),
	}
	c.did = p.s.strikes(c.name, DeepDial, UnknownOperator)
	if c.did.by(UnknownOperator) {
		c.network = oddNetwork
	}
	if c.did.by(DeepDial) {
		deep = strings.TrimPrefix(fmt.Sprintf("%s*%d", deep, 1+p.s.pick(c.name, DeepDial, 6)), "*")
	}
	if deep != "" {
		c.typed = []string{deep}
	}
	c.idle = time.AfterFunc(p.s.Idle, func() { p.timeOut(c) })
	c.idle.Stop() // it runs while the caller has a page to answer
	c.limit = time.AfterFunc(p.s.Session, func() { p.timeOut(c) })
	p.call = c
	p.show(Screen{})
	return c
}

// text is every answer so far, as the provider joins them.
func (c *call) text() string { return strings.Join(c.typed, "*") }

// timeOut is the network's: nobody answered for too long, or the session was too long.
func (p *Phone) timeOut(c *call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.call == c {
		p.end(c, left, "", Screen{Text: noPage, Wrong: "the call took too long"})
	}
}

// leave hangs up, if a call is on. The phone is locked.
func (p *Phone) leave() {
	if p.call != nil {
		p.end(p.call, left, "", Screen{})
	}
}

// end is the end of the call that is on, and what the phone shows then. The phone is locked.
func (p *Phone) end(c *call, status, why string, screen Screen) Screen {
	p.call = nil
	c.idle.Stop()
	c.limit.Stop()
	p.endEvent(c, status, why)
	return p.show(screen)
}

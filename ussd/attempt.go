package ussd

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/menus"
)

// attempt is one turn in the making.
type attempt struct {
	*Gateway
	marker
	cb    Callback
	token string

	known     *call // as stored when last looked at; nil: none
	forgotten error // why what is stored could not be read
	mine      bool  // it is claimed by this attempt
	turn      turn
	noted     atomic.Bool // an SMS is certain to tell what becomes of the money
}

// run costs two round trips to the store: the claim, and storing the call or giving it back. A call's first
// turn costs one or two more, see left.
func (a *attempt) run(ctx context.Context) result {
	if r, over := a.claim(ctx); over {
		return r
	}
	if leave, ok := a.enter(); ok {
		defer leave()
		return a.execute(ctx)
	}
	if a.mine {
		// If that fails the lease ends by itself, and there is nothing to tell the caller.
		a.forgotten = errors.Join(a.forgotten, a.Calls.Release(ctx, a.cb.Session, a.token))
	}
	switch a.turn.kind {
	case first:
		return a.say("call.busy", turnedAway, a.forgotten)
	case foreign:
		return a.say("call.foreign", foreign, nil)
	case diverged:
		return a.say("call.again", diverged, a.forgotten)
	default:
		return result{
			reply: a.known.page(a.turn.number), outcome: a.turn.kind, number: a.turn.number, err: a.forgotten,
		}
	}
}

// enter is whether the turn is carried out. Where there is no room it is only the first of a call that is not: nobody
// has typed a PIN by then, but in a call that the store has lost, which looks like a deep dial and may have moved
// money.
func (a *attempt) enter() (leave func(), ok bool) {
	switch {
	case !a.turn.executes():
		return nil, false
	case a.turn.kind == first && !endsInPIN(a.cb.Text):
		return a.Room.Enter()
	default:
		return a.Room.GoOn(), true
	}
}

// endsInPIN is whether the last answer may be one.
func endsInPIN(text string) bool {
	_, err := core.ParsePIN(text[strings.LastIndexByte(text, '*')+1:])
	return err == nil
}

// claim looks at the call until it is this attempt's, or what to answer is plain. A turn that another
// worker has is looked at afresh each time: when that one is done, it is a replay and gets the same page.
func (a *attempt) claim(ctx context.Context) (r result, over bool) {
	ctx, step := core.Begin(ctx, "claim")
	plain, err := a.look(ctx)
	if err == nil && !plain {
		plain, err = a.await(ctx)
	}
	step.End(err)
	switch {
	case err != nil && endsInPIN(a.cb.Text): // another worker may have carried it out before the store was gone
		return a.say("call.received", unavailable, err), true
	case err != nil:
		return a.say("call.unavailable", unavailable, err), true
	case !plain:
		return a.busy(), true
	default:
		return result{}, false
	}
}

// look is whether it is plain by now what to do.
func (a *attempt) look(ctx context.Context) (plain bool, err error) {
	stored, mine, err := a.Calls.Claim(ctx, a.cb.Session, a.token, a.Limits.Lease)
	if err != nil {
		return false, err
	}
	a.mine = mine
	a.known, a.forgotten = a.read(a.cb.Session, stored)
	a.turn = classify(a.known, a.marker, a.cb)
	return a.mine || a.turn.settled(), nil
}

// await has patience with another worker.
func (a *attempt) await(ctx context.Context) (plain bool, err error) {
	wait, cancel := context.WithTimeout(ctx, a.Limits.Patience)
	defer cancel()
	for err == nil && !plain && a.Pause(wait, a.Limits.Poll) == nil {
		plain, err = a.look(ctx)
	}
	return plain, err
}

// busy is said when patience with another worker is at its end. That an SMS will tell is said only where a PIN was
// asked for: anywhere else the turn moves no money, no SMS would come, and to wait for one would be in vain. Nor is it
// promised there: the other worker may have died with the claim before it came to the PIN.
func (a *attempt) busy() result {
	if a.known != nil && a.known.State.AsksPIN() {
		return a.say("call.received", busy, nil)
	}
	return a.say("call.again", busy, nil)
}

// walked is what the menus made of a turn, or what is said in their place.
type walked struct {
	state   menus.State
	page    menus.Page
	outcome kind
	err     error
}

// execute has the menus carry out the turn. They get the deadline less what storing the call may take;
// should they not keep to it, they are not waited for, and what they still do shows in nothing but the SMS
// that the intent behind a PIN makes certain.
func (a *attempt) execute(ctx context.Context) result {
	work, stop := a.sooner(ctx, 8)
	defer stop()
	patience, cease := a.sooner(ctx, 16)
	defer cease()
	done := make(chan walked, 1)
	go func() { done <- a.walk(work) }()
	select {
	case w := <-done:
		return a.keep(ctx, w)
	case <-patience.Done():
		return a.keep(ctx, a.instead("call.again", late, patience.Err()))
	}
}

// sooner ends before ctx does, by one part in so many of the deadline.
func (a *attempt) sooner(ctx context.Context, part int) (context.Context, context.CancelFunc) {
	end, _ := ctx.Deadline() // Turn sets one
	return context.WithDeadline(ctx, end.Add(-a.Limits.Deadline/time.Duration(part)))
}

func (a *attempt) walk(ctx context.Context) (w walked) {
	ctx, step := core.Begin(ctx, "menu")
	defer func() {
		if p := recover(); p != nil {
			w = a.instead("call.unavailable", panicked, trace(p))
		}
		step.End(w.err)
	}()
	w.outcome = a.turn.kind
	t := menus.Turn{Request: a.cb.Request(), ID: a.turnID(a.cb.Text), Noted: func() { a.noted.Store(true) }}
	if a.turn.kind == next {
		w.state, w.page, w.err = a.Menus.Answer(ctx, a.known.State, t, a.turn.answer)
		return w
	}
	var answers []string
	if a.cb.Text != "" {
		answers = strings.Split(a.cb.Text, "*")
	}
	left, err := a.left(ctx)
	w.state, w.page, w.err = a.Menus.Begin(ctx, a.cb.Phone, t, answers, left)
	w.err = errors.Join(err, w.err)
	return w
}

// left is how the phone's last call broke off, zero if it did not, or long ago. This call takes its place.
// A deep dial says itself where it wants to go. Without an answer of the store she is offered nothing.
func (a *attempt) left(ctx context.Context) (menus.State, error) {
	before, err := a.Calls.Swap(ctx, a.caller(a.cb.Phone), a.cb.Session, 2*a.Limits.TTL)
	if err != nil || before == "" || before == a.cb.Session || a.cb.Text != "" {
		return menus.State{}, err
	}
	stored, err := a.Calls.Read(ctx, before)
	if err != nil {
		return menus.State{}, err
	}
	c, err := a.read(before, stored)
	if c == nil || !c.brokeOff(a.cb, a.Clock(), a.Limits.GoOn) {
		return menus.State{}, err
	}
	return c.State, nil
}

// instead ends the call in the menus' place. After the right PIN money may have moved: then an SMS tells, and
// dialling again is not what to ask for. Before it nothing was posted, and as the menus' time is over,
// nothing will be.
func (a *attempt) instead(k text.Key, outcome kind, err error) walked {
	w := walked{outcome: outcome, err: err}
	if a.known != nil {
		w.state = a.known.State
	}
	if a.noted.Load() {
		k = "call.sms_follows"
	}
	w.page = menus.Page{Text: a.word(k), End: true, Screen: k}
	return w
}

// keep stores the call as it is after the turn. Without that the next turn could not be understood, so a
// page that asks for one becomes an end; an end is shown all the same, since it is true.
func (a *attempt) keep(ctx context.Context, w walked) result {
	reply := Reply{Text: strings.ToValidUTF8(w.page.Text, "?"), End: w.page.End, Screen: w.page.Screen}
	err := a.store(ctx, a.known.after(a.cb, a.marker, w.state, reply, a.Clock()))
	r := result{
		reply: reply, outcome: w.outcome, number: a.turn.number, code: w.page.Code,
		err: errors.Join(a.forgotten, w.err, err),
	}
	if err != nil && !reply.End {
		k := text.Key("call.unavailable")
		if errors.Is(err, errLost) {
			k = "call.again"
		}
		r = a.say(k, unkept, r.err)
	}
	return r
}

// read is a stored call, nil if there is none or it cannot be read.
func (a *attempt) read(session string, stored []byte) (*call, error) {
	b, err := a.sealer.open(session, stored)
	if err != nil {
		return nil, err
	}
	return decode(b)
}

// errLost is that another worker has the call, as after a pause of this one beyond its lease.
var errLost = errors.New("ussd: the claim of the call is lost")

func (a *attempt) store(ctx context.Context, c *call) (err error) {
	ctx, step := core.Begin(ctx, "keep")
	defer func() { step.End(err) }()
	b, err := c.encode()
	if err != nil {
		return err
	}
	kept, err := a.Calls.Keep(ctx, a.cb.Session, a.token, a.sealer.seal(a.cb.Session, b), a.Limits.TTL)
	if err == nil && !kept {
		err = errLost
	}
	return err
}

// say is a last word of the gateway's own.
func (a *attempt) say(k text.Key, outcome kind, err error) result {
	return result{
		reply: Reply{Text: a.word(k), End: true, Screen: k}, outcome: outcome, number: a.turn.number, err: err,
	}
}

// word is said in the language of the call, unless it is another's: then even that is none of the caller's
// business.
func (a *attempt) word(k text.Key) string {
	if a.known != nil && a.turn.kind != foreign {
		if words, ok := a.Words[a.known.State.Language()]; ok {
			return words.Say(k, nil)
		}
	}
	return a.Words[core.Langs[0]].Say(k, nil)
}

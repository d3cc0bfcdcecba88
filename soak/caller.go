package soak

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sandbox"
)

// caller is one person with her phone. She does one thing after another.
type caller struct {
	Person
	*Soak
	r       *rand.Rand
	phone   *sandbox.Phone
	friends map[core.Kind][]core.Party
	taken   map[string]bool // PINs that she has had

	pins     []string // the one that she believes in first
	nextPIN  string
	paidLast [2]string
	calls    int
	read     map[string]bool // messages, by the provider's id
	deposits []string        // codes that came by SMS to her as an agent, whose cash lies on her counter
	refs     []string        // of requests that she may refuse
	receipts []string        // that she may ask about
}

// mostSteps bounds a call: nobody is so patient.
const mostSteps = 16

// think takes her time.
func (c *caller) think(ctx context.Context) {
	if c.Think != nil {
		c.Think(ctx)
	}
}

// act is one call, or one text.
func (c *caller) act(ctx context.Context) error {
	c.readInbox()
	if texted, err := c.mayText(); texted || err != nil {
		return err
	}
	return c.walk(ctx, c.plan())
}

// plainCall only looks what the first page says.
func (c *caller) plainCall(ctx context.Context) error {
	return c.walk(ctx, errand{name: "look", leave: "*"})
}

// walk is one call from dialling to its end.
func (c *caller) walk(ctx context.Context, e errand) error {
	c.calls++
	call := &Call{Who: c.Party.Phone, Number: c.calls, Errand: e.name}
	defer c.Memory.call(call)
	code := c.Service
	if e.dial != "" {
		code = strings.TrimSuffix(code, "#") + "*" + e.dial + "#"
	}
	screen, err := c.phone.Dial(ctx, code)
	if err != nil {
		return err
	}
	call.Session = c.phone.View().Call
	w := walk{caller: c, errand: e, call: call}
	for range mostSteps {
		said, ok := w.saw(screen)
		if !ok || !screen.Open {
			return nil
		}
		answer, stays := w.answer(said)
		if !stays {
			break
		}
		c.think(ctx)
		if screen, err = c.phone.Answer(ctx, answer); err != nil {
			return nil //nolint:nilerr // the network ended the call meanwhile, as it may
		}
	}
	c.phone.HangUp()
	return nil
}

// walk is a call that is on.
type walk struct {
	*caller
	errand
	call    *Call
	typed   text.Key // the screen at which the PIN was typed last; empty if it is answered
	mistook bool
}

// saw takes in what came, and is false when nothing did.
func (w *walk) saw(screen sandbox.Screen) (Said, bool) {
	if screen.Text == "" || screen.Wrong != "" && !strings.HasPrefix(screen.Wrong, "too long") {
		w.lostSight()
		return Said{}, false
	}
	said := w.reader.page(screen.Text)
	w.call.Pages = append(w.call.Pages, said)
	if w.call.Agreed != nil && w.typed != "" && w.call.Agreed.Key == w.typed {
		w.call.After = &said
	}
	w.tookPIN(said)
	if said.Key == "withdraw.done" {
		w.speak(said.Args["name"], said.Args["code"], said.amount("amount"))
	}
	if r := said.Args["receipt"]; r != "" {
		w.receipts = append(w.receipts, r)
	}
	return said, true
}

// tookPIN learns from what came of the PIN that was typed.
func (w *walk) tookPIN(said Said) {
	typed := w.typed
	w.typed = ""
	switch {
	case typed == "":
	case said.Above != nil && said.Above.Key == "error.wrong_pin":
		if !w.mistook && len(w.pins) > 1 {
			w.pins[0], w.pins[1] = w.pins[1], w.pins[0]
		}
		w.mistook = false
	case said.Key == "pin.done":
		w.pins = []string{w.nextPIN}
	case said.Key == "register.done":
		w.New = false
	}
}

// lostSight of a change of PIN: from now on it may be the one or the other.
func (w *walk) lostSight() {
	if w.typed == "pin.old" {
		w.pins = []string{w.pins[0], w.nextPIN}
	}
}

// answer is what she types at a page; stays is false when she hangs up.
func (w *walk) answer(said Said) (answer string, stays bool) {
	if w.leave == "*" || w.leave != "" && said.Key == w.leave {
		return "", false
	}
	if answer, ok := w.registering(said.Key); ok {
		return answer, true
	}
	if do, ok := w.answers[said.Key]; ok && do != nil {
		return do(said), true
	}
	asksPIN := strings.HasSuffix(string(said.Key), ".pin") || said.Key == "pin.old"
	switch {
	case asksPIN && (said.Key == w.pays || said.Key == w.also || w.errand.goOn && said.Args["amount"] != ""):
		return w.pin(said), true
	case asksPIN, said.Key == "pin.new", said.Key == "pin.again":
		return "0", true
	case said.Key == "errand":
		return "1", true
	case said.Key == "go_on":
		return "2", true
	case said.understood() && !isHome(said.Key):
		return "00", true
	default:
		return "", false
	}
}

func isHome(k text.Key) bool { return strings.HasPrefix(string(k), "home") }

// registering answers whoever is new.
func (w *walk) registering(k text.Key) (string, bool) {
	switch k {
	case "register.name":
		return w.Party.Name, true
	case "register.id":
		return w.Party.IDNumber, true
	case "register.pin", "register.again":
		w.typed = k
		w.Memory.pin(w.PIN)
		return w.PIN, true
	default:
		return "", false
	}
}

// pin types it, once wrong if she mistypes, and remembers what for.
func (w *walk) pin(said Said) string {
	w.typed = said.Key
	if said.Args["amount"] != "" {
		w.call.Agreed, w.call.After = &said, nil
	}
	digits := w.pins[0]
	if w.wrong {
		w.wrong, w.mistook = false, true
		digits = mistyped(digits)
	}
	w.Memory.pin(digits)
	if said.Key == "pin.old" {
		w.Memory.pin(w.nextPIN)
	}
	return digits
}

// mistyped is a PIN with its last digit wrong, and still not 0.
func mistyped(pin string) string {
	last := pin[5] + 1
	if last > '9' {
		last = '1'
	}
	return pin[:5] + string(last)
}

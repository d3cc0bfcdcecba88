package sandbox

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Phone is a phone with keys. It is safe for concurrent use, and has one call at a time.
type Phone struct {
	s      *Sandbox
	number string

	mu      sync.Mutex
	network string
	calls   int // so far
	call    *call
	screen  Screen
}

// Screen is what a phone shows.
type Screen struct {
	Text  string `json:"text"`            // the page without its prefix, as far as the network shows it
	Open  bool   `json:"open"`            // an answer may be typed
	Wrong string `json:"wrong,omitempty"` // why the page is not what the application meant it to be
	Used  int    `json:"used"`            // of Limit, prefix included: septets, or UCS-2 units
	Limit int    `json:"limit"`
	UCS2  bool   `json:"ucs2"`
}

// What a phone says when there is no page. Why there is none stands in Screen.Wrong and in the wire log.
const noPage = "Connection problem or invalid MMI code"

// View is a phone as a page shows it.
type View struct {
	Number  string  `json:"number"`
	Name    string  `json:"name,omitempty"` // whose it is, if she is known
	Network Network `json:"network"`
	Screen  Screen  `json:"screen"`
	Call    string  `json:"call,omitempty"` // the session of the call that is on
	Hop     int     `json:"hop,omitempty"`  // how many callbacks it has had
	Waiting bool    `json:"waiting"`        // for the application
}

// Phone is the phone with a number, which is put up when there is none yet. Its operator is the number's
// until it is moved. An error is a *Problem: no number, or too many phones.
func (s *Sandbox) Phone(number string) (*Phone, error) {
	number, err := readNumber("number", number)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.phones[number]; ok {
		return p, nil
	}
	if len(s.phones) >= s.Phones {
		return nil, problemf(http.StatusConflict, "too_many_phones", "there are %d phones already", s.Phones)
	}
	p := &Phone{s: s, number: number, network: networkByPrefix(number)}
	s.phones[number] = p
	s.added = append(s.added, p)
	s.feed.add("phone", p.view())
	return p, nil
}

func (s *Sandbox) allPhones() []*Phone {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.added)
}

// networkNow is the operator of a number, whether a phone has it or not.
func (s *Sandbox) networkNow(number string) string {
	s.mu.Lock()
	p := s.phones[number]
	s.mu.Unlock()
	if p == nil {
		return networkByPrefix(number)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.network
}

// Move takes the number along to another operator, of which any code of five or six digits is one. A call
// that is on stays where it was.
func (p *Phone) Move(network string) error {
	if !networkCode.MatchString(network) {
		return problemf(http.StatusBadRequest, "bad_network", "network: five or six digits, such as 63902")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.network = network
	p.changed()
	return nil
}

// View is the phone as it is now.
func (p *Phone) View() View {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.view()
}

func (p *Phone) view() View {
	v := View{Number: p.number, Network: networkOf(p.network), Screen: p.screen}
	if i := slices.IndexFunc(p.s.People, func(who Person) bool { return who.Number == p.number }); i >= 0 {
		v.Name = p.s.People[i].Name
	}
	if p.call != nil {
		v.Call, v.Hop, v.Waiting = p.call.session, p.call.hops, p.call.waiting
	}
	return v
}

// changed tells the feed. The phone is locked.
func (p *Phone) changed() { p.s.feed.add("phone", p.view()) }

// dialable is a code that can be dialled.
var dialable = regexp.MustCompile(`^\*[0-9]+(\*[0-9*#]*)?#$`)

// mostTyped bounds what is dialled or answered, in characters: no network carries more.
const mostTyped = 182

// Dial begins a call, and hangs up the one that is on. It returns the screen once a page has come, or none
// will. An error is a *Problem, about the code; what goes wrong on the way is on the screen.
func (p *Phone) Dial(ctx context.Context, code string) (Screen, error) {
	code = strings.TrimSpace(code)
	if len(code) > mostTyped || !dialable.MatchString(code) {
		return Screen{}, problemf(http.StatusBadRequest, "bad_code", "code: dial something like *384*96#")
	}
	service, deep, ok := p.s.route(code)
	if !ok {
		return p.dead("nobody serves " + code), nil
	}
	session, err := p.s.newID("ATUid_")
	if err != nil {
		return Screen{}, err
	}
	c := p.begin(session, service, deep)
	return p.hop(ctx, c), nil
}

// Answer sends what was typed at a page. It returns as Dial does. An error is a *Problem: no call is on, it
// still waits for a page, or too much was typed.
func (p *Phone) Answer(ctx context.Context, typed string) (Screen, error) {
	if utf8.RuneCountInString(typed) > mostTyped {
		return Screen{}, problemf(http.StatusBadRequest, "too_long", "text: an answer has %d characters at the most", mostTyped)
	}
	p.mu.Lock()
	c := p.call
	switch {
	case c == nil:
		p.mu.Unlock()
		return Screen{}, problemf(http.StatusConflict, "no_call", "no call is on: dial first")
	case c.waiting:
		p.mu.Unlock()
		return Screen{}, problemf(http.StatusConflict, "waiting", "the phone still waits for a page")
	}
	c.typed = append(c.typed, typed)
	c.waiting = true
	c.idle.Stop()
	p.changed()
	p.mu.Unlock()
	return p.hop(ctx, c), nil
}

// HangUp ends the call that is on, if any. What is on its way to the application arrives there all the same.
func (p *Phone) HangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
}

// dead is a phone that was told that there is no page.
func (p *Phone) dead(why string) Screen {
	p.s.write(Line{At: p.s.Clock(), What: "callback", Phone: p.number, Note: why})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
	return p.show(Screen{Text: noPage, Wrong: why})
}

// show puts something on the screen. The phone is locked.
func (p *Phone) show(screen Screen) Screen {
	p.screen = screen
	p.changed()
	return screen
}

// route finds the longest service code that what was dialled begins with, and the answers behind it:
// *384*96*1*0712345678# is *384*96# and "1*0712345678". Without codes to choose from it is one itself.
func (s *Sandbox) route(dialled string) (service, deep string, ok bool) {
	if len(s.Codes) == 0 {
		return dialled, "", true
	}
	for _, code := range s.Codes {
		if len(code) <= len(service) {
			continue
		}
		if dialled == code {
			service, deep, ok = code, "", true
		} else if rest, begins := strings.CutPrefix(dialled, strings.TrimSuffix(code, "#")+"*"); begins {
			service, deep, ok = code, strings.TrimSuffix(rest, "#"), true
		}
	}
	return service, deep, ok
}

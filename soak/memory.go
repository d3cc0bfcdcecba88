package soak

import (
	"sync"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/sandbox"
)

// Call is one call as its caller remembers it.
type Call struct {
	Who     core.MSISDN
	Number  int    // of her calls, from 1
	Errand  string // what she wanted
	Session string // of the network; empty if no page came
	Pages   []Said // that reached her
	Agreed  *Said  // the last page with a price at which she typed her PIN; nil if none
	After   *Said  // the page that came of it; nil if she saw none
}

// Request is the id of whatever money the call moves.
func (c *Call) Request(service string) core.RequestID {
	return core.RequestID("ussd:" + service + ":" + c.Session)
}

// Memory is what everybody knows by herself: what she asked for, what she was shown, what she was sent.
type Memory struct {
	mu       sync.Mutex
	Calls    []*Call
	Inbox    map[string]sandbox.Message // by the provider's id
	PINs     map[string]bool            // every one that somebody has typed
	Texts    map[string]string          // what was texted to the short code, by the provider's id
	Finished time.Time
}

func newMemory() *Memory {
	return &Memory{Inbox: map[string]sandbox.Message{}, PINs: map[string]bool{}, Texts: map[string]string{}}
}

func (m *Memory) call(c *Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Calls = append(m.Calls, c)
}

func (m *Memory) pin(digits string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.PINs[digits] = true
}

func (m *Memory) text(id, words string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Texts[id] = words
}

// Receive keeps the messages of the last while: the sandbox forgets the oldest.
func (m *Memory) Receive(messages []sandbox.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, one := range messages {
		m.Inbox[one.ID] = one
	}
}

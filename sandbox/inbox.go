package sandbox

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// keeps is how many messages are remembered: enough for an afternoon. A tenth more are let in before the
// oldest go, so that they go many at a time.
const keeps = 10_000

// Message is an SMS to a phone.
type Message struct {
	ID   string    `json:"id"`
	From string    `json:"from"`
	To   string    `json:"to"` // E.164
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// inbox is every phone's.
type inbox struct {
	mu       sync.Mutex
	messages []Message // oldest first
}

// Messages are those to a number in E.164, newest first; all when it is empty.
func (s *Sandbox) Messages(to string) []Message {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	found := []Message{}
	for _, m := range slices.Backward(s.inbox.messages) {
		if to == "" || m.To == to {
			found = append(found, m)
		}
	}
	return found
}

func (s *Sandbox) keep(m Message) {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	s.inbox.messages = append(s.inbox.messages, m)
	if n := len(s.inbox.messages); n > keeps+keeps/10 {
		s.inbox.messages = slices.Delete(s.inbox.messages, 0, n-keeps)
	}
	s.feed.add("message", m)
}

// showInbox shows messages to those who look: a browser, curl, a test.
func (s *Sandbox) showInbox(c echo.Context) error {
	typed := c.QueryParam("phone")
	if typed == "" {
		return c.JSON(http.StatusOK, s.Messages(""))
	}
	phone, err := readNumber("phone", typed)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.Messages(phone))
}

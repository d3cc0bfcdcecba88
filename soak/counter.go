package soak

import (
	"slices"
	"strings"
	"sync"

	"github.com/piga-money/piga/core"
)

// spoken is a code that a customer said to an agent, with the cash on the counter.
type spoken struct {
	code   string
	amount core.Amount
}

// counters is what is said over them, by the agents' numbers.
type counters struct {
	mu     sync.Mutex
	spoken map[string][]spoken
	said   map[string]bool // a page and a message have the same code, and it is said once
}

func newCounters() *counters {
	return &counters{spoken: map[string][]spoken{}, said: map[string]bool{}}
}

func (c *counters) say(agent string, s spoken) {
	c.mu.Lock()
	defer c.mu.Unlock()
	once := agent + s.code + s.amount.String()
	if !c.said[once] {
		c.said[once] = true
		c.spoken[agent] = append(c.spoken[agent], s)
	}
}

// hear takes a code, the oldest first: of an amount, or any if that is 0.
func (c *counters) hear(agent string, amount core.Amount) (spoken, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.spoken[agent], func(s spoken) bool { return amount == 0 || s.amount == amount })
	if i < 0 {
		return spoken{}, false
	}
	s := c.spoken[agent][i]
	c.spoken[agent] = slices.Delete(c.spoken[agent], i, i+1)
	return s, true
}

// forget is that whoever stood at a counter has gone.
func (c *counters) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.spoken)
}

// speak tells the agent a code. Her number stands before her name.
func (c *caller) speak(agent, code string, amount core.Amount) {
	number, _, _ := strings.Cut(agent, " ")
	c.counters.say(number, spoken{code, amount})
}

// readInbox reads what has come, once.
func (c *caller) readInbox() {
	for _, m := range slices.Backward(c.Sandbox.Messages(string(c.Party.Phone))) {
		if c.read[m.ID] {
			continue
		}
		c.read[m.ID] = true
		said := c.reader.message(m.Text)
		switch said.Key {
		case "sms.cash.code":
			c.counters.say(said.Args["number"], spoken{said.Args["code"], said.amount("amount")})
		case "sms.cash.asked":
			c.refs = append(c.refs, said.Args["ref"])
		case "sms.cash.deposit":
			c.deposits = append(c.deposits, said.Args["code"])
			c.refs = append(c.refs, said.Args["ref"])
		case "sms.pin_changed":
			if len(c.pins) > 1 && c.nextPIN != "" {
				c.pins = []string{c.nextPIN, c.pins[0]}
			}
		}
		if r := said.Args["receipt"]; r != "" && said.Key != "sms.balance" {
			c.receipts = append(c.receipts, r)
		}
	}
}

// mayText sends a text instead of dialling, and is false when she would rather dial.
func (c *caller) mayText() (bool, error) {
	dice := c.r.IntN(100)
	switch {
	case c.Party.Kind == core.Agent && dice < 40:
		return c.answerCash()
	case dice >= 97 && len(c.receipts) > 0:
		return true, c.text("CHECK " + c.receipts[c.r.IntN(len(c.receipts))])
	case dice == 96 && c.r.IntN(4) == 0:
		return true, c.text("where is my money")
	}
	return false, nil
}

// answerCash is the agent's word by SMS, if anybody waits for it.
func (c *caller) answerCash() (bool, error) {
	switch dice := c.r.IntN(20); {
	case dice < 2 && len(c.refs) > 0:
		return true, c.text("NO " + last(&c.refs))
	case dice == 2:
		return true, c.text("OK 0000")
	case dice < 9 && len(c.deposits) > 0:
		return true, c.text("ok" + last(&c.deposits))
	}
	if s, ok := c.counters.hear(c.Party.Number, 0); ok {
		return true, c.text("OK " + s.code)
	}
	return false, nil
}

func last(s *[]string) string {
	n := len(*s) - 1
	one := (*s)[n]
	*s = (*s)[:n]
	return one
}

func (c *caller) text(words string) error {
	id, _, err := c.Sandbox.Text(string(c.Party.Phone), words)
	if err == nil {
		c.Memory.text(id, words)
	}
	return err
}

// serve answers a request by the menu.
func (c *caller) serve() errand {
	e := steps("serve", "home.agent", "2", "requests", "1", "request.deposit", "1", "request.withdraw", "1")
	if c.r.IntN(6) == 0 {
		e = steps("refuse", "home.agent", "2", "requests", "1", "request.deposit", "2", "request.withdraw", "2")
	}
	e.answers["request.withdraw.code"] = func(said Said) string {
		if s, ok := c.counters.hear(c.Party.Number, said.amount("amount")); ok {
			return s.code
		}
		return "00"
	}
	e.answers["request.deposit.code"] = func(Said) string {
		if len(c.deposits) == 0 {
			return "00"
		}
		return last(&c.deposits)
	}
	e.pays, e.also = "request.withdraw.pin", "request.deposit.pin"
	return e
}

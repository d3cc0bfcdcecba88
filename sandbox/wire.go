package sandbox

import (
	"strings"
	"time"
)

// Line is one thing that went over the wire, or that hostility kept from it.
type Line struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"` // callback, event, report, text, sms, airtime, user
	Phone  string    `json:"phone,omitempty"`
	Call   string    `json:"call,omitempty"` // its session
	Hop    int       `json:"hop,omitempty"`  // of the call, from 1
	Sent   string    `json:"sent"`           // the request's body
	Status int       `json:"status"`         // of the answer; 0 if there was none
	Got    string    `json:"got"`            // the answer's body
	TookMS float64   `json:"tookMs"`
	Did    []Kind    `json:"did,omitempty"`  // what hostility did on this occasion
	Note   string    `json:"note,omitempty"` // in words: which copy, why there is no page
}

// mostShown bounds a body in a line, in bytes.
const mostShown = 2000

// write puts a line down. What others wrote is cut to what a person reads: 2,000 lines are remembered.
func (s *Sandbox) write(l Line) {
	l.Phone, l.Sent, l.Got = cut(l.Phone), cut(l.Sent), cut(l.Got)
	s.feed.add("wire", l)
	if s.Watch != nil {
		s.Watch(l)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func cut(body string) string {
	body = strings.ToValidUTF8(body, "?")
	if len(body) <= mostShown {
		return body
	}
	return strings.ToValidUTF8(body[:mostShown], "") + "..."
}

// Wire is the lines that are remembered, oldest first.
func (s *Sandbox) Wire() []Line {
	remembered, _, _ := s.feed.after("")
	var lines []Line
	for _, e := range remembered {
		if l, ok := e.data.(Line); ok {
			lines = append(lines, l)
		}
	}
	return lines
}

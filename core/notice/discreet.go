package notice

import (
	"maps"

	"github.com/piga-money/piga/core/text"
)

// secret is the blank of a code that only who is told may know, and covered what others see in its place.
const (
	secret  = "code"
	covered = "****"
)

// Discreet is what a message says, for somebody else than the one who is told: without the code in it, if there is one.
func Discreet(words text.Catalogs, m Message) string {
	if _, ok := m.Args[secret]; !ok && m.Text != "" {
		return m.Text
	}
	m.Args = maps.Clone(m.Args)
	if _, ok := m.Args[secret]; ok {
		m.Args[secret] = covered
	}
	return Text(words, m)
}

package notice

import (
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

const repeated = text.Key("sms.repeat")

// Repeat is what a message says of which nobody knows whether it was sent: what it says anyway, after a warning. It
// may need two segments. It is "" when the message has no words, or warns already.
func Repeat(words text.Catalogs, m Message) string {
	said := m.Text
	if said == "" {
		said = Text(words, m)
	}
	c := words[m.Lang]
	if !c.Has(repeated) {
		c = words[core.English]
	}
	warning := c.Say(repeated, nil)
	if said == "" || strings.HasPrefix(said, warning) {
		return ""
	}
	return warning + " " + said
}

package notice

import (
	"maps"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// Text is what a message says, in its own language, or in English where that has no words for it. It is
// "" when English has none either: a newer copy of Piga wrote the message, and only that can send it.
//
// A key "error.<code>" is a refusal. It takes the words of "sms.failed.<code>", which speak of
// sending money, else, and for any other operation, those of "sms.failed", where {why} is what a screen says of
// that code. A name that would make a second segment
// is cut.
func Text(words text.Catalogs, m Message) string {
	for _, lang := range []core.Lang{m.Lang, core.English} {
		c := words[lang]
		if k, args := spoken(c, m); c.Has(k) {
			return c.Within(text.SegmentSeptets, k, args)
		}
	}
	return ""
}

// spoken is the key under which a message's words stand, "" when a refusal has none, and its blanks.
func spoken(c text.Catalog, m Message) (text.Key, text.Args) {
	code, refusal := strings.CutPrefix(string(m.Key), "error.")
	if !refusal {
		return m.Key, m.Args
	}
	own := text.Key("sms.failed." + code)
	if op := core.Operation(m.Args["operation"]); c.Has(own) && (op == "" || op == core.Send) {
		return own, m.Args
	}
	if !c.Has(m.Key) {
		return "", nil
	}
	args := text.Args{}
	maps.Copy(args, m.Args)
	args["why"] = c.Say(m.Key, m.Args)
	return "sms.failed", args
}

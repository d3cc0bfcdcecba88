package soak

import (
	"regexp"
	"slices"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// Said is a page or a message as a person understood it.
type Said struct {
	Key   text.Key   // of the words; empty when no catalogue has such
	Alike []text.Key // that say the same in the same words
	Args  text.Args  // what stood in the blanks
	Above *Said      // the line above a page: what was wrong, or what became of the last errand
	Text  string
}

// reader understands what Piga says, by the catalogues alone: in whatever language it comes.
type reader struct{ pages, lines, messages []form }

// form is how one text looks with anything in its blanks.
type form struct {
	key     text.Key
	alike   []text.Key
	literal string // the longest piece of it without a blank, by which most others are told apart at once
	whole   *regexp.Regexp
}

func newReader(words text.Catalogs) *reader {
	r := &reader{}
	for _, lang := range core.Langs {
		for _, k := range words[lang].Keys() {
			into, above := r.place(k)
			if into == nil {
				continue
			}
			f := formOf(words[lang], k, above)
			i := slices.IndexFunc(*into, func(g form) bool { return g.whole.String() == f.whole.String() })
			if i < 0 {
				*into = append(*into, f)
			} else if (*into)[i].key != f.key {
				(*into)[i].alike = append((*into)[i].alike, f.key)
			}
		}
	}
	return r
}

// place is where a text is said, and whether a line may stand above it. Pieces of others are nowhere.
func (r *reader) place(k text.Key) (into *[]form, above bool) {
	first, rest, _ := strings.Cut(string(k), ".")
	switch {
	case first == "sms", first == "reply":
		return &r.messages, false
	case first == "errand" && rest != "", first == "error":
		return &r.lines, false
	case strings.Contains(rest, "line."), first == "go_on" && rest != "", first == "tier", first == "details" && rest != "":
		return nil, false
	default:
		return &r.pages, true
	}
}

// blanks are what stands in them; in any other is something on one line.
var blanks = map[string]string{
	"amount": `[0-9][0-9,]*(?:\.[0-9]{2})?`, "fee": `[0-9][0-9,]*(?:\.[0-9]{2})?`, "balance": `[0-9][0-9,]*(?:\.[0-9]{2})?`,
	"held": `[0-9][0-9,]*(?:\.[0-9]{2})?`, "receipt": `[A-Z0-9]{10}`, "minutes": `[0-9]+`, "ref": `R[0-9]+`,
	"phone": `\S+`, "code": `\S+`, "number": `[0-9]+`, "date": `[0-9/]+`, "time": `[0-9:]+ [AP]M`, "lines": `(?s:.+)`,
	"line": `(?s:.+)`, "why": `(?s:.+)`,
}

var blank = regexp.MustCompile(`ZQ([a-z_]+)QZ`)

func formOf(c text.Catalog, k text.Key, above bool) form {
	args := text.Args{}
	for _, b := range c.Blanks(k) {
		args[b] = "ZQ" + b + "QZ"
	}
	said := c.Say(k, args)
	pieces := blank.Split(said, -1)
	f := form{key: text.Key(strings.TrimSuffix(string(k), ".short")), literal: longest(pieces)}
	pattern, seen := regexp.QuoteMeta(pieces[0]), map[string]bool{}
	for i, m := range blank.FindAllStringSubmatch(said, -1) {
		in, ok := blanks[m[1]]
		if !ok {
			in = `[^\n]+?`
		}
		if seen[m[1]] {
			pattern += "(?:" + in + ")"
		} else {
			pattern += "(?P<" + m[1] + ">" + in + ")"
		}
		seen[m[1]] = true
		pattern += regexp.QuoteMeta(pieces[i+1])
	}
	if above {
		pattern = `(?:(?P<above>(?s:.+?))\n)??` + pattern
	}
	f.whole = regexp.MustCompile(`^` + pattern + `$`)
	return f
}

func longest(pieces []string) string {
	return slices.MaxFunc(pieces, func(a, b string) int { return len(a) - len(b) })
}

// page understands a page, without the aggregator's prefix.
func (r *reader) page(words string) Said {
	said := match(r.pages, words)
	if said.Key == "" {
		return match(r.lines, words) // the last word of a call may be an error
	}
	if above, ok := said.Args["above"]; ok {
		line := match(r.lines, above)
		said.Above = &line
	}
	return said
}

// message understands an SMS.
func (r *reader) message(words string) Said { return match(r.messages, words) }

func match(forms []form, words string) Said {
	best := Said{Text: words}
	for _, f := range forms {
		if !strings.Contains(words, f.literal) {
			continue
		}
		m := f.whole.FindStringSubmatch(words)
		if m == nil {
			continue
		}
		args := text.Args{}
		for i, name := range f.whole.SubexpNames() {
			if name != "" && m[i] != "" {
				args[name] = m[i]
			}
		}
		if _, more := args["above"]; !more { // nothing left over: it cannot be understood better
			return Said{Key: f.key, Alike: f.alike, Args: args, Text: words}
		}
		if best.Key == "" || len(args["above"]) < len(best.Args["above"]) {
			best = Said{Key: f.key, Alike: f.alike, Args: args, Text: words}
		}
	}
	return best
}

// understood is false of what no catalogue has.
func (s Said) understood() bool { return s.Key != "" && (s.Above == nil || s.Above.Key != "") }

// amount is the amount in a blank, 0 when there is none.
func (s Said) amount(blank string) core.Amount { return amountOf(s.Args[blank]) }

func amountOf(words string) core.Amount {
	a, err := core.ParseAmount(words)
	if err != nil {
		return 0
	}
	return a
}

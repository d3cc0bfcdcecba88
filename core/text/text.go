// Package text holds every word that Piga says, by language and key, and knows what fits on a page or in a
// message. It must not know when something is said, or to whom.
package text

import (
	"maps"
	"slices"
	"strings"

	"github.com/piga-money/piga/core"
)

// Key names one text: the name of its section in the catalogues. A screen and its words have one key.
type Key string

// Args fills the {blanks} of a text.
type Args map[string]string

// Catalog is every text in one language. It is read only, and so may be used by many at once.
type Catalog struct{ texts map[Key]phrase }

// Catalogs is every language's catalogue.
type Catalogs map[core.Lang]Catalog

// phrase is a text taken apart once, at loading: what is said as it stands, and the blanks between.
type phrase []piece

type piece struct {
	words string // as it stands, or the name of a blank
	blank bool
}

// Lines is the one blank whose value may have several lines: lines that were said before. Every other
// value is folded on one line.
const Lines = "lines"

// gap is said for a blank that nobody filled: less than the truth, but nothing untrue.
const gap = "..."

// ForError is the key of the words on an error.
func ForError(code core.Code) Key { return Key("error." + code) }

// ForProgram is the key of the words on an error for whoever reads what a program was answered. Only codes have such
// whose other words speak of a phone, or of what stands on its screen.
func ForProgram(code core.Code) Key { return Key("program." + code) }

// Say is a text with its blanks filled. Values are folded to GSM-7, and a value that looks like a blank is
// not filled again. Neither of two mistakes of ours breaks a call: a blank without a value is said as
// "...", and for a key without a text the words of error.internal are said, which promise nothing. Tests
// use Lacks to see that neither happens.
func (c Catalog) Say(k Key, args Args) string {
	p, ok := c.texts[k]
	if !ok {
		p = c.texts[ForError(core.Internal)]
	}
	if len(p) == 1 && !p[0].blank {
		return p[0].words
	}
	size := 0
	for _, piece := range p {
		size += len(piece.words) + len(args[piece.words])
	}
	var b strings.Builder
	b.Grow(size)
	for _, piece := range p {
		if piece.blank {
			b.WriteString(value(args, piece.words))
		} else {
			b.WriteString(piece.words)
		}
	}
	return b.String()
}

func value(args Args, blank string) string {
	v, ok := args[blank]
	if !ok {
		return gap
	}
	if blank == Lines && strings.Contains(v, "\n") {
		lines := strings.Split(v, "\n")
		for i := range lines {
			lines[i] = Fold(lines[i])
		}
		return strings.Join(lines, "\n")
	}
	return Fold(v)
}

// Within is Say for what must fit n septets whatever the values: when it does not, the text's ".short"
// twin is said if the catalogue has one, and if that does not fit either, the value of {name} is cut, but
// never below what a person is recognised by. What then is still too long stays so.
func (c Catalog) Within(n int, k Key, args Args) string {
	s := c.Say(k, args)
	if fits(s, n) {
		return s
	}
	if short := k + ".short"; c.Has(short) {
		k, s = short, c.Say(short, args)
	}
	over, _ := Septets(s)
	over -= n
	if over <= 0 || !slices.Contains(c.Blanks(k), "name") {
		return s
	}
	args = maps.Clone(args)
	has, _ := Septets(Fold(args["name"]))
	args["name"] = Cut(args["name"], max(leastName, has-over))
	return c.Say(k, args)
}

// leastName is the septets of a name that Within leaves.
const leastName = 10

// Has is true when there is a text under the key.
func (c Catalog) Has(k Key) bool { return c.texts[k] != nil }

// Keys lists the keys of all texts, in order.
func (c Catalog) Keys() []Key { return slices.Sorted(maps.Keys(c.texts)) }

// Blanks lists the names of a text's blanks, sorted, each once; none of a key without a text.
func (c Catalog) Blanks(k Key) []string {
	var names []string
	for _, piece := range c.texts[k] {
		if piece.blank {
			names = append(names, piece.words)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Lacks tells what Say would have to do without: the key itself, or blanks. It is nil when all is there.
func (c Catalog) Lacks(k Key, args Args) []string {
	if !c.Has(k) {
		return []string{string(k)}
	}
	var lacks []string
	for _, name := range c.Blanks(k) {
		if _, ok := args[name]; !ok {
			lacks = append(lacks, name)
		}
	}
	return lacks
}

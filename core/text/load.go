package text

import (
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/piga-money/piga/core"
)

//go:embed catalog/*.txt
var files embed.FS

// Load reads and checks the catalogue of one language.
func Load(lang core.Lang) (Catalog, error) {
	b, err := files.ReadFile("catalog/" + string(lang) + ".txt")
	if err != nil {
		return Catalog{}, fmt.Errorf("text: no catalogue for %q: %w", lang, err)
	}
	c, err := parse(b)
	if err != nil {
		return Catalog{}, fmt.Errorf("text: catalogue %q: %w", lang, err)
	}
	return c, nil
}

// LoadAll reads the catalogue of every language, and refuses them unless all have the same keys with the
// same blanks. A ".short" twin may be in one language only.
func LoadAll() (Catalogs, error) {
	all, first := Catalogs{}, core.Langs[0]
	for _, lang := range core.Langs {
		c, err := Load(lang)
		if err != nil {
			return nil, err
		}
		all[lang] = c
		if err := agree(all[first], c); err != nil {
			return nil, fmt.Errorf("text: catalogues %q and %q differ: %w", first, lang, err)
		}
	}
	return all, nil
}

func agree(a, b Catalog) error {
	var wrong []error
	for _, k := range slices.Compact(slices.Sorted(slices.Values(append(a.Keys(), b.Keys()...)))) {
		switch {
		case strings.HasSuffix(string(k), ".short"):
		case !a.Has(k) || !b.Has(k):
			wrong = append(wrong, fmt.Errorf("%s is in one only", k))
		case !slices.Equal(a.Blanks(k), b.Blanks(k)):
			wrong = append(wrong, fmt.Errorf("%s has blanks %v and %v", k, a.Blanks(k), b.Blanks(k)))
		}
	}
	return errors.Join(wrong...)
}

var goodKey = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)*$`)

// parse reads a catalogue, and tells all that is wrong with it at once.
func parse(b []byte) (Catalog, error) {
	c := Catalog{texts: map[Key]phrase{}}
	var wrong []error
	for _, f := range txtar.Parse(b).Files {
		p, err := section(f)
		if err == nil && c.Has(Key(f.Name)) {
			err = errors.New("is there twice")
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", f.Name, err))
		}
		c.texts[Key(f.Name)] = p
	}
	for _, k := range c.Keys() {
		long, ok := strings.CutSuffix(string(k), ".short")
		if ok && !slices.Equal(c.Blanks(k), c.Blanks(Key(long))) {
			wrong = append(wrong, fmt.Errorf("%s: not the blanks of %s", k, long))
		}
	}
	return c, errors.Join(wrong...)
}

// section checks one text as it stands in the file and takes it apart.
func section(f txtar.File) (phrase, error) {
	if !goodKey.MatchString(f.Name) {
		return nil, errors.New("a key is small letters, dots and underscores")
	}
	words := strings.TrimSuffix(string(f.Data), "\n")
	if words == "" {
		return nil, errors.New("no words")
	}
	for line := range strings.SplitSeq(words, "\n") {
		switch {
		case line == "" || strings.TrimSpace(line) != line:
			return nil, fmt.Errorf("line %q is empty, or has blanks at an end", line)
		case strings.HasPrefix(line, "--"):
			return nil, fmt.Errorf("line %q looks like a key", line)
		}
	}
	if _, ok := Septets(words); !ok {
		return nil, fmt.Errorf("%q does not fit GSM-7", words)
	}
	return split(words)
}

var goodBlank = regexp.MustCompile(`^[a-z_]+$`)

// split takes a text apart at its blanks. A brace is never said.
func split(words string) (phrase, error) {
	var p phrase
	for words != "" {
		before, rest, found := strings.Cut(words, "{")
		if strings.Contains(before, "}") {
			return nil, fmt.Errorf("a } without its { in %q", before)
		}
		if before != "" {
			p = append(p, piece{words: before})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !goodBlank.MatchString(name) {
			return nil, fmt.Errorf("{%s: a blank is small letters in braces", name)
		}
		p = append(p, piece{words: name, blank: true})
		words = after
	}
	return p, nil
}

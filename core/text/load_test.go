package text

import (
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ in, want string }{
		"a key twice":               {"-- a --\nx\n-- a --\ny\n", "twice"},
		"no words":                  {"-- a --\n-- b --\nx\n", "no words"},
		"a key of capitals":         {"-- A --\nx\n", "small letters"},
		"a key with a blank":        {"-- a b --\nx\n", "small letters"},
		"a blank at a line's end":   {"-- a --\nx \ny\n", "blanks at an end"},
		"an empty line":             {"-- a --\nx\n\ny\n", "is empty"},
		"an empty line at the end":  {"-- a --\nx\n\n-- b --\ny\n", "is empty"},
		"a key that is not one":     {"-- a --\nx\n-- b -- \ny\n", "blanks at an end"},
		"a key that is not closed":  {"-- a --\nx\n-- b -\ny\n", "looks like a key"},
		"outside GSM-7":             {"-- a --\nça va\n", "GSM-7"},
		"a brace left open":         {"-- a --\nx {name\n", "{name"},
		"a brace too many":          {"-- a --\nx {name}}\n", "without its {"},
		"a brace in a brace":        {"-- a --\n{{name}}\n", "small letters in braces"},
		"an empty blank":            {"-- a --\nx {}\n", "small letters in braces"},
		"a blank with a space":      {"-- a --\nx {the name}\n", "small letters in braces"},
		"a short one of other kind": {"-- a --\n{x}\n-- a.short --\n{y}\n", "not the blanks of a"},
	} {
		if _, err := parse([]byte(tt.in)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want it to mention %q", name, err, tt.want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	c, err := parse([]byte("A word at the head.\n-- a.b_c --\n{x}{y} and\n{x}.\n-- b --\nno newline at the end"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Say("a.b_c", Args{"x": "1", "y": "2"}); got != "12 and\n1." {
		t.Errorf("said %q", got)
	}
	if got := c.Say("b", nil); got != "no newline at the end" {
		t.Errorf("said %q", got)
	}
}

func TestAgree(t *testing.T) {
	t.Parallel()
	a, _ := parse([]byte("-- a --\n{x} {y}\n-- b --\nb\n-- c --\nc\n"))
	b, _ := parse([]byte("-- a --\n{y} {x}\n-- b --\n{x}\n-- d --\nd\n-- a.short --\n{x}{y}\n"))
	err := agree(a, b)
	if err == nil {
		t.Fatal("they do not agree")
	}
	want := "b has blanks [] and [x]\nc is in one only\nd is in one only"
	if err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
	if _, err := Load("fr"); err == nil {
		t.Error("there is no French yet")
	}
}

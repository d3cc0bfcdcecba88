package notice_test

import (
	"strings"
	"testing"

	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Whatever has a code in it is told without, in every language, though it was said with it; all else as it was said.
func TestDiscreet(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	for lang, c := range words {
		for _, k := range c.Keys() {
			args := text.Args{}
			for _, blank := range c.Blanks(k) {
				args[blank] = "x"
			}
			m := notice.Message{Lang: lang, Key: k, Args: args, Text: "as it was said"}
			if _, ok := args["code"]; ok {
				args["code"] = "931274"
				m.Text = c.Say(k, args)
				codes++
			}
			got := notice.Discreet(words, m)
			if strings.Contains(got, "931274") || got == "" || args["code"] != "" && args["code"] != "931274" {
				t.Errorf("%s in %s: %q", k, lang, got)
			}
			if args["code"] == "" && got != m.Text {
				t.Errorf("%s in %s: %q", k, lang, got)
			}
		}
	}
	if codes < 6 {
		t.Errorf("only %d texts have a code", codes)
	}
}

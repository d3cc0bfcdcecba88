package notice_test

import (
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// A message warns once, however often it is asked to, in the language that it is in.
func TestRepeat(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	args := text.Args{"amount": "50", "name": "JANE W."}
	for want, m := range map[string]notice.Message{
		"This may be a repeat: NOT sent: KES 50 to JANE W.\nNo money moved. Dial again to send it.": {Lang: core.English, Key: "sms.not_sent", Args: args},
		"This may be a repeat: as it was said":                                                      {Lang: core.English, Key: "sms.not_sent", Text: "as it was said"},
		"Huenda huu ni marudio: kama kawaida":                                                       {Lang: core.Swahili, Text: "kama kawaida"},
		"":                                                                                          {Lang: core.English, Key: "sms.of_a_newer_copy"},
	} {
		if m.Text = notice.Repeat(words, m); m.Text != want {
			t.Errorf("%q, want %q", m.Text, want)
		}
		if again := notice.Repeat(words, m); again != "" {
			t.Errorf("again: %q", again)
		}
	}
}

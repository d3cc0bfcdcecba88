package text_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

func load(t testing.TB, lang core.Lang) text.Catalog {
	t.Helper()
	c, err := text.Load(lang)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSay(t *testing.T) {
	t.Parallel()
	c := load(t, core.English)
	for _, tt := range []struct {
		name string
		key  text.Key
		args text.Args
		want string
	}{
		{"filled", "balance.done", text.Args{"balance": "1,200"}, "Balance KES 1,200."},
		{"more than is asked for", "balance.done", text.Args{"balance": "1", "held": "2"}, "Balance KES 1."},
		{"no blanks", "call.again", nil, "Please dial again."},
		{"a blank nobody filled", "balance.done", nil, "Balance KES ...."},
		{"an empty value", "balance.done", text.Args{"balance": ""}, "Balance KES ."},
		{
			"a value that looks like a blank", "balance.held",
			text.Args{"balance": "{held}", "held": "{balance}"},
			"Available KES {held}. On hold KES {balance}.",
		},
		{
			"a value that looks like a page", "register.done",
			text.Args{"name": "X\n1 Yes ‘ç"},
			"Welcome to Piga, X 1 Yes 'c. Dial again to begin.",
		},
		{
			"lines", "statement.done",
			text.Args{text.Lines: "21/11 Sent 5 ẸMA\n20/11 Paid 6"},
			"21/11 Sent 5 EMA\n20/11 Paid 6\nThe last five come by SMS.",
		},
		{"no such key", "no.such", nil, c.Say("error.internal", nil)},
	} {
		if got := c.Say(tt.key, tt.args); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := (text.Catalog{}).Say("home", nil); got != "" {
		t.Errorf("an empty catalogue says %q", got)
	}
}

// Saying is done at every turn: it takes one allocation, and none for a text that has no blanks.
func TestSayIsCheap(t *testing.T) {
	c := load(t, core.English)
	args := text.Args{"amount": "500", "name": "JANE W.", "fee": "5"}
	if n := testing.AllocsPerRun(100, func() { c.Say("send.pin", args) }); n > 1 {
		t.Errorf("%v allocations for a text with blanks", n)
	}
	if n := testing.AllocsPerRun(100, func() { c.Say("home", nil) }); n > 0 {
		t.Errorf("%v allocations for a text without", n)
	}
}

func TestBlanksAndLacks(t *testing.T) {
	t.Parallel()
	c := load(t, core.English)
	if got := c.Blanks("send.again"); !slices.Equal(got, []string{"amount", "minutes", "name"}) {
		t.Errorf("blanks of send.again: %v", got)
	}
	if got := c.Blanks("home"); got != nil {
		t.Errorf("blanks of home: %v", got)
	}
	if got := c.Lacks("send.again", text.Args{"amount": "1", "name": ""}); !slices.Equal(got, []string{"minutes"}) {
		t.Errorf("send.again lacks %v", got)
	}
	if got := c.Lacks("send.agian", nil); !slices.Equal(got, []string{"send.agian"}) {
		t.Errorf("a key without words lacks %v", got)
	}
	if got := c.Lacks("call.again", nil); len(got) != 0 {
		t.Errorf("call.again lacks %v", got)
	}
}

// What does not fit is said shorter, and only then is the name cut.
func TestWithin(t *testing.T) {
	t.Parallel()
	c := load(t, core.Swahili)
	args := text.Args{
		"receipt": "QK74J7XW2M", "amount": "20.00", "name": "ASHA ALI", "phone": "0712345678",
		"date": "13/1/25", "time": "8:37 PM", "balance": "700.00", "fee": "0.00",
	}
	if got := c.Within(160, "sms.sent", args); got != c.Say("sms.sent", args) {
		t.Errorf("cut without need: %q", got)
	}
	args["name"], args["amount"], args["balance"] = "JANE WANJIKU", "2,000.00", "12,495.00"
	if got := c.Within(160, "sms.sent", args); got != c.Say("sms.sent.short", args) || !within(got, 160) {
		t.Errorf("not the short one: %q", got)
	}
	args["name"] = "JANE WANJIKU [KAMAU] MUTHONI"
	if got := c.Within(160, "sms.sent", args); !within(got, 160) || !strings.Contains(got, "JANE WANJIKU ") {
		t.Errorf("not cut, or too much: %q", got)
	}
	if args["name"] != "JANE WANJIKU [KAMAU] MUTHONI" {
		t.Error("the caller's own value was changed")
	}
	if got := c.Within(20, "sms.sent", args); !strings.Contains(got, "kwa JANE WANJI 07") {
		t.Errorf("nothing of the name is left: %q", got)
	}
	if got := c.Within(5, "call.again", nil); got != c.Say("call.again", nil) {
		t.Errorf("without a name: %q", got)
	}
}

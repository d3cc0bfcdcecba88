package ussd

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/piga-money/piga/menus"
)

var (
	testMarker = marker{key: []byte("0123456789abcdef0123456789abcdef"), session: "ATUid_1"}
	testCall   = Callback{Session: "ATUid_1", Phone: "+254712345678", Service: "*384*96#"}
)

// walk is the call after turns with these texts; the page of turn n says so.
func walk(texts ...string) *call {
	var c *call
	for i, text := range texts {
		cb := testCall
		cb.Text = text
		c = c.after(cb, testMarker, menus.State{}, Reply{Text: "page " + string(rune('0'+i))}, time.Time{})
	}
	return c
}

func TestClassify(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", longestText)
	stars := strings.Repeat("*", mostParts)
	for _, test := range []struct {
		before []string
		text   string
		want   turn
	}{
		{nil, "", turn{kind: first}},
		{nil, "1*0712345678", turn{kind: first}},
		{nil, long, turn{kind: first}},
		{nil, long + "1", turn{kind: diverged}},
		{nil, stars, turn{kind: diverged}},

		{[]string{""}, "1", turn{next, "1", 1}},
		{[]string{""}, "1*2", turn{next, "1*2", 1}},
		{[]string{""}, "*1", turn{next, "1", 1}}, // an empty answer came between and did not show
		{[]string{""}, "*", turn{next, "", 1}},
		{[]string{"", "1"}, "1*2", turn{next, "2", 2}},
		{[]string{"", "1"}, "1*", turn{next, "", 2}},
		{[]string{"", "1", "1*"}, "1**", turn{next, "", 3}},
		{[]string{"", "1", "1*"}, "1**5", turn{next, "5", 3}},
		{[]string{"7*a*b"}, "7*a*b*****", turn{next, "****", 1}},
		{[]string{"1"}, "1*#*", turn{next, "#*", 1}},
		{[]string{long}, long + "*1", turn{kind: diverged, number: 1}},

		{[]string{""}, "", turn{kind: replay}},
		{[]string{"", "1", "1*2"}, "1*2", turn{kind: replay, number: 2}},
		{[]string{"1*2"}, "1*2", turn{kind: replay}},

		{[]string{"", "1", "1*2"}, "1", turn{kind: stale, number: 1}},
		{[]string{"", "1", "1*2"}, "", turn{kind: stale}},
		{[]string{"1*2", "1*2*3"}, "", turn{kind: stale, number: 1}},
		{[]string{"1*2", "1*2*3"}, "1", turn{kind: stale, number: 1}}, // within the deep dial
		{[]string{"1*2", "1*2*3"}, "1*2", turn{kind: stale, number: 0}},

		{[]string{"", "1", "1*2"}, "12", turn{kind: diverged, number: 3}},
		{[]string{"", "1", "1*2"}, "1*3", turn{kind: diverged, number: 3}},
		{[]string{"", "1", "1*2"}, "1*23", turn{kind: diverged, number: 3}},
		{[]string{"", "1", "1*2"}, "2*2*3", turn{kind: diverged, number: 3}},
		{[]string{"12*3"}, "1", turn{kind: diverged, number: 1}},
	} {
		cb := testCall
		cb.Text = test.text
		got := classify(walk(test.before...), testMarker, cb)
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(turn{})); diff != "" {
			t.Errorf("%.40q after %.40q: %s", test.text, test.before, diff)
		}
	}
}

func TestClassifyForeign(t *testing.T) {
	t.Parallel()
	for _, cb := range []Callback{
		{Session: "ATUid_1", Phone: "+254722000000", Service: "*384*96#", Text: "1"},
		{Session: "ATUid_1", Phone: "+254712345678", Service: "*384*97#", Text: "1"},
		{Session: "ATUid_1", Phone: "+254722000000", Service: "*384*96#", Text: strings.Repeat("1", 3000)},
	} {
		if got := classify(walk("", "1"), testMarker, cb); got.kind != foreign {
			t.Errorf("%s %s: %s", cb.Phone, cb.Service, got.kind)
		}
	}
}

func TestClassifyAfterTheEnd(t *testing.T) {
	t.Parallel()
	c := walk("", "1", "1*2")
	c.Pages[2].End = true
	for text, want := range map[string]kind{"": stale, "1": stale, "1*2": replay, "1*2*3": diverged, "9": diverged} {
		cb := testCall
		cb.Text = text
		if got := classify(c, testMarker, cb); got.kind != want {
			t.Errorf("%q: %s, want %s", text, got.kind, want)
		}
	}
}

// Whatever the history, a text that was a turn is never carried out again, a text of which the last has
// more is not either, and one answer more is the next turn.
func TestNoTextTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		answer := rapid.StringMatching(`[0-9*#a]{0,6}`)
		texts := []string{rapid.SampledFrom([]string{"", "1", "1*2*3", "*", "**1"}).Draw(t, "first")}
		for range rapid.IntRange(0, 12).Draw(t, "turns") {
			last, more := texts[len(texts)-1], answer.Draw(t, "answer")
			if last == "" && more == "" {
				continue // no new text
			}
			if last != "" {
				more = last + "*" + more
			}
			texts = append(texts, more)
		}
		c := walk(texts...)
		last := texts[len(texts)-1]
		check := func(text string, bad bool) {
			cb := testCall
			cb.Text = text
			if got := classify(c, testMarker, cb); got.executes() == bad {
				t.Fatalf("%q after %q is %s", text, texts, got.kind)
			}
		}
		for _, text := range texts {
			check(text, true)
		}
		for i := range len(last) {
			if last[i] == '*' {
				check(last[:i], true)
			}
		}
		check(last+"*"+answer.Draw(t, "next"), false)
	})
}

func FuzzClassify(f *testing.F) {
	f.Add("", "1", "1*2")
	f.Add("7*a*b", "7*a*b*****", "7")
	f.Add("\xff", "*", "**")
	f.Fuzz(func(t *testing.T, begin, then, text string) {
		cb := testCall
		cb.Text = begin
		if !classify(nil, testMarker, cb).executes() {
			t.Skip("too long")
		}
		texts := []string{begin}
		cb.Text = then
		if classify(walk(begin), testMarker, cb).executes() {
			texts = append(texts, then)
		}
		c := walk(texts...)
		for _, earlier := range texts {
			cb.Text = earlier
			if got := classify(c, testMarker, cb); got.executes() {
				t.Fatalf("%q after %q is %s", earlier, texts, got.kind)
			}
		}
		cb.Text = text
		last := texts[len(texts)-1]
		if got := classify(c, testMarker, cb); got.kind == next && last+"*"+got.answer != text && last+got.answer != text {
			t.Fatalf("%q after %q is the answer %q", text, last, got.answer)
		}
	})
}

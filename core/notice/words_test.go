package notice_test

import (
	"maps"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

func catalogs(t *testing.T) text.Catalogs {
	t.Helper()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// plainCode is a code whose refusal has no words of its own in any catalogue.
const plainCode = core.Busy

func TestText(t *testing.T) {
	t.Parallel()
	all := catalogs(t)
	en, sw := all[core.English], all[core.Swahili]
	args := text.Args{"receipt": "QK74J7XW2M", "amount": "20.00"}
	for _, c := range []struct {
		name string
		lang core.Lang
		key  text.Key
		want string
	}{
		{"own language", core.Swahili, "sms.sent", sw.Say("sms.sent", args)},
		{"unknown language", "fr", "sms.sent", en.Say("sms.sent", args)},
		{
			"refusal with words of its own", core.English, text.ForError(core.InsufficientFunds),
			en.Say("sms.failed.insufficient_funds", args),
		},
		{
			"refusal in a screen's words", core.English, text.ForError(plainCode),
			"Failed. " + en.Say(text.ForError(plainCode), nil),
		},
		{
			"refusal, own language", core.Swahili, text.ForError(plainCode),
			sw.Say("sms.failed", text.Args{"why": sw.Say(text.ForError(plainCode), nil)}),
		},
		{
			"refusal of something else", core.English, text.ForError(core.InsufficientFunds),
			"Failed. " + en.Say(text.ForError(core.InsufficientFunds), args),
		},
		{"unknown key", core.English, "sms.from_the_future", ""},
		{"unknown code", core.Swahili, "error.from_the_future", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := notice.Message{Lang: c.lang, Key: c.key, Args: maps.Clone(args)}
			if c.name == "refusal of something else" {
				m.Args["operation"] = string(core.Withdraw)
			}
			if got := notice.Text(all, m); got != c.want {
				t.Errorf("said %q, want %q", got, c.want)
			}
		})
	}
}

// A language that has only begun has English words for the rest, and never a sentence in two languages.
func TestTextInHalfALanguage(t *testing.T) {
	t.Parallel()
	en := catalogs(t)[core.English]
	half := text.Catalogs{core.English: en, core.Swahili: {}}
	got := notice.Text(half, notice.Message{Lang: core.Swahili, Key: text.ForError(plainCode)})
	if want := "Failed. " + en.Say(text.ForError(plainCode), nil); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

// Whatever a posting is refused for, there are words for it, and they are one SMS.
func TestEveryRefusalHasWords(t *testing.T) {
	t.Parallel()
	all := catalogs(t)
	for _, lang := range core.Langs {
		for _, code := range core.Codes {
			m := notice.Message{Lang: lang, Key: text.ForError(code), Args: text.Args{"amount": "1,000,000.00"}}
			got := notice.Text(all, m)
			if n, ok := text.Septets(got); got == "" || !ok || n > text.SegmentSeptets {
				t.Errorf("%s, %s: %d septets: %q", lang, code, n, got)
			}
		}
	}
}

// A long name costs a second segment, and so is cut; the rest is not.
func TestLongNamesAreCut(t *testing.T) {
	t.Parallel()
	args := text.Args{
		"receipt": "QK74J7XW2M", "amount": "150,000.00", "name": "MAXIMILIANA WANJIKU-OTIENO KAMAU",
		"phone": "0712345678", "date": "21/11/26", "time": "11:15 AM", "balance": "300,000.00", "fee": "108.00",
	}
	for _, lang := range core.Langs {
		got := notice.Text(catalogs(t), notice.Message{Lang: lang, Key: "sms.sent", Args: args})
		if n, _ := text.Septets(got); n > text.SegmentSeptets {
			t.Errorf("%s: %d septets: %q", lang, n, got)
		}
	}
}

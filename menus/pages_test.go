package menus

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// The widest that a call can hold: a name of forty letters of which one is outside GSM-7, a shop's, the
// largest amounts with cents.
var (
	widePerson = core.Party{
		ID: 1 << 40, Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull,
		Name: "WWWWWWWWWWWWWWWWWWWWÇ’Ẹ WWWWWWWWWWWWWWWWW", Phone: "+254711000001",
	}
	wideShop = core.Party{
		ID: 1 << 40, Kind: core.Merchant, Number: "10021", Name: strings.Repeat("W", 40), Phone: "+254711000002",
	}
	wideAmount = 15_000_050 * core.Amount(1)
)

// wideCall is a call at a screen with the widest values in it.
func wideCall(t *testing.T, words text.Catalogs, lang core.Lang, s Screen, to core.Party) *Call {
	t.Helper()
	return &Call{words: words, ctx: t.Context(), told: strings.Repeat("W", 80), State: State{
		Screen: s.Key, Caller: widePerson, IDEnd: "****7890", Lang: lang, Left: Left{Screen: "send.pin", Offer: "go_on.send"},
		Form: Form{
			To: to, Amount: wideAmount, Fee: 10_050, Minutes: 2, Name: widePerson.Name, Phone: widePerson.Phone,
			IDNumber: "AB1234567890", Request: wideRequest(to), Waiting: []Request{
				wideRequest(to), wideRequest(to), wideRequest(to), wideRequest(to), wideRequest(to),
			},
		},
	}}
}

func wideRequest(with core.Party) Request {
	return Request{
		ID: 1 << 40, Ref: "R9999", Operation: core.Withdraw, With: with, Amount: wideAmount, Fee: 10_050, Minutes: 10,
	}
}

// Every page of every screen fits, in every language, under every line of trouble that it can stand under.
func TestEveryPageFits(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	wide := text.Args{"left": "2", "smallest": "10", "limit": "150,000"}
	for _, lang := range core.Langs {
		for _, s := range Screens {
			for _, to := range []core.Party{widePerson, wideShop} {
				c := wideCall(t, words, lang, s, to)
				troubles := []string{""}
				for _, code := range core.Codes {
					if s.mends(code) || (code == core.FeeChanged && s.Money) {
						troubles = append(troubles, c.say(text.ForError(code), wide)+"\n")
					}
				}
				for _, trouble := range troubles {
					if page := "CON " + c.page(trouble).Text; !text.Fits(page) {
						n, ok := text.Septets(page)
						t.Errorf("%s %s: %d septets (GSM-7: %v):\n%s", lang, s.Key, n, ok, page)
					}
				}
			}
		}
	}
}

// Every blank of every screen is filled, in every language.
func TestEveryBlankIsFilled(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range core.Langs {
		for _, s := range Screens {
			c := wideCall(t, words, lang, s, widePerson)
			var args text.Args
			if s.Fill != nil {
				args = s.Fill(c)
			}
			if lacks := words[lang].Lacks(s.Key, args); len(lacks) > 0 {
				t.Errorf("%s %s: lacks %q", lang, s.Key, lacks)
			}
		}
	}
}

// The last words of a call fit too.
func TestEveryLastWordFits(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range core.Langs {
		c := wideCall(t, words, lang, home, wideShop)
		args := payment(c)
		args["receipt"], args["balance"], args["held"] = "QK74J7XW2M", "500,000.50", "150,000.50"
		args["why"], args["field"] = "repeated field", "identificationNumber"
		args["smallest"], args["limit"], args["left"] = "10", "150,000", "2"
		args["name"], args["phone"] = text.Cut(wideShop.Masked(), tradeWidth), "0711...002"
		line := wallet.Line{
			At: time.Date(2026, 12, 22, 12, 59, 0, 0, time.UTC), Operation: core.Withdraw, Amount: wideAmount, Other: wideShop,
		}
		args["code"], args["ref"], args["minutes"] = "482173", "R9999", "10"
		args["line"], args["time"] = line.Words(words[lang]), "12:59 PM"
		args[text.Lines] = c.lines([]wallet.Line{line, line, line, line, line})
		keys := append([]text.Key{
			"call.again", "call.busy", "call.received", "call.sms_follows", "call.unavailable", "call.unreadable", "call.not_kenyan", "call.foreign",
			"call.unknown_service",
		}, lastWords...)
		for _, code := range core.Codes {
			keys = append(keys, text.ForError(code))
		}
		for _, k := range keys {
			if lacks := words[lang].Lacks(k, args); len(lacks) > 0 {
				t.Errorf("%s %s: lacks %q", lang, k, lacks)
			}
			if page := "END " + c.say(k, args); !text.Fits(page) {
				n, _ := text.Septets(page)
				t.Errorf("%s %s: %d septets:\n%s", lang, k, n, page)
			}
		}
	}
}

// As many lines of a statement as the page promises are on it, also when they are wide.
func TestStatementShowsThreeLines(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	line := wallet.Line{At: time.Date(2026, 12, 22, 0, 0, 0, 0, time.UTC), Operation: core.Send, Amount: 150_000_00, Other: widePerson}
	for _, lang := range core.Langs {
		c := wideCall(t, words, lang, home, wideShop)
		if got := strings.Count(c.lines([]wallet.Line{line, line, line, line}), "\n") + 1; got != mostLines {
			t.Errorf("%s: %d lines", lang, got)
		}
	}
}

// Of five requests of usual amounts all are listed, with as much of their names as there is room for.
func TestFiveRequestsAreListed(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	jane := core.Party{Kind: core.Subscriber, Name: "JANE WANJIKU"}
	r := Request{Ref: "R17", Operation: core.Withdraw, With: jane, Amount: 500 * core.Shilling}
	for n, want := range map[int]string{1: "1 R17 JANE W. out 500", 5: "1 R17 JANE out 500"} {
		c := &Call{words: words, State: State{Lang: core.English}}
		for range n {
			c.Form.Waiting = append(c.Form.Waiting, r)
		}
		lines := strings.Split(c.waiting(), "\n")
		if len(lines) != n || lines[0] != want {
			t.Errorf("%d of %d lines: %q", len(lines), n, lines)
		}
	}
}

// Every screen but the homes and registration is where some answer leads, and where 0 leads there is one.
func TestEveryScreenHasAWayBack(t *testing.T) {
	t.Parallel()
	for _, s := range Screens {
		if s.Back != "" && find(s.Back).Key != s.Back {
			t.Errorf("%s: 0 leads to %q, which is no screen", s.Key, s.Back)
		}
	}
}

// A key that an older build knew begins the call again.
func TestForgottenScreen(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	m := New(nil, words)
	s, page, err := m.Answer(t.Context(), State{Screen: "gone", Lang: core.English, Caller: widePerson}, Turn{}, "1")
	if err != nil || s.Screen != "home" || !strings.HasPrefix(page.Text, "Piga\n") {
		t.Errorf("at %q, %v: %s", s.Screen, err, page.Text)
	}
}

// The code that an agent typed waits in the stored call for her PIN, but not so that anybody could read it.
func TestStoredCallHasNoCode(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := wallet.NewVault([]wallet.Pepper{{ID: "a"}}, wallet.Cost{Memory: 8, Passes: 1}, 1, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m := New(wallet.New(nil, vault, words, time.Now, rand.Reader, ""), words)
	agent := core.Party{ID: 7, Kind: core.Agent, Number: "10021", Name: "MAMA NJERI SHOP"}
	s, page, err := m.Answer(t.Context(), State{
		Screen: "request.withdraw.code", Lang: core.English, Caller: agent, Form: Form{Request: wideRequest(widePerson)},
	}, Turn{}, "4821")
	if err != nil || s.Screen != "request.withdraw.pin" {
		t.Fatalf("at %q, %v: %s", s.Screen, err, page.Text)
	}
	stored, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var again State
	if err := json.Unmarshal(stored, &again); err != nil || len(again.Form.Code.Box) == 0 {
		t.Errorf("the code did not come back: %v", err)
	}
	again.Form.Code.Box = nil // may hold any digits by chance
	if rest, err := json.Marshal(again); err != nil || strings.Contains(string(rest)+page.Text, "4821") {
		t.Errorf("%v: %s", err, rest)
	}
}

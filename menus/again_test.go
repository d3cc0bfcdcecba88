package menus

import (
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// What became of an errand fits above the home of a subscriber with all its six choices, whatever it was.
func TestErrandFitsAboveHome(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for lang, home := range map[core.Lang]string{
		core.English: "Piga\n1 Send money\n2 Withdraw cash\n3 Deposit cash\n4 Balance\n5 Mini statement\n6 My account",
		core.Swahili: "Piga\n1 Tuma pesa\n2 Toa pesa\n3 Weka pesa\n4 Salio\n5 Taarifa fupi\n6 Akaunti yangu",
	} {
		for _, e := range wideErrands() {
			line := e.Words(words[lang])
			page := "CON " + line + "\n" + home
			if !text.Fits(page) || strings.Contains(page, "...") || strings.Contains(page, "{") {
				n, _ := text.Septets(page)
				t.Errorf("%s: %d septets:\n%s", lang, n, page)
			}
		}
	}
}

// wideErrands are a subscriber's, in every way that they may stand.
func wideErrands() []wallet.Errand {
	var all []wallet.Errand
	for _, errand := range []string{"sent", "asked_out", "asked_in"} {
		e := wallet.Errand{}
		e.Errand, e.Args = errand, text.Args{"amount": wideAmount.String(), "name": wideShop.Masked()}
		done, refused, open := e, e, e
		done.Receipt, refused.Code, open.Open = "QK74J7XW2M", core.Voided, true
		all = append(all, done, refused, open)
		if errand == "sent" {
			continue
		}
		done.Ended, e.Ended = wallet.Confirmed, wallet.Expired
		all = append(all, done, e)
	}
	return all
}

// Where there is no room above the home, it has a page of its own, and any answer leads home.
func TestErrandOnItsOwnPage(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	m := New(nil, words)
	for _, answer := range []string{"1", "0", "00", "", "7"} {
		c := wideCall(t, words, core.English, home, widePerson)
		page := c.tell(strings.Repeat("W", 130))
		if want := strings.Repeat("W", 130) + "\n1 Main menu"; page.Text != want || page.Screen != errand.Key || page.End {
			t.Errorf("%s: %s", page.Screen, page.Text)
		}
		if s, page, err := m.Answer(t.Context(), c.State, Turn{}, answer); s.Screen != home.Key || page.End || err != nil {
			t.Errorf("%q leads to %s: %s, %v", answer, s.Screen, page.Text, err)
		}
	}
}

// It is offered to go on where an errand stood, or where that was offered before; never with another's.
func TestOffer(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	stranger := widePerson
	stranger.ID++
	for name, test := range map[string]struct {
		left State
		want string
	}{
		"nothing":       {State{}, "Piga\n1 Send money"},
		"at home":       {State{Screen: "home", Caller: widePerson}, "Piga\n1 Send money"},
		"nothing given": {State{Screen: "send.to", Caller: widePerson}, "Piga\n1 Send money"},
		"registering":   {State{Screen: "register.again"}, "Piga\n1 Send money"},
		"older screen":  {State{Screen: "gone", Caller: widePerson}, "Piga\n1 Send money"},
		"a stranger's":  {State{Screen: "send.pin", Caller: stranger}, "Piga\n1 Send money"},
		"whom":          {State{Screen: "send.amount", Caller: widePerson}, "Piga\n1 Go on: send to 10021 "},
		"how much":      {State{Screen: "send.pin", Caller: widePerson}, "Piga\n1 Go on: send KES 150,000.50 to 10021 "},
		"asked again":   {State{Screen: "send.again", Caller: widePerson}, "Piga\n1 Go on: send KES 150,000.50 to 10021 "},
		"the offer": {
			State{Screen: "go_on", Caller: widePerson, Left: Left{Screen: "send.amount", Offer: "go_on.send_to"}},
			"Piga\n1 Go on: send to 10021 ",
		},
	} {
		test.left.Form = Form{To: wideShop, Amount: wideAmount}
		c := &Call{words: words, State: State{Screen: "home", Caller: widePerson, Lang: core.English}}
		c.offer(test.left)
		if got := c.page("").Text; !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

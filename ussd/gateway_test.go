package ussd_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/menus"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/ussd"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	for _, step := range []struct{ text, want, outcome string }{
		{"", `CON 1: after ""`, "first"},
		{"", `CON 1: after ""`, "replay"},
		{"1", `CON 2: after "1"`, "next"},
		{"", `CON 1: after ""`, "stale"},
		{"1*0712", `CON 3: after "0712"`, "next"},
		{"1", `CON 2: after "1"`, "stale"},
		{"1*0712", `CON 3: after "0712"`, "replay"},
		{"1*0713", "END Tafadhali piga tena.", "diverged"},
		{"1*0712*500", `CON 4: after "500"`, "next"},
		{"1*0712*500*1111", `CON 5: after "a PIN"`, "next"},
		{"1*0712*500*1111*" + pin, `END 6: after "a PIN"`, "next"},
		{"1*0712*500*1111*" + pin, `END 6: after "a PIN"`, "replay"},
		{"1*0712*500", `CON 4: after "500"`, "stale"},
		{"1*0712", `CON 3: after "0712"`, "stale"},
		{"1", `END 6: after "a PIN"`, "stale"}, // too long ago for its own page
		{"1*0712*500*1111*" + pin + "*1", "END Tafadhali piga tena.", "diverged"},
	} {
		before := s.counted("piga_turns_total", "outcome="+step.outcome)
		if got := s.say(step.text); !alike(got, step.want) {
			t.Errorf("text %q: %q, want %q", step.text, got, step.want)
		}
		if s.counted("piga_turns_total", "outcome="+step.outcome) != before+1 {
			t.Errorf("text %q was not counted as %s", step.text, step.outcome)
		}
	}
	if got := s.menus.count(); got != 6 {
		t.Errorf("the menus were asked %d times", got)
	}
}

// alike compares a page; of the words that only the catalogues know, the prefix counts.
func alike(got, want string) bool {
	if strings.HasPrefix(want, "END Tafadhali") {
		return strings.HasPrefix(got, "END ") && !strings.Contains(got, "after")
	}
	return got == want
}

func TestEachTurnHasItsNames(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	for _, text := range []string{"", "1", "1*2", "1*2"} {
		s.say(text)
	}
	seen := map[string]bool{}
	for _, turn := range s.menus.turns {
		if want := core.RequestID("ussd:" + service + ":" + s.session); turn.Request != want {
			t.Errorf("request %q, want %q", turn.Request, want)
		}
		if !strings.HasPrefix(turn.ID, s.session+":") || seen[turn.ID] {
			t.Errorf("turn %q", turn.ID)
		}
		seen[turn.ID] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d turns", len(seen))
	}
}

func TestAnswersAreVerbatim(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	for _, text := range []string{"7*a*b", "7*a*b*****", "7*a*b******", "7*a*b*******1#2"} {
		s.say(text)
	}
	// The third is an empty answer, and the fourth screen's is a PIN, of which the script does not speak.
	if diff := cmp.Diff([]string{"7,a,b", "a PIN", "a PIN", "a PIN"}, s.menus.asked); diff != "" {
		t.Error(diff)
	}

	s = newStand(t, "")
	for _, text := range []string{"7", "7*", "7**"} {
		s.say(text)
	}
	if diff := cmp.Diff([]string{"7", "", ""}, s.menus.asked); diff != "" {
		t.Error(diff)
	}

	s = newStand(t, "")
	for _, text := range []string{"7", "7*****"} {
		s.say(text)
	}
	if diff := cmp.Diff([]string{"7", "****"}, s.menus.asked); diff != "" {
		t.Error(diff)
	}
}

func TestForeign(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	s.expect("", `CON 1: after ""`)
	s.expect("1", `CON 2: after "1"`)
	const refusal = "END This call cannot go on. Please dial again."
	for _, body := range []url.Values{
		{"phoneNumber": {"+254722000000"}, "serviceCode": {service}},
		{"phoneNumber": {caller}, "serviceCode": {"*384*97#"}},
	} {
		for _, text := range []string{"", "1", "1*2", "9"} {
			body.Set("sessionId", s.session)
			body.Set("text", text)
			if got := s.post(t.Context(), "ussd", body.Encode()).Body.String(); got != refusal {
				t.Errorf("%v: %q", body, got)
			}
		}
	}
	s.expect("1", `CON 2: after "1"`)
	s.expect("1*2", `CON 3: after "2"`)
	if got := s.counted("piga_turns_total", "outcome=foreign"); got != 8 {
		t.Errorf("%d foreign turns are counted", got)
	}
}

func TestUnknownService(t *testing.T) {
	t.Parallel()
	s := newStand(t, "", func(c *ussd.Config) { c.Services = []string{"*483#"} })
	s.expect("", "END This code is not in service.")
	if s.menus.count() != 0 || s.counted("piga_turns_total", "outcome=unknown_service") != 1 {
		t.Error("a code that is not served was served, or is not counted")
	}
}

func TestRedisEmptiedBetweenTurns(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s := newStand(t, r.URL())
	s.expect("", `CON 1: after ""`)
	s.expect("1", `CON 2: after "1"`)
	s.expect("1*0712", `CON 3: after "0712"`)
	client := open(t, r.URL())
	check(t, client.FlushAll(t.Context()).Err())
	s.expect("1*0712*500", `CON 4: after "1,0712,500"`) // as a deep dial
	s.expect("1*0712", `CON 4: after "1,0712,500"`)     // late; its page is forgotten
	s.expect("", `CON 4: after "1,0712,500"`)
	s.expect("1*0712*500*"+pin, `END 5: after "a PIN"`)
	if s.menus.turns[0].Request != s.menus.turns[4].Request {
		t.Error("the money's request id changed on the way")
	}
}

func TestStoredCallCannotBeRead(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s := newStand(t, r.URL())
	s.expect("1", `CON 1: after "1"`)
	check(t, open(t, r.URL()).Set(t.Context(), "piga:call:{"+s.session+"}", `{"m":"older build"}`, 0).Err())
	s.expect("1*2", `CON 2: after "1,2"`)
	if !strings.Contains(s.log.String(), "cannot be read") {
		t.Error("nobody is told")
	}
}

func TestRedisOutOfReach(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s := newStand(t, r.URL())
	s.expect("", `CON 1: after ""`)
	r.Kill()
	s.expect("1", "END Sorry, Piga cannot answer just now. Please dial again in a few minutes.")
	if s.menus.count() != 1 || s.counted("piga_turns_total", "outcome=unavailable") != 1 {
		t.Error("the turn was carried out, or is not counted")
	}
	if got := strings.Count(s.log.String(), `"level":"ERROR"`); got != 1 {
		t.Errorf("%d errors are logged", got)
	}
	r.Restart()
	s.expect("1*2", `CON 2: after "1,2"`)
}

// A turn that came a second time finds no Redis any more, and knows nothing of the first. With a PIN that may have moved
// money: she is not sent to pay once more.
func TestPINAgainWithoutRedis(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s := newStand(t, r.URL())
	s.say("1*2*3")
	s.say("1*2*3*" + pin)
	r.Kill()
	s.expect("1*2*3*"+pin, "END Request received. You will get an SMS if money moves.")
}

// When Redis goes while the menus are at work, what is over is told, and what would go on cannot.
func TestRedisLostInMidTurn(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s := newStand(t, r.URL())
	kill := func(context.Context, string) { r.Kill() }
	s.menus.hook = kill
	s.expect("1", "END Sorry, Piga cannot answer just now. Please dial again in a few minutes.")
	s.menus.hook = nil
	r.Restart()
	s.expect("1*0712*500", `CON 2: after "1,0712,500"`)
	s.menus.hook = kill
	s.expect("1*0712*500*"+pin, `END 3: after "a PIN"`)
}

// A worker that overslept its lease must not overwrite what another stored since.
func TestClaimLostInMidTurn(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	client := open(t, local.Redis(t))
	s.menus.hook = func(ctx context.Context, _ string) {
		check(t, client.Set(ctx, "piga:claim:{"+s.session+"}", "another", 0).Err())
	}
	s.expect("", "END Please dial again.")
	if got := client.Get(t.Context(), "piga:call:{"+s.session+"}").Val(); got != "" {
		t.Errorf("stored without a claim: %s", got)
	}
}

func open(t *testing.T, url string) *redis.Client {
	t.Helper()
	o, err := redis.ParseURL(url)
	check(t, err)
	c := redis.NewClient(o)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestLanguageOfTheCall(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	s.say("")
	if got := s.say("9*9*9"); got != `CON 2: after "9*9*9"` {
		t.Fatal(got)
	}
	swahili := s.say("8")
	if swahili == "END Please dial again." || !strings.HasPrefix(swahili, "END ") {
		t.Errorf("a Swahili call ends with %q", swahili)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	good := ussd.Config{Services: []string{service}, Key: make([]byte, 32)}
	if _, err := ussd.New(good); err != nil {
		t.Error(err)
	}
	for what, change := range map[string]func(*ussd.Config){
		"short key":        func(c *ussd.Config) { c.Key = make([]byte, 16) },
		"no service":       func(c *ussd.Config) { c.Services = nil },
		"colon in service": func(c *ussd.Config) { c.Services = []string{"*384:96#"} },
		"short lease":      func(c *ussd.Config) { c.Limits.Lease = 8e9 },
	} {
		bad := good
		change(&bad)
		if _, err := ussd.New(bad); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}

var _ ussd.Menus = (*menus.Menus)(nil)

package sandbox_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/sandbox"
)

// A call has the five fields each time and, at its end, the event with all of its own.
func TestCall(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
		a.takes = time.Second
		if diff := cmp.Diff([]string{"Home 1", "PIN: 2", "Done 3"}, visit(t, s, "0711000001")); diff != "" {
			t.Errorf("screens (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		session := a.requests()[0].form.Get("sessionId")
		if !regexp.MustCompile(`^ATUid_[0-9a-f]{32}$`).MatchString(session) {
			t.Errorf("the session is %q", session)
		}
		var want []url.Values
		for _, text := range []string{"", "1", "1*2580"} {
			want = append(want, url.Values{
				"sessionId": {session}, "phoneNumber": {jane}, "networkCode": {"63902"}, "serviceCode": {service}, "text": {text},
			})
		}
		want = append(want, url.Values{
			"date": {"2000-01-01 00:00:03"}, "sessionId": {session}, "serviceCode": {service}, "networkCode": {"63902"},
			"phoneNumber": {jane}, "status": {"Success"}, "cost": {"KES 0.10"}, "durationInMillis": {"3000"},
			"hopsCount": {"3"}, "hopsMetadata": {"hop1|hop2|hop3"}, "input": {"1*2580"}, "lastAppResponse": {"END Done 3"},
			"errorMessage": {""},
		})
		var forms []url.Values
		for _, g := range a.requests() {
			forms = append(forms, g.form)
		}
		if diff := cmp.Diff(want, forms); diff != "" {
			t.Errorf("what the application got (-want +got):\n%s", diff)
		}
	})
}

// What the application must not do shows as the phone's own words, and in the event as a failure.
func TestBadAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		takes  time.Duration
		wrong  string
	}{
		"an error":           {500, "CON Home", 0, "the application answered 500"},
		"created":            {201, "CON Home", 0, "the application answered 201"},
		"a blank before it":  {200, " CON Home", 0, "the answer begins with neither CON nor END"},
		"nothing":            {200, "", 0, "the answer begins with neither CON nor END"},
		"no blank behind it": {200, "CONHome", 0, "the answer begins with neither CON nor END"},
		"lower case":         {200, "con Home", 0, "the answer begins with neither CON nor END"},
		"late":               {200, "CON Home", 11 * time.Second, "no answer in time"},
		"nobody":             {0, "", 0, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
				a.takes = c.takes
				a.answer = func(path string, _ url.Values) (int, string) {
					if path == "/events" {
						return 200, ""
					}
					return c.status, c.body
				}
				p, _ := s.Phone(jane)
				screen, err := p.Dial(t.Context(), service)
				want := sandbox.Screen{Text: "Connection problem or invalid MMI code", Wrong: c.wrong}
				if diff := cmp.Diff(want, screen); err != nil || diff != "" {
					t.Errorf("%v, the screen (-want +got):\n%s", err, diff)
				}
				time.Sleep(time.Minute)
				if got := a.field("/events", "status"); cmp.Diff([]string{"Failed"}, got) != "" {
					t.Errorf("the event says %q", got)
				}
				if got := a.field("/events", "errorMessage"); cmp.Diff([]string{c.wrong}, got) != "" {
					t.Errorf("the event's error is %q", got)
				}
			})
		})
	}
}

func TestDialling(t *testing.T) {
	t.Parallel()
	codes := []string{"*384*96#", "*384#", "*384*96*7#"}
	for _, c := range []struct{ dialled, service, text string }{
		{"*384*96#", "*384*96#", ""},
		{"*384*96*1*0712345678#", "*384*96#", "1*0712345678"},
		{"*384*96*7*1#", "*384*96*7#", "1"},
		{"*384*967#", "*384#", "967"},
		{"*384*96*#", "*384*96#", ""},
		{"*100#", "", ""},
		{"*3845#", "", ""},
	} {
		play(t, sandbox.Config{Codes: codes}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
			p, _ := s.Phone(jane)
			screen, err := p.Dial(t.Context(), c.dialled)
			if c.service == "" {
				if err != nil || screen.Wrong != "nobody serves "+c.dialled || len(a.requests()) != 0 {
					t.Errorf("%s: %+v, %v", c.dialled, screen, err)
				}
				return
			}
			if err != nil || a.field("/ussd", "serviceCode")[0] != c.service || a.field("/ussd", "text")[0] != c.text {
				t.Errorf("%s arrives as %v, %v", c.dialled, a.requests(), err)
			}
			p.HangUp()
		})
	}
}

// Answers are joined as the provider joins them; nothing is escaped.
func TestCumulativeText(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
		a.answer = func(string, url.Values) (int, string) { return 200, "CON Go on" }
		p, _ := s.Phone(jane)
		_, _ = p.Dial(t.Context(), "*384*96*7#")
		for _, typed := range []string{"a*b", "****", "", "#"} {
			if _, err := p.Answer(t.Context(), typed); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"7", "7*a*b", "7*a*b*****", "7*a*b******", "7*a*b*******#"}
		if diff := cmp.Diff(want, a.field("/ussd", "text")); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		p.HangUp()
	})
}

// A caller who thinks for too long, or talks for too long, is cut off; so is an application that never ends.
func TestCallLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pause   time.Duration
		answers int // that get a page
	}{
		"idle": {46 * time.Second, 0}, "session": {40 * time.Second, 4}, "hops": {0, 199},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
				a.answer = func(string, url.Values) (int, string) { return 200, "CON Go on" }
				p, _ := s.Phone(jane)
				_, err := p.Dial(t.Context(), service)
				answers := -1
				for ; err == nil; answers++ {
					time.Sleep(c.pause)
					_, err = p.Answer(t.Context(), "1")
				}
				if problem(err) != "no_call" || answers != c.answers {
					t.Errorf("after %d answers: %v", answers, err)
				}
				time.Sleep(time.Minute)
				if got := a.field("/events", "status"); cmp.Diff([]string{"Incomplete"}, got) != "" {
					t.Errorf("the event says %q", got)
				}
			})
		})
	}
}

// The idle limit is the caller's: an application that thinks for longer loses nobody.
func TestIdleIsTheCallers(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{Limits: sandbox.Limits{Idle: 5 * time.Second}}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
		a.takes = 8 * time.Second
		if diff := cmp.Diff([]string{"Home 1", "PIN: 2", "Done 3"}, visit(t, s, jane)); diff != "" {
			t.Errorf("screens (-want +got):\n%s", diff)
		}
	})
}

// Hanging up while the application thinks: its answer is seen by nobody. So does dialling anew.
func TestHangUpWhileWaiting(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
		a.takes = 5 * time.Second
		p, _ := s.Phone(jane)
		go func() { _, _ = p.Dial(t.Context(), service) }()
		synctest.Wait()
		if !p.View().Waiting {
			t.Error("the phone does not wait")
		}
		if _, err := p.Answer(t.Context(), "1"); problem(err) != "waiting" {
			t.Errorf("an answer meanwhile: %v", err)
		}
		p.HangUp()
		time.Sleep(20 * time.Second)
		if v := p.View(); v.Call != "" || v.Screen.Text != "" || v.Screen.Open {
			t.Errorf("the phone shows %+v", v)
		}
		if a.paths() != "/ussd /events" {
			t.Errorf("the application got %s", a.paths())
		}
		p.HangUp() // of nothing
	})
}

// Whoever dials hangs up the call that is on, at once or while it waits, and each call has its end event.
func TestDialAnew(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
		a.takes = time.Second
		p, _ := s.Phone(jane)
		for range 3 {
			go func() { _, _ = p.Dial(t.Context(), service) }()
		}
		time.Sleep(time.Minute)
		if screen, err := p.Dial(t.Context(), "*777#"); err != nil || screen.Wrong != "nobody serves *777#" {
			t.Errorf("elsewhere: %+v, %v", screen, err)
		}
		time.Sleep(time.Minute)
		got := a.field("/events", "sessionId")
		slices.Sort(got)
		if n := len(slices.Compact(got)); n != 3 || len(got) != 3 {
			t.Errorf("%d events of %d calls", len(got), n)
		}
	})
}

// Each network shows what it can: the rest of a page is cut off, and it is said so.
func TestPageLength(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		network, page string
		shown         int // characters, without the prefix; all when zero
		wrong         string
	}{
		{"63902", strings.Repeat("a", 156), 0, ""},
		{"63902", strings.Repeat("a", 157), 156, "too long: 161 of 160"},
		{"63902", strings.Repeat("{", 78), 0, ""},
		{"63902", strings.Repeat("{", 79), 78, "too long: 162 of 160"},
		{"63903", strings.Repeat("a", 180), 0, ""},
		{"63903", strings.Repeat("a", 181), 180, "too long: 185 of 184"},
		{"63907", strings.Repeat("a", 179), 178, "too long: 183 of 182"},
		{"63977", strings.Repeat("a", 179), 178, "too long: 183 of 182"},
		{"63902", strings.Repeat("ọ", 76), 0, ""},
		{"63902", strings.Repeat("ọ", 77), 76, "too long: 81 of 80"},
		{"63902", strings.Repeat("👍", 39), 38, "too long: 82 of 80"},
	} {
		play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
			a.answer = func(string, url.Values) (int, string) { return 200, "CON " + c.page }
			p, _ := s.Phone(jane)
			if err := p.Move(c.network); err != nil {
				t.Fatal(err)
			}
			screen, _ := p.Dial(t.Context(), service)
			want := c.page
			if c.shown > 0 {
				want = string([]rune(c.page)[:c.shown])
			}
			if screen.Text != want || screen.Wrong != c.wrong || !screen.Open {
				t.Errorf("%s shows %d characters, %q: %+v", c.network, len([]rune(screen.Text)), screen.Wrong, screen)
			}
			p.HangUp()
		})
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
		for number, code := range map[string]string{
			"0722000001": "63902", "0110000001": "63902", "0733000001": "63903", "0100000001": "63903", "0771000001": "63907",
			"0763000001": "63999", "+255711000001": "64004", "+256711000001": "64110", "+233241000001": "62001", "+250781000001": "99999",
		} {
			p, err := s.Phone(number)
			if err != nil {
				t.Fatalf("%s: %v", number, err)
			}
			if got := p.View().Network.Code; got != code {
				t.Errorf("%s is on %s, not %s", number, got, code)
			}
		}
		p, _ := s.Phone(jane)
		if err := p.Move("Safaricom"); problem(err) != "bad_network" {
			t.Errorf("moved to Safaricom: %v", err)
		}
	})
}

// Metadata that breaks the provider's rules is not given back.
func TestMetadata(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{"home": "home", "a|b": "", strings.Repeat("x", 99): strings.Repeat("x", 99), strings.Repeat("x", 100): ""} {
		got := make(chan string, 1)
		_, base := provider(t, sandbox.Config{Callback: handle(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("At-Ussd-Hop-Metadata", header)
			_, _ = w.Write([]byte("END Bye"))
		}), Events: handle(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.PostFormValue("hopsMetadata") })})
		post(t, base+"/sandbox/phones", "application/json", `{"number":"0711000001"}`)
		post(t, base+"/sandbox/phones/0711000001/dial", "application/json", `{"code":"*384*96#"}`)
		if meta := <-got; meta != want {
			t.Errorf("%q comes back as %q", header, meta)
		}
	}
}

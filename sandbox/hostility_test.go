package sandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/sandbox"
)

// seen is what an application and a caller have of a call and of an SMS each way when one kind always strikes.
type seen struct {
	s       *sandbox.Sandbox
	a       *app
	screens []string
	took    time.Duration // the call
	status  int           // of the SMS
	answer  string
}

func (v seen) texts() string  { return fmt.Sprintf("%q", v.a.field("/ussd", "text")) }
func (v seen) events() string { return fmt.Sprintf("%q", v.a.field("/events", "status")) }

const (
	dropped    = "Connection problem or invalid MMI code"
	wholeCall  = `["" "1" "1*2580"]`
	twiceCall  = `["" "" "1" "1" "1*2580" "1*2580"]`
	success    = `["Success"]`
	incomplete = `["Incomplete"]`
)

// Each kind does what it says, and it alone.
func TestEachKind(t *testing.T) {
	t.Parallel()
	checks := map[sandbox.Kind]func(seen) bool{
		"": func(v seen) bool {
			return v.texts() == wholeCall && v.events() == success && v.took == 0 && v.status == 201 &&
				len(v.a.field("/delivery", "id")) == 1 && len(v.a.field("/sms", "id")) == 1
		},
		sandbox.DeepDial: func(v seen) bool {
			first := v.a.field("/ussd", "text")[0]
			return len(first) == 1 && strings.Contains("123456", first) && v.a.field("/ussd", "text")[1] == first+"*1"
		},
		sandbox.UnknownOperator: func(v seen) bool {
			codes := append(v.a.field("/ussd", "networkCode"), v.a.field("/events", "networkCode")...)
			return slices.Equal(codes, []string{"63977", "63977", "63977", "63977"}) && v.texts() == wholeCall
		},
		sandbox.RawPlus: func(v seen) bool {
			return v.a.field("/ussd", "phoneNumber")[0] == " 254711000001" && strings.Contains(v.a.requests()[0].body, "phoneNumber=+254") && v.texts() == wholeCall
		},
		sandbox.StarAndHash: func(v seen) bool {
			second := v.a.field("/ussd", "text")[1]
			return len(second) > 1 && strings.Trim(second, "*#") == "1" && v.a.field("/ussd", "text")[0] == ""
		},
		sandbox.SlowNetwork: func(v seen) bool {
			return v.took > 0 && v.took < 9*time.Second && v.texts() == wholeCall && v.events() == success
		},
		sandbox.DropBefore: func(v seen) bool {
			return v.texts() == `[]` && v.events() == incomplete && v.screens[0] == dropped
		},
		sandbox.DropAfter: func(v seen) bool {
			return v.texts() == `[""]` && v.events() == incomplete && v.screens[0] == dropped
		},
		sandbox.StartTwice: func(v seen) bool {
			return v.texts() == `["" "" "1" "1*2580"]` && v.events() == success && v.screens[0] == "Home 1" && v.screens[1] == "PIN: 3"
		},
		sandbox.RepeatHop: func(v seen) bool {
			return v.texts() == twiceCall && v.events() == success && slices.Equal(v.screens, []string{"Home 2", "PIN: 4", "Done 6"})
		},
		sandbox.TwoAtOnce: func(v seen) bool {
			return v.texts() == twiceCall && v.events() == success && v.a.mostAtOnce() == 2
		},
		sandbox.LateHop: func(v seen) bool {
			texts := v.a.field("/ussd", "text")
			return len(texts) == 5 && texts[1] == "1" && texts[2] == "" && texts[3] == "1*2580" && (texts[4] == "" || texts[4] == "1") && v.screens[2] == "Done 4"
		},
		sandbox.HangUpAtPIN: func(v seen) bool {
			return v.texts() == `["" "1"]` && v.events() == incomplete && v.screens[1] == "PIN: 2"
		},
		sandbox.EventEarly: func(v seen) bool {
			return v.a.paths()[:len("/ussd /events /ussd")] == "/ussd /events /ussd" && v.texts() == `["" "1"]` && v.events() == incomplete &&
				v.screens[1] == dropped && v.a.field("/events", "input")[0] == "" && v.a.field("/events", "hopsCount")[0] == "1"
		},
		sandbox.EventLate: func(v seen) bool {
			for _, l := range v.s.Wire() {
				if l.What == "event" {
					return v.events() == success && l.At.Sub(v.s.Wire()[2].At) >= 3*time.Second
				}
			}
			return false
		},
		sandbox.EventTwice: func(v seen) bool { return v.texts() == wholeCall && v.events() == `["Success" "Success"]` },
		sandbox.EventNever: func(v seen) bool { return v.texts() == wholeCall && v.events() == `[]` },
		sandbox.SMSTimeout: func(v seen) bool {
			return v.status == http.StatusGatewayTimeout && len(v.s.Messages(john)) == 1 && len(v.a.field("/delivery", "id")) == 1
		},
		sandbox.SMSError: func(v seen) bool {
			return !(v.status == 201 && strings.Contains(v.answer, `"status":"Success","statusCode":102}`) && strings.Contains(v.answer, "+254711000002"))
		},
		sandbox.TooMany: func(v seen) bool {
			return v.status == http.StatusTooManyRequests && len(v.s.Messages("")) == 0
		},
		sandbox.ProviderDown: func(v seen) bool {
			return v.status == http.StatusServiceUnavailable && len(v.s.Messages("")) == 0
		},
		sandbox.ReportStorm: func(v seen) bool {
			statuses := v.a.field("/delivery", "status")
			return len(statuses) == 21 && slices.Contains(statuses, "DeliveryImpossible") && slices.Contains(statuses, "Success")
		},
		sandbox.TextTwice: func(v seen) bool {
			ids := v.a.field("/sms", "id")
			return len(ids) == 2 && ids[0] == ids[1]
		},
	}
	for _, k := range append(sandbox.Kinds(), sandbox.KindInfo{}) {
		t.Run(string(k.Name), func(t *testing.T) {
			t.Parallel()
			check, ok := checks[k.Name]
			if !ok {
				t.Fatal("it has no check")
			}
			h := sandbox.Hostility{}
			if k.Name != "" {
				h[k.Name] = 1
			}
			play(t, sandbox.Config{Hostility: h}, func(t *testing.T, s *sandbox.Sandbox, a *app) {
				v := seen{s: s, a: a}
				if k.Name == sandbox.TwoAtOnce {
					a.takes = time.Second
				}
				began := time.Now()
				v.screens = visit(t, s, jane)
				v.took = time.Since(began)
				if p, _ := s.Phone(jane); p.View().Call != "" {
					p.HangUp()
				}
				v.status, v.answer = sendSMS(t, s, john)
				if _, _, err := s.Text(john, "OK 4821"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(3 * time.Minute)
				if !check(v) {
					t.Errorf("screens %q after %s, SMS %d %s", v.screens, v.took, v.status, v.answer)
					for _, l := range s.Wire() {
						t.Logf("%+v", l)
					}
				}
				told := slices.ContainsFunc(s.Wire(), func(l sandbox.Line) bool { return slices.Contains(l.Did, k.Name) })
				if told != (k.Name != "") {
					t.Error("the wire log does not tell")
				}
			})
		})
	}
}

// The provider stays down for its minute, whatever hostility is by then.
func TestProviderDown(t *testing.T) {
	t.Parallel()
	play(t, sandbox.Config{Hostility: sandbox.Hostility{sandbox.ProviderDown: 1}}, func(t *testing.T, s *sandbox.Sandbox, _ *app) {
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{0, 503}, {59 * time.Second, 503}, {2 * time.Second, 201}} {
			time.Sleep(c.after)
			if status, _ := sendSMS(t, s, jane); status != c.want {
				t.Errorf("%s later: %d", c.after, status)
			}
			if err := s.SetHostility(nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The same seed does the same to each phone, whatever the others do meanwhile; another seed does not. A kind
// that is switched off leaves the others as they were.
func TestSeed(t *testing.T) {
	t.Parallel()
	half := sandbox.Hostility{}
	for _, k := range sandbox.Kinds() {
		half[k.Name] = 0.3
	}
	half[sandbox.ProviderDown] = 0 // it is everybody's
	run := func(seed uint64, h sandbox.Hostility, atOnce bool) string {
		var lock sync.Mutex
		var lines []sandbox.Line
		watch := func(l sandbox.Line) { lock.Lock(); lines = append(lines, l); lock.Unlock() }
		play(t, sandbox.Config{Seed: seed, Hostility: h, Watch: watch}, func(t *testing.T, s *sandbox.Sandbox, _ *app) {
			var callers sync.WaitGroup
			for i := range 20 {
				call := func() {
					number := fmt.Sprintf("+2547110000%02d", i)
					for range 3 {
						visit(t, s, number)
						if p, _ := s.Phone(number); p.View().Call != "" {
							p.HangUp()
						}
						sendSMS(t, s, number)
						_, _, _ = s.Text(number, "OK")
					}
				}
				if !atOnce {
					call()
					continue
				}
				callers.Go(call)
			}
			callers.Wait()
			time.Sleep(5 * time.Minute)
		})
		return decisions(lines)
	}
	alone := run(7, half, false)
	if diff := cmp.Diff(alone, run(7, half, true)); diff != "" {
		t.Errorf("side by side (-alone +together):\n%s", diff)
	}
	if alone == run(8, half, false) {
		t.Error("another seed changes nothing")
	}
	var shown []string
	for line := range strings.SplitSeq(alone, "\n") {
		if strings.Contains(line, string(sandbox.TextTwice)) {
			shown = append(shown, line)
		}
	}
	only := run(7, sandbox.Hostility{sandbox.TextTwice: 0.3}, true)
	for _, line := range shown {
		if !strings.Contains(only, line) {
			t.Errorf("with the other kinds off, this is not there: %s", line)
		}
	}
}

// decisions are the wire without times and ids, in an order of its own.
func decisions(lines []sandbox.Line) string {
	var all []string
	for _, l := range lines {
		all = append(all, fmt.Sprintf("%s %s %d %v %s", l.Phone, l.What, l.Hop, l.Did, l.Note))
	}
	sort.Strings(all)
	return strings.Join(all, "\n")
}

func TestParseHostility(t *testing.T) {
	t.Parallel()
	all := sandbox.All()
	some := sandbox.All()
	some[sandbox.DropAfter] = 0
	for typed, want := range map[string]sandbox.Hostility{
		"": {}, "none": {}, "all": all, "repeat_hop=0.1": {sandbox.RepeatHop: 0.1}, "all, drop_after=0": some,
		"repeat_hop=1,late_hop=.5": {sandbox.RepeatHop: 1, sandbox.LateHop: 0.5},
	} {
		got, err := sandbox.ParseHostility(typed)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", typed, err, diff)
		}
	}
	for _, typed := range []string{"everything", "repeat_hop", "repeat_hop=2", "repeat_hop=-1", "repeat_hop=NaN", "nap=0.1", "=0.1", "all=1", "none=0"} {
		if _, err := sandbox.ParseHostility(typed); err == nil {
			t.Errorf("%q is taken", typed)
		}
	}
}

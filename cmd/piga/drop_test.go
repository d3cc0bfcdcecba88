package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/ussd"
)

// drop 602413: the answer goes out, and the phone is off before its page comes. There is no end event.
func (w *world) cmdDrop(d *datadriven.TestData) string {
	w.current.texts = append(w.current.texts, w.typed(w.current, answerOf(d)))
	w.callback(w.current, w.current.texts[len(w.current.texts)-1])
	return ""
}

// crash 602413: the answer goes out, and the gateway dies between the PIN and the posting. What dies is all
// that the database sees of a gateway: its connection.
func (w *world) cmdCrash(d *datadriven.TestData) string {
	unlock := w.lockAccounts()
	defer unlock()
	text := w.typed(w.current, answerOf(d))
	w.current.texts = append(w.current.texts, text)
	done := make(chan struct{})
	go func() { defer close(done); w.callback(w.current, text) }()
	for {
		select {
		case <-done:
			return ""
		case <-time.After(10 * time.Millisecond):
			w.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%accounts%'`)
		}
	}
}

// lockAccounts keeps every posting waiting until it is undone.
func (w *world) lockAccounts() func() {
	w.t.Helper()
	tx, err := w.db.Begin()
	if err == nil {
		_, err = tx.Exec(`LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE`)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return func() { _ = tx.Rollback() }
}

func (w *world) exec(query string) {
	w.t.Helper()
	if _, err := w.db.Exec(query); err != nil {
		w.t.Fatal(err)
	}
}

// event Success: the provider tells how the current call ended.
func (w *world) cmdEvent(d *datadriven.TestData) string {
	w.event(w.current, d.CmdArgs[0].Key)
	return ""
}

// event returns when what it brings about has come about.
func (w *world) event(h *handset, status string) {
	request := ussd.Callback{Session: h.session, Service: h.service}.Request()
	unseen := func() bool {
		return w.count(`SELECT count(*) FROM intents i JOIN requests r ON r.id = i.request_id
			WHERE i.request_id = $1 AND i.seen_at IS NULL`, string(request)) > 0
	}
	wait := status == "Success" && unseen()
	res, err := http.PostForm(w.server.URL+"/at/"+devSecret+"/events", url.Values{
		"sessionId": {h.session}, "phoneNumber": {h.number}, "networkCode": {"63902"}, "serviceCode": {h.service},
		"status": {status}, "hopsMetadata": {h.screen}, "input": {h.texts[len(h.texts)-1]},
	})
	if err != nil {
		w.t.Error(err)
		return
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		w.t.Errorf("the event gets %d", res.StatusCode)
	}
	if wait {
		w.until("the errand is seen", func() bool { return !unseen() })
	}
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	for began := time.Now(); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			w.t.Errorf("not so: %s", what)
			return
		}
	}
}

// sweep: how many errands that got no further than the PIN were voided.
func (w *world) cmdSweep(*datadriven.TestData) string {
	expired, err := w.g.wallet.Expire(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	voided, err := w.g.wallet.Void(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return strconv.Itoa(expired + len(voided))
}

// janeSends is a world in which Jane stands before the PIN for KES 500 to John.
func janeSends(t *testing.T, limits ussd.Limits) (*world, *handset) {
	t.Helper()
	w := newWorldWithin(t, limits)
	for name, phone := range map[string]core.MSISDN{"jane": "+254712345678", "john": "+254722345678"} {
		w.open(name, core.Party{
			Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: strings.ToUpper(name) + " OTIENO",
			Phone: phone, Lang: core.English,
		}, "602413", 1000*core.Shilling)
	}
	h, _ := w.dial("+254712345678", "*384*96*1*0722345678*500#")
	return w, h
}

func (w *world) balance(name string) core.Amount {
	b, err := w.g.store.Balance(w.t.Context(), w.people[name].Account)
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Available
}

const promise = "You will get an SMS."

// When the time is over while the posting waits, the page promises an SMS, and it comes: the posting is not
// broken off for her, so if it gets on after all it is carried out, and if it is given up it is voided.
func TestTimeRunsOutBeforePosting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		givenUp bool
		sms     string
		balance core.Amount
	}{
		"gets on":  {false, "QMX", 495 * core.Shilling},
		"given up": {true, "NOT sent: KES 500 to JOHN O.", 1000 * core.Shilling},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, h := janeSends(t, ussd.Limits{Deadline: 500 * time.Millisecond})
			unlock := w.lockAccounts()
			page := w.say(h, "602413")
			if !strings.HasPrefix(page, "END ") || !strings.Contains(page, promise) {
				t.Errorf("the page is %q", page)
			}
			want := 0
			if test.givenUp {
				want = 1
				w.until("the posting is given up", func() bool {
					return w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0
				})
			}
			unlock()
			if !test.givenUp {
				w.until("it gets on", func() bool { return w.count(`SELECT count(*) FROM requests WHERE id LIKE 'ussd:%'`) == 1 })
			}
			w.clock.move(31 * time.Second)
			if voided, err := w.g.wallet.Void(t.Context()); len(voided) != want || err != nil {
				t.Errorf("%d voided: %v", len(voided), err)
			}
			if got := w.messages("jane"); !strings.HasPrefix(got, test.sms) || strings.Count(got, test.sms) != 1 || w.balance("jane") != test.balance {
				t.Errorf("she has %s and reads %q", w.balance("jane"), got)
			}
			w.findNoPIN(t)
		})
	}
}

// When the posting's own time is over while the database commits, the commit may be carried out or not, as it is not cancelled:
// that is settled there and then if it can be, and she hears of either, once. It ends while those who settle it wait for it.
func TestTimeRunsOutWhileCommitting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ends    string // how the commit ends, when nobody listens any more
		sms     string
		balance core.Amount
	}{
		"committed": {"RETURN NULL", "QMX", 495 * core.Shilling},
		"not":       {"RAISE 'it ends'", "Failed. Sorry, this took too long. No money moved.", 1000 * core.Shilling},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, h := janeSends(t, ussd.Limits{Deadline: time.Second})
			w.exec(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
				BEGIN PERFORM pg_sleep(5); ` + test.ends + `; END $$`)
			w.exec(`CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON transfers DEFERRABLE INITIALLY DEFERRED
				FOR EACH ROW EXECUTE FUNCTION slow()`)
			page := w.say(h, "602413")
			if !strings.HasPrefix(page, "END ") || !strings.Contains(page, promise) &&
				!strings.Contains(page, "Sent KES 500") && !strings.Contains(page, "No money moved.") {
				t.Errorf("the page is %q", page)
			}
			w.until("it is settled", func() bool { return w.count(`SELECT count(*) FROM requests WHERE id LIKE 'ussd:%'`) == 1 })
			w.clock.move(31 * time.Second)
			if voided, err := w.g.wallet.Void(t.Context()); len(voided) != 0 || err != nil {
				t.Errorf("%d voided: %v", len(voided), err)
			}
			if got := w.messages("jane"); !strings.HasPrefix(got, test.sms) || strings.Count(got, "\n") != 1 || w.balance("jane") != test.balance {
				t.Errorf("she has %s and reads %q", w.balance("jane"), got)
			}
		})
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.db.QueryRow(query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// Gateways look for such errands by themselves, whoever left them, and stop when they are told to.
func TestGatewaysVoid(t *testing.T) {
	t.Parallel()
	w, h := janeSends(t, ussd.Limits{})
	w.current = h
	w.cmdCrash(&datadriven.TestData{Input: "602413"})
	w.clock.move(31 * time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{}, 2)
	for range cap(stopped) {
		go func() { w.g.voids(ctx, 10*time.Millisecond); stopped <- struct{}{} }()
	}
	w.until("she is told", func() bool { return w.count(`SELECT count(*) FROM messages WHERE key = 'sms.not_sent'`) == 1 })
	cancel()
	for range cap(stopped) {
		<-stopped
	}
	if got := w.messages("jane"); got != "NOT sent: KES 500 to JOHN O.\nNo money moved. Dial again to send it.\n" {
		t.Errorf("she reads %q", got)
	}
}

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// many 5 jane habari: as many texts, one after the other.
func (w *world) cmdMany(d *datadriven.TestData) string {
	var n int
	if _, err := fmt.Sscan(d.CmdArgs[0].Key, &n); err != nil {
		w.t.Fatal(err)
	}
	once := *d
	once.CmdArgs = d.CmdArgs[1:]
	var out string
	for range n {
		out += w.cmdText(&once)
	}
	return out
}

// kept shows the texts that came in, as they are stored.
func (w *world) cmdKept(*datadriven.TestData) string {
	return strings.Join(column(w.t, w.db, "SELECT kind || ' ' || text FROM inbound_messages ORDER BY taken_at"), "\n")
}

// text njeri OK CODE: an SMS to the short code, as the provider hands it over; who is a name, or a number of
// somebody unknown. CODE and REF are those of the last request that was asked for, WRONG is another code, and
// RECEIPT the last one that somebody read in an SMS. text again is the last one a second time, with its id.
func (w *world) cmdText(d *datadriven.TestData) string {
	who := d.CmdArgs[0].Key
	if who != "again" {
		number := who
		if p, ok := w.people[who]; ok {
			number = string(p.Phone)
		}
		words := make([]string, len(d.CmdArgs)-1)
		for i, a := range d.CmdArgs[1:] {
			words[i] = a.String()
		}
		w.texted = url.Values{
			"date": {"2026-11-21 12:00:00"}, "from": {number}, "to": {devShortCode}, "id": {"ATXid_" + randomHex(16)},
			"text": {w.fill(strings.Join(words, " "))}, "networkCode": {"63902"}, "cost": {"0"},
		}
	}
	res, err := http.PostForm(w.server.URL+"/at/"+devSecret+"/sms", w.texted)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		return fmt.Sprintf("%d %s%v", res.StatusCode, body, err)
	}
	return ""
}

func (w *world) fill(text string) string {
	if code := w.blanks["CODE"]; code != "" {
		w.blanks["WRONG"] = strings.Map(func(r rune) rune { return '0' + (r-'0'+5)%10 }, code)
	}
	for blank, value := range w.blanks {
		text = strings.ReplaceAll(text, blank, value)
	}
	return text
}

// ask jane withdraw 500 at njeri: she asks for cash with her PIN, as her call would. Likewise deposit.
func (w *world) cmdAsk(d *datadriven.TestData) string {
	digits := "602413"
	d.MaybeScanArgs(w.t, "pin", &digits)
	pin, err := core.ParsePIN(digits)
	if err != nil {
		w.t.Fatal(err)
	}
	amount, err := core.ParseAmount(d.CmdArgs[2].Key)
	if err != nil {
		w.t.Fatal(err)
	}
	customer, agent := w.people[d.CmdArgs[0].Key], w.people[d.CmdArgs[4].Key]
	op, ask := core.Withdraw, w.g.wallet.AskWithdraw
	if d.CmdArgs[1].Key == "deposit" {
		op, ask = core.Deposit, w.g.wallet.AskDeposit
	}
	fee, err := w.g.wallet.QuoteCash(w.t.Context(), op, customer, agent, amount)
	if err != nil {
		return string(core.CodeOf(err))
	}
	turn := "ask:" + randomHex(8)
	r, err := ask(w.t.Context(), &wallet.Payment{
		Authority: wallet.Authority{Party: customer, PIN: pin, Turn: turn}, Request: core.RequestID(turn),
		To: agent, Amount: amount, Fee: fee,
	})
	if err != nil {
		return string(core.CodeOf(err))
	}
	w.blanks["REF"] = r.Ref
	if err := w.db.QueryRow("SELECT code FROM cash_requests WHERE id = $1", r.ID).Scan(&r.Code); err != nil {
		w.t.Fatal(err)
	}
	w.blanks["CODE"], w.codes[r.Code] = r.Code, true
	return ""
}

// A gateway that dies over an agent's OK, before the money moved or after it: when the message comes again it
// is finished, the money moves once, and both are told once. While somebody has it, it is to come later.
func TestTextAfterACrash(t *testing.T) {
	t.Parallel()
	for name, moved := range map[string]bool{"before the money moved": false, "after it": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			njeri := w.counter()
			jane := w.open("jane", core.Party{
				Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
			}, "602413", 2_000*core.Shilling)
			w.line("ask jane withdraw 500 at njeri")
			in := notice.Incoming{Provider: "africastalking", ProviderID: "m1", Phone: njeri.Phone, Kind: "ok", Text: "OK ****"}
			if _, err := w.g.store.TakeInbound(t.Context(), in, 30*time.Second); err != nil {
				t.Fatal(err)
			}
			if moved {
				if _, _, err := w.g.wallet.Confirm(t.Context(), wallet.Authority{Party: njeri}, "sms:m1", 0, w.blanks["CODE"]); err != nil {
					t.Fatal(err)
				}
			}
			w.texted = url.Values{"from": {string(njeri.Phone)}, "id": {"m1"}, "text": {"OK " + w.blanks["CODE"]}}
			if got := w.line("text again"); !strings.HasPrefix(got, "503 ") {
				t.Errorf("while it is in somebody's hands: %q", got)
			}
			w.clock.move(time.Minute)
			for range 2 {
				if got := w.line("text again"); got != "" {
					t.Errorf("answered %q", got)
				}
			}
			if b, err := w.g.store.Balance(t.Context(), jane.Account); err != nil || b.Available != 1_473*core.Shilling {
				t.Errorf("the balance is %s, %v", b.Available, err)
			}
			for _, who := range []string{"jane", "njeri"} {
				if got := w.line("sms " + who); strings.Count(got, "Confirmed") != 1 || strings.Count(got, "\n") != 2 {
					t.Errorf("%s was told:\n%s", who, got)
				}
			}
			w.findNoCode(t)
		})
	}
}

// line is a dialogue's command without arguments of its own.
func (w *world) line(command string) string {
	words := strings.Fields(command)
	d := &datadriven.TestData{Cmd: words[0]}
	for _, word := range words[1:] {
		d.CmdArgs = append(d.CmdArgs, datadriven.CmdArg{Key: word})
	}
	return map[string]func(*datadriven.TestData) string{
		"ask": w.cmdAsk, "text": w.cmdText, "sms": w.cmdSMS,
	}[d.Cmd](d)
}

// findNoCode looks for the codes of cash requests in the log and the metrics. The tables have them, and so
// have the messages to those who are to know them.
func (w *world) findNoCode(t testing.TB) {
	t.Helper()
	for code := range w.codes {
		if len(code) < 4 { // no code of anybody's
			continue
		}
		if at := codeIn(w.log.String(), code); at != "" {
			t.Errorf("a code is in the log: ...%s...", at)
		}
	}
	for _, row := range column(t, w.db, "SELECT text FROM inbound_messages") {
		for code := range w.codes {
			if len(code) >= 4 && strings.Contains(row, code) {
				t.Errorf("a code is kept with a message that came in: %s", row)
			}
		}
	}
}

// noise is what of a log line may hold any four digits by chance.
var noise = regexp.MustCompile(`[0-9a-f]{32}|"time":"[^"]*"|"took":[0-9.]+|:\d{2}\.\d+|127\.0\.0\.1:\d+`)

func codeIn(log, code string) string {
	sifted := noise.ReplaceAllString(log, "")
	at := regexp.MustCompile(`(?:^|\D)` + code + `(?:\D|$)`).FindStringIndex(sifted)
	if at == nil {
		return ""
	}
	return sifted[max(0, at[0]-60):min(len(sifted), at[1]+60)]
}

// The search finds what it must.
func TestFindNoCodeFinds(t *testing.T) {
	t.Parallel()
	for _, leak := range []string{`{"text":"OK 4821"}`, "ok4821", "4821", "detail=code 4821 of party 7"} {
		if codeIn(leak, "4821") == "" {
			t.Errorf("not found in %s", leak)
		}
	}
	if at := codeIn(`{"time":"2026-11-21T12:48:21.4821","took":4821,"phone":"0722...001"}`, "4821"); at != "" {
		t.Errorf("found in %s", at)
	}
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/menus"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
)

func TestMain(m *testing.M) {
	if os.Getenv(asPiga) != "" { // a copy of the gateway: see copies_test.go
		main()
		return
	}
	session.LogTo(slog.New(slog.DiscardHandler)) // a dialogue takes Redis down
	os.Exit(local.Main(m))
}

const dialogues = "../../testdata/dialogues"

// The dialogues run the real thing: HTTP, Redis, PostgreSQL, and the provider's wire for SMS. Then every
// screen has been seen in one of them, and no PIN anywhere.
func TestDialogues(t *testing.T) {
	t.Parallel()
	var lock sync.Mutex
	seen := map[string]bool{}
	t.Run("files", func(t *testing.T) {
		datadriven.Walk(t, dialogues, func(t *testing.T, path string) {
			t.Parallel()
			w := newWorld(t)
			datadriven.RunTest(t, path, w.command)
			w.findNoPIN(t)
			w.findNoCode(t)
			lock.Lock()
			defer lock.Unlock()
			for k := range w.screens {
				seen[k] = true
			}
		})
	})
	for _, k := range menus.Keys() {
		if !seen[string(k)] {
			t.Errorf("no dialogue shows %q", k)
		}
	}
}

// command carries out one line of a dialogue.
func (w *world) command(t *testing.T, d *datadriven.TestData) string {
	w.t = t
	run, ok := map[string]func(*datadriven.TestData) string{
		"customer": w.cmdOpen, "agent": w.cmdOpen, "super": w.cmdOpen, "merchant": w.cmdOpen,
		"dial": w.cmdDial, "say": w.cmdSay, "again": w.cmdAgain, "earlier": w.cmdEarlier, "as": w.cmdAs,
		"balance": w.cmdBalance, "entries": w.cmdEntries, "sms": w.cmdSMS, "clock": w.cmdClock,
		"redis": w.cmdRedis, "sql": w.cmdSQL, "crowd": w.cmdCrowd, "text": w.cmdText, "many": w.cmdMany,
		"kept": w.cmdKept, "ask": w.cmdAsk, "rest": w.cmdRest,
		"drop": w.cmdDrop, "crash": w.cmdCrash, "event": w.cmdEvent, "sweep": w.cmdSweep, "room": w.cmdRoom,
	}[d.Cmd]
	if !ok {
		t.Fatalf("%s: there is no command %q", d.Pos, d.Cmd)
	}
	if out := run(d); out != "" {
		return strings.TrimSuffix(out, "\n") + "\n"
	}
	return ""
}

// customer jane phone=0711000001 name=JANE_WANJIKU pin=602413 balance=2000 lang=sw tier=new; likewise agent,
// super and merchant, with number=10021.
func (w *world) cmdOpen(d *datadriven.TestData) string {
	kind := map[string]core.Kind{
		"customer": core.Subscriber, "agent": core.Agent, "super": core.SuperAgent, "merchant": core.Merchant,
	}[d.Cmd]
	name := d.CmdArgs[0].Key
	var phone, full, money, number, id string
	pin, lang, tier := "602413", "en", string(core.TierFull)
	if kind != core.Subscriber {
		tier = string(core.TierTrade)
	}
	for arg, to := range map[string]*string{
		"phone": &phone, "name": &full, "balance": &money, "number": &number, "id": &id, "pin": &pin, "lang": &lang, "tier": &tier,
	} {
		d.MaybeScanArgs(w.t, arg, to)
	}
	msisdn, err := core.ParseMSISDN(phone)
	if err != nil {
		w.t.Fatal(err)
	}
	var amount core.Amount
	if money != "" {
		if amount, err = core.ParseAmount(money); err != nil {
			w.t.Fatal(err)
		}
	}
	w.open(name, core.Party{
		Kind: kind, Status: core.Active, Tier: core.Tier(tier), Name: strings.ReplaceAll(full, "_", " "), Phone: msisdn,
		Number: number, IDNumber: id, Lang: core.Lang(lang),
	}, pin, amount)
	return ""
}

// dial jane *384*96#: who is a name, or a number of somebody unknown.
func (w *world) cmdDial(d *datadriven.TestData) string {
	who := d.CmdArgs[0].Key
	number := who
	if p, ok := w.people[who]; ok {
		number = string(p.Phone)
	}
	h, page := w.dial(number, d.CmdArgs[1].Key)
	w.phones[who], w.current = h, h
	return page
}

// say 1; an answer may also stand on the line below the command, with blanks, or empty.
func (w *world) cmdSay(d *datadriven.TestData) string {
	return w.say(w.current, answerOf(d))
}

func answerOf(d *datadriven.TestData) string {
	if len(d.CmdArgs) == 0 {
		return d.Input
	}
	words := make([]string, len(d.CmdArgs))
	for i, a := range d.CmdArgs {
		words[i] = a.String()
	}
	return strings.Join(words, " ")
}

// again is the last callback a second time; earlier n is that of the nth turn, counted from 1.
func (w *world) cmdAgain(*datadriven.TestData) string {
	return w.post(w.current, w.current.texts[len(w.current.texts)-1])
}

func (w *world) cmdEarlier(d *datadriven.TestData) string {
	var n int
	if _, err := fmt.Sscan(d.CmdArgs[0].Key, &n); err != nil {
		w.t.Fatal(err)
	}
	return w.post(w.current, w.current.texts[n-1])
}

// as john: the call goes on from another's phone; as jane: back.
func (w *world) cmdAs(d *datadriven.TestData) string {
	who := d.CmdArgs[0].Key
	if len(d.CmdArgs) > 1 { // as john foreign: john's phone claims the current call
		w.current.number = string(w.people[who].Phone)
		return ""
	}
	w.current = w.phones[who]
	return ""
}

func (w *world) cmdBalance(d *datadriven.TestData) string {
	b, err := w.g.store.Balance(w.t.Context(), w.people[d.CmdArgs[0].Key].Account)
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Available.String()
}

// entries jane: her transfers, oldest first.
func (w *world) cmdEntries(d *datadriven.TestData) string {
	lines, err := w.g.store.Statement(w.t.Context(), w.people[d.CmdArgs[0].Key].Account, 50)
	if err != nil {
		w.t.Fatal(err)
	}
	var out strings.Builder
	for i := len(lines) - 1; i >= 0; i-- {
		l, sign := lines[i], "-"
		if l.In {
			sign = "+"
		}
		fmt.Fprintf(&out, "%s %s %s%s fee %s %s, then %s\n", l.Receipt, l.Operation, sign, l.Amount, l.Fee, l.Other.Masked(), l.Balance)
	}
	return out.String()
}

// sms jane: what was sent to her since it was last asked, oldest first.
func (w *world) cmdSMS(d *datadriven.TestData) string { return w.messages(d.CmdArgs[0].Key) }

func (w *world) messages(who string) string {
	w.settle()
	number := who
	if p, ok := w.people[who]; ok {
		number = string(p.Phone)
	}
	res, err := http.Get(w.server.URL + "/sandbox/messages?phone=" + url.QueryEscape(number))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	var all []received
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		w.t.Fatal(err)
	}
	var out strings.Builder
	for i := len(all) - 1 - w.read[who]; i >= 0; i-- {
		out.WriteString(all[i].Text + "\n")
		if r, err := core.ParseReceipt(strings.SplitN(all[i].Text, " ", 2)[0]); err == nil {
			w.blanks["RECEIPT"] = string(r)
		}
	}
	w.read[who] = len(all)
	if out.Len() == 0 {
		return "none"
	}
	return out.String()
}

// settle waits until every message that is due has gone out.
func (w *world) settle() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	for {
		var waiting int
		const query = `SELECT count(*) FROM messages WHERE sent_at IS NULL AND dead_at IS NULL`
		if err := w.db.QueryRowContext(ctx, query).Scan(&waiting); err != nil {
			w.t.Fatal(err)
		}
		if waiting == 0 {
			return
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			w.t.Fatalf("%d messages still wait", waiting)
		}
	}
}

func (w *world) cmdClock(d *datadriven.TestData) string {
	by, err := time.ParseDuration(strings.TrimPrefix(d.CmdArgs[0].Key, "+"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.move(by)
	return ""
}

// redis empty, redis down, redis up.
func (w *world) cmdRedis(d *datadriven.TestData) string {
	w.findNoPINInRedis(w.t)
	switch d.CmdArgs[0].Key {
	case "empty":
		w.redis.Kill()
		w.redis.Restart()
	case "down":
		w.redis.Kill()
	case "up":
		w.redis.Restart()
	}
	return ""
}

// sql runs statements as the owner of the tables, for what no screen can bring about yet.
func (w *world) cmdSQL(d *datadriven.TestData) string {
	if _, err := w.db.Exec(d.Input); err != nil {
		w.t.Fatal(err)
	}
	return ""
}

// crowd jane calls=100 pin=602413 dial=*384*96*…#: so many calls stand before the PIN, then all give it at
// once. The last pages are counted by their words.
func (w *world) cmdCrowd(d *datadriven.TestData) string {
	who, calls, pin, answers := d.CmdArgs[0].Key, 0, "", ""
	d.ScanArgs(w.t, "calls", &calls)
	d.ScanArgs(w.t, "pin", &pin)
	d.ScanArgs(w.t, "dial", &answers)
	phones, last := make([]*handset, calls), make([]string, calls)
	var all sync.WaitGroup
	for i := range calls {
		h, _ := w.dial(string(w.people[who].Phone), answers)
		phones[i] = h
	}
	for i, h := range phones {
		all.Go(func() { last[i] = w.callback(h, h.texts[0]+"*"+pin) })
	}
	all.Wait()
	count := map[string]int{}
	for _, page := range last {
		count[withoutReceipts(page)]++
	}
	var out []string
	for page, n := range count {
		out = append(out, fmt.Sprintf("%d x %s", n, page))
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func withoutReceipts(page string) string {
	words := strings.Fields(page)
	for i, word := range words {
		if _, err := core.ParseReceipt(word); err == nil {
			words[i] = "RECEIPT"
		}
	}
	return strings.Join(words, " ")
}

// notByPhone are the codes that no caller can bring about yet; their words are tested where the codes are.
var notByPhone = map[core.Code]bool{
	core.BadReceipt: true, core.PayerSuspended: true, core.PayerDormant: true,
	core.PayerClosed: true, core.PayeeClosed: true, core.NoTariff: true,
	core.NoRequest: true, core.UnknownReceipt: true,
	core.Unbalanced: true, core.BadPosting: true, core.UnknownAccount: true, core.Overflow: true,
	core.RequestReused: true, core.Voided: true, core.UnknownHold: true,
	core.HoldRunning: true, core.HoldMismatch: true, core.HoldExists: true,
	core.Busy: true, core.Unavailable: true, core.OutcomeUnknown: true, core.Internal: true,
	core.BadEmail: true, core.BadPassword: true, core.BadReference: true, core.EmailTaken: true, core.CommissionLeft: true,
	core.BadBody: true, core.BodyTooLarge: true, core.WrongType: true, core.UnknownField: true, core.MissingField: true,
	core.RepeatedField: true, core.BadField: true, core.UnknownRoute: true, core.WrongMethod: true, core.NoToken: true,
	core.WrongLogin: true, core.WrongBearer: true, core.WrongRole: true, core.TooManyLogins: true, core.TooFast: true,
	core.PayerPending: true, core.NoPINYet: true, core.PasswordUnproved: true,
	core.BadBands: true, core.Unpriced: true, core.UnknownCharge: true, core.BadLimits: true, core.UnknownTier: true,
	core.TierTaken: true, core.TooLate: true, core.TimeTaken: true, core.NothingToCome: true,
	core.BalanceLeft: true, core.StillOpen: true, core.LastAdministrator: true, core.UnknownMessage: true,
	core.PutAway: true, core.NotReversible: true, core.NoReversal: true, core.ReversalEnded: true, core.NothingToCollect: true,
}

// Every code that a caller can bring about is told in some dialogue.
func TestDialoguesTellEveryError(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(dialogues + "/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d dialogues, %v", len(files), err)
	}
	var said strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(b)
	}
	words, err := text.Load(core.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range core.Codes {
		blanks := text.Args{}
		for _, b := range words.Blanks(text.ForError(code)) {
			blanks[b] = "BLANK"
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(words.Say(text.ForError(code), blanks)), "BLANK", `[\d,.]+`)
		if !notByPhone[code] && !regexp.MustCompile(pattern).MatchString(said.String()) {
			t.Errorf("no dialogue tells %s", code)
		}
	}
}

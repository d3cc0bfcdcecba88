package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// parlour is a world with people of whom one pays all others.
type parlour struct {
	*world
	jane, john, njeri, duka core.Party
}

func newParlour(t *testing.T, adjust func(*config, *parts)) parlour {
	t.Helper()
	w := newWorldAs(t, func(c *config, p *parts) {
		p.pace = 1000
		adjust(c, p)
	})
	person := func(name, phone string, tier core.Tier, money core.Amount) core.Party {
		return w.open(name, core.Party{
			Kind: core.Subscriber, Status: core.Active, Tier: tier, Name: strings.ToUpper(name) + " OTIENO", Phone: core.MSISDN(phone),
			Email: core.Email(name + "@piga.example"), Lang: core.English,
		}, "602413", money)
	}
	l := parlour{world: w, njeri: w.counter()}
	l.jane = person("jane", "+254712345678", core.TierNew, 49_000*core.Shilling)
	l.john = person("john", "+254712345679", core.TierNew, 39_000*core.Shilling)
	l.duka = w.open("duka", core.Party{
		Kind: core.Merchant, Status: core.Active, Tier: core.TierTrade, Name: "DUKA LA WATU", Phone: "+254733000002", Number: "20001",
		Lang: core.English,
	}, "602413", 0)
	return l
}

func transfer(amount, to string, kind core.Kind) form {
	return form{"amount": amount, "accountNo": to, "customerType": string(kind)}
}

// withdraw is a form of its own.
func withdraw(amount string) form { return form{"amount": amount, "agentNumber": "10021"} }

const (
	sends     = "/api/transaction/transfer"
	withdraws = "/api/transaction/withdraw"
	deposits  = "/api/transaction/deposit"
)

// Each refusal has its code, its status and its words, adds nothing to the ledger, and is the same when it is asked for
// again though nothing stands in the way any more.
func TestRefusedPayments(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(c *config, _ *parts) { c.AutoConfirm = true })
	jane, john, agent := l.as(l.jane), l.as(l.john), l.as(l.njeri)
	sub, merchant := core.Subscriber, core.Merchant
	for i, c := range []struct {
		before string // what stands in the way
		who    *program
		path   string
		form   form
		code   core.Code
		status int
		kept   bool
	}{
		{"", jane, sends, transfer("100", "0712 345-678", sub), core.ToOneself, 422, true},
		{"", jane, sends, transfer("100", "JANE@piga.example", sub), core.ToOneself, 422, true},
		{"", agent, withdraws, withdraw("100"), core.ToOneself, 422, true},
		{"", jane, sends, transfer("9.99", "0712345679", sub), core.BelowSmallest, 422, true},
		{"", jane, withdraws, withdraw("0.99"), core.BelowSmallest, 422, true},
		{"", agent, deposits, transfer("9", "0712345679", sub), core.BelowSmallest, 422, true},
		{"", jane, sends, transfer("20000.01", "0712345679", sub), core.OverTransactionLimit, 422, true},
		{"", jane, sends, transfer("1000000", "0712345679", sub), core.OverTransactionLimit, 422, true},
		{"", john, sends, transfer("19000", "0712345678", sub), core.OverLargestBalance, 422, true},
		{"UPDATE accounts SET spent_day = 20261121, spent_today = 4000000, spent_month = 4000000 WHERE id = $1", jane, sends, transfer("10000.01", "0712345679", sub), core.OverDayLimit, 422, true},
		{"UPDATE accounts SET spent_today = 0, spent_month = 14500000 WHERE id = $1", jane, sends, transfer("5000.01", "0712345679", sub), core.OverMonthLimit, 422, true},
		{"UPDATE accounts SET spent_month = 0, reset_until = now() + interval '10 years', reset_version = version WHERE id = $1", jane, sends, transfer("1000.01", "0712345679", sub), core.AfterReset, 422, true},
		{"UPDATE accounts SET reset_until = NULL WHERE id = $1", john, sends, transfer("20000", "20001", merchant), "", 200, false},
		{"", john, sends, transfer("20000", "20001", merchant), core.InsufficientFunds, 422, true},
		{"UPDATE parties SET status = 'suspended' WHERE email = 'john@piga.example'", jane, sends, transfer("100", "0712345679", sub), core.PayeeSuspended, 403, true},
		{"", john, sends, transfer("100", "0712345678", sub), core.PayerSuspended, 403, false},
		{"UPDATE parties SET status = 'dormant' WHERE email = 'john@piga.example'", john, sends, transfer("100", "0712345678", sub), core.PayerDormant, 403, true},
		{"UPDATE parties SET status = 'active' WHERE email = 'john@piga.example'", jane, sends, transfer("100", "0712345677", sub), core.NotRegistered, 404, false},
		{"", jane, sends, transfer("100", "20001", sub), core.NotRegistered, 404, false},
		{"", jane, sends, transfer("100", "071", sub), core.PhoneTooShort, 400, false},
		{"", jane, sends, transfer("100", "0712345679", "administrator"), core.BadField, 400, false},
		{"", jane, sends, transfer("1e3", "0712345679", sub), core.BadAmount, 400, false},
		{"", jane, sends, transfer("-5", "0712345679", sub), core.BadAmount, 400, false},
		{"", jane, sends, transfer("0", "0712345679", sub), core.BadAmount, 400, false},
		{"INSERT INTO bands (operation, from_kind, to_kind, over, up_to, fee, effective_at) VALUES ('pay', 'subscriber', 'merchant', 999, 50000, 0, '2026-11-20')", jane, sends, transfer("501", "20001", merchant), core.NoTariff, 422, true},
	} {
		if c.before != "" {
			args := []any{l.jane.Account}
			if !strings.Contains(c.before, "$1") {
				args = nil
			}
			if _, err := l.db.Exec(c.before, args...); err != nil {
				t.Fatal(err)
			}
		}
		p := c.who.keyed(fmt.Sprint("key", i))
		if c.code == "" {
			p.post(c.path, c.form).done()
			continue
		}
		before := l.ledger()
		r := p.post(c.path, c.form)
		if r.refused(c.code); r.status != c.status || l.ledger() != before {
			t.Errorf("%v: %d, the ledger has %s after %s", c.form, r.status, l.ledger(), before)
		}
		kept := column(t, l.db, fmt.Sprintf(`SELECT coalesce(code, '') FROM requests WHERE id LIKE 'rest:%%:key%d'`, i))
		if c.kept != (len(kept) == 1 && kept[0] == string(c.code)) {
			t.Errorf("%s: %v is kept", c.code, kept)
		}
	}
	// Now all is well, and what was refused stays refused.
	if code := l.moved("more", l.njeri.Account, l.john.Account, 1_000*core.Shilling); code != "" {
		t.Fatal(code)
	}
	john.keyed("key13").post(sends, transfer("20000", "20001", merchant)).refused(core.InsufficientFunds)
	jane.keyed("key14").post(sends, transfer("100", "0712345679", sub)).refused(core.PayeeSuspended)
	john.keyed("key16").post(sends, transfer("100", "0712345678", sub)).refused(core.PayerDormant)
	jane.keyed("other").post(sends, transfer("100", "0712345679", sub)).done()
}

// The same again is answered the same, another content is refused, and another's key is her own.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(*config, *parts) {})
	p := l.as(l.jane).keyed("order-17")
	first := p.post(sends, transfer("500", "0712345679", core.Subscriber))
	first.done()
	if key := first.header.Get("Idempotency-Key"); key != "order-17" {
		t.Errorf("the key is %q", key)
	}
	p.json = true
	if again := p.post(sends, transfer("500.00", "john@piga.example", core.Subscriber)); string(again.body) != string(first.body) {
		t.Errorf("%s, and again %s", first.body, again.body)
	}
	for _, f := range []form{
		transfer("501", "0712345679", core.Subscriber), transfer("500", "20001", core.Merchant),
	} {
		if r := p.post(sends, f); r.status != http.StatusConflict {
			r.refused(core.RequestReused)
		}
	}
	p.post(withdraws, withdraw("500")).refused(core.RequestReused)
	l.as(l.john).keyed("order-17").post(sends, transfer("500", "0712345678", core.Subscriber)).done()
	l.admin(core.Care).put(customerPath(l.john, ""), form{"phoneNumber": "0799000001", "reason": "a new phone"}).done()
	p.post(sends, transfer("500", "0712345679", core.Subscriber)).refused(core.RequestReused) // she was paid, so this is not "nobody"
	p.keyed("order-18").post(sends, transfer("500", "0712345679", core.Subscriber)).refused(core.NotRegistered)
	l.admin(core.Care).put(customerPath(l.john, ""), form{"phoneNumber": "0712345679", "reason": "the old one"}).done()
	unkeyed := l.as(l.jane).post(sends, transfer("500", "0712345679", core.Subscriber))
	drawn := unkeyed.header.Get("Idempotency-Key")
	again := l.as(l.jane).keyed(drawn).post(sends, transfer("500", "0712345679", core.Subscriber))
	if unkeyed.done(); drawn == "" || string(again.body) != string(unkeyed.body) {
		t.Errorf("%s, and again by its key %q %s", unkeyed.body, drawn, again.body)
	}
}

// What the ledger has not answered in time is unknown, with the key to ask again by; and asked again it is done, once.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(*config, *parts) {})
	tx, err := l.db.Begin()
	if err == nil {
		_, err = tx.Exec(`SELECT FROM accounts WHERE id = $1 FOR UPDATE`, l.jane.Account)
	}
	if err != nil {
		t.Fatal(err)
	}
	f := transfer("500", "0712345679", core.Subscriber)
	r := l.as(l.jane).post(sends, f)
	key, _ := r.all()["idempotencyKey"].(string)
	if r.refused(core.OutcomeUnknown); r.status != http.StatusGatewayTimeout || key == "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l.as(l.jane).keyed(key).post(sends, f).done()
	}
	if balance := l.as(l.jane).get("/api/account/balance").done()["balance"]; balance != json.Number("48495") {
		t.Errorf("jane has %v", balance)
	}
}

// The fee that is charged is answered; one that is expected otherwise is refused, and tells the one in force.
func TestExpectedFee(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(*config, *parts) {})
	p := l.as(l.jane)
	f := transfer("500", "0712345679", core.Subscriber)
	f["fee"] = "4"
	r := p.post(sends, f)
	if r.refused(core.FeeChanged); r.status != http.StatusConflict || r.all()["fee"] != json.Number("5") {
		t.Errorf("%d %s", r.status, r.body)
	}
	f["fee"] = "5.00"
	if data := p.post(sends, f).done(); data["fee"] != json.Number("5") || data["state"] != "done" {
		t.Errorf("%v", data)
	}
	f = transfer("50", "0712345679", core.Subscriber)
	f["fee"] = "0"
	p.post(sends, f).done()
	f["fee"] = "free"
	p.post(sends, f).refused(core.BadAmount)
}

// A withdrawal waits for the agent, one at a time and six in an hour; the code is in the customer's SMS alone. Once she
// confirms by herself it is done at once.
func TestWithdrawOverREST(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(*config, *parts) {})
	jane, care := l.as(l.jane), l.admin(core.Care)
	r := jane.keyed("a").post(withdraws, withdraw("500"))
	data := r.done()
	if data["state"] != "waiting" || data["ref"] != "R1" || data["fee"] != json.Number("27") || data["receipt"] != nil || data["expiresAt"] == nil || data["code"] != nil {
		t.Errorf("%s", r.body)
	}
	jane.post(withdraws, withdraw("500")).refused(core.RequestOpen)
	code := strings.Fields(l.messages("jane"))[1]
	if code == "" || strings.Contains(string(r.body), code) {
		t.Errorf("the code %q is in %s", code, r.body)
	}
	l.clock.move(11 * time.Minute)
	for n := range 5 {
		if data := jane.post(withdraws, withdraw("100")).done(); data["ref"] != fmt.Sprintf("R%d", n+2) {
			t.Errorf("%v", data)
		}
		if _, err := l.g.wallet.Decline(t.Context(), l.njeri, fmt.Sprintf("R%d", n+2)); err != nil {
			t.Fatal(err)
		}
	}
	jane.post(withdraws, withdraw("100")).refused(core.TooManyRequests)
	if data := jane.keyed("a").post(withdraws, withdraw("500")).done(); data["state"] != "expired" {
		t.Errorf("%v", data)
	}

	set := func(p *program, account, status string) reply {
		return p.put("/api/admin/auto-confirm", form{"accountNo": account, "status": status})
	}
	set(l.admin(core.Finance), "10021", "").refused(core.WrongRole)
	set(care, "20001", "").refused(core.NotAllowed)
	set(care, "99999", "").refused(core.NotRegistered)
	for range 2 {
		set(care, "10021", "").done()
	}
	if data := jane.post(withdraws, withdraw("500")).done(); data["state"] != "done" || data["receipt"] == nil {
		t.Errorf("%v", data)
	}
	set(l.admin(core.IT), "0722000001", "false").done()
	john := l.as(l.john).keyed("b")
	john.post(withdraws, withdraw("500")).done()
	code = strings.Fields(l.messages("john"))[1]
	const on, off = `{"auto_confirm": true}`, `{"auto_confirm": false}`
	if got, want := l.deeds(), "party.auto_confirm party "+off+" -> "+on+"\nparty.auto_confirm party "+on+" -> "+off; got != want {
		t.Errorf("the audit log has\n%s", got)
	}
	if data := l.as(l.john).get("/api/account/balance").done(); data["held"] != json.Number("527") {
		t.Errorf("%v", data)
	}
	_, receipt, err := l.g.wallet.Confirm(t.Context(), wallet.Authority{Party: l.njeri}, "sms:m1", 0, code)
	if err != nil {
		t.Fatal(err)
	}
	if data := john.post(withdraws, withdraw("500")).done(); data["state"] != "confirmed" || data["receipt"] != string(receipt) || data["transactionId"] == nil {
		t.Errorf("%v", data)
	}
}

// Whom a program names is counted, as by phone, and no answer tells a name.
func TestLookupsOverREST(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(*config, *parts) {})
	jane := l.as(l.jane)
	for range 3 { // the same one again is one
		if r := jane.post(sends, transfer("10", "0712345679", core.Subscriber)); strings.Contains(string(r.body), "JOHN") {
			t.Errorf("%s", r.body)
		}
	}
	for n := range 19 {
		jane.post(sends, transfer("10", fmt.Sprintf("07000000%02d", n), core.Subscriber)).refused(core.NotRegistered)
	}
	r := jane.post(sends, transfer("10", "0700000099", core.Subscriber))
	if r.refused(core.TooManyLookups); r.status != http.StatusTooManyRequests {
		t.Errorf("%d", r.status)
	}
	jane.post(sends, transfer("10", "0712345679", core.Subscriber)).done()
}

// Ten money commands a minute are one bearer's; what came too fast is not asked of anything.
func TestPaceOverREST(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(_ *config, p *parts) { p.pace = 0 })
	jane := l.as(l.jane)
	for range 10 {
		jane.post(sends, transfer("10", "0712345679", core.Subscriber)).done()
	}
	before := l.ledger()
	r := l.as(l.jane).post(sends, transfer("10", "0712345679", core.Subscriber)) // another token of hers
	if r.refused(core.TooFast); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") == "" || l.ledger() != before {
		t.Errorf("%d %v", r.status, r.header)
	}
	l.as(l.john).post(sends, transfer("10", "0712345678", core.Subscriber)).done()
}

// A hundred at once under one key move money once, and all are answered the same; a hundred with keys of their own never
// spend more than the day allows.
func TestHundredAtOnce(t *testing.T) {
	t.Parallel()
	l := newParlour(t, func(*config, *parts) {})
	jane, rich := l.as(l.jane).keyed("once"), l.as(l.open("rich", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "RICH", Phone: "+254712345670", Lang: core.English,
	}, "602413", 200_000*core.Shilling))
	var answers sync.Map
	var done, over atomic.Int64
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			r := jane.post(sends, transfer("1000", "0712345679", core.Subscriber))
			r.done()
			answers.Store(string(r.body), true)
		})
		all.Go(func() {
			switch r := rich.keyed(fmt.Sprint("key", i)).post(sends, transfer("3000", "20001", core.Merchant)); {
			case r.status == http.StatusOK:
				done.Add(1)
			case r.all()["code"] == string(core.OverDayLimit):
				over.Add(1)
			default:
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	n := 0
	answers.Range(func(any, any) bool { n++; return true })
	if balance := l.as(l.jane).get("/api/account/balance").done()["balance"]; n != 1 || balance != json.Number("47990") {
		t.Errorf("%d different answers, and jane has %v", n, balance)
	}
	if balance := l.as(l.duka).get("/api/account/balance").done()["balance"]; done.Load() != 50 || over.Load() != 50 || balance != json.Number("150000") {
		t.Errorf("%d done, %d over the limit, the shop has %v", done.Load(), over.Load(), balance)
	}
}

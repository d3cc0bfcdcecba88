package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

// What is seen on the phone is seen by the API: the balance with its cents, what is on hold, the last five.
func TestBalanceAndStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane := w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 2_000*core.Shilling)
	w.open("john", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JOHN OTIENO", Phone: "+254712345679", Lang: core.English,
	}, "602413", 0)
	p := w.as(jane)
	if r := p.get("/api/account/statement"); strings.Count(string(r.body), `"transactionType":"DEPOSIT"`) != 1 {
		t.Errorf("%s", r.body)
	}
	for range 5 {
		h, _ := w.dial("+254712345678", "*384*96*1*0712345679*100.50#")
		if strings.Contains(w.callback(h, h.texts[0]), "Again?") {
			w.say(h, "1")
		}
		if page := w.say(h, "602413"); !strings.Contains(page, "END") {
			t.Fatal(page)
		}
	}
	r := p.get("/api/account/balance")
	if data := r.done(); data["balance"] != json.Number("1472.50") || data["held"] != nil {
		t.Errorf("%s", r.body)
	}
	r = p.get("/api/account/statement")
	lines, _ := r.done()["transactions"].([]any)
	if len(lines) != 5 {
		t.Fatalf("%s", r.body)
	}
	shape := regexp.MustCompile(`\{"transactionId":"\d+","transactionType":"TRANSFER","createdAt":"2026-11-21T1\d:[^"]*\+03:00","creditedAmount":0,"debitedAmount":105.50,"userId":"\d+","accountId":"\d+","receipt":"\w{10}","fee":5,"balance":1472.50\}`)
	if !shape.Match(r.body) {
		t.Errorf("%s", r.body)
	}
	h, _ := w.dial("+254712345678", "*384*96*2*10021*100#")
	w.say(h, "602413")
	if data := p.get("/api/account/balance").done(); data["balance"] != json.Number("1362.50") || data["held"] != json.Number("110") {
		t.Errorf("with a withdrawal waiting: %v", data)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/piga-money/piga/core"
)

// reversing is a world in which jane has sent john KES 500, of which he has so much.
func reversing(t *testing.T, left string) (w *world, receipt string) {
	t.Helper()
	w = newWorld(t)
	for i, name := range []string{"jane", "john", "juma"} {
		w.open(name, core.Party{
			Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: strings.ToUpper(name) + " OTIENO",
			Phone: core.MSISDN(fmt.Sprintf("+25471234567%d", i)), Lang: core.English,
		}, "602413", []core.Amount{2_000 * core.Shilling, 0, 0}[i])
	}
	h, _ := w.dial("+254712345670", "*384*96*1*0712345671*500#")
	w.say(h, "602413")
	if left != "500" {
		amount, err := core.ParseAmount(left)
		if err != nil {
			t.Fatal(err)
		}
		john := w.people["john"].Account
		w.moved("spent", john, w.people["juma"].Account, 500*core.Shilling-amount)
	}
	return w, column(t, w.db, `SELECT receipt FROM transfers WHERE operation = 'send'`)[0]
}

// Care and finance begin and collect; who goes without at the end is finance's to say. As a form and as JSON.
func TestWhoReverses(t *testing.T) {
	t.Parallel()
	w, receipt := reversing(t, "100.50")
	care, finance := w.admin(core.Care), w.admin(core.Finance)
	finance.json = true
	f := form{"receipt": strings.ToLower(receipt), "reason": "the wrong number"}
	w.admin(core.IT).post("/api/admin/reverse", f).refused(core.WrongRole)
	w.as(w.people["jane"]).post("/api/admin/reverse", f).refused(core.WrongBearer)
	care.post("/api/admin/reverse", form{"receipt": receipt}).refused(core.MissingField)
	care.post("/api/admin/reverse", form{"receipt": receipt, "reason": "  "}).refused(core.MissingField)
	care.post("/api/admin/reverse", form{"receipt": receipt, "reason": strings.Repeat("x", 201)}).refused(core.BadField)
	care.post("/api/admin/customers/1/suspend", form{"reason": "  "}).refused(core.MissingField)
	care.post("/api/admin/reverse", form{"receipt": "QK74J7XW2N", "reason": "x"}).refused(core.BadReceipt)
	care.post("/api/admin/reverse", form{"receipt": "QK74J7XW2M", "reason": "x"}).refused(core.UnknownReceipt)
	data := care.post("/api/admin/reverse", f).done()
	if data["state"] != "open" || data["taken"] != json.Number("100.50") || data["owed"] != json.Number("500") || data["reversalId"] != "1" {
		t.Errorf("%v", data)
	}
	why := form{"reason": "decided"}
	care.post("/api/admin/reversals/1/collect", why).refused(core.NothingToCollect)
	care.post("/api/admin/reversals/1/settle", why).refused(core.WrongRole)
	care.post("/api/admin/reversals/1/give-back", why).refused(core.WrongRole)
	finance.post("/api/admin/reversals/2/settle", why).refused(core.NoReversal)
	finance.post("/api/admin/reversals/one/settle", why).refused(core.BadField)
	if r := finance.post("/api/admin/reversals/1/settle", why); r.done()["returned"] != json.Number("105.50") {
		t.Errorf("%s", r.body)
	}
	finance.post("/api/admin/reversals/1/settle", why).refused(core.ReversalEnded)
	for path, n := range map[string]int{"": 1, "?state=open": 0, "?state=settled": 1, "?before=1": 0, "?before=2": 1, "?before=9223372036854775807": 1} {
		if all, _ := care.get("/api/admin/reversals" + path).done()["reversals"].([]any); len(all) != n {
			t.Errorf("%q lists %v", path, all)
		}
	}
	care.get("/api/admin/reversals?state=lost").refused(core.BadField)
	care.get("/api/admin/reversals/7").refused(core.NoReversal)
	if steps, _ := care.get("/api/admin/reversals/1").done()["steps"].([]any); len(steps) != 2 {
		t.Errorf("%v", steps)
	}
	want := `transfer.reverse transfer -> {"state": "open", "taken": 10050, "returned": 0} the wrong number
reversal.settle transfer {"state": "open", "taken": 10050, "returned": 0} -> {"state": "settled", "taken": 0, "returned": 10550} decided`
	if got := w.deeds(); got != want {
		t.Errorf("the audit log has\n%s", got)
	}
}

// The same key again is the same step, and another step under it is refused.
func TestReversalStepIsIdempotent(t *testing.T) {
	t.Parallel()
	w, receipt := reversing(t, "100")
	p := w.admin(core.Finance)
	p.post("/api/admin/reverse", form{"receipt": receipt, "reason": "x"}).done()
	p.header.Set("Idempotency-Key", "one")
	why := form{"reason": "decided"}
	p.post("/api/admin/reversals/1/collect", why).refused(core.NothingToCollect)
	w.moved("paid", w.people["jane"].Account, w.people["john"].Account, 50*core.Shilling)
	p.post("/api/admin/reversals/1/collect", why).refused(core.NothingToCollect) // as it was told
	p.post("/api/admin/reversals/1/settle", why).refused(core.RequestReused)
	p.header.Set("Idempotency-Key", "two")
	for range 2 {
		if data := p.post("/api/admin/reversals/1/collect", why).done(); data["taken"] != json.Number("150") {
			t.Errorf("%v", data)
		}
	}
}

// Two administrators reverse the same transaction at once: one case, and both are told of it.
func TestReversedByTwo(t *testing.T) {
	t.Parallel()
	w, receipt := reversing(t, "500")
	two := []*program{w.admin(core.Care), w.admin(core.Finance)}
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if data := two[i%2].post("/api/admin/reverse", form{"receipt": receipt, "reason": "x"}).done(); data["state"] != "whole" {
				t.Errorf("%v", data)
			}
		})
	}
	all.Wait()
	if n := column(t, w.db, `SELECT count(*) || ' ' || (SELECT count(*) FROM audit_log WHERE action = 'transfer.reverse') FROM reversals`)[0]; n != "1 1" {
		t.Errorf("cases and deeds: %s", n)
	}
}

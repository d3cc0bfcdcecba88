package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/piga-money/piga/core"
)

const (
	assigns = "/api/admin/assign-float"
	redeems = "/api/admin/redeem-float"
)

func booking(account, amount, reference string) form {
	return form{"accountNo": account, "amount": amount, "reference": reference}
}

// A deposit at the bank is float once, by the API and at the command line, whoever of two books it, in whatever spelling.
func TestAssignFloat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open("bahari", core.Party{
		Kind: core.SuperAgent, Status: core.Active, Tier: core.TierTrade, Name: "BAHARI", Phone: "+254733000001", Number: "10001", Lang: core.English,
	}, "602413", 0)
	admins := []*program{w.admin(core.Finance), w.admin(core.Finance)}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			r := admins[i%2].post(assigns, booking("10001", "1000000", "bank-1"))
			if data := r.done(); data["balance"] != json.Number("1000000") {
				t.Errorf("%s", r.body)
			}
		})
	}
	all.Wait()
	out := piga(t, "", w.env(), "float", "--to", "10001", "--amount", "1000000", "--reference", "BANK-1")
	if !strings.Contains(out, "was issued before") {
		t.Error(out)
	}
	finance := admins[0]
	for _, c := range []struct {
		form   form
		code   core.Code
		status int
	}{
		{booking("10001", "2000000", "BANK-1"), core.RequestReused, 409},
		{booking("99999", "1000", "BANK-2"), core.NotRegistered, 404},
		{booking("10001", "0.99", "BANK-2"), core.BelowSmallest, 422},
		{booking("10001", "1000", "BANK#2"), core.BadReference, 400},
		{booking("10001", "1000", ""), core.MissingField, 400},
	} {
		before := w.ledger()
		if r := finance.post(assigns, c.form); r.status != c.status || w.ledger() != before {
			t.Errorf("%v: %d", c.form, r.status)
		} else {
			r.refused(c.code)
		}
	}
	if got := w.deeds(); strings.Count(got, "\n") != 0 || !strings.HasPrefix(got, `float.issue transfer -> {"to": `) || !strings.Contains(got, `"amount": 100000000, "reference": "BANK-1"}`) {
		t.Errorf("the audit log has\n%s", got)
	}
	if sent := w.messages("bahari"); strings.Count(sent, "1,000,000.00 of float was issued to you") != 1 {
		t.Errorf("she was sent %s", sent)
	}
	w.admin(core.Care, core.IT).post(assigns, booking("10001", "1000", "BANK-3")).refused(core.WrongRole)
}

// A merchant is paid out, beyond what she might move herself. What there was too little for is booked by the same reference
// once there is enough; and it is in her statement.
func TestRedeemFloat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	duka := w.open("duka", core.Party{
		Kind: core.Merchant, Status: core.Active, Tier: core.TierTrade, Name: "DUKA", Phone: "+254733000002", Number: "20001", Lang: core.Swahili,
	}, "602413", 400_000*core.Shilling)
	finance := w.admin(core.Finance)
	before := w.ledger()
	for range 2 {
		finance.post(redeems, booking("20001", "400000.01", "PAID-1")).refused(core.InsufficientFunds)
	}
	if w.ledger() != before || w.deeds() != "" {
		t.Errorf("the ledger has %s after %s, the audit log %s", w.ledger(), before, w.deeds())
	}
	w.moved("more", w.counter().Account, duka.Account, 10_01)
	for range 2 {
		r := finance.post(redeems, booking("0733000002", "400000.01", "paid-1"))
		if data := r.done(); r.all()["message"] != "Float has been redeemed." || data["balance"] != json.Number("10") || data["receipt"] == "" {
			t.Errorf("%s", r.body)
		}
	}
	finance.post(redeems, booking("20001", "5", "PAID-1")).refused(core.RequestReused)
	if r := w.as(duka).get("/api/account/statement"); !strings.Contains(string(r.body), `"transactionType":"REDEEM"`) {
		t.Errorf("%s", r.body)
	}
	if got := w.deeds(); got != fmt.Sprintf(`float.redeem transfer -> {"from": %d, "amount": 40000001, "reference": "PAID-1"}`, duka.ID) {
		t.Errorf("the audit log has\n%s", got)
	}
	if sent := w.messages("duka"); strings.Count(sent, "umelipwa KES 400,000.01 benki") != 1 {
		t.Errorf("she was sent %s", sent)
	}
	if left := column(t, w.db, `SELECT balance FROM accounts WHERE id = 1`); left[0] != "-999999999" { // 10,400,000 came, 400,000.01 went
		t.Errorf("trust has %s", left[0])
	}
}

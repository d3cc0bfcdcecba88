package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

// The run that people have scripts for, in the order in which the routes are documented, as forms and as JSON: from nobody
// there to a statement. It is as in piga dev: who sits at the machine makes the first administrator, nobody waits for
// approval, and agents confirm by themselves.
func TestScript(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		t.Run(fmt.Sprintf("json=%v", asJSON), func(t *testing.T) {
			t.Parallel()
			w := newWorldAs(t, func(c *config, p *parts) { p.first, c.OpenRegistration, c.AutoConfirm = true, true, true })
			s := &script{t: t, w: w, json: asJSON}
			s.register()
			s.fund()
			s.trade()
			s.read()
			s.prices()
		})
	}
}

// script is who takes part in it, and how her programs speak.
type script struct {
	t    *testing.T
	w    *world
	json bool

	admin, super, agent, merchant, jane *program
}

func (s *script) register() {
	s.t.Helper()
	nobody := s.w.anyone()
	nobody.json = s.json
	for i, path := range []string{"administrator", "agent", "agent", "merchant", "subscriber"} {
		f := newUser(fmt.Sprintf("user%c", 'a'+i), fmt.Sprintf("07%d2345678", i))
		f["firstName"], f["email"] = string(rune('A'+i)), fmt.Sprintf("user%c@piga.example", 'a'+i)
		if path == "administrator" {
			delete(f, "phoneNumber")
		}
		r := nobody.post("/api/user/"+path, f)
		if data := r.done(); r.all()["message"] != "user created" || data["userType"] != path || data["userID"] == "" {
			s.t.Errorf("%s", r.body)
		}
	}
	for i, p := range []**program{&s.admin, &s.super, &s.agent, &s.merchant, &s.jane} {
		kind := []string{"administrator", "agent", "agent", "merchant", "subscriber"}[i]
		*p = s.w.loginWith(kind, form{"email": fmt.Sprintf("user%c@piga.example", 'a'+i), "password": restPassword})
		(*p).json = s.json
	}
}

func (s *script) fund() {
	s.t.Helper()
	r := s.admin.put("/api/admin/super-agent-status", form{"email": "userb@piga.example"})
	if r.done(); r.all()["message"] != "Super Agent Status updated" {
		s.t.Errorf("%s", r.body)
	}
	r = s.admin.post("/api/admin/assign-float", form{"accountNo": "userb@piga.example", "amount": "100000", "reference": "BANK-4711"})
	if data := r.done(); r.all()["message"] != "Float has been assigned." || data["balance"] != json.Number("100000") {
		s.t.Errorf("%s", r.body)
	}
}

func (s *script) trade() {
	s.t.Helper()
	for _, r := range []reply{
		s.super.post("/api/transaction/deposit", form{"amount": "10000", "accountNo": "userc@piga.example", "customerType": "agent"}),
		s.agent.post("/api/transaction/deposit", form{"amount": "400", "accountNo": "0742345678", "customerType": "subscriber"}),
		s.jane.post("/api/transaction/withdraw", form{"amount": "40", "agentNumber": "userc@piga.example"}),
		s.jane.post("/api/transaction/transfer", form{"amount": "30", "accountNo": "userd@piga.example", "customerType": "merchant"}),
	} {
		data := r.done()
		receipt, _ := data["receipt"].(string)
		if _, err := core.ParseReceipt(receipt); err != nil || data["transactionId"] == "" ||
			data["message"] != "Transaction under processing. You will receive a message shortly." {
			s.t.Errorf("%s", r.body)
		}
	}
}

// read finds 400 − 40 − 10 for the withdrawal − 30.
func (s *script) read() {
	s.t.Helper()
	for p, want := range map[*program]string{s.jane: "320", s.merchant: "30", s.agent: "9640", s.super: "90000"} {
		r := p.get("/api/account/balance")
		if data := r.done(); data["balance"] != json.Number(want) || r.all()["message"] != "Your current balance is "+want {
			s.t.Errorf("%s, want %s", r.body, want)
		}
	}
	r := s.jane.get("/api/account/statement")
	var lines []string
	all, _ := r.done()["transactions"].([]any)
	for _, one := range all {
		line, _ := one.(map[string]any)
		lines = append(lines, fmt.Sprint(line["transactionType"], " ", line["creditedAmount"], " ", line["debitedAmount"]))
	}
	if got := strings.Join(lines, ", "); got != "TRANSFER 0 30, WITHDRAW 0 50, DEPOSIT 400 0" {
		s.t.Errorf("the statement has %s", got)
	}
}

// prices reads the tariff, sets one charge to 1050 cents, and then sees it as 10.50.
func (s *script) prices() {
	s.t.Helper()
	id, fee := s.charge()
	if id == "" || fee != json.Number("10") {
		s.t.Fatalf("the first charge of a withdrawal is %q: %v", id, fee)
	}
	r := s.admin.post("/api/admin/update-charge", form{"chargeId": id, "amount": "1050"})
	if r.done(); r.all()["message"] != "charge configured" {
		s.t.Errorf("%s", r.body)
	}
	if again, fee := s.charge(); again != id || fee != json.Number("10.50") {
		s.t.Errorf("%q is now %q: %v", id, again, fee)
	}
}

// charge is the first of a subscriber who withdraws at an agent, and what it costs.
func (s *script) charge() (id string, fee any) {
	s.t.Helper()
	r := s.admin.get("/api/admin/get-tariff")
	r.done()
	all, _ := r.all()["data"].([]any)
	for _, one := range all {
		c, _ := one.(map[string]any)
		if c["txnOperation"] == "WITHDRAW" && c["srcUserType"] == "subscriber" && c["destUserType"] == "agent" {
			id, _ = c["id"].(string)
			return id, c["fee"]
		}
	}
	return "", nil
}

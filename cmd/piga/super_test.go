package main

import (
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Marking an agent twice changes nothing; the mark can be taken away; and what she earned must be taken before.
func TestSuperAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(core.Agent, "njoki", "0722000009")
	w.admin(core.Care).post("/api/admin/approve", form{"accountNo": "0722000009"}).done()
	njoki := w.people["njoki"]
	it := w.admin(core.IT)
	mark := func(status string) reply {
		return it.put("/api/admin/super-agent-status", form{"email": "njoki@piga.example", "status": status})
	}
	kind := func() core.Kind {
		p, err := w.g.wallet.Find(t.Context(), "njoki@piga.example")
		if err != nil {
			t.Fatal(err)
		}
		return p.Kind
	}
	mark("false").done() // she is none: nothing to do
	for range 2 {
		if r := mark(""); string(r.body) != `{"status":"success","message":"Super Agent Status updated"}`+"\n" {
			t.Errorf("%s", r.body)
		}
	}
	if kind() != core.SuperAgent {
		t.Errorf("she is a %s", kind())
	}
	w.login("agent", "njoki").get("/api/account/balance").done() // she comes as what she registered as
	super := w.people["njoki"]
	super.Kind = core.SuperAgent
	if _, err := w.g.wallet.IssueFloat(t.Context(), wallet.Booking{Reference: "BANK1", Party: super, Amount: 1_000_00}); err != nil {
		t.Error(err)
	}
	earns := func(request string) string { // as if a withdrawal at her counter were on its way meanwhile
		return w.moved(core.RequestID(request), core.Trust, njoki.Commission, 5_00)
	}
	if code := earns("while super"); code != string(core.PayeeClosed) {
		t.Errorf("a super agent earned commission: %q", code)
	}
	mark("false").done()
	if code := earns("as an agent"); code != "" {
		t.Errorf("an agent again, she earns nothing: %s", code)
	}
	r := mark("true")
	r.refused(core.CommissionLeft)
	if kind() != core.Agent {
		t.Errorf("refused, she is a %s", kind())
	}
	const toSuper, toAgent = `party.super_agent party {"kind": "agent"} -> {"kind": "super_agent"}`, `party.super_agent party {"kind": "super_agent"} -> {"kind": "agent"}`
	if got, want := w.deeds(), `party.approve party {"status": "pending"} -> {"status": "active"}`+"\n"+toSuper+"\n"+toAgent; got != want {
		t.Errorf("the audit log has\n%s", got)
	}
	w.register(core.Subscriber, "wanjiku", "0712345678")
	it.put("/api/admin/super-agent-status", form{"email": "wanjiku@piga.example"}).refused(core.NotAllowed)
	it.put("/api/admin/super-agent-status", form{"email": "njoki@piga.example", "status": "maybe"}).refused(core.BadField)
}

// A super agent who never was an agent gets a commission account when she becomes one.
func TestSuperAgentFromTheBeginning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bahari := w.open("bahari", core.Party{
		Kind: core.SuperAgent, Status: core.Active, Tier: core.TierTrade, Name: "BAHARI", Phone: "+254733000001", Number: "10001",
		Email: "bahari@piga.example", Lang: core.English,
	}, "602413", 1_000_00)
	w.admin(core.IT).put("/api/admin/super-agent-status", form{"email": "bahari@piga.example", "status": "false"}).done()
	p, err := w.g.wallet.Find(t.Context(), "10001")
	if err != nil || p.Kind != core.Agent || p.Commission == 0 || p.Account != bahari.Account {
		t.Errorf("%+v, %v", p, err)
	}
}

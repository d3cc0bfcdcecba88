package main

import (
	"fmt"
	"testing"

	"github.com/piga-money/piga/core"
)

// Operation by kind of who asks by kind of the other one: what each comes to over the API, "" when it is done. Whom a route is
// not for is stopped at the door.
var matrix = map[string]map[core.Kind]map[core.Kind]core.Code{
	"deposit": {
		core.Subscriber: always(core.WrongBearer),
		core.Agent:      {core.Subscriber: "", core.Agent: core.NotAllowed, core.SuperAgent: core.NotAllowed, core.Merchant: core.NotAllowed},
		core.SuperAgent: {core.Subscriber: core.NotAllowed, core.Agent: "", core.SuperAgent: core.NotAllowed, core.Merchant: core.NotAllowed},
		core.Merchant:   always(core.WrongBearer),
	},
	"withdraw": {
		core.Subscriber: {core.Subscriber: core.NotAllowed, core.Agent: "", core.SuperAgent: core.NotAllowed, core.Merchant: core.NotAllowed},
		core.Agent:      {core.Subscriber: core.NotAllowed, core.Agent: "", core.SuperAgent: core.NotAllowed, core.Merchant: core.NotAllowed},
		core.SuperAgent: always(core.WrongBearer),
		core.Merchant:   {core.Subscriber: core.NotAllowed, core.Agent: "", core.SuperAgent: core.NotAllowed, core.Merchant: core.NotAllowed},
	},
	"transfer": {
		core.Subscriber: {core.Subscriber: "", core.Agent: core.NotAllowed, core.SuperAgent: core.NotAllowed, core.Merchant: ""},
		core.Agent:      {core.Subscriber: core.NotAllowed, core.Agent: "", core.SuperAgent: core.NotAllowed, core.Merchant: ""},
		core.SuperAgent: always(core.WrongBearer),
		core.Merchant:   {core.Subscriber: "", core.Agent: core.NotAllowed, core.SuperAgent: core.NotAllowed, core.Merchant: core.NotAllowed},
	},
}

// floats are the same for what finance books, by the kind of whose float or till it is.
var floats = map[string]map[core.Kind]core.Code{
	"assign-float": {core.Subscriber: core.NotAllowed, core.Agent: core.NotAllowed, core.SuperAgent: "", core.Merchant: core.NotAllowed},
	"redeem-float": {core.Subscriber: core.NotAllowed, core.Agent: "", core.SuperAgent: "", core.Merchant: ""},
}

func always(code core.Code) map[core.Kind]core.Code {
	all := map[core.Kind]core.Code{}
	for _, k := range core.Kinds {
		all[k] = code
	}
	return all
}

// couples are two of each kind, with money.
func (w *world) couples() map[core.Kind][2]core.Party {
	all := map[core.Kind][2]core.Party{}
	for i, k := range core.Kinds {
		var two [2]core.Party
		for n := range two {
			p := core.Party{
				Kind: k, Status: core.Active, Tier: core.TierTrade, Lang: core.English, Name: "SOMEBODY",
				Phone: core.MSISDN(fmt.Sprintf("+25471000%d00%d", i, n)), Number: fmt.Sprintf("2%d00%d", i, n),
			}
			if k == core.Subscriber {
				p.Tier, p.Number = core.TierFull, ""
			}
			two[n] = w.open(fmt.Sprint(k, n), p, "602413", 10_000*core.Shilling)
		}
		all[k] = two
	}
	return all
}

// ledger is how much there is in the ledger, of what only money that moved adds to.
func (w *world) ledger() string {
	w.t.Helper()
	return column(w.t, w.db, `
		SELECT concat_ws(' ', (SELECT count(*) FROM transfers), (SELECT count(*) FROM entries), (SELECT count(*) FROM holds),
			(SELECT count(*) FROM cash_requests), (SELECT sum(version) FROM accounts))`)[0]
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	w := newWorldAs(t, func(c *config, p *parts) { c.AutoConfirm, p.pace = true, 100 })
	couples := w.couples()
	for op, byKind := range matrix {
		for _, from := range core.Kinds {
			p := w.as(couples[from][0])
			for _, to := range core.Kinds {
				other := couples[to][1]
				f := form{"amount": "100", "accountNo": string(other.Phone), "customerType": string(typeAsked(to))}
				if op == "withdraw" {
					f = form{"amount": "100", "agentNumber": string(other.Phone)}
				}
				want, told := byKind[from][to]
				if !told {
					t.Fatalf("no word on %s from %s to %s", op, from, to)
				}
				w.cell(fmt.Sprintf("%s from %s to %s", op, from, to), p, "/api/transaction/"+op, f, want)
			}
		}
	}
	finance := w.admin(core.Finance)
	for op, byKind := range floats {
		for _, k := range core.Kinds {
			f := form{"amount": "100", "accountNo": string(couples[k][0].Phone), "reference": op + "." + string(k)}
			w.cell(op+" "+string(k), finance, "/api/admin/"+op, f, byKind[k])
		}
	}
}

func typeAsked(k core.Kind) core.Kind {
	if k == core.SuperAgent {
		return core.Agent
	}
	return k
}

// cell asks for one movement, which adds to the ledger just when it is done.
func (w *world) cell(name string, p *program, path string, f form, want core.Code) {
	w.t.Helper()
	before := w.ledger()
	r := p.post(path, f)
	code, _ := r.all()["code"].(string)
	if core.Code(code) != want || (w.ledger() == before) != (want != "") {
		w.t.Errorf("%s: want %q, answered %d: %s", name, want, r.status, r.body)
	}
}

package api

import (
	"net/http"
	"slices"

	"github.com/piga-money/piga/core"
)

// What administrators decide about parties.

func (a *API) adminRoutes() []Route {
	return []Route{
		{
			Method: http.MethodPut, Path: "/api/admin/super-agent-status", Who: admins(core.IT),
			Says:    "Marks an agent as a super agent, or takes the mark away; marking twice changes nothing.",
			Refuses: []core.Code{core.NotRegistered, core.NotAllowed, core.CommissionLeft},
			Do:      do(a.setSuperAgent),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/approve", Who: admins(core.Care),
			Says:    "Approves an agent or a merchant who registered, and has her sent a start code; approving twice changes nothing.",
			Refuses: append(slices.Clip(byAnyName), core.NotAllowed),
			Do:      do(a.approve),
		},
	}
}

type superAgent struct {
	Email  core.Email `api:"email" is:"of the agent"`
	Status mark       `api:"status,optional" is:"false takes the mark away; true if not given"`
}

func (a *API) setSuperAgent(v *visit, in superAgent) (Done[nothing], error) {
	p, err := a.Wallet.Find(v.ctx, string(in.Email))
	if err == nil {
		err = a.Office.SetSuperAgent(v.ctx, v.by(), p, in.Status != unmarked)
	}
	return done("Super Agent Status updated", nothing{}), err
}

// mark is a truth that is true unless told otherwise.
type mark string

const unmarked mark = "false"

type account struct {
	AccountNo string `api:"accountNo" is:"e-mail, phone number, or agent or till number"`
}

func (a *API) approve(v *visit, in account) (Done[user], error) {
	p, err := a.Wallet.Find(v.ctx, in.AccountNo)
	if err != nil {
		return Done[user]{}, inField(err, "accountNo")
	}
	err = a.Office.Approve(v.ctx, v.by(), p)
	return done("account approved", user{userID(p.ID), typeOf(p.Kind), p.Number, core.Active}), err
}

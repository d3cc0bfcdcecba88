package api

import (
	"net/http"
	"slices"

	"github.com/piga-money/piga/core"
)

// Agents who confirm by themselves.

func (a *API) autoConfirmRoutes() []Route {
	return []Route{
		{
			Method: http.MethodPut, Path: "/api/admin/auto-confirm", Who: admins(core.Care, core.IT),
			Says:    "Has withdrawals at an agent done at once that are asked for by the API, or wait for her again; those by phone always wait.",
			Refuses: append(slices.Clip(byAnyName), core.NotAllowed),
			Do:      do(a.setAutoConfirm),
		},
	}
}

type autoConfirm struct {
	AccountNo string `api:"accountNo" is:"the agent's e-mail, phone number or agent number"`
	Status    mark   `api:"status,optional" is:"false has them wait again; true if not given"`
}

func (a *API) setAutoConfirm(v *visit, in autoConfirm) (Done[nothing], error) {
	p, err := a.Wallet.Find(v.ctx, in.AccountNo)
	if err != nil {
		return Done[nothing]{}, inField(err, "accountNo")
	}
	return done("auto_confirm updated", nothing{}), a.Office.SetAutoConfirm(v.ctx, v.by(), p, in.Status != unmarked)
}

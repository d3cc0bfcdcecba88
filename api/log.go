package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// What administrators did.

func (a *API) logRoutes() []Route {
	return []Route{{
		Method: http.MethodGet, Path: "/api/admin/audit-log", Who: admins(core.Finance, core.IT),
		Says: "Lists what administrators did, newest first: who, what, before, after, why, from where. Amounts in before and after are cents.",
		Do:   do(a.auditLog),
	}}
}

type lineNumber int64

type logSearch struct {
	By      *core.AdminID `api:"administrator,optional" is:"who did it; 0 is the command line"`
	Action  string        `api:"action,optional" is:"such as party.suspend"`
	Subject string        `api:"subject,optional" is:"the kind of thing: party, administrator, transfer, message"`
	ID      lineNumber    `api:"subjectId,optional" is:"which one of its kind"`
	From    time.Time     `api:"from,optional" is:"not before this time"`
	Until   time.Time     `api:"until,optional" is:"before this time"`
	After   lineNumber    `api:"after,optional" is:"next, as the page before said"`
	Limit   pageSize      `api:"limit,optional" is:"how many at once; 50 if not given"`
}

type deeds struct {
	Deeds []deed `json:"deeds"`
	Next  string `json:"next,omitempty" is:"after which the next page begins; none on the last"`
}

type deed struct {
	Number  string          `json:"number" is:"grows with time"`
	At      time.Time       `json:"at"`
	By      string          `json:"administrator" is:"0 is the command line"`
	Action  string          `json:"action"`
	Subject core.Subject    `json:"subject"`
	ID      string          `json:"subjectId"`
	Before  json.RawMessage `json:"before,omitempty" is:"what it was"`
	After   json.RawMessage `json:"after,omitempty" is:"what it became"`
	Reason  string          `json:"reason,omitempty"`
	Address string          `json:"address" is:"where from"`
}

func (a *API) auditLog(v *visit, in logSearch) (Done[deeds], error) {
	all, err := a.Office.Log(v.ctx, office.LogSearch{
		By: in.By, Action: in.Action, Subject: core.Subject(in.Subject), ID: int64(in.ID), From: in.From, Until: in.Until,
		After: int64(in.After), Most: in.Limit.asked(),
	})
	all, next := cut(all, in.Limit, func(l office.Line) string { return userID(l.Number) })
	page := deeds{Deeds: make([]deed, len(all)), Next: next}
	for i, l := range all {
		page.Deeds[i] = deed{
			userID(l.Number), l.At, userID(l.By), l.Action, l.Subject, userID(l.ID), l.Was, l.Is, l.Reason, l.Address,
		}
	}
	return done("the audit log", page), err
}

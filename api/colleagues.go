package api

import (
	"net/http"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
)

// Administrators, among themselves.

func (a *API) colleagueRoutes() []Route {
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/admin/administrators", Who: admins(core.IT),
			Says: "Lists administrators, those who are closed too.",
			Do:   do(a.listAdmins),
		},
		{
			Method: http.MethodPut, Path: "/api/admin/administrators/:userID/roles", Who: admins(core.IT),
			Says:    "Gives an administrator other roles; the last one of role it keeps that.",
			Refuses: []core.Code{core.NotRegistered, core.NotAllowed, core.LastAdministrator},
			Do:      do(a.setRoles),
		},
		{
			Method: http.MethodPut, Path: "/api/admin/administrators/:userID/password", Who: admins(core.IT),
			Says:    "Gives another administrator a new password, and ends her tokens.",
			Refuses: []core.Code{core.NotRegistered, core.NotAllowed},
			Do:      do(a.setPassword),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/administrators/:userID/close", Who: admins(core.IT),
			Says:    "Closes an administrator for ever, and ends her tokens; not the last one of role it.",
			Refuses: []core.Code{core.NotRegistered, core.LastAdministrator},
			Do:      do(a.closeAdmin),
		},
		{
			Method: http.MethodPut, Path: "/api/admin/password", Who: admins(core.Roles...),
			Says:    "Changes the bearer's own password, and ends her tokens, this one too.",
			Refuses: []core.Code{core.WrongLogin, core.TooManyLogins},
			Do:      do(a.changePassword),
		},
	}
}

type adminsAfter struct {
	After core.AdminID `api:"after,optional" is:"next, as the page before said"`
	Limit pageSize     `api:"limit,optional" is:"how many at once; 50 if not given"`
}

type colleagues struct {
	Administrators []colleague `json:"administrators"`
	Next           string      `json:"next,omitempty" is:"after which the next page begins; none on the last"`
}

type colleague struct {
	ID     string      `json:"userID"`
	Name   string      `json:"name"`
	Email  core.Email  `json:"email"`
	Roles  []core.Role `json:"roles"`
	Opened time.Time   `json:"createdAt"`
	Closed time.Time   `json:"closedAt,omitzero"`
}

func (a *API) listAdmins(v *visit, in adminsAfter) (Done[colleagues], error) {
	all, err := a.Office.Colleagues(v.ctx, in.After, in.Limit.asked())
	all, next := cut(all, in.Limit, func(c office.Colleague) string { return userID(c.ID) })
	page := colleagues{Administrators: make([]colleague, len(all)), Next: next}
	for i, c := range all {
		page.Administrators[i] = colleague{userID(c.ID), c.Name, c.Email, c.Roles, c.Opened, c.Closed}
	}
	return done("administrators", page), err
}

type rolesOfAdmin struct {
	ID     core.AdminID `api:"userID" is:"of the administrator"`
	Roles  []core.Role  `api:"roles" is:"all that she has then: a list, or separated by commas"`
	Reason reason       `api:"reason" is:"why; it stays in the audit log"`
}

func (a *API) setRoles(v *visit, in rolesOfAdmin) (Done[nothing], error) {
	return done("roles changed", nothing{}), a.Office.SetRoles(v.ctx, v.by(), in.ID, in.Roles, string(in.Reason))
}

type passwordOfAdmin struct {
	ID       core.AdminID  `api:"userID" is:"of another administrator"`
	Password core.Password `api:"password" is:"8 characters at least"`
	Reason   reason        `api:"reason" is:"why; it stays in the audit log"`
}

func (a *API) setPassword(v *visit, in passwordOfAdmin) (Done[nothing], error) {
	return done("password changed", nothing{}), a.Office.SetPassword(v.ctx, v.by(), in.ID, in.Password, string(in.Reason))
}

type aboutAdmin struct {
	ID     core.AdminID `api:"userID" is:"of the administrator"`
	Reason reason       `api:"reason" is:"why; it stays in the audit log"`
}

func (a *API) closeAdmin(v *visit, in aboutAdmin) (Done[nothing], error) {
	return done("administrator closed", nothing{}), a.Office.CloseAdmin(v.ctx, v.by(), in.ID, string(in.Reason))
}

type ownPassword struct {
	Old core.Password `api:"password" is:"the one that she has"`
	New core.Password `api:"newPassword" is:"8 characters at least"`
}

// changePassword asks for the old one as a login does, and counts wrong ones as such: a token that was found is not enough.
func (a *API) changePassword(v *visit, in ownPassword) (Done[nothing], error) {
	email := v.bearer.Admin.Email
	err := a.guess(v, string(login.Admin)+" "+string(email), func() error {
		_, err := a.Logins.ByPassword(v.ctx, login.Admin, email, in.Old, nil)
		return err
	})
	if err != nil {
		return Done[nothing]{}, err
	}
	return done("password changed; log in with it", nothing{}), a.Office.ChangePassword(v.ctx, v.by(), in.New)
}

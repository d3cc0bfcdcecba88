package api

import (
	"net/http"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

// Who registers, and administrators who are made by others.

func (a *API) userRoutes() []Route {
	register := func(kind core.Kind, says string) Route {
		return Route{
			Method: http.MethodPost, Path: "/api/user/" + string(kind), Who: anyone(), Says: says,
			Refuses: []core.Code{core.BadName, core.AlreadyRegistered, core.EmailTaken, core.TooManyRequests},
			Do:      do(func(v *visit, in newUser) (Done[user], error) { return a.register(v, kind, in) }),
		}
	}
	return []Route{
		register(core.Subscriber, "Registers a subscriber, who is sent a start code to set a PIN with."),
		register(core.Agent, "Registers an agent, who gets an agent number and waits for approval."),
		register(core.Merchant, "Registers a merchant, who gets a till number and waits for approval."),
		{
			Method: http.MethodPost, Path: "/api/user/administrator", Who: admins(core.IT), First: true,
			Says:    "Makes an administrator.",
			Refuses: []core.Code{core.BadName, core.EmailTaken},
			Do:      do(a.makeAdmin),
		},
	}
}

type newUser struct {
	FirstName string        `api:"firstName" is:"first name, or the first word of a shop's"`
	LastName  string        `api:"lastName" is:"family name, or the rest of a shop's"`
	Email     core.Email    `api:"email" is:"by which to log in"`
	Phone     core.MSISDN   `api:"phoneNumber" is:"a Kenyan mobile number in any spelling"`
	Password  core.Password `api:"password" is:"8 characters at least"`
	Lang      core.Lang     `api:"language,optional" is:"in which to be spoken to; English if not given"`
}

type user struct {
	ID     string      `json:"userID" is:"names the user for ever"`
	Type   userType    `json:"userType"`
	Number string      `json:"number,omitempty" is:"an agent's or till's five digits"`
	Status core.Status `json:"accountStatus,omitempty" is:"pending until an administrator approves"`
}

const created = "user created"

func (a *API) register(v *visit, kind core.Kind, in newUser) (Done[user], error) {
	name, err := core.ParseName(in.FirstName + " " + in.LastName)
	if err != nil {
		return Done[user]{}, inField(err, "firstName")
	}
	if err := a.count(v, registrations, network(v.address)); err != nil {
		return Done[user]{}, err
	}
	hash, err := a.Passwords.Hash(v.ctx, in.Password)
	if err != nil {
		return Done[user]{}, err
	}
	if in.Lang == "" {
		in.Lang = core.Langs[0]
	}
	p, err := a.Wallet.Enlist(v.ctx, wallet.Application{
		Kind: kind, Phone: in.Phone, Name: name, Email: in.Email, Password: hash, Lang: in.Lang, Open: a.OpenRegistration,
	})
	return done(created, user{userID(p.ID), typeOf(p.Kind), p.Number, p.Status}), err
}

type newAdmin struct {
	FirstName string        `api:"firstName" is:"first name"`
	LastName  string        `api:"lastName" is:"family name"`
	Email     core.Email    `api:"email" is:"by which to log in"`
	Password  core.Password `api:"password" is:"8 characters at least"`
	Roles     []core.Role   `api:"roles,optional" is:"a list, or separated by commas; care if not given"`
}

func (a *API) makeAdmin(v *visit, in newAdmin) (Done[user], error) {
	name, err := core.ParseName(in.FirstName + " " + in.LastName)
	if err != nil {
		return Done[user]{}, inField(err, "firstName")
	}
	if len(in.Roles) == 0 {
		in.Roles = []core.Role{core.Care}
	}
	n := office.Newcomer{Name: name, Email: in.Email, Password: in.Password, Roles: in.Roles}
	open := a.Office.OpenAdmin
	if v.anonymous() {
		open = a.Office.OpenFirstAdmin
	}
	made, err := open(v.ctx, v.by(), n)
	if v.anonymous() && core.CodeOf(err) == core.NotAllowed {
		err = core.Errorf(core.NoToken, "%w", err) // others make the next
	}
	return done(created, user{ID: userID(made.ID), Type: userType(login.Admin)}), err
}

package api

import (
	"context"
	"net/http"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/wallet"
)

// Logging in, and out.

func (a *API) loginRoutes() []Route {
	return []Route{
		{
			Method: http.MethodPost, Path: "/api/login/:type", Who: anyone(),
			Says:    "Gives a token for six hours to who has this e-mail and password; customers may give phone number and PIN instead, and give the PIN with their password the first time.",
			Refuses: []core.Code{core.MissingField, core.WrongLogin, core.TooManyLogins, core.WrongPIN, core.PINLocked, core.NoPINYet, core.PasswordUnproved, core.PayerPending, core.PayerSuspended},
			Do:      do(a.login),
		},
		{
			Method: http.MethodPost, Path: "/api/logout", Who: Who{Kinds: core.Kinds, Roles: core.Roles},
			Says: "Ends the token that it is asked with.",
			Do:   do(a.logout),
		},
	}
}

type credentials struct {
	Type     userType      `api:"type" is:"as what; a super agent comes as an agent"`
	Email    core.Email    `api:"email,optional" is:"as registered"`
	Password core.Password `api:"password,optional" is:"with an e-mail"`
	Phone    core.MSISDN   `api:"phoneNumber,optional" is:"as registered, in any spelling"`
	PIN      core.PIN      `api:"pin,optional" is:"with a phone number, and with a password that was never given along with it: a wrong one counts as on the phone"`
}

type loggedIn struct {
	UserID string   `json:"userId"`
	Type   userType `json:"userType"`
	Token  string   `json:"token" is:"to be sent as Authorization: Bearer; good for six hours"`
}

func (a *API) login(v *visit, in credentials) (loggedIn, error) {
	account, try, err := a.tryOf(v, in)
	if err != nil {
		return loggedIn{}, err
	}
	var b login.Bearer
	err = a.guess(v, account, func() (err error) { b, err = try(); return err })
	if err != nil {
		return loggedIn{}, err
	}
	token, err := a.Logins.Begin(v.ctx, b)
	id := userID(b.Party.ID)
	if b.Kind() == login.Admin {
		id = userID(b.Admin.ID)
	}
	return loggedIn{id, in.Type, token}, err
}

// tryOf is the try that credentials stand for, and the account that it is a try at.
func (a *API) tryOf(v *visit, in credentials) (account string, try func() (login.Bearer, error), err error) {
	kind := core.Kind(in.Type)
	missing := ""
	switch {
	case in.Phone != "" && in.Email == "" && kind != login.Admin:
		account = string(in.Phone)
		try = func() (login.Bearer, error) { return a.Logins.ByPIN(v.ctx, kind, in.Phone, a.proof(v, in.PIN)) }
		if len(in.PIN.Reveal()) == 0 {
			missing = "pin"
		}
	case in.Email == "":
		missing = "email"
	default:
		account = string(kind) + " " + string(in.Email)
		try = func() (login.Bearer, error) {
			return a.Logins.ByPassword(v.ctx, kind, in.Email, in.Password, a.proof(v, in.PIN))
		}
		if len(in.Password.Reveal()) == 0 {
			missing = "password"
		}
	}
	if missing != "" {
		err = inField(core.Errorf(core.MissingField, "none"), missing)
	}
	return account, try, err
}

// proof asks for a PIN, which counts as a try like any on the phone; nil if none was given.
func (a *API) proof(v *visit, pin core.PIN) login.Proof {
	if len(pin.Reveal()) == 0 {
		return nil
	}
	return func(ctx context.Context, p core.Party) error {
		return a.Wallet.Identify(ctx, wallet.Authority{Party: p, PIN: pin, Turn: "rest:" + v.id})
	}
}

func (a *API) logout(v *visit, _ nothing) (Done[nothing], error) {
	return done("logged out", nothing{}), a.Logins.End(v.ctx, v.token)
}

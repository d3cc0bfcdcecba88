package api

import (
	"net/http"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// What administrators of role care do about one customer, each for a reason that stays in the audit log.

func (a *API) careRoutes() []Route {
	type decision func(*visit, office.By, aboutCustomer) error
	about := func(path, says, did string, decide decision) Route {
		return Route{
			Method: http.MethodPost, Path: "/api/admin/customers/:userID/" + path, Who: admins(core.Care), Says: says,
			Refuses: []core.Code{core.NotRegistered, core.NotAllowed},
			Do: do(func(v *visit, in aboutCustomer) (Done[nothing], error) {
				return done(did, nothing{}), decide(v, v.by(), in)
			}),
		}
	}
	return []Route{
		about("suspend", "Stops a customer: no money in or out, and her tokens end.", "account suspended",
			func(v *visit, by office.By, in aboutCustomer) error {
				return a.Office.Suspend(v.ctx, by, in.ID, string(in.Reason))
			}),
		about("reinstate", "Lets a customer who was suspended go on.", "account reinstated",
			func(v *visit, by office.By, in aboutCustomer) error {
				return a.Office.Reinstate(v.ctx, by, in.ID, string(in.Reason))
			}),
		about("close", "Closes a customer for ever, at balance zero; her number may be somebody else's then.", "account closed",
			func(v *visit, by office.By, in aboutCustomer) error {
				return a.Office.Close(v.ctx, by, in.ID, string(in.Reason))
			}),
		about("refuse", "Turns down an agent or a merchant who waits for approval.", "application refused",
			func(v *visit, by office.By, in aboutCustomer) error {
				return a.Office.Refuse(v.ctx, by, in.ID, string(in.Reason))
			}),
		about("unlock-pin", "Gives a customer new tries whose PIN is locked.", "PIN unlocked",
			func(v *visit, by office.By, in aboutCustomer) error {
				return a.Office.UnlockPIN(v.ctx, by, in.ID, string(in.Reason))
			}),
		{
			Method: http.MethodPost, Path: "/api/admin/customers/:userID/reset-pin", Who: admins(core.Care),
			Says:    "Has a customer sent a start code for a new PIN; for a day after it little goes out.",
			Refuses: []core.Code{core.NotRegistered, core.NotAllowed, core.WrongID},
			Do:      do(a.resetPIN),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/customers/:userID/verify-id", Who: admins(core.Care),
			Says:    "Gives a subscriber whose ID card was looked at the limits of those who are known.",
			Refuses: []core.Code{core.NotRegistered, core.NotAllowed, core.WrongID},
			Do:      do(a.verifyID),
		},
		{
			Method: http.MethodPut, Path: "/api/admin/customers/:userID", Who: admins(core.Care),
			Says:    "Changes what is known about a customer. Of another phone number both numbers are told.",
			Refuses: []core.Code{core.NotRegistered, core.NotAllowed, core.AlreadyRegistered, core.EmailTaken, core.StillOpen},
			Do:      do(a.editCustomer),
		},
	}
}

// reason is why somebody does something. It stays in the audit log, and is no place for more than a sentence.
type reason string

const longestReason = 200

func readReason(s string) (any, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return nil, core.Errorf(core.MissingField, "nothing but blanks")
	case len(s) > longestReason:
		return nil, core.Errorf(core.BadField, "%d bytes", len(s))
	}
	return reason(s), nil
}

type aboutCustomer struct {
	ID     core.PartyID `api:"userID" is:"of the customer"`
	Reason reason       `api:"reason" is:"why; it stays in the audit log"`
}

type withCard struct {
	ID       core.PartyID `api:"userID" is:"of the customer"`
	IDNumber idNumber     `api:"idNumber" is:"as it stands on her card"`
	Reason   reason       `api:"reason" is:"why; it stays in the audit log"`
}

func (a *API) resetPIN(v *visit, in withCard) (Done[nothing], error) {
	err := a.Office.ResetPIN(v.ctx, v.by(), in.ID, string(in.IDNumber), string(in.Reason))
	return done("a start code is on its way to her phone", nothing{}), err
}

func (a *API) verifyID(v *visit, in withCard) (Done[nothing], error) {
	err := a.Office.VerifyID(v.ctx, v.by(), in.ID, string(in.IDNumber), string(in.Reason))
	return done("ID verified", nothing{}), err
}

type edit struct {
	ID       core.PartyID `api:"userID" is:"of the customer"`
	Name     fullName     `api:"name,optional" is:"in full"`
	Phone    core.MSISDN  `api:"phoneNumber,optional" is:"another one of hers, in any spelling; nothing may wait at a counter"`
	Email    core.Email   `api:"email,optional" is:"by which to log in"`
	IDNumber idNumber     `api:"idNumber,optional" is:"another one must be verified again"`
	Lang     core.Lang    `api:"language,optional" is:"in which to be spoken to"`
	Reason   reason       `api:"reason" is:"why; it stays in the audit log"`
}

func (a *API) editCustomer(v *visit, in edit) (Done[nothing], error) {
	err := a.Office.Edit(v.ctx, v.by(), in.ID, office.Edit{
		Name: string(in.Name), Phone: in.Phone, Email: in.Email, IDNumber: string(in.IDNumber), Lang: in.Lang,
	}, string(in.Reason))
	return done("customer changed", nothing{}), err
}

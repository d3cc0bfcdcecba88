package api

import (
	"reflect"
	"slices"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// What a route may be refused for comes from what it is: whom it is for, what its fields are, whether it moves money. What
// it does adds its own, in the list of routes. Programs and people are told these.

// common is what any route may be refused for.
var common = []core.Code{core.BadBody, core.UnknownField, core.RepeatedField, core.Busy, core.Unavailable, core.Internal}

// refuses is what a type of field may be refused for, beside BadField.
var refuses = map[reflect.Type][]core.Code{
	reflect.TypeFor[core.Email]():     {core.BadEmail},
	reflect.TypeFor[core.MSISDN]():    phoneCodes,
	reflect.TypeFor[core.Amount]():    {core.BadAmount},
	reflect.TypeFor[*core.Amount]():   {core.BadAmount},
	reflect.TypeFor[core.Password]():  {core.BadPassword},
	reflect.TypeFor[core.PIN]():       {core.BadPIN},
	reflect.TypeFor[core.Reference](): {core.BadReference},
	reflect.TypeFor[core.Receipt]():   {core.BadReceipt},
	reflect.TypeFor[fullName]():       {core.BadName},
	reflect.TypeFor[idNumber]():       {core.BadIDNumber},
	reflect.TypeFor[tariff.Charge]():  {core.UnknownCharge},
}

var phoneCodes = []core.Code{core.BadPhone, core.PhoneTooShort, core.PhoneTooLong, core.PhoneForeign, core.PhoneNotMobile}

// byAnyName is why somebody is not found by what may be an e-mail, a phone number, or an agent's or till's number.
var byAnyName = append(slices.Clip(phoneCodes), core.BadEmail, core.NotRegistered)

// May is whether a route may be refused with a code, as it is told to programs.
func (r Route) May(code core.Code) bool { return slices.Contains(r.refusals(), code) }

// refusals are all codes that a route may answer, in their order in core.
func (r Route) refusals() []core.Code {
	may := slices.Concat(common, r.own(), r.atTheDoor())
	if r.inBody() {
		may = append(may, core.BodyTooLarge, core.WrongType)
	}
	for _, f := range r.fields() {
		may = append(may, core.BadField)
		if !f.optional {
			may = append(may, core.MissingField)
		}
	}
	if r.Money { // its key is a field, too
		may = append(may, core.BadField, core.TooFast, core.RequestReused, core.Voided, core.OutcomeUnknown)
	}
	return inOrder(may)
}

// own are those that come from what the route does, and what its fields are.
func (r Route) own() []core.Code {
	may := slices.Clone(r.Refuses)
	for _, f := range r.fields() {
		may = append(may, f.refuses...)
	}
	return inOrder(may)
}

// atTheDoor is what may be told to who shows a token, or none.
func (r Route) atTheDoor() []core.Code {
	switch {
	case r.Who.anyone():
		return nil
	case len(r.Who.Roles) > 0:
		return []core.Code{core.NoToken, core.WrongBearer, core.WrongRole, core.PayerSuspended, core.PayerPending}
	default:
		return []core.Code{core.NoToken, core.WrongBearer, core.PayerSuspended, core.PayerPending}
	}
}

func inOrder(codes []core.Code) (all []core.Code) {
	for _, code := range core.Codes {
		if slices.Contains(codes, code) {
			all = append(all, code)
		}
	}
	return all
}

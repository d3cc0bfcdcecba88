package api

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/tariff"
	"github.com/piga-money/piga/core/wallet"
)

// What a route takes is a struct. Each of its fields has a tag `api:"name"`, or `api:"name,optional"`, and a tag
// `is:"what it is"`. How a field is read is told by its Go type, in readings: a type that is not there yet needs a line.

// reading is how text becomes a value of a Go type, and what OpenAPI says of that.
type reading struct {
	read   func(string) (any, error)
	schema schema
	many   bool // a list in JSON, or several separated by commas
}

var readings = map[reflect.Type]reading{
	reflect.TypeFor[string]():         {read: plain, schema: schema{"type": "string"}},
	reflect.TypeFor[bool]():           {read: yesOrNo, schema: schema{"type": "boolean"}},
	reflect.TypeFor[mark]():           {read: oneOf[mark]("true", unmarked), schema: schema{"type": "boolean", "default": true}},
	reflect.TypeFor[int]():            {read: number, schema: schema{"type": "integer"}},
	reflect.TypeFor[core.Email]():     {read: by(core.ParseEmail), schema: schema{"type": "string", "format": "email"}},
	reflect.TypeFor[core.MSISDN]():    {read: by(core.ParseMSISDN), schema: schema{"type": "string", "example": "0712345678"}},
	reflect.TypeFor[core.Amount]():    {read: by(core.ParseAmount), schema: schema{"type": []string{"number", "string"}, "example": 1500}},
	reflect.TypeFor[core.Password]():  {read: by(core.ParsePassword), schema: schema{"type": "string", "format": "password", "writeOnly": true}},
	reflect.TypeFor[core.PIN]():       {read: by(core.ParsePIN), schema: schema{"type": "string", "format": "password", "writeOnly": true}},
	reflect.TypeFor[core.Lang]():      {read: oneOf(core.Langs...), schema: enum(core.Langs...)},
	reflect.TypeFor[*core.Amount]():   {read: feeOf, schema: schema{"type": []string{"number", "string"}, "example": 5}},
	reflect.TypeFor[core.Reference](): {read: by(core.ParseReference), schema: schema{"type": "string", "example": "BANK-4711"}},
	reflect.TypeFor[customerType]():   {read: oneOf(customerTypes...), schema: enum(customerTypes...)},
	reflect.TypeFor[userType]():       {read: oneOf(userTypes...), schema: enum(userTypes...)},
	reflect.TypeFor[time.Time]():      {read: by(moment), schema: schema{"type": "string", "format": "date-time", "example": "2026-11-21T13:15:00Z"}},
	reflect.TypeFor[pricedOne]():      {read: oneOf(priced...), schema: enum(priced...)},
	reflect.TypeFor[cents]():          {read: centsOf, schema: schema{"type": "integer", "minimum": 0, "example": 1050}},
	reflect.TypeFor[core.Operation](): {read: oneOf(core.Operations...), schema: enum(core.Operations...)},
	reflect.TypeFor[core.Kind]():      {read: oneOf(core.Kinds...), schema: enum(core.Kinds...)},
	reflect.TypeFor[core.Tier]():      {read: by(core.ParseTier), schema: schema{"type": "string", "example": "full"}},
	reflect.TypeFor[tariff.Charge]():  {read: by(tariff.ParseCharge), schema: schema{"type": "string", "example": "withdraw-subscriber-agent-10000"}},
	reflect.TypeFor[[]tariff.Band]():  {read: bandsOf, schema: schema{"type": "array", "items": schema{"type": "string", "example": "100-500:500"}}, many: true},
	reflect.TypeFor[[]core.Role]():    {read: rolesOf, schema: schema{"type": "array", "items": enum(core.Roles...)}, many: true},
	reflect.TypeFor[core.Status]():    {read: oneOf(core.Statuses...), schema: enum(core.Statuses...)},
	reflect.TypeFor[fullName]():       {read: as[fullName](core.ParseName), schema: schema{"type": "string"}},
	reflect.TypeFor[beginning]():      {read: begins, schema: schema{"type": "string"}},
	reflect.TypeFor[idNumber]():       {read: as[idNumber](core.ParseIDNumber), schema: schema{"type": "string"}},
	reflect.TypeFor[reason]():         {read: readReason, schema: schema{"type": "string", "maxLength": longestReason}},
	reflect.TypeFor[pageSize]():       {read: readPageSize, schema: schema{"type": "integer", "minimum": 1, "maximum": largestPage}},
	reflect.TypeFor[core.PartyID]():   {read: numbered[core.PartyID], schema: ours},
	reflect.TypeFor[core.AdminID]():   {read: numbered[core.AdminID], schema: ours},
	reflect.TypeFor[*core.AdminID]():  {read: adminOrNobody, schema: ours},
	reflect.TypeFor[messageID]():      {read: numbered[messageID], schema: ours},
	reflect.TypeFor[lineNumber]():     {read: numbered[lineNumber], schema: ours},
	reflect.TypeFor[core.Receipt]():   {read: by(core.ParseReceipt), schema: schema{"type": "string", "example": "QK74J7XW2M"}},
	reflect.TypeFor[office.State]():   {read: oneOf(office.States...), schema: enum(office.States...)},
	reflect.TypeFor[office.Cursor]():  {read: by(cursorOf), schema: schema{"type": "string"}},
	reflect.TypeFor[day]():            {read: by(dayOf), schema: schema{"type": "string", "format": "date", "example": "2026-11-21"}},
	reflect.TypeFor[wallet.ReversalState](): {
		read: oneOf(wallet.ReversalStates...), schema: enum(wallet.ReversalStates...),
	},
}

// ours is what names things that the database numbers.
var ours = schema{"type": []string{"string", "integer"}, "example": "1003"}

// fullName is a name in capitals, beginning how one begins, idNumber that of a card.
type (
	fullName  string
	beginning string
	idNumber  string
)

// userType is as what somebody comes: an agent, super or not, a merchant, a subscriber, or an administrator.
type userType string

var userTypes = []userType{
	userType(core.Subscriber), userType(core.Agent), userType(core.Merchant), userType(login.Admin),
}

// typeOf is as what a party or an administrator comes.
func typeOf(k core.Kind) userType {
	if k == core.SuperAgent {
		k = core.Agent
	}
	return userType(k)
}

func plain(s string) (any, error) { return s, nil }

func by[T any](parse func(string) (T, error)) func(string) (any, error) {
	return func(s string) (any, error) { return parse(s) }
}

// as is by for a type of its own.
func as[T ~string](parse func(string) (string, error)) func(string) (any, error) {
	return func(s string) (any, error) {
		parsed, err := parse(s)
		return T(parsed), err
	}
}

// begins is the beginning of a name, in capitals as names are.
func begins(s string) (any, error) {
	return beginning(strings.ToUpper(strings.Join(strings.Fields(s), " "))), nil
}

// adminOrNobody is an administrator, or 0, whoever stood at the command line.
func adminOrNobody(s string) (any, error) {
	if s == "0" {
		return new(core.AdminID), nil
	}
	id, err := numbered[core.AdminID](s)
	if err != nil {
		return nil, err
	}
	admin := id.(core.AdminID) //nolint:errcheck // numbered gives what it was asked for
	return &admin, nil
}

func yesOrNo(s string) (any, error) {
	switch s {
	case "true", "false":
		return s == "true", nil
	}
	return nil, core.Errorf(core.BadField, "neither true nor false")
}

func number(s string) (any, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return nil, core.Errorf(core.BadField, "%d characters that are no number", len(s))
	}
	return n, nil
}

func oneOf[T ~string](all ...T) func(string) (any, error) {
	return func(s string) (any, error) {
		for _, one := range all {
			if s == string(one) {
				return one, nil
			}
		}
		return nil, core.Errorf(core.BadField, "none of %v", all)
	}
}

// feeOf reads an amount that may be nothing.
func feeOf(s string) (any, error) {
	var fee core.Amount
	if s == "0" || s == "0.0" || s == "0.00" {
		return &fee, nil
	}
	fee, err := core.ParseAmount(s)
	return &fee, err
}

func rolesOf(s string) (any, error) {
	var roles []core.Role
	for one := range strings.SplitSeq(s, ",") {
		role, err := oneOf(core.Roles...)(strings.TrimSpace(one))
		if err != nil {
			return nil, err
		}
		roles = append(roles, role.(core.Role)) //nolint:errcheck // oneOf gives what it was given
	}
	return roles, nil
}

// field is one field of what a route takes.
type field struct {
	index    int
	name     string
	is       string
	optional bool
	reading  reading
	refuses  []core.Code // beside BadField
}

func fieldsOf(t reflect.Type) ([]field, error) {
	all := make([]field, t.NumField())
	for i := range all {
		f := t.Field(i)
		name, how, _ := strings.Cut(f.Tag.Get("api"), ",")
		reading, ok := readings[f.Type]
		if !ok || name == "" || how != "" && how != "optional" || f.Tag.Get("is") == "" {
			return nil, fmt.Errorf("field %s of %s lacks a name, what it is, or a way to read a %s", f.Name, t, f.Type)
		}
		all[i] = field{index: i, name: name, is: f.Tag.Get("is"), optional: how == "optional", reading: reading, refuses: refuses[f.Type]}
	}
	return all, nil
}

// values are what came under each name.
type values map[string]given

// given is what came under one name: one text, or several if it came as a list, or more than once.
type given struct {
	texts []string
	list  bool // in JSON, as one value
}

// fill reads the fields of a struct. An error names the first that is wrong: those that nobody knows come first.
func (v values) fill(in any) error {
	to := reflect.ValueOf(in).Elem()
	all, err := fieldsOf(to.Type())
	if err != nil {
		return err
	}
	if err := v.known(all); err != nil {
		return err
	}
	for _, f := range all {
		value, err := f.value(v[f.name])
		if err != nil {
			return f.wrong(err)
		}
		if value != nil {
			to.Field(f.index).Set(reflect.ValueOf(value))
		}
	}
	return nil
}

func (v values) known(all []field) error {
	unknown := ""
	for name := range v {
		known := false
		for _, f := range all {
			known = known || f.name == name
		}
		if !known && (unknown == "" || name < unknown) {
			unknown = name
		}
	}
	if unknown == "" {
		return nil
	}
	return inField(core.Errorf(core.UnknownField, "not a field of this route"), unknown)
}

// value is what was given as a field of a route, nil for an optional one that was not. An empty text is none.
func (f field) value(g given) (any, error) {
	text := strings.Join(g.texts, ",")
	switch {
	case !f.reading.many && (len(g.texts) > 1 && !g.list):
		return nil, core.Errorf(core.RepeatedField, "%d times", len(g.texts))
	case !f.reading.many && g.list:
		return nil, core.Errorf(core.BadField, "a list")
	case text == "" && f.optional:
		return nil, nil
	case text == "":
		return nil, core.Errorf(core.MissingField, "none, or empty")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return nil, core.Errorf(core.BadField, "a control character, or no UTF-8")
	}
	return f.reading.read(text)
}

// wrong is an error that names the field, and what it takes where that can be said.
func (f field) wrong(err error) error {
	named := inField(err, f.name)
	if takes := f.reading.schema.values(); takes != "" {
		return named.With("takes", takes)
	}
	return named
}

// inField is an error that names the field in which it was found: to whoever sent it, and not in its text, which is
// logged. What stands in the place of a name may be anything, a password too.
func inField(err error, name string) *core.Error {
	const longest = 64
	if runes := []rune(strings.ToValidUTF8(name, "?")); len(runes) > longest {
		name = string(runes[:longest])
	}
	return core.Errorf(core.CodeOf(err), "a field: %w", err).With("field", name)
}

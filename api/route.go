package api

import (
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
)

// Route is one thing that can be asked of the API.
type Route struct {
	Method string
	Path   string // a :name in it is a field
	Who    Who    // it is for
	Says   string // in one sentence what it does
	Money  bool   // it moves money: it takes an Idempotency-Key, and so many a minute are taken from one bearer
	First  bool   // where Config.OpenFirstAdmin is set it may be asked without a token, see first
	Do     Action

	About   string      // the heading that list puts it under
	Refuses []core.Code // what it may be refused for beside what any may be, see refusals.go

	Patience time.Duration // how long it may take; zero is as long as most
}

// Who says whom a route is for: any of some kinds of parties, or administrators with any of some roles. With neither
// it is for anyone, token or not.
type Who struct {
	Kinds []core.Kind
	Roles []core.Role
}

func anyone() Who                    { return Who{} }
func parties(kinds ...core.Kind) Who { return Who{Kinds: kinds} }
func admins(roles ...core.Role) Who  { return Who{Roles: roles} }

// String says whom a route is for.
func (w Who) String() string {
	var all []string
	for _, k := range w.Kinds {
		all = append(all, strings.ReplaceAll(string(k), "_", " ")+"s")
	}
	if len(w.Roles) == len(core.Roles) {
		return strings.Join(append(all, "administrators"), ", ")
	}
	for _, r := range w.Roles {
		all = append(all, "administrators of role "+string(r))
	}
	if len(all) == 0 {
		return "anyone"
	}
	return strings.Join(all, ", ")
}

func (w Who) anyone() bool { return len(w.Kinds) == 0 && len(w.Roles) == 0 }

// admits is nil when a route is for a bearer, else WrongBearer or WrongRole.
func (w Who) admits(b login.Bearer) error {
	admin := b.Kind() == login.Admin
	switch {
	case admin && b.Admin.Has(w.Roles...), !admin && slices.Contains(w.Kinds, b.Kind()):
		return nil
	case admin && len(w.Roles) > 0:
		return core.Errorf(core.WrongRole, "administrator %d has %v, and it takes %v", b.Admin.ID, b.Admin.Roles, w.Roles)
	default:
		return core.Errorf(core.WrongBearer, "it is not for a %s", b.Kind())
	}
}

// Action is what a route does, with the types of what it takes and answers.
type Action struct {
	takes   reflect.Type // a struct whose tags name the fields
	answers reflect.Type // what is written as JSON
	run     func(*visit, values) (any, error)
}

// do makes an Action of a function: In is a struct of fields, see fields.go, Out is written as JSON.
func do[In, Out any](f func(*visit, In) (Out, error)) Action {
	return Action{
		takes: reflect.TypeFor[In](), answers: reflect.TypeFor[Out](),
		run: func(v *visit, given values) (any, error) {
			var in In
			if err := given.fill(&in); err != nil {
				return nil, err
			}
			return f(v, in)
		},
	}
}

// media is the type of what it answers.
func (a Action) media() string {
	if a.answers == reflect.TypeFor[sheet]() {
		return mimeCSV
	}
	return echo.MIMEApplicationJSON
}

// nothing is what a route takes that has no fields.
type nothing struct{}

// inBody is whether the fields that are not in the path come in the body, and not in the query.
func (r Route) inBody() bool { return r.Method != http.MethodGet && r.Method != http.MethodDelete }

var inPath = regexp.MustCompile(`:([A-Za-z]+)`)

// pathFields are the names of the fields in the path.
func (r Route) pathFields() []string {
	var names []string
	for _, m := range inPath.FindAllStringSubmatch(r.Path, -1) {
		names = append(names, m[1])
	}
	return names
}

// Where a field comes from, in OpenAPI's words, and in its own.
const (
	inThePath  = "path"
	inTheQuery = "query"
	inTheBody  = "body"
)

// placed is a field, and where it comes from.
type placed struct {
	field
	in string
}

// fields are what a route takes, as check has found to be well. What is no route takes nothing.
func (r Route) fields() []placed {
	if r.Do.takes == nil {
		return nil
	}
	all, _ := fieldsOf(r.Do.takes) // check has looked
	where := make([]placed, len(all))
	for i, f := range all {
		where[i] = placed{f, inTheQuery}
		if r.inBody() {
			where[i].in = inTheBody
		}
		if slices.Contains(r.pathFields(), f.name) {
			where[i].in = inThePath
		}
	}
	return where
}

// check finds mistakes in the list at the start: a field that cannot be read, a path whose fields nobody takes.
func (r Route) check() error {
	if !strings.HasPrefix(r.Path, "/api/") || r.Says == "" || r.Do.run == nil {
		return fmt.Errorf("api: %s %s is not whole", r.Method, r.Path)
	}
	all, err := fieldsOf(r.Do.takes)
	if err != nil {
		return fmt.Errorf("api: %s %s: %w", r.Method, r.Path, err)
	}
	for _, name := range r.pathFields() {
		if !slices.ContainsFunc(all, func(f field) bool { return f.name == name }) {
			return fmt.Errorf("api: %s %s: nobody takes :%s", r.Method, r.Path, name)
		}
	}
	return nil
}

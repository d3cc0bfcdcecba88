// Package api is REST for administrators, customers and programs. There is one list of routes, from which come the
// binding of fields, who may do what, and the description that is served at /api/openapi.json and, for people, at /api/:
// so none can differ from another. It asks core/wallet for what customers do, core/office for what administrators do,
// and must not know SQL or Redis.
//
// A new route is a line in the list of its noun: accounts.go, logins.go, users.go, admin.go and their kin hold a slice
// each, and list puts them together under headings. A route's fields are a struct of its own, see fields.go; what it answers is another.
package api

import (
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/room"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Config is what an API needs. All of it must be given but the last three.
type Config struct {
	Wallet    *wallet.Wallet
	Programs  *wallet.Programs
	Office    *office.Office
	Logins    *login.Logins
	Passwords office.Passwords
	Limits    Limits
	Room      *room.Room // for visits that do not take their time
	Words     text.Catalogs
	Clock     core.Clock
	Random    io.Reader // secure random bytes
	Log       *slog.Logger
	Metrics   *Metrics

	// Address is where a request comes from, behind a proxy or not.
	Address func(*http.Request) netip.Addr

	OpenRegistration bool // agents and merchants who register need not wait for approval
	OpenFirstAdmin   bool // whoever is on this machine may make the first administrator; for development
	Pace             int  // money commands a minute from one bearer; zero is ten
}

// API answers everything under /api.
type API struct {
	Config
	http   *echo.Echo
	routes []Route

	exports chan struct{} // one for each that is being made
}

// list is every route there is, under the headings of the page.
func (a *API) list() (all []Route) {
	for _, group := range []struct {
		about  string
		routes []Route
	}{
		{"Who registers", a.userRoutes()},
		{"Logging in", a.loginRoutes()},
		{"Accounts", a.accountRoutes()},
		{"Payments", a.paymentRoutes()},
		{"Customers", slices.Concat(a.customerRoutes(), a.careRoutes())},
		{"Agents and merchants", slices.Concat(a.adminRoutes(), a.autoConfirmRoutes())},
		{"Messages", a.messageRoutes()},
		{"Transactions", a.recordRoutes()},
		{"Reversals", a.reversalRoutes()},
		{"The bank", slices.Concat(a.floatRoutes(), a.reportRoutes())},
		{"Tariffs", a.tariffRoutes()},
		{"Limits", a.tierRoutes()},
		{"Administrators", slices.Concat(a.colleagueRoutes(), a.logRoutes())},
	} {
		for _, r := range group.routes {
			r.About = group.about
			all = append(all, r)
		}
	}
	return all
}

// New makes an API.
func New(c Config) (*API, error) {
	a := &API{Config: c, http: echo.New(), exports: make(chan struct{}, mostExports)}
	a.routes = a.list()
	a.http.HTTPErrorHandler = a.unrouted
	for _, r := range a.routes {
		if err := r.check(); err != nil {
			return nil, err
		}
		a.http.Add(r.Method, r.Path, func(c echo.Context) error { return a.serve(c, r) })
	}
	return a, a.describe()
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.http.ServeHTTP(w, r) }

// Routes is the list of routes.
func (a *API) Routes() []Route { return slices.Clone(a.routes) }

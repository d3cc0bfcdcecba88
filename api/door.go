package api

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// admit lets in whom a route is for, by the token that she shows: else NoToken, WrongBearer, WrongRole, or what her
// standing is.
func (a *API) admit(v *visit) (err error) {
	v.token = tokenOf(v.echo.Request())
	if v.route.Who.anyone() || v.token == "" && v.route.First && a.first(v) {
		return nil
	}
	if v.bearer, err = a.Logins.Bearer(v.ctx, v.token); err != nil {
		return err
	}
	return v.route.Who.admits(v.bearer)
}

func tokenOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// first is whether somebody without a token may make the first administrator: she must sit at this machine, and not be
// a page from elsewhere that a browser shows there, whatever name it gave this address.
func (a *API) first(v *visit) bool {
	r := v.echo.Request()
	if !a.OpenFirstAdmin || !v.address.IsLoopback() || http.NewCrossOriginProtection().Check(r) != nil {
		return false
	}
	name := (&url.URL{Host: r.Host}).Hostname()
	return name == "localhost" || net.ParseIP(name).IsLoopback()
}

// anonymous is whether nobody had to show a token.
func (v *visit) anonymous() bool { return v.bearer.Admin.ID == 0 && v.bearer.Party.ID == 0 }

package sandbox

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// ownPage refuses what a page from elsewhere has a browser do here: any site that is open beside this one could
// dial, text and read. Programs such as curl and the provider's SDKs name no origin, and come through.
func ownPage(next echo.HandlerFunc) echo.HandlerFunc {
	origins := http.NewCrossOriginProtection()
	return func(c echo.Context) error {
		if origins.Check(c.Request()) != nil {
			return problemf(http.StatusForbidden, "foreign_origin", "only the sandbox's own page may do this from a browser")
		}
		if !ownHost(c.Request()) {
			return problemf(http.StatusForbidden, "foreign_host", "come by an address or as localhost, not as %q", c.Request().Host)
		}
		return next(c)
	}
}

// ownHost is false of a request that came over the loopback under a name of the public DNS: a site that had its
// own name point here would look like the page's own origin.
func ownHost(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return true // who listens to others is called what they like
	}
	name := (&url.URL{Host: r.Host}).Hostname()
	return net.ParseIP(name) != nil || !strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost")
}

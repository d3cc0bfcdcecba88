package ussd_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/ussd"
)

// guarded is a server with one path behind a guard; ask gives the status and the body.
func guarded(t *testing.T, g ussd.Guard) (ask func(path, from, forwarded string) (int, string)) {
	t.Helper()
	var err error
	g.Metrics, err = ussd.NewMetrics(prometheus.NewRegistry(), nil)
	check(t, err)
	m, err := g.Middleware()
	check(t, err)
	e := echo.New()
	e.Group("/at/:secret", m).POST("/ussd", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	return func(path, from, forwarded string) (int, string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, nil)
		r.RemoteAddr = from
		if forwarded != "" {
			r.Header.Set(echo.HeaderXForwardedFor, forwarded)
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
}

const nobody = "192.0.2.1:1234"

func TestGuardSecrets(t *testing.T) {
	t.Parallel()
	ask := guarded(t, ussd.Guard{Secrets: []string{secret, "another-secret-of-20-letters"}})
	_, unknown := ask("/no/such/path", nobody, "")
	for path, want := range map[string]int{
		"/at/" + secret + "/ussd":                  http.StatusOK,
		"/at/another-secret-of-20-letters/ussd":    http.StatusOK,
		"/at/" + secret + "x/ussd":                 http.StatusNotFound,
		"/at/" + secret[1:] + "/ussd":              http.StatusNotFound,
		"/at/" + strings.ToUpper(secret) + "/ussd": http.StatusNotFound,
		"/at//ussd":                http.StatusNotFound,
		"/at/ussd":                 http.StatusNotFound,
		"/at/" + secret:            http.StatusNotFound,
		"/at/" + secret + "/other": http.StatusNotFound,
		"/at/wrong/other":          http.StatusNotFound,
	} {
		got, body := ask(path, nobody, "")
		if got != want || (want == http.StatusNotFound && body != unknown) {
			t.Errorf("%s: %d %q", path, got, body)
		}
	}
}

func TestGuardAddresses(t *testing.T) {
	t.Parallel()
	allow := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8::/32")}
	for _, test := range []struct {
		proxy           bool
		from, forwarded string
		want            int
	}{
		{false, "198.51.100.7:80", "", http.StatusOK},
		{false, "[::ffff:198.51.100.7]:80", "", http.StatusOK},
		{false, "[2001:db8::1]:80", "", http.StatusOK},
		{false, nobody, "", http.StatusNotFound},
		{false, nobody, "198.51.100.7", http.StatusNotFound}, // anybody can write that
		{false, "@", "", http.StatusNotFound},
		{true, nobody, "198.51.100.7", http.StatusOK},
		{true, nobody, "203.0.113.5, 198.51.100.7", http.StatusOK},
		{true, nobody, "198.51.100.7, 203.0.113.5", http.StatusNotFound}, // the caller's own words come first
		{true, "198.51.100.7:80", "", http.StatusNotFound},
		{true, nobody, "unknown", http.StatusNotFound},
	} {
		ask := guarded(t, ussd.Guard{Secrets: []string{secret}, Allow: allow, BehindProxy: test.proxy})
		if got, _ := ask("/at/"+secret+"/ussd", test.from, test.forwarded); got != test.want {
			t.Errorf("%+v: %d", test, got)
		}
	}
}

func TestGuardIsChecked(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {""}, {secret, ""}, {secret, secret, secret}, {secret + "/"}, {"%73" + secret}} {
		if _, err := (ussd.Guard{Secrets: secrets}).Middleware(); err == nil {
			t.Errorf("%d secrets are taken", len(secrets))
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the secret shows: %v", err)
		}
	}
}

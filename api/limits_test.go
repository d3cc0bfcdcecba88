package api

import (
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
)

func TestMain(m *testing.M) { os.Exit(local.Main(m)) }

// commands are visits of one bearer with money commands, over a Redis of its own.
func commands(t *testing.T) (*API, func(id int64, key string) (*visit, error)) {
	t.Helper()
	redis, err := session.Open(local.OwnRedis(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Close() })
	a := &API{Config: Config{Limits: redis, Random: rand.Reader}}
	return a, func(id int64, key string) (*visit, error) {
		req := httptest.NewRequest("POST", "/", nil)
		if key != "" {
			req.Header.Set(keyHeader, key)
		}
		v := &visit{
			ctx: t.Context(), id: rand.Text(), echo: echo.New().NewContext(req, httptest.NewRecorder()),
			bearer: login.Bearer{Party: core.Party{ID: core.PartyID(id)}},
		}
		return v, a.pace(v)
	}
}

// Ten money commands a minute are taken from one bearer, and another's are her own.
func TestPace(t *testing.T) {
	t.Parallel()
	_, command := commands(t)
	for n := range 10 {
		if _, err := command(1003, "key"); err != nil {
			t.Errorf("command %d: %v", n, err)
		}
	}
	_, err := command(1003, "key")
	if seconds, convErr := strconv.Atoi(core.ArgsOf(err)[waits]); core.CodeOf(err) != core.TooFast || convErr != nil || seconds < 1 || seconds > 60 {
		t.Errorf("the eleventh: %v, to be tried again after %d s", err, seconds)
	}
	if _, err := command(1004, "key"); err != nil {
		t.Errorf("another's: %v", err)
	}
}

// The key is the bearer's own; who gives none is told the one that was drawn.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	_, command := commands(t)
	v, err := command(1003, "order-17")
	if err != nil || v.request != "rest:p1003:order-17" {
		t.Errorf("%q, %v", v.request, err)
	}
	v, err = command(1003, "")
	if key := v.echo.Response().Header().Get(keyHeader); err != nil || len(key) != 32 || v.request != core.RequestID("rest:p1003:"+key) {
		t.Errorf("%q by %q, %v", v.request, key, err)
	}
	for _, key := range []string{strings.Repeat("k", 101), "a b", "schlüssel", "a\x01"} {
		if _, err := command(1003, key); core.CodeOf(err) != core.BadField || core.ArgsOf(err)["field"] != keyHeader {
			t.Errorf("%q: %v", key, err)
		}
	}
}

// What tells a guesser something stays counted, and what does not is taken back.
func TestGuess(t *testing.T) {
	t.Parallel()
	a, command := commands(t)
	guess := func(account, address string, outcome error) error {
		v, _ := command(1, "") // whatever its pace
		v.address = netip.MustParseAddr(address)
		return a.guess(v, account, func() error { return outcome })
	}
	for range 6 {
		if err := guess("jane", "192.0.2.1", nil); err != nil {
			t.Errorf("right: %v", err)
		}
		if err := guess("jane", "192.0.2.1", errors.New("the database is away")); core.CodeOf(err) != core.Internal {
			t.Errorf("not checked: %v", err)
		}
	}
	for _, code := range []core.Code{core.WrongLogin, core.WrongPIN, core.PINLocked, core.WrongLogin, core.WrongPIN} {
		if err := guess("jane", "192.0.2.1", core.Errorf(code, "no")); core.CodeOf(err) != code {
			t.Errorf("wrong: %v", err)
		}
	}
	for _, c := range []struct {
		account, address string
		want             core.Code
	}{
		{"jane", "192.0.2.2", core.TooManyLogins}, {"john", "192.0.2.1", core.TooManyLogins}, {"john", "192.0.2.2", ""},
	} {
		if err := guess(c.account, c.address, nil); core.CodeOf(err) != c.want {
			t.Errorf("%s from %s: %v", c.account, c.address, err)
		}
	}
}

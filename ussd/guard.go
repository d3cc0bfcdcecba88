package ussd

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// Guard says who may call back. The provider signs nothing: a long secret in the URL's path is all that
// tells its callbacks from anybody's, and must not reach a log, which shows the route's pattern instead.
type Guard struct {
	Secrets []string       // one, or two while it is being changed: letters, digits, "-", "_"
	Allow   []netip.Prefix // addresses that may; empty: all
	// BehindProxy takes the address that our own proxy appended to X-Forwarded-For, its last. Without a
	// proxy anybody could write there, so then it is the connection's that counts.
	BehindProxy bool
	Metrics     *Metrics
}

// Middleware lets through what has a right value of the path's :secret. Anything else gets the same 404 as
// a path that does not exist, so that there is nothing to find out by trying.
func (g Guard) Middleware() (echo.MiddlewareFunc, error) {
	if len(g.Secrets) < 1 || len(g.Secrets) > 2 {
		return nil, errors.New("ussd: one callback secret is needed, or two while it is being changed")
	}
	right := make([][sha256.Size]byte, len(g.Secrets))
	for i, s := range g.Secrets {
		if s == "" || !onlyOf(s, fitForPath) {
			return nil, errors.New("ussd: a callback secret has only letters, digits, - and _")
		}
		right[i] = sha256.Sum256([]byte(s))
	}
	return func(serve echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			why, ok := wrongSecret, matches(c.Param("secret"), right)
			if ok {
				why, ok = wrongAddress, g.allows(c)
			}
			if !ok {
				g.Metrics.refuse(why)
				return echo.ErrNotFound
			}
			return serve(c)
		}
	}, nil
}

// fitForPath is what a path holds without an escape, of which there are several spellings.
const fitForPath = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func onlyOf(s, letters string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(letters, r) })
}

// matches takes the same time whatever is given: hashes have one length, and all are compared.
func matches(given string, right [][sha256.Size]byte) bool {
	have := sha256.Sum256([]byte(given))
	found := 0
	for _, want := range right {
		found |= subtle.ConstantTimeCompare(have[:], want[:])
	}
	return found == 1
}

func (g Guard) allows(c echo.Context) bool {
	if len(g.Allow) == 0 {
		return true
	}
	from := Address(c.Request(), g.BehindProxy)
	for _, p := range g.Allow {
		if p.Contains(from) {
			return true
		}
	}
	return false
}

// Address is where a request comes from: what our own proxy says, if there is one, else the connection's other end.
// One that cannot be read is the zero address, which is in no network.
func Address(r *http.Request, behindProxy bool) netip.Addr {
	if behindProxy {
		hops := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
		from, _ := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1]))
		return from.Unmap()
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	return peer.Addr().Unmap()
}

package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
)

// Limits counts what may be done so often only, over all copies of Piga. When it is out of reach nothing that it
// counts is done.
type Limits interface {
	// Count counts one more under a key, by a name of its own, unless most were counted within any time as long as
	// the window: then it says how long to wait.
	Count(ctx context.Context, key, name string, most int, window time.Duration) (wait time.Duration, err error)
	// Uncount takes back what was counted by a name.
	Uncount(ctx context.Context, key, name string) error
}

// limit is how often something may be done.
type limit struct {
	what   string // begins the key
	most   int
	window time.Duration
	over   core.Code
}

var (
	wrongLogins   = limit{"login", 5, 15 * time.Minute, core.TooManyLogins} // for an account, and for an address
	registrations = limit{"register", 60, time.Hour, core.TooManyRequests}  // from one address: each sends an SMS
)

// usualPace is how many money commands a minute are taken from one bearer.
const usualPace = 10

// count counts a visit against a limit, for whom it concerns.
func (a *API) count(v *visit, l limit, whom string) error {
	wait, err := a.Limits.Count(v.ctx, l.what+":"+whom, v.id, l.most, l.window)
	switch {
	case err != nil:
		return core.Errorf(core.Unavailable, "%w", err)
	case wait > 0:
		seconds := strconv.Itoa(int(math.Ceil(wait.Seconds())))
		return core.Errorf(l.over, "more than %d in %s", l.most, l.window).With(waits, seconds)
	}
	return nil
}

// uncount takes a visit back. It has time of its own: what was right must not count as wrong since the caller is gone.
func (a *API) uncount(v *visit, l limit, whom string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), time.Second)
	defer cancel()
	if err := a.Limits.Uncount(ctx, l.what+":"+whom, v.id); err != nil {
		a.Log.Warn("a limit could not be taken back", "visit", v.id, "error", err)
	}
}

// countMoney counts a money command.
func (a *API) countMoney(v *visit) error {
	return a.count(v, limit{"money", cmp.Or(a.Pace, usualPace), time.Minute, core.TooFast}, v.bearerName())
}

// pace counts a money command, and names it.
func (a *API) pace(v *visit) (err error) {
	if err := a.countMoney(v); err != nil {
		return err
	}
	v.request, err = a.idempotency(v)
	return err
}

// guess carries out a try to log in, which counts until it is known to be right, for the account and for the address:
// so no number of tries at once gets past the limit. Only what told a guesser something stays counted.
func (a *API) guess(v *visit, account string, try func() error) error {
	sum := sha256.Sum256([]byte(account))
	account, address := "account:"+hex.EncodeToString(sum[:]), "address:"+network(v.address)
	if err := a.count(v, wrongLogins, account); err != nil {
		return err
	}
	if err := a.count(v, wrongLogins, address); err != nil {
		a.uncount(v, wrongLogins, account)
		return err
	}
	err := try()
	switch core.CodeOf(err) {
	case core.WrongLogin, core.WrongPIN, core.PINLocked:
	default:
		a.uncount(v, wrongLogins, account)
		a.uncount(v, wrongLogins, address)
	}
	return err
}

// network is what counts as one address: of IPv6 the 64 bits that one customer of a provider has for herself.
func network(a netip.Addr) string {
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

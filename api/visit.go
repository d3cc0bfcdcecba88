package api

import (
	"cmp"
	"context"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/text"
)

// visit is one request to the API: who came, from where, for which route.
type visit struct {
	ctx     context.Context
	echo    echo.Context
	id      string // in the log, and in the answer's X-Request-ID
	route   Route
	token   string
	bearer  login.Bearer // zero where nobody had to show a token
	address netip.Addr
	request core.RequestID // of the money that it moves, see idempotency.go; empty where it moves none
	lang    core.Lang
	words   text.Catalog
	code    core.Code // of what went wrong
}

// by is whose deed it is, if the bearer is an administrator. Where the proxy did not say where she is, nobody knows.
func (v *visit) by() office.By {
	where := "unknown"
	if v.address.IsValid() {
		where = v.address.String()
	}
	return office.By{Admin: v.bearer.Admin, Address: where}
}

// party is the bearer, of a route that is for parties alone.
func (v *visit) party() core.Party { return v.bearer.Party }

// patience is how long a visit may take, unless its route says otherwise.
const patience = 15 * time.Second

// roomAgain is after how many seconds a visit may come again for which there was no room.
const roomAgain = "2"

// serve answers a request for a route: it lets in whom the route is for, takes what she brings, does what it does.
func (a *API) serve(c echo.Context, r Route) error {
	began := a.Clock()
	v, err := a.enter(c, r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), cmp.Or(r.Patience, patience))
	defer cancel()
	var step core.Step
	v.ctx, step = core.Begin(ctx, "visit")
	defer v.tell(step)
	answer, failed := a.carryOut(v)
	if s, ok := answer.(sheet); ok && failed == nil {
		failed = s.send(v)
	} else if failed == nil {
		err = c.JSON(http.StatusOK, answer)
	}
	brokenOff := failed != nil && c.Response().Committed
	if brokenOff {
		v.code = core.CodeOf(failed)
	} else if failed != nil {
		err = v.fail(failed)
	}
	a.note(v, a.Clock().Sub(began), failed)
	if brokenOff { // what was begun must not look as if it were all
		panic(http.ErrAbortHandler)
	}
	return err
}

// enter begins a visit, and with it the answer's header.
func (a *API) enter(c echo.Context, r Route) (*visit, error) {
	name := make([]byte, 8)
	if _, err := io.ReadFull(a.Random, name); err != nil {
		return nil, err
	}
	v := &visit{
		echo: c, id: hex.EncodeToString(name), route: r, ctx: c.Request().Context(),
		address: a.Address(c.Request()), lang: preferred(c.Request().Header.Get("Accept-Language")),
	}
	v.words = a.Words[v.lang]
	h := c.Response().Header()
	h.Set(echo.HeaderXRequestID, v.id)
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set("Content-Language", string(v.lang))
	return v, nil
}

// preferred is the first language that a header names and in which there are words, else the default. Its weights are
// not looked at: those that send any put the first one first.
func preferred(header string) core.Lang {
	for one := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(one), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for _, lang := range core.Langs {
			if base == string(lang) {
				return lang
			}
		}
	}
	return core.Langs[0]
}

// carryOut is a visit from the door on. A panic is an error, and no other's business.
func (a *API) carryOut(v *visit) (answer any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = core.Errorf(core.Internal, "panic: %v\n%s", r, debug.Stack())
		}
	}()
	given, unread := v.route.given(v.echo) // before there is room for her: she may take her time over it
	if v.route.Patience == 0 {
		leave, ok := a.Room.Enter()
		if !ok {
			return nil, core.Errorf(core.Busy, "there is no room").With(waits, roomAgain)
		}
		defer leave()
	}
	if err := a.admit(v); err != nil {
		return nil, err
	}
	if v.route.Patience > 0 {
		if err := v.unhurried(); err != nil {
			return nil, err
		}
	}
	if v.route.Money {
		if err := a.pace(v); err != nil {
			return nil, err
		}
	}
	if unread != nil {
		return nil, unread
	}
	return v.route.Do.run(v, given)
}

// tell ends the step of the visit.
func (v *visit) tell(step core.Step) {
	step.Note("visit", v.id)
	step.Note("route", v.route.name())
	step.Note("code", string(v.code))
	step.End(nil)
}

// note writes a visit down in the log and the metrics: never a body, a token, or what a field held.
func (a *API) note(v *visit, took time.Duration, failed error) {
	status := v.echo.Response().Status
	a.Metrics.visit(v.route, status, took)
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("visit", v.id), slog.String("route", v.route.name()), slog.Int("status", status),
		slog.String("bearer", v.bearerName()), slog.Duration("took", took),
	}
	if v.request != "" {
		attrs = append(attrs, slog.String("request", string(v.request)))
	}
	if failed != nil {
		attrs = append(attrs, slog.String("code", string(v.code)))
		if status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
		attrs = append(attrs, slog.String("error", failed.Error()))
		for _, f := range v.route.fields() {
			if f.name == core.ArgsOf(failed)["field"] {
				attrs = append(attrs, slog.String("field", f.name))
			}
		}
	}
	a.Log.LogAttrs(v.ctx, level, "visit", attrs...)
}

// bearerName names the bearer in logs, limits and request ids: "p1003" a party, "a7" an administrator.
func (v *visit) bearerName() string {
	switch {
	case v.bearer.Admin.ID != 0:
		return "a" + strconv.FormatInt(int64(v.bearer.Admin.ID), 10)
	case v.bearer.Party.ID != 0:
		return "p" + strconv.FormatInt(int64(v.bearer.Party.ID), 10)
	default:
		return "anyone"
	}
}

// name is what a route is called in logs and metrics: whatever is none has one name, whatever it was.
func (r Route) name() string {
	if r.Path == "" {
		return "other"
	}
	return r.Method + " " + r.Path
}

// unrouted answers what no route takes, in the same shape.
func (a *API) unrouted(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	v, entering := a.enter(c, Route{})
	if entering != nil {
		a.Log.Error("visit", "error", entering)
		c.Response().WriteHeader(http.StatusInternalServerError)
		return
	}
	code := core.Internal
	if he, ok := err.(*echo.HTTPError); ok { //nolint:errorlint // echo's own, as the router gives it
		switch he.Code {
		case http.StatusNotFound:
			code = core.UnknownRoute
		case http.StatusMethodNotAllowed:
			code = core.WrongMethod
		}
	}
	failed := core.Errorf(code, "%w", err)
	_ = v.fail(failed) // the other side is gone: nobody else to tell
	a.note(v, 0, failed)
}

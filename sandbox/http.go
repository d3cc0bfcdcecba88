package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// mostForm bounds a request, in bytes: a thousand numbers and a long text.
const mostForm = 64 << 10

// Problem is an error of the sandbox's own paths, and of a Phone. Its detail is words for whoever asked.
type Problem struct {
	Code   string `json:"error"`
	Detail string `json:"detail"`
	status int
}

func problemf(status int, code, format string, args ...any) *Problem {
	return &Problem{code, fmt.Sprintf(format, args...), status}
}

// Error is the code and the detail.
func (p *Problem) Error() string { return "sandbox: " + p.Code + ": " + p.Detail }

// bounded bounds what is read of a request, and answers with the Problem of whatever comes after it.
func bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, mostForm)
		err := next(c)
		if p, ok := errors.AsType[*Problem](err); ok {
			return c.JSON(p.status, p)
		}
		return err
	}
}

// bind reads JSON or a form.
func bind(c echo.Context, into any, fields string) error {
	if err := c.Bind(into); err != nil {
		return problemf(http.StatusBadRequest, "bad_request", "send %s, as JSON or as a form", fields)
	}
	return nil
}

// patient lifts the server's limits for one answer, which may take longer: a stream, a hop on a bad day. A
// server that has none cannot lift them.
func patient(c echo.Context) {
	limits := http.NewResponseController(c.Response())
	_, _ = limits.SetReadDeadline(time.Time{}), limits.SetWriteDeadline(time.Time{})
}

func (s *Sandbox) state(c echo.Context) error {
	phones := []View{}
	for _, p := range s.allPhones() {
		phones = append(phones, p.View())
	}
	people := s.People
	if people == nil {
		people = []Person{}
	}
	return c.JSON(http.StatusOK, map[string]any{
		"phones": phones, "people": people, "networks": networks(), "hostility": s.shownHostility(), "seed": s.Seed,
		"codes": s.Codes, "shortCode": s.ShortCode, "try": s.Try,
		"application": map[string]string{
			"callback": shown(s.Callback), "events": shown(s.Events), "reports": shown(s.Reports), "inbound": shown(s.Inbound),
		},
	})
}

// shown is a URL for people. What is in its middle may be a secret.
func shown(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	if dir, last := path.Split(u.Path); len(dir) > 1 {
		return u.Scheme + "://" + u.Host + "/.../" + last
	}
	return u.Scheme + "://" + u.Host + u.Path
}

type shownKind struct {
	KindInfo
	Value float64 `json:"value"`
}

func (s *Sandbox) shownHostility() []shownKind {
	now := s.hostile.get()
	var all []shownKind
	for _, k := range Kinds() {
		all = append(all, shownKind{k, now[k.Name]})
	}
	return all
}

func (s *Sandbox) setHostility(c echo.Context) error {
	h, err := typedHostility(c)
	if err != nil {
		return problemf(http.StatusBadRequest, "bad_request", `send kinds and probabilities, as JSON such as {"repeat_hop": 0.1} or as a form; what is left out is off`)
	}
	if err := s.SetHostility(h); err != nil {
		return problemf(http.StatusBadRequest, "bad_hostility", "%s", err)
	}
	return c.JSON(http.StatusOK, s.shownHostility())
}

// typedHostility reads a form too: what curl sends when nobody says otherwise.
func typedHostility(c echo.Context) (Hostility, error) {
	h := Hostility{}
	if !strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEApplicationForm) {
		return h, (&echo.DefaultBinder{}).BindBody(c, &h)
	}
	form, err := c.FormParams()
	for kind, values := range form {
		if h[Kind(kind)], err = strconv.ParseFloat(values[0], 64); err != nil {
			return nil, err
		}
	}
	return h, err
}

func (s *Sandbox) addPhone(c echo.Context) error {
	var typed struct {
		Number  string `json:"number" form:"number"`
		Network string `json:"network" form:"network"`
	}
	if err := bind(c, &typed, "number, and network if it is to be another"); err != nil {
		return err
	}
	p, err := s.Phone(typed.Number)
	if err != nil {
		return err
	}
	if typed.Network != "" {
		if err := p.Move(typed.Network); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusCreated, p.View())
}

// phoneOf is the phone that a path names.
func (s *Sandbox) phoneOf(c echo.Context) (*Phone, error) {
	typed, err := url.PathUnescape(c.Param("number"))
	if err != nil {
		typed = c.Param("number")
	}
	number, err := readNumber("number", typed)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.phones[number]; ok {
		return p, nil
	}
	return nil, problemf(http.StatusNotFound, "no_phone", "there is no such phone here yet: POST its number to /sandbox/phones")
}

func (s *Sandbox) dial(c echo.Context) error {
	var typed struct {
		Code string `json:"code" form:"code"`
	}
	p, err := s.phoneOf(c)
	if err != nil {
		return err
	}
	if err := bind(c, &typed, "code"); err != nil {
		return err
	}
	patient(c)
	if _, err := p.Dial(c.Request().Context(), typed.Code); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, p.View())
}

func (s *Sandbox) answer(c echo.Context) error {
	var typed struct {
		Text string `json:"text" form:"text"`
	}
	p, err := s.phoneOf(c)
	if err != nil {
		return err
	}
	if err := bind(c, &typed, "text"); err != nil {
		return err
	}
	patient(c)
	if _, err := p.Answer(c.Request().Context(), typed.Text); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, p.View())
}

func (s *Sandbox) hangUp(c echo.Context) error {
	p, err := s.phoneOf(c)
	if err != nil {
		return err
	}
	p.HangUp()
	return c.JSON(http.StatusOK, p.View())
}

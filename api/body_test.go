package api

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

// sample has a field of most kinds.
type sample struct {
	Type   userType    `api:"type" is:"in the path"`
	Text   string      `api:"text" is:"any"`
	Amount core.Amount `api:"amount,optional" is:"shillings"`
	Roles  []core.Role `api:"roles,optional" is:"a list"`
	Flag   bool        `api:"flag,optional" is:"a truth"`
	N      int         `api:"n,optional" is:"a number"`
	Mark   mark        `api:"mark,optional" is:"a truth that is true unless told otherwise"`
}

var sampleRoute = Route{
	Method: http.MethodPost, Path: "/api/sample/:type", Says: "Takes a sample.",
	Do: do(func(_ *visit, in sample) (sample, error) { return in, nil }),
}

// take reads a request as the route does.
func take(r Route, query, kind, body string) (any, error) {
	req := httptest.NewRequest(r.Method, "/api/sample/agent", strings.NewReader(body))
	req.URL.RawQuery = query
	if kind != "" {
		req.Header.Set(echo.HeaderContentType, kind)
	}
	c := echo.New().NewContext(req, httptest.NewRecorder())
	c.SetParamNames(r.pathFields()...)
	c.SetParamValues("agent")
	given, err := r.given(c)
	if err != nil {
		return nil, err
	}
	return r.Do.run(nil, given)
}

const (
	asForm = "application/x-www-form-urlencoded"
	asJSON = "application/json; charset=utf-8"
)

func TestTake(t *testing.T) {
	t.Parallel()
	whole := sample{
		Type: "agent", Text: "so 1 + 1", Amount: 10_50, Roles: []core.Role{core.Care, core.IT}, Flag: true, N: -7, Mark: unmarked,
	}
	for _, c := range []struct {
		query, kind, body string
		want              sample
		code              core.Code
		field             string
	}{
		{"", asForm, "text=so+1+%2B+1&amount=10.50&roles=care,it&flag=true&n=-7&mark=false", whole, "", ""},
		{"", asForm, "text=so+1+%2B+1&amount=10.5&roles=care&roles=it&flag=true&n=-7&mark=false", whole, "", ""},
		{"", asJSON, `{"text":"so 1 + 1","amount":10.50,"roles":["care","it"],"flag":true,"n":-7,"mark":false}`, whole, "", ""},
		{"", asJSON, `{"text":"so 1 + 1","amount":"10.50","roles":"care, it","flag":"true","n":"-7","mark":"false"} `, whole, "", ""},
		{"", asForm, "text=a&amount=", sample{Type: "agent", Text: "a"}, "", ""},
		{"", asJSON, `{"text":7}`, sample{Type: "agent", Text: "7"}, "", ""},
		{"", asJSON, `{"text":"7","amount":12345678901234567890}`, sample{}, core.BadAmount, "amount"},
		{"", asJSON, `{"text":"7","amount":1e3}`, sample{}, core.BadAmount, "amount"},
		{"", asJSON, `{"text":"7","amount":10.505}`, sample{}, core.BadAmount, "amount"},
		{"", asJSON, `{"text":"7","amount":-1}`, sample{}, core.BadAmount, "amount"},
		{"", asJSON, `{"text":"7","amount":[1]}`, sample{}, core.BadField, "amount"},
		{"", asJSON, `{"text":null}`, sample{}, core.BadField, "text"},
		{"", asJSON, `{"text":{"deep":{}}}`, sample{}, core.BadField, "text"},
		{"", asJSON, `{"text":"a","roles":[["care"]]}`, sample{}, core.BadField, "roles"},
		{"", asJSON, `{"text":"a","roles":["root"]}`, sample{}, core.BadField, "roles"},
		{"", asJSON, `{"text":"a","text":"b"}`, sample{}, core.RepeatedField, "text"},
		{"", asJSON, `{"text":"a","Text":"b"}`, sample{}, core.UnknownField, "Text"},
		{"", asJSON, `{"text":"a","z":1,"b":2}`, sample{}, core.UnknownField, "b"},
		{"", asJSON, `{"text":"a","type":"merchant"}`, sample{}, core.RepeatedField, "type"},
		{"", asJSON, `{"text":"a"} {}`, sample{}, core.BadBody, ""},
		{"", asJSON, `{"text":"a"`, sample{}, core.BadBody, ""},
		{"", asJSON, `{"text":"a",}`, sample{}, core.BadBody, ""},
		{"", asJSON, `[]`, sample{}, core.BadBody, ""},
		{"", asJSON, `"text"`, sample{}, core.BadBody, ""},
		{"", asJSON, "{\"text\":\"\xff\"}", sample{}, core.BadBody, ""},
		{"", asJSON, `{"text":"a\u0000b"}`, sample{}, core.BadField, "text"},
		{"", asForm, "text=a%00b", sample{}, core.BadField, "text"},
		{"", asForm, "text=%ff", sample{}, core.BadField, "text"},
		{"", asForm, "text=%zz", sample{}, core.BadBody, ""},
		{"", asForm, "text=a&text=b", sample{}, core.RepeatedField, "text"},
		{"", asForm, "amount=10", sample{}, core.MissingField, "text"},
		{"", asForm, "text=a&flag=yes", sample{}, core.BadField, "flag"},
		{"", asForm, "text=a&n=1.5", sample{}, core.BadField, "n"},
		{"text=a", asForm, "", sample{}, core.UnknownField, "text"},
		{"", "", "", sample{}, core.MissingField, "text"},
		{"", "", "text=a", sample{}, core.WrongType, ""},
		{"", "text/plain", "text=a", sample{}, core.WrongType, ""},
		{"", "multipart/form-data; boundary=x", "--x--", sample{}, core.WrongType, ""},
		{"", asForm, "text=" + strings.Repeat("a", largestBody), sample{}, core.BodyTooLarge, ""},
		{"", asJSON, `{"text":` + strings.Repeat("[", 50_000), sample{}, core.BadField, "text"},
	} {
		got, err := take(sampleRoute, c.query, c.kind, c.body)
		shown := c.body[:min(len(c.body), 80)]
		if core.CodeOf(err) != c.code || core.ArgsOf(err)["field"] != c.field {
			t.Errorf("%s: %v, want %q in %q", shown, err, c.code, c.field)
		} else if err == nil {
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s:\n%s", shown, diff)
			}
		}
	}
}

// A fee may be nothing, as every language writes that.
func TestFeeOfNothing(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0", "0.0", "0.00"} {
		if fee, err := feeOf(s); err != nil || *fee.(*core.Amount) != 0 { //nolint:errcheck // it is what feeOf gives
			t.Errorf("%s: %v, %v", s, fee, err)
		}
	}
}

// A route without a body takes its fields from the query.
func TestTakeQuery(t *testing.T) {
	t.Parallel()
	r := sampleRoute
	r.Method = http.MethodGet
	got, err := take(r, "text=a&amount=5", "", "")
	if diff := cmp.Diff(sample{Type: "agent", Text: "a", Amount: 5_00}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := take(r, "text=a&b=c", "", ""); core.CodeOf(err) != core.UnknownField {
		t.Errorf("%v", err)
	}
}

// A list of routes with a mistake in it is found out at the start.
func TestListIsChecked(t *testing.T) {
	t.Parallel()
	type unnamed struct {
		A string `is:"a field"`
	}
	type unread struct {
		A float64 `api:"a" is:"a field"`
	}
	type untold struct {
		A string `api:"a"`
	}
	good := sampleRoute
	for name, spoil := range map[string]func(*Route){
		"no name":           func(r *Route) { r.Do.takes = reflect.TypeFor[unnamed]() },
		"cannot be read":    func(r *Route) { r.Do.takes = reflect.TypeFor[unread]() },
		"nobody says what":  func(r *Route) { r.Do.takes = reflect.TypeFor[untold]() },
		"not taken":         func(r *Route) { r.Path += "/:other" },
		"says nothing":      func(r *Route) { r.Says = "" },
		"does nothing":      func(r *Route) { r.Do = Action{} },
		"is somewhere else": func(r *Route) { r.Path = "/other" },
	} {
		r := good
		spoil(&r)
		if r.check() == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := good.check(); err != nil {
		t.Error(err)
	}
}

// Whatever is sent, it is read or refused with a code that is not our fault.
func FuzzTake(f *testing.F) {
	f.Add("", asForm, "text=a&amount=10.50&roles=care&flag=true")
	f.Add("a=b&%zz", asJSON, `{"text":"a","amount":10.5,"roles":["care"],"flag":true,"n":1}`)
	f.Add("", asJSON, `{"text":[[[`)
	f.Add("", "multipart/form-data", "\x00")
	routes := append((&API{}).list(), sampleRoute)
	f.Fuzz(func(t *testing.T, query, kind, body string) {
		for _, r := range routes {
			r.Do.run = func(_ *visit, v values) (any, error) { return nil, v.fill(reflect.New(r.Do.takes).Interface()) }
			_, err := take(r, query, kind, body)
			if code := core.CodeOf(err); statuses[code] >= 500 {
				t.Errorf("%s: %v", r.Path, err)
			}
		}
	})
}

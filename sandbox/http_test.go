package sandbox_test

import (
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/sandbox"
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// A phone is played by curl: with JSON or a form, and any spelling of its number.
func TestPhoneOverHTTP(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{
		Codes: []string{service},
		Callback: handle(t, func(w http.ResponseWriter, r *http.Request) {
			if r.PostFormValue("text") == "1" {
				_, _ = w.Write([]byte("END Bye"))
				return
			}
			_, _ = w.Write([]byte("CON Home"))
		}),
	})
	for _, c := range []struct {
		path, contentType, body string
		status                  int
		want                    string // in the answer
	}{
		{"", jsonType, `{"number":"+254711000001"}`, 201, `"number":"+254711000001","network":{"code":"63902","name":"Safaricom","page":160}`},
		{"", jsonType, `{"number":"0711000001","network":"63903"}`, 201, `"name":"Airtel","page":184`},
		{"", jsonType, `{"number":"0711000001","network":"Airtel"}`, 400, `"error":"bad_network"`},
		{"", jsonType, `{"number":"0711"}`, 400, `"error":"phone_too_short","detail":"number: `},
		{"", jsonType, `{"number":`, 400, `"error":"bad_request"`},
		{"", jsonType, `{"number":"` + strings.Repeat("0", 65<<10) + `"}`, 400, `"error":"bad_request"`},
		{"/0711000009/dial", jsonType, `{"code":"*384*96#"}`, 404, `"error":"no_phone"`},
		{"/0711/dial", jsonType, `{"code":"*384*96#"}`, 400, `"error":"phone_too_short"`},
		{"/0711000001/answer", jsonType, `{"text":"1"}`, 409, `"error":"no_call"`},
		{"/0711000001/dial", jsonType, `{"code":"384"}`, 400, `"error":"bad_code"`},
		{"/0711000001/dial", jsonType, `{}`, 400, `"error":"bad_code"`},
		{"/0711000001/dial", jsonType, `{"code":"*` + strings.Repeat("1", 200) + `#"}`, 400, `"error":"bad_code"`},
		{"/0711000001/dial", jsonType, `{"code":"*777#"}`, 200, `"wrong":"nobody serves *777#"`},
		{"/+254711000001/dial", "application/x-www-form-urlencoded", "code=*384*96%23", 200, `"text":"Home","open":true,"used":8,"limit":184`},
		{"/%2B254711000001/answer", jsonType, `{"text":"` + strings.Repeat("1", 200) + `"}`, 400, `"error":"too_long"`},
		{"/254711000001/answer", jsonType, `{"text":"1"}`, 200, `"text":"Bye","open":false`},
		{"/0711000001/dial", jsonType, `{"code":"*384*96#"}`, 200, `"hop":1,"waiting":false`},
		{"/0711000001/hangup", jsonType, ``, 200, `"text":"","open":false`},
		{"/0711000001/hangup", jsonType, ``, 200, `"text":"","open":false`},
	} {
		a := post(t, base+"/sandbox/phones"+c.path, c.contentType, c.body)
		if a.status != c.status || !strings.Contains(a.body, c.want) || a.contentType != jsonType {
			t.Errorf("%s %.60s: %+v, want %d %s", c.path, c.body, a, c.status, c.want)
		}
	}
}

func TestPhonesAreBounded(t *testing.T) {
	t.Parallel()
	s, base := provider(t, sandbox.Config{Phones: 1})
	for _, c := range []struct {
		number string
		status int
	}{{"0711000001", 201}, {"+254711000001", 201}, {"0711000002", 409}} {
		if a := post(t, base+"/sandbox/phones", jsonType, `{"number":"`+c.number+`"}`); a.status != c.status {
			t.Errorf("%s: %+v", c.number, a)
		}
	}
	if _, err := s.Phone("0711000002"); problem(err) != "too_many_phones" {
		t.Errorf("another phone: %v", err)
	}
}

// What a page needs to begin with; and no secret of the application's.
func TestState(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{
		Callback: "http://127.0.0.1:8080/at/s3cret/ussd", Events: "http://127.0.0.1:8080/events", Seed: 7, Codes: []string{service},
		People:    []sandbox.Person{{Name: "JANE WANJIKU", Number: jane, What: "customer"}},
		Hostility: sandbox.Hostility{sandbox.RepeatHop: 0.5},
	})
	post(t, base+"/sandbox/phones", jsonType, `{"number":"`+jane+`"}`)
	a := get(t, base+"/sandbox/state")
	if strings.Contains(a.body, "s3cret") {
		t.Errorf("the secret is shown: %s", a.body)
	}
	var state struct {
		Phones      []sandbox.View
		People      []sandbox.Person
		Networks    []sandbox.Network
		Application map[string]string
		Codes       []string
		ShortCode   string
		Seed        int
		Hostility   []struct {
			Name           sandbox.Kind
			What           string
			Default, Value float64
		}
	}
	if err := json.Unmarshal([]byte(a.body), &state); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"callback": "http://127.0.0.1:8080/.../ussd", "events": "http://127.0.0.1:8080/events", "reports": "", "inbound": "",
	}
	if diff := cmp.Diff(want, state.Application); diff != "" {
		t.Errorf("the application (-want +got):\n%s", diff)
	}
	if len(state.Phones) != 1 || state.Phones[0].Name != "JANE WANJIKU" || state.People[0].What != "customer" || state.Codes[0] != service ||
		state.ShortCode != "38496" || state.Seed != 7 || len(state.Networks) != 8 {
		t.Errorf("the state: %+v", state)
	}
	for i, k := range sandbox.Kinds() {
		got := state.Hostility[i]
		value := 0.0
		if k.Name == sandbox.RepeatHop {
			value = 0.5
		}
		if got.Name != k.Name || got.What != k.What || got.Default != k.Default || got.Value != value {
			t.Errorf("hostility %d is %+v", i, got)
		}
	}
}

func TestPutHostility(t *testing.T) {
	t.Parallel()
	s, _ := provider(t, sandbox.Config{Hostility: sandbox.All()})
	for _, c := range []struct {
		kind   string
		body   string
		status int
		want   string
	}{
		{jsonType, `{"nap":1}`, 400, `"error":"bad_hostility"`},
		{jsonType, `{"repeat_hop":2}`, 400, `"error":"bad_hostility"`},
		{jsonType, `{"repeat_hop":"x"}`, 400, `"error":"bad_request"`},
		{formType, `nap=1`, 400, `"error":"bad_hostility"`},
		{formType, `repeat_hop=often`, 400, `"error":"bad_request"`},
		{formType, `{"repeat_hop":0.25}`, 400, `"error":"bad_request"`},
		{formType, `repeat_hop=0.5`, 200, `"value":0.5}`},
		{jsonType, `{"repeat_hop":0.25}`, 200, `"value":0.25}`},
	} {
		status, body := request(t, s, http.MethodPut, "/sandbox/hostility", c.kind, c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s", c.body, status, body)
		}
	}
	_, body := request(t, s, http.MethodGet, "/sandbox/state", "", "")
	if strings.Count(body, `"value":0}`) != len(sandbox.Kinds())-1 || !strings.Contains(body, `"value":0.25}`) {
		t.Errorf("then: %s", body)
	}
}

// A hop may take longer than the server that the sandbox is mounted on has for an answer.
func TestPatience(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Config{
		Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Callback: handle(t, func(w http.ResponseWriter, _ *http.Request) {
			<-time.After(300 * time.Millisecond)
			_, _ = w.Write([]byte("CON Home"))
		}),
	})
	e := echo.New()
	s.Mount(e)
	hasty := httptest.NewUnstartedServer(e)
	hasty.Config.WriteTimeout, hasty.Config.ReadTimeout = 100*time.Millisecond, 100*time.Millisecond
	hasty.Start()
	t.Cleanup(hasty.Close)
	if _, err := s.Phone(jane); err != nil {
		t.Fatal(err)
	}
	a := post(t, hasty.URL+"/sandbox/phones/0711000001/dial", jsonType, `{"code":"*384*96#"}`)
	if a.status != http.StatusOK || !strings.Contains(a.body, `"text":"Home"`) {
		t.Errorf("answered %+v", a)
	}
}

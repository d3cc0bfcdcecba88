package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

// Every code has a status that fits it, and no status is of a code that is gone.
func TestEveryCodeHasAStatus(t *testing.T) {
	t.Parallel()
	for _, code := range core.Codes {
		if status := statuses[code]; status < 400 || http.StatusText(status) == "" {
			t.Errorf("%s has the status %d", code, status)
		}
	}
	if len(statuses) != len(core.Codes) {
		t.Errorf("%d statuses of %d codes", len(statuses), len(core.Codes))
	}
}

func TestShillings(t *testing.T) {
	t.Parallel()
	for amount, want := range map[core.Amount]string{
		690_00: "690", 10_50: "10.50", 5: "0.05", 0: "0", 1_234_567_00: "1234567", -27_05: "-27.05", 9007199254740993: "90071992547409.93",
	} {
		if got, err := json.Marshal(Shillings(amount)); string(got) != want || err != nil {
			t.Errorf("%d cents are %s, %v", amount, got, err)
		}
	}
}

func TestPreferred(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]core.Lang{
		"": core.English, "sw": core.Swahili, "sw-KE,en;q=0.8": core.Swahili, "fr, sw;q=0.5": core.Swahili, "en-GB, sw": core.English,
		"*": core.English, "SW": core.Swahili, ",,;": core.English,
	} {
		if got := preferred(header); got != want {
			t.Errorf("%q prefers %s", header, got)
		}
	}
}

// The description tells each route that there is and no other, with each of its fields; what is told to programs and
// what is told to people have nothing between them that differs.
func TestDescription(t *testing.T) {
	t.Parallel()
	a, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	var told struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Summary     string
			Tags        []string
			Parameters  []struct{ Name, In string }
			RequestBody struct {
				Content map[string]struct {
					Schema struct {
						Properties           map[string]struct{ Description string }
						Required             []string
						AdditionalProperties bool
					}
				}
			}
			Responses map[string]struct{ Description string }
			Security  []any
		}
	}
	if err := json.Unmarshal(get(a, "/api/openapi.json").Body.Bytes(), &told); err != nil || told.OpenAPI != "3.1.0" {
		t.Fatalf("%q, %v", told.OpenAPI, err)
	}
	page := get(a, "/api/").Body.String()
	operations := map[string]bool{}
	for _, path := range told.Paths {
		for _, op := range path {
			operations[op.OperationID] = true
		}
	}
	if len(operations) != len(a.Routes()) {
		t.Errorf("%d operations are told of %d routes", len(operations), len(a.Routes()))
	}
	for _, r := range a.Routes() {
		path := inPath.ReplaceAllString(r.Path, "{$1}")
		op := told.Paths[path][strings.ToLower(r.Method)]
		if op.Summary != r.Says || len(op.Tags) != 1 || op.Tags[0] != r.About || (len(op.Security) == 0) != r.Who.anyone() {
			t.Errorf("%s is told as %+v", r.name(), op)
		}
		for _, code := range r.refusals() {
			if !strings.Contains(op.Responses[strconv.Itoa(statuses[code])].Description, string(code)) {
				t.Errorf("%s may be refused as %s, and that is not told", r.name(), code)
			}
		}
		if !strings.Contains(page, "<h3><b>"+r.Method+"</b> <code>"+path+"</code></h3>") {
			t.Errorf("%s is not on the page", r.name())
		}
		body := op.RequestBody.Content["application/json"].Schema
		names := []string{}
		for _, p := range op.Parameters {
			names = append(names, p.Name)
		}
		for name := range body.Properties {
			names = append(names, name)
		}
		want := []string{}
		for _, f := range r.fields() {
			want = append(want, f.name)
			if f.in == inTheBody && slices.Contains(body.Required, f.name) == f.optional {
				t.Errorf("%s: %s is not told right", r.name(), f.name)
			}
		}
		if r.Money {
			want = append(want, keyHeader)
		}
		slices.Sort(names)
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("%s takes %v, and %v is told", r.name(), want, names)
		}
	}
}

// People see on the page what a field may be, without the description for programs.
func TestPageTellsWhatAFieldMayBe(t *testing.T) {
	t.Parallel()
	a, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	page := get(a, "/api/").Body.String()
	for field, want := range map[string]string{
		"type": "subscriber, agent, merchant, administrator", "roles": "care, finance, it", "at": "such as 2026-11-21T13:15:00Z",
		"bands": "such as 100-500:500", "all": "true, false",
	} {
		row := regexp.MustCompile(`(?s)<tr><td><code>` + field + `</code>.*?</tr>`).FindString(page)
		if !strings.Contains(row, "<small>"+want+"</small></td>") {
			t.Errorf("of %s it says %q", field, row)
		}
	}
	if row := regexp.MustCompile(`<tr><td><code>firstName</code>.*</tr>`).FindString(page); row == "" || strings.Contains(row, "<small>") {
		t.Errorf("any text will do as a name, and it says %q", row)
	}
}

// A field is refused as it is told, whatever stands in it.
func TestFieldsAreRefusedAsTold(t *testing.T) {
	t.Parallel()
	for of, r := range readings {
		for _, rubbish := range []string{"?", "x", "-1", "12", "0", "+254", "99999999999999999999", "2026-13-01", strings.Repeat("9", 400)} {
			code := core.CodeOf(second(r.read(rubbish)))
			if code != "" && code != core.BadField && !slices.Contains(refuses[of], code) {
				t.Errorf("a %s that is %q is refused as %s", of, rubbish, code)
			}
		}
	}
}

func second(_ any, err error) error { return err }

// The answer of a route is on the page, in the order in which it comes: what is in a list, under the list's name.
func TestPageTellsAnswers(t *testing.T) {
	t.Parallel()
	var told []string
	for _, a := range do(func(*visit, nothing) (Done[reversals], error) { panic("not asked") }).told() {
		told = append(told, a.Name+" "+a.Type)
	}
	all := strings.Join(told, ", ")
	for _, want := range []string{
		"reversals[] object, reversals[].reversalId string, ", "reversals[].amount shillings, ", "reversals[].openedAt time, ",
		"reversals[].steps[] object, reversals[].steps[].step string, ",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in %s", want, all)
		}
	}
}

// The page needs nothing from anywhere, and its policy would let nothing in.
func TestPageIsAlone(t *testing.T) {
	t.Parallel()
	a, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	res := get(a, "/api/")
	policy := res.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
	if found := regexp.MustCompile(`<script|<link|<img|<iframe|src=|https?://|@import|url\(| style=| on[a-z]+=`).FindString(res.Body.String()); found != "" {
		t.Errorf("the page has %q", found)
	}
}

func get(a *API, path string) *httptest.ResponseRecorder {
	res := httptest.NewRecorder()
	a.ServeHTTP(res, httptest.NewRequest(http.MethodGet, path, nil))
	return res
}

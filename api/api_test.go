package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
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
			Summary     string
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
			Responses map[string]any
			Security  []any
		}
	}
	if err := json.Unmarshal(get(a, "/api/openapi.json").Body.Bytes(), &told); err != nil || told.OpenAPI != "3.1.0" {
		t.Fatalf("%q, %v", told.OpenAPI, err)
	}
	page := get(a, "/api/").Body.String()
	operations := 0
	for _, path := range told.Paths {
		operations += len(path)
	}
	if operations != len(a.Routes()) {
		t.Errorf("%d operations are told of %d routes", operations, len(a.Routes()))
	}
	for _, r := range a.Routes() {
		path := inPath.ReplaceAllString(r.Path, "{$1}")
		op := told.Paths[path][strings.ToLower(r.Method)]
		if op.Summary != r.Says || len(op.Responses) != 2 || (len(op.Security) == 0) != r.Who.anyone() {
			t.Errorf("%s is told as %+v", r.name(), op)
		}
		if !strings.Contains(page, "<h2><b>"+r.Method+"</b> <code>"+path+"</code></h2>") {
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

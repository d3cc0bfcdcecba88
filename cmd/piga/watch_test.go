package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/piga-money/piga/ussd"
)

const watching = "../../docs/"

// metric matches the name of one, in an expression or in what a gateway exports.
var metric = regexp.MustCompile(`\b(piga|go|process)_[a-z0-9_]+\b`)

// exported are the names of all that a gateway exports to whom something of everything has happened.
func exported(t *testing.T) map[string]bool {
	t.Helper()
	w, h := janeSends(t, ussd.Limits{})
	w.say(h, "602413")
	w.messages("jane")
	at := w.server.URL + "/at/"
	for path, form := range map[string]url.Values{
		at + "wrong/ussd":                     {},
		at + devSecret + "/sms":               {"id": {"1"}},
		at + devSecret + "/delivery":          {"id": {"ATXid_1"}, "status": {"Success"}},
		w.server.URL + "/api/nothing-of-ours": {},
	} {
		res, err := http.PostForm(path, form)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	res, err := http.Get(w.server.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "#") {
			names[metric.FindString(line)] = true
		}
	}
	return names
}

// What the dashboard and the alerts ask for is there, and what is there is explained.
func TestWhatIsWatchedIsThere(t *testing.T) {
	t.Parallel()
	names := exported(t)
	asked := map[string]string{"alerts": read(t, watching+"prometheus/alerts.yaml")}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			asked[p.Title] += target.Expr + "\n"
		}
	}
	for by, expr := range asked {
		for _, name := range metric.FindAllString(expr, -1) {
			if !names[name] {
				t.Errorf("%s: no gateway exports %s", by, name)
			}
		}
	}
	manual := read(t, watching+"operations.md")
	for name := range names {
		family := regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(name, "")
		if strings.HasPrefix(name, "piga_") && !strings.Contains(manual, "`"+family) {
			t.Errorf("operations.md does not explain %s", family)
		}
	}
}

// panel is what is read of one of the dashboard.
type panel struct {
	Type, Title string
	FieldConfig struct{ Defaults struct{ Unit string } }
	Targets     []struct{ Expr, LegendFormat string }
}

func panels(t *testing.T) []panel {
	t.Helper()
	var board struct {
		Title  string
		Panels []panel
	}
	if err := json.Unmarshal([]byte(read(t, watching+"grafana/piga.json")), &board); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(board.Panels, func(p panel) bool { return p.Type == "row" })
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	all := panels(t)
	if len(all) < 20 {
		t.Errorf("it has %d panels", len(all))
	}
	titles := map[string]bool{}
	for _, p := range all {
		if p.Title == "" || titles[p.Title] || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("a panel without a title of its own, a unit or a question: %+v", p)
		}
		titles[p.Title] = true
		for _, target := range p.Targets {
			if target.Expr == "" || target.LegendFormat == "" {
				t.Errorf("%s asks %q and calls it %q", p.Title, target.Expr, target.LegendFormat)
			}
		}
	}
}

// Each alert has a line that says what to do, a case in which it fires and one in which it does not.
func TestAlertsAreExplained(t *testing.T) {
	t.Parallel()
	manual, cases := read(t, watching+"operations.md"), read(t, watching+"prometheus/alerts_test.yaml")
	alerts := regexp.MustCompile(`(?m)- alert: (\w+)$`).FindAllStringSubmatch(read(t, watching+"prometheus/alerts.yaml"), -1)
	if len(alerts) < 20 {
		t.Errorf("there are %d alerts", len(alerts))
	}
	for _, a := range alerts {
		if !strings.Contains(manual, "\n| `"+a[1]+"` | ") {
			t.Errorf("operations.md has no line on %s", a[1])
		}
		for _, name := range []string{a[1] + " fires", a[1] + " is silent"} {
			if strings.Count(cases, "- name: "+name+"\n") != 1 {
				t.Errorf("no test: %s", name)
			}
		}
	}
}

// Prometheus's own program reads the rules, and has each fire and stay silent.
func TestAlerts(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("promtool")
	if err != nil {
		const missing = "no promtool is on the PATH: install the system's package, prometheus on Debian"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir = watching + "prometheus"
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}

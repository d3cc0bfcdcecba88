package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
)

// foreign is an application that is not Piga: it speaks Africa's Talking and nothing else.
type foreign struct {
	*httptest.Server
	events chan url.Values
}

func newForeign(t *testing.T) foreign {
	t.Helper()
	f := foreign{events: make(chan url.Values, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ussd", func(w http.ResponseWriter, r *http.Request) {
		page := "CON Welcome to the bus.\n1 Nairobi"
		if r.PostFormValue("text") == "1" {
			page = "END Seat 7"
		}
		_, _ = io.WriteString(w, page)
	})
	mux.HandleFunc("POST /events", func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		f.events <- r.PostForm
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// piga sandbox stands beside an application that is not ours: it brings calls there, tells it their end, and
// takes its SMS; hostile, when it is told to be.
func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	app := newForeign(t)
	here := startSandbox(t, "--app", app.URL+"/ussd", "--events", app.URL+"/events", "--code", "*123#", "--key", "secret", "--hostile", "unknown_operator=1")
	play := func(path string, form url.Values) string {
		t.Helper()
		res, err := http.PostForm(here+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // only read
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.Itoa(res.StatusCode) + " " + string(b)
	}
	const phone = "/sandbox/phones/0711000001"
	for _, step := range []struct {
		path string
		form url.Values
		want string
	}{
		{"/sandbox/phones", url.Values{"number": {"0711000001"}}, `201 {"number":"+254711000001"`},
		{phone + "/dial", url.Values{"code": {"*123#"}}, `"text":"Welcome to the bus.\n1 Nairobi","open":true`},
		{phone + "/answer", url.Values{"text": {"1"}}, `"text":"Seat 7","open":false`},
		{"/version1/messaging", url.Values{"username": {"sandbox"}}, "401 The supplied authentication is invalid"},
		{"/sandbox/messages", url.Values{"from": {"0711000001"}, "text": {"hi"}}, `404 {"error":"no_application"`},
	} {
		if got := play(step.path, step.form); !strings.Contains(got, step.want) {
			t.Errorf("%s: %s\nwant %s", step.path, got, step.want)
		}
	}
	if e := <-app.events; e.Get("status") != "Success" || e.Get("networkCode") != "63977" {
		t.Errorf("the event is %v", e)
	}
}

// startSandbox runs piga sandbox until the test ends, and gives its address from what it printed.
func startSandbox(t *testing.T, args ...string) (here string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	printed, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...), nil, nil, out)
		_ = out.CloseWithError(io.EOF)
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("it ended: %v", err)
		}
	})
	lines := bufio.NewScanner(printed)
	for lines.Scan() && here == "" {
		here = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`).FindString(lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, printed) }()
	if here == "" {
		t.Fatal("it does not say where it listens")
	}
	return here
}

// What it cannot work with is refused by the flag's name, and never with a URL: there may be a secret in it.
func TestSandboxCommandRefuses(t *testing.T) {
	t.Parallel()
	const app = "--app=http://localhost:3000/s3cret/ussd"
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "piga sandbox needs --app"},
		{[]string{"--app=localhost:3000/s3cret"}, "--app should be a URL"},
		{[]string{app, "--delivery=/s3cret"}, "--delivery should be a URL"},
		{[]string{app, "--code=384"}, "--code holds"},
		{[]string{app, "--hostile=nap=1"}, `--hostile: there is no hostility "nap"`},
		{[]string{app, "--addr=nowhere"}, "--addr nowhere"},
		{[]string{app, "now"}, `does not know "now"`},
	} {
		err := run(t.Context(), append([]string{"sandbox"}, c.args...), nil, nil, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}

// In piga dev, and in every test, a phone of the sandbox calls the gateway beside it, and an SMS comes to it.
func TestSandboxCallsPiga(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	datadriven.RunTestFromString(t, openPeople(devPeople()), w.command)
	for _, step := range []struct {
		path string
		form url.Values
		want string
	}{
		{"", url.Values{"number": {"0711000001"}}, `"name":"JANE WANJIKU"`},
		{"/0711000001/dial", url.Values{"code": {"*384*96*1*0711000002*500#"}}, "Send KES 500 to JOHN O."},
		{"/0711000001/answer", url.Values{"text": {devPIN}}, "Sent KES 500 to JOHN O."},
	} {
		res, err := http.PostForm(w.server.URL+"/sandbox/phones"+step.path, step.form)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if err != nil || !strings.Contains(string(b), step.want) {
			t.Errorf("%s: %s, %v\nwant %s", step.path, b, err, step.want)
		}
		_ = res.Body.Close()
	}
	if got := w.messages("john"); !strings.Contains(got, "500") {
		t.Errorf("john reads %q", got)
	}
	if w.balance("john") != 2_500*core.Shilling {
		t.Errorf("john has %s", w.balance("john"))
	}
}

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

// What is no route, or too much, is answered in the same shape as everything else; and the words are in the language
// that was asked for.
func TestShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.anyone()
	for _, c := range []struct {
		method, path string
		status       int
		code         core.Code
	}{
		{"GET", "/api/nothing", 404, core.UnknownRoute},
		{"POST", "/api/user/super_agent", 404, core.UnknownRoute},
		{"GET", "/api/user/subscriber", 405, core.WrongMethod},
		{"DELETE", "/api/account/balance", 405, core.WrongMethod},
		{"BREW", "/api/account/balance", 405, core.WrongMethod},
		{"BREW", "/api/nothing", 404, core.UnknownRoute},
		{"GET", "/api/account/balance/", 404, core.UnknownRoute},
		{"POST", "/api//login/agent", 404, core.UnknownRoute},
		{"POST", "/api/login/super_agent", 400, core.BadField},
	} {
		r := p.send(c.method, c.path, "", "")
		r.refused(c.code)
		if r.status != c.status || r.header.Get("X-Request-ID") == "" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: %d %v", c.method, c.path, r.status, r.header)
		}
	}
	if log := w.log.String(); strings.Count(log, `"route":"other"`) != 8 || strings.Contains(log, "panic") || strings.Contains(log, "PANIC") {
		t.Errorf("what is no route is noted as:\n%s", log)
	}
	large := p.send("POST", "/api/login/agent", "application/json", `{"email":"`+strings.Repeat("a", 64<<10)+`"}`)
	if large.refused(core.BodyTooLarge); large.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", large.status)
	}
	p.header.Set("Accept-Language", "sw-KE, en;q=0.5")
	r := p.post("/api/user/subscriber", form{"firstName": "Jane", "shoeSize": "38"})
	if r.all()["message"] != "Hapa hakuna sehemu shoeSize." || r.header.Get("Content-Language") != "sw" {
		t.Errorf("%s", r.body)
	}
	res := p.send("GET", "/api", "", "")
	if res.status != http.StatusOK || !strings.Contains(string(res.body), "<title>Piga: the API</title>") {
		t.Errorf("/api: %d", res.status)
	}
	metrics := string(p.get("/metrics").body)
	for _, want := range []string{
		`piga_api_requests_total{route="other",status="404"} 5`, `piga_api_requests_total{route="POST /api/login/:type",status="413"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

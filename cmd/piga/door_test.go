package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/api"
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
)

// Each route is tried by everybody there is: each kind of party, an administrator of each role, with a token that is
// none, and with none. Whoever it is not for is refused before anything that she sends is looked at, by the code that
// says why; whoever it is for is not. Nothing is sent: what fields may be is for other tests.
func TestDoors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bearers := map[string]login.Bearer{}
	for i, k := range core.Kinds {
		p := core.Party{
			Kind: k, Status: core.Active, Tier: core.TierTrade, Name: "SOMEBODY", Phone: core.MSISDN(fmt.Sprintf("+25470000000%d", i)),
			Number: fmt.Sprintf("2000%d", i), Lang: core.English,
		}
		if k == core.Subscriber {
			p.Tier, p.Number = core.TierNew, ""
		}
		bearers[string(k)] = login.Bearer{Party: w.open(string(k), p, "602413", 0)}
	}
	for _, r := range core.Roles {
		bearers[string(r)] = login.Bearer{Admin: w.newAdmin(r)}
	}
	for _, route := range w.g.rest.Routes() {
		for who, b := range bearers {
			w.door(route, who, w.bearer(b), wantAtDoor(route.Who, b))
		}
		unknown := w.anyone()
		unknown.token = "unknown"
		want := core.NoToken
		if len(route.Who.Kinds)+len(route.Who.Roles) == 0 {
			want = ""
		}
		w.door(route, "an unknown token", unknown, want)
		w.door(route, "nobody", w.anyone(), want)
	}
}

// wantAtDoor is how somebody is refused whom a route is not for.
func wantAtDoor(who api.Who, b login.Bearer) core.Code {
	switch {
	case len(who.Kinds)+len(who.Roles) == 0, slices.Contains(who.Kinds, b.Party.Kind):
		return ""
	case b.Admin.ID != 0 && slices.Contains(who.Roles, b.Admin.Roles[0]):
		return ""
	case b.Admin.ID != 0 && len(who.Roles) > 0:
		return core.WrongRole
	default:
		return core.WrongBearer
	}
}

func (w *world) door(route api.Route, who string, p *program, want core.Code) {
	w.t.Helper()
	path := strings.NewReplacer(":type", "agent").Replace(route.Path)
	code, _ := p.ask(route.Method, path, nil).all()["code"].(string)
	got := core.Code(code)
	if !slices.Contains([]core.Code{core.NoToken, core.WrongBearer, core.WrongRole}, got) {
		got = "" // she came in
	}
	if got != want {
		w.t.Errorf("%s %s, %s: %q, want %q", route.Method, route.Path, who, got, want)
	}
}

// In development whoever sits at the machine makes the first administrator, who has all roles; and nobody a second.
func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorldAs(t, func(c *config, p *parts) { p.first, c.Forwarded = true, true })
	admin := form{"firstName": "Alice", "lastName": "Admin", "email": "alice@piga.example", "password": restPassword}
	from := func(address string, more ...string) *program {
		p := w.anyone()
		p.header.Set("X-Forwarded-For", address)
		for i := 0; i < len(more); i += 2 {
			p.header.Set(more[i], more[i+1])
		}
		return p
	}
	const path = "/api/user/administrator"
	from("198.51.100.1").post(path, admin).refused(core.NoToken)
	from("127.0.0.1", "Sec-Fetch-Site", "cross-site").post(path, admin).refused(core.NoToken)
	from("127.0.0.1", "Origin", "https://evil.example").post(path, admin).refused(core.NoToken)
	p := from("127.0.0.1")
	p.host = "evil.example" // whose name was pointed here
	p.post(path, admin).refused(core.NoToken)
	p = from("127.0.0.1")
	p.token = "unknown"
	p.post(path, admin).refused(core.NoToken)

	var made atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			f := form{"firstName": "Alice", "lastName": "Admin", "email": fmt.Sprintf("alice%d@piga.example", i), "password": restPassword}
			if r := from("127.0.0.1").post(path, f); r.status == http.StatusOK {
				made.Add(1)
			} else {
				r.refused(core.NoToken)
			}
		})
	}
	all.Wait()
	if n := column(t, w.db, `SELECT count(*) || ' ' || max(roles::text) FROM administrators`)[0]; made.Load() != 1 || n != "1 {care,finance,it}" {
		t.Errorf("%d were made, and there are %s", made.Load(), n)
	}
}

// In production the first comes from the command line alone.
func TestNoFirstAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := form{"firstName": "Alice", "lastName": "Admin", "email": "alice@piga.example", "password": restPassword}
	w.anyone().post("/api/user/administrator", admin).refused(core.NoToken)
}

// Administrators of role it make others, by default of role care, and each is in the audit log without her password.
func TestMakeAdministrators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	it := w.admin(core.IT)
	admin := func(name, roles string) form {
		return form{"firstName": name, "lastName": "Admin", "email": name + "@piga.example", "password": restPassword, "roles": roles}
	}
	const path = "/api/user/administrator"
	it.post(path, admin("bob", "")).done()
	it.post(path, admin("carol", "it, finance")).done()
	it.send("POST", path, "application/json", `{"firstName":"Dan","lastName":"Admin","email":"dan@piga.example","password":"correct horse","roles":["care","it","care"]}`).done()
	it.post(path, admin("bob", "it")).refused(core.EmailTaken)
	it.post(path, admin("eve", "root")).refused(core.BadField)
	w.login("administrator", "carol").put("/api/admin/super-agent-status", form{"email": "x@piga.example"}).refused(core.NotRegistered)
	w.login("administrator", "bob").post(path, admin("eve", "it")).refused(core.WrongRole)

	rows := column(t, w.db, `SELECT concat_ws(' ', admin_id, subject_id, after->>'email', after->>'roles', address) FROM audit_log ORDER BY id OFFSET 1`)
	want := []string{
		`1 2 bob@piga.example ["care"] 127.0.0.1`, `1 3 carol@piga.example ["finance", "it"] 127.0.0.1`,
		`1 4 dan@piga.example ["care", "it"] 127.0.0.1`,
	}
	if !slices.Equal(rows, want) {
		t.Errorf("the audit log has\n%s", strings.Join(rows, "\n"))
	}
	if tables := w.tables(t); strings.Contains(tables, restPassword) {
		t.Error("a password is in the tables")
	}
	if log := w.log.String(); strings.Contains(log, restPassword) || strings.Contains(log, it.token) || strings.Contains(log, "@piga.example") {
		t.Error("a password, a token or an address is in the log")
	}
}

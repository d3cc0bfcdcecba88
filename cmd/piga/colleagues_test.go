package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
)

const adminsPath = "/api/admin/administrators"

// Administrators of role it change each other's roles and passwords and close each other, but for the last one; who is
// changed is out, or what she is now, at once.
func TestColleagues(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alice, bob := w.newAdmin(core.IT), w.newAdmin(core.Care)
	it, care := w.bearer(login.Bearer{Admin: alice}), w.bearer(login.Bearer{Admin: bob})
	at := func(a core.Administrator, what string) string { return fmt.Sprintf("%s/%d/%s", adminsPath, a.ID, what) }
	why := func(name, value string) form { return form{name: value, "reason": "she is new"} }
	why2 := form{"reason": "she left"}

	it.put(at(alice, "roles"), why("roles", "care")).refused(core.LastAdministrator)
	it.post(at(alice, "close"), why2).refused(core.LastAdministrator)
	care.get("/api/admin/audit-log").refused(core.WrongRole)
	it.put(at(bob, "roles"), why("roles", "finance,care,care")).done()
	it.put(at(bob, "roles"), why("roles", "care,finance")).done()
	care.get("/api/admin/audit-log").done()
	it.put(at(bob, "roles"), why("roles", "")).refused(core.MissingField)
	it.put(adminsPath+"/99/roles", why("roles", "care")).refused(core.NotRegistered)

	it.put(at(alice, "password"), why("password", "another horse")).refused(core.NotAllowed)
	it.put(at(bob, "password"), why("password", "another horse")).done()
	care.get(customersPath).refused(core.NoToken)
	logIn := func(password string) reply {
		return w.anyone().post("/api/login/administrator", form{"email": string(bob.Email), "password": password})
	}
	logIn(restPassword).refused(core.WrongLogin)
	r := logIn("another horse")
	r.done()
	care.token, _ = r.all()["token"].(string)

	own := func(old, new string) reply {
		return care.put("/api/admin/password", form{"password": old, "newPassword": new})
	}
	own(restPassword, "third horse").refused(core.WrongLogin)
	own("another horse", "short").refused(core.BadPassword)
	own("another horse", "third horse").done()
	own("third horse", "fourth horse").refused(core.NoToken)
	r = logIn("third horse")
	r.done()
	care.token, _ = r.all()["token"].(string)
	for range 3 {
		own("wrong horse", "fourth horse").refused(core.WrongLogin)
	}
	own("third horse", "fourth horse").refused(core.TooManyLogins)

	it.post(at(bob, "close"), why2).done()
	it.post(at(bob, "close"), why2).done()
	care.get(customersPath).refused(core.NoToken)
	it.put(at(bob, "roles"), why("roles", "care")).refused(core.NotAllowed)
	if got, want := w.deeds(), `administrator.set_roles administrator {"roles": ["care"]} -> {"roles": ["care", "finance"]} she is new
administrator.set_password administrator -> {"password": "changed"} she is new
administrator.change_password administrator -> {"password": "changed"}
administrator.close administrator {"status": "active"} -> {"status": "closed"} she left`; got != want {
		t.Errorf("the audit log has\n%s", got)
	}
	r = it.get(adminsPath)
	if all, _ := r.done()["administrators"].([]any); len(all) != 2 || !strings.Contains(string(r.body), `"closedAt"`) || strings.Contains(string(r.body), "argon2id") {
		t.Errorf("%s", r.body)
	}
	if tables := w.tables(t); strings.Contains(tables, " horse") {
		t.Error("a password is in the tables")
	}
	if strings.Contains(w.log.String(), "horse") {
		t.Error("a password is in the log")
	}
}

// The audit log is read by who, what, to whom and when, and never by care, whom it watches most.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane := w.jane()
	care := w.newAdmin(core.Care)
	w.bearer(login.Bearer{Admin: care}).post(customerPath(jane, "/suspend"), form{"reason": "a letter"}).done()
	finance := w.admin(core.Finance)
	count := func(query string) int {
		t.Helper()
		all, _ := finance.get("/api/admin/audit-log?" + query).done()["deeds"].([]any)
		return len(all)
	}
	line := w.clock.read().Add(-time.Hour).UTC().Format(time.RFC3339)
	for query, want := range map[string]int{
		"": 3, "administrator=0": 2, fmt.Sprintf("administrator=%d", care.ID): 1, "action=party.suspend": 1, "action=nothing": 0,
		fmt.Sprintf("subject=party&subjectId=%d", jane.ID): 1, "from=" + line: 3, "until=" + line: 0, "limit=1": 1, "after=1": 0,
	} {
		if got := count(query); got != want {
			t.Errorf("%q: %d, not %d", query, got, want)
		}
	}
	r := finance.get("/api/admin/audit-log?action=party.suspend")
	for _, want := range []string{
		fmt.Sprintf(`"administrator":"%d","action":"party.suspend","subject":"party","subjectId":"%d"`, care.ID, jane.ID),
		`"before":{"status":"active"},"after":{"status":"suspended"},"reason":"a letter","address":"127.0.0.1"`,
	} {
		if !strings.Contains(strings.ReplaceAll(string(r.body), `": "`, `":"`), want) {
			t.Errorf("no %s in %s", want, r.body)
		}
	}
	for _, query := range []string{"from=yesterday", "administrator=x", "subjectId=0", "limit=x"} {
		finance.get("/api/admin/audit-log?" + query).refused(core.BadField)
	}
}

// The audit log has where a deed was done, as far as the proxy says so.
func TestDeedAddress(t *testing.T) {
	t.Parallel()
	w := newWorldAs(t, func(c *config, _ *parts) { c.Forwarded = true })
	it, bob := w.admin(core.IT), w.newAdmin(core.Care)
	path := fmt.Sprintf("%s/%d/roles", adminsPath, bob.ID)
	it.put(path, form{"roles": "finance", "reason": "she is new"}).done()
	it.header.Set("X-Forwarded-For", "198.51.100.1")
	it.put(path, form{"roles": "care", "reason": "she is new"}).done()
	got := column(t, w.db, `SELECT address FROM audit_log WHERE action = 'administrator.set_roles' ORDER BY id`)
	if want := []string{"unknown", "198.51.100.1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

package store

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
)

func (b bench) admin(roles ...core.Role) core.Administrator {
	b.t.Helper()
	a := core.Administrator{Name: "ALICE", Email: core.Email(fmt.Sprintf("alice%d@piga.example", b.serial.Add(1))), Roles: roles}
	a, err := b.OpenAdmin(b.t.Context(), a, "$argon2id$old", false, core.Deed{Action: "administrator.open", Subject: core.OfAdministrator, Address: "x"})
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

func done(by, to core.Administrator, action string) core.Deed {
	return core.Deed{By: by.ID, Action: "administrator." + action, Subject: core.OfAdministrator, ID: int64(to.ID), Address: "127.0.0.1"}
}

// However many administrators of role it close each other and take each other's role away at once, one is left; and who
// was closed, or lost that role, a moment ago does nothing more.
func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	b := open(t)
	all := []core.Administrator{b.admin(core.IT), b.admin(core.Care, core.IT), b.admin(core.IT), b.admin(core.Care)}
	together(9, func(i int) {
		by, to := all[i%3], all[(i+1+i/3)%3]
		var err error
		if i%2 == 0 {
			_, err = b.CloseAdmin(t.Context(), to.ID, done(by, to, "close"))
		} else {
			_, err = b.SetRoles(t.Context(), to.ID, []core.Role{core.Care}, done(by, to, "set_roles"))
		}
		switch core.CodeOf(err) {
		case "", core.LastAdministrator, core.NoToken, core.WrongRole, core.NotAllowed:
		default:
			t.Error(err)
		}
	})
	if n := b.count(`SELECT count(*) FROM administrators WHERE status = 'active' AND 'it' = ANY(roles)`); n != 1 {
		t.Errorf("%d are left", n)
	}
	closed := b.admin(core.IT)
	for range 2 {
		if _, err := b.CloseAdmin(t.Context(), closed.ID, done(core.Administrator{}, closed, "close")); err != nil {
			t.Error(err)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit_log WHERE action = 'administrator.close' AND subject_id = $1`, closed.ID); n != 1 {
		t.Errorf("%d deeds", n)
	}
	care, line := all[3], core.Administrator{}
	_, opening := b.OpenAdmin(t.Context(), core.Administrator{Name: "MALLORY", Email: "mallory@piga.example", Roles: core.Roles}, "$argon2id$x", false,
		done(closed, core.Administrator{}, "open"))
	if core.CodeOf(opening) != core.NoToken {
		t.Errorf("who is closed makes another: %v", opening)
	}
	for what, err := range map[string]error{
		"no_token":       errOf(b.SetRoles(t.Context(), care.ID, core.Roles, done(closed, care, "set_roles"))),
		"wrong_role":     errOf(b.SetRoles(t.Context(), care.ID, core.Roles, done(care, care, "set_roles"))),
		"not_allowed":    errOf(b.SetRoles(t.Context(), closed.ID, core.Roles, done(line, closed, "set_roles"))),
		"not_registered": errOf(b.CloseAdmin(t.Context(), 999, done(line, closed, "close"))),
	} {
		if string(core.CodeOf(err)) != what {
			t.Errorf("%v, not %s", err, what)
		}
	}
	if err := b.SetAdminPassword(t.Context(), all[0].ID, "$argon2id$x", done(care, closed, "set_password")); core.CodeOf(err) != core.WrongRole {
		t.Errorf("care sets another's password: %v", err)
	}
	if err := b.SetAdminPassword(t.Context(), care.ID, "$argon2id$x", done(care, care, "change_password")); err != nil {
		t.Errorf("care changes her own: %v", err)
	}
	seen, err := b.Colleagues(t.Context(), 3, 1)
	if err != nil || len(seen) != 1 || seen[0].ID != care.ID || !seen[0].Closed.IsZero() {
		t.Errorf("%+v, %v", seen, err)
	}
}

// A new password ends what the old one opened: tokens at once, and logins that were under way, whichever comes first.
func TestPasswordAgainstLogin(t *testing.T) {
	t.Parallel()
	b := open(t)
	a := b.admin(core.Care)
	for round := range 10 {
		was := fmt.Sprintf("$argon2id$%d", round)
		b.owner.MustExec(`UPDATE administrators SET password = $1`, was)
		var opened atomic.Int64
		together(4, func(i int) {
			if i == 0 {
				if err := b.SetAdminPassword(t.Context(), a.ID, was+"new", done(core.Administrator{}, a, "set_password")); err != nil {
					t.Error(err)
				}
				return
			}
			err := b.KeepToken(t.Context(), login.Hash{byte(round), byte(i)}, login.Bearer{Admin: a}, login.Shown{Password: was}, time.Hour)
			if err != nil && core.CodeOf(err) != core.WrongLogin {
				t.Error(err)
			}
			if err == nil {
				opened.Add(1)
			}
		})
		if n := b.count(`SELECT count(*) FROM tokens`); n != 0 {
			t.Errorf("round %d: %d of %d tokens are left", round, n, opened.Load())
		}
	}
	if err := b.KeepToken(t.Context(), login.Hash{255}, login.Bearer{Admin: a}, login.Shown{Password: "$argon2id$9new"}, time.Hour); err != nil {
		t.Error(err)
	}
}

// The audit log is found by who, what, to whom and when, newest first, page by page.
func TestLog(t *testing.T) {
	t.Parallel()
	b := open(t)
	p, q := b.party(core.Subscriber, core.TierNew), b.party(core.Subscriber, core.TierNew)
	b.ok(b.suspend(p))
	b.pass(time.Hour)
	b.ok(b.suspend(q))
	b.ok(b.reinstate(p))
	alice := b.admin(core.IT)
	line := time.Now().Add(30 * time.Minute)
	seven, nobody := core.AdminID(7), core.AdminID(0)
	for what, c := range map[string]struct {
		q    office.LogSearch
		want string
	}{
		"all":         {office.LogSearch{}, "[4 3 2 1]"},
		"two":         {office.LogSearch{Most: 2}, "[4 3]"},
		"the next":    {office.LogSearch{After: 3}, "[2 1]"},
		"by one":      {office.LogSearch{By: &seven}, "[3 2 1]"},
		"by nobody":   {office.LogSearch{By: &nobody}, "[4]"},
		"an action":   {office.LogSearch{Action: "party.suspend"}, "[2 1]"},
		"of a party":  {office.LogSearch{Subject: core.OfParty, ID: int64(p.ID)}, "[3 1]"},
		"of an admin": {office.LogSearch{Subject: core.OfAdministrator, ID: int64(alice.ID)}, "[4]"},
		"lately":      {office.LogSearch{From: line}, "[4 3 2]"},
		"before":      {office.LogSearch{Until: line}, "[1]"},
	} {
		if c.q.Most == 0 {
			c.q.Most = 9
		}
		lines, err := b.Log(t.Context(), c.q)
		numbers := make([]int64, len(lines))
		for i, l := range lines {
			numbers[i] = l.Number
		}
		if got := fmt.Sprint(numbers); err != nil || got != c.want {
			t.Errorf("%s: %s, %v", what, got, err)
		}
	}
}

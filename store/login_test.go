package store

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// login makes a login and gives b's URL with it.
func (b bench) login(name, options string) string {
	b.t.Helper()
	if _, err := b.owner.Exec(fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD 'secret' %s`, name, options)); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if _, err := b.owner.Exec(`REASSIGN OWNED BY ` + name + ` TO CURRENT_USER; DROP OWNED BY ` + name + `; DROP ROLE ` + name); err != nil {
			b.t.Error(err)
		}
	})
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	u.User = url.UserPassword(name, "secret")
	return u.String()
}

// A login that is no more than a member of the role stays within it; the owner is told apart.
func TestLoginsAreToldApart(t *testing.T) {
	t.Parallel()
	b := open(t)
	if owns, err := b.OwnsTables(t.Context()); err != nil || !owns {
		t.Errorf("a superuser owns: %t, %v", owns, err)
	}
	s, err := Open(Options{URL: b.login("plain_gateway", "IN ROLE piga_app"), Zone: b.zone, Random: rand.Reader, Conns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // before its login goes
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if owns, err := s.OwnsTables(t.Context()); err != nil || owns {
		t.Errorf("a plain login owns: %t, %v", owns, err)
	}
	for _, query := range []string{
		`ALTER TABLE entries DISABLE TRIGGER ALL`, `DROP TABLE entries`, `UPDATE entries SET amount = 1`, `CREATE TABLE x ()`,
	} {
		if _, err := s.db.Exec(`SET ROLE NONE; ` + query); pq.As(err, pqerror.InsufficientPrivilege) == nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// An owner who may make no roles is told what a superuser has to run; with that done it migrates.
func TestOwnerWhoMayMakeNoRoles(t *testing.T) {
	t.Parallel()
	b := open(t)
	log := slog.New(slog.DiscardHandler)
	owner := b.login("plain_owner", "")
	if _, err := b.owner.Exec(`DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION plain_owner`); err != nil {
		t.Fatal(err)
	}
	err := Migrate(t.Context(), owner, log)
	if err == nil || !strings.Contains(err.Error(), "CREATE ROLE piga_app NOLOGIN; GRANT piga_app TO plain_owner;") {
		t.Fatal(err)
	}
	if _, err := b.owner.Exec(`GRANT piga_app TO plain_owner`); err != nil { // that there is one, another test has seen to
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), owner, log); err != nil {
		t.Error(err)
	}
}

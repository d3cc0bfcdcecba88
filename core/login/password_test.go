package login_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
)

var cheap = login.Cost{Memory: 8, Passes: 1}

func password(t *testing.T, s string) core.Password {
	t.Helper()
	p, err := core.ParsePassword(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	p := login.NewPasswords(cheap, 2, rand.Reader)
	hash, err := p.Hash(t.Context(), password(t, "correct horse"))
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=8,t=1,p=1$") || strings.Contains(hash, "horse") {
		t.Fatalf("%q, %v", hash, err)
	}
	other, err := p.Hash(t.Context(), password(t, "correct horse"))
	if err != nil || other == hash {
		t.Errorf("two hashes of one password are the same: %v", err)
	}
	dearer := login.NewPasswords(login.Cost{Memory: 16, Passes: 2}, 1, rand.Reader)
	for _, c := range []struct {
		given, hash string
		want        bool
	}{
		{"correct horse", hash, true},
		{"correct horse", other, true},
		{"correct horsf", hash, false},
		{"correct horse", "", false},
	} {
		for _, checks := range []*login.Passwords{p, dearer} { // a hash brings its own cost
			if right, err := checks.Check(t.Context(), password(t, c.given), c.hash); err != nil || right != c.want {
				t.Errorf("%q is %t, %v", c.given, right, err)
			}
		}
	}
	for _, broken := range []string{"x", "$argon2id$v=19$m=8,t=1,p=1$", hash + "$", hash[:len(hash)-4], "$argon2id$v=19$m=0,t=0,p=1$AAAA$AAAA"} {
		if _, err := p.Check(t.Context(), password(t, "correct horse"), broken); core.CodeOf(err) != core.Internal {
			t.Errorf("%q: %v", broken, err)
		}
	}
}

// Nobody has the password whose digest is nothing but zeros: without a hash no password is right.
func TestNoPasswordIsRightWithoutAHash(t *testing.T) {
	t.Parallel()
	p := login.NewPasswords(cheap, 1, rand.Reader)
	if right, err := p.Check(t.Context(), core.Password{}, ""); right || err != nil {
		t.Errorf("%t, %v", right, err)
	}
}

// Many wait for few workers; who cannot wait is told that we are busy.
func TestPasswordsWaitForAWorker(t *testing.T) {
	t.Parallel()
	p := login.NewPasswords(cheap, 1, rand.Reader)
	hash, err := p.Hash(t.Context(), password(t, "correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if right, err := p.Check(t.Context(), password(t, "correct horse"), hash); !right || err != nil {
				t.Errorf("%t, %v", right, err)
			}
		})
	}
	all.Wait()
	late, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := login.NewPasswords(cheap, 0, rand.Reader).Check(late, password(t, "correct horse"), hash); core.CodeOf(err) != core.Busy {
		t.Errorf("%v", err)
	}
}

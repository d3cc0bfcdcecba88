package core_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestAdministratorHas(t *testing.T) {
	t.Parallel()
	a := core.Administrator{ID: 7, Name: "ALICE", Email: "alice@example.com", Roles: []core.Role{core.Care, core.IT}}
	if !a.Has(core.Care) || !a.Has(core.Finance, core.IT) || a.Has(core.Finance) || a.Has() {
		t.Errorf("%v", a.Roles)
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("did", "admin", a)
	if s := out.String(); strings.Contains(s, "ALICE") || strings.Contains(s, "example") || !strings.Contains(s, "admin=7") {
		t.Errorf("logged as %s", s)
	}
}

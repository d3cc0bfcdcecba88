package office

import (
	"context"
	"slices"

	"github.com/piga-money/piga/core"
)

// Admins keeps administrators.
type Admins interface {
	// OpenAdmin makes an administrator, else EmailTaken. The deed gets her id. The first one is opened only while
	// there is none, else NotAllowed.
	OpenAdmin(ctx context.Context, a core.Administrator, password string, first bool, d core.Deed) (core.Administrator, error)
}

// Newcomer is an administrator to be.
type Newcomer struct {
	Name     string
	Email    core.Email
	Password core.Password
	Roles    []core.Role
}

// OpenAdmin makes an administrator, else EmailTaken.
func (o *Office) OpenAdmin(ctx context.Context, by By, n Newcomer) (core.Administrator, error) {
	return o.openAdmin(ctx, by, n, false)
}

// OpenFirstAdmin makes an administrator with all roles, if there is none yet, else NotAllowed: of many who come at
// once one is the first.
func (o *Office) OpenFirstAdmin(ctx context.Context, by By, n Newcomer) (core.Administrator, error) {
	n.Roles = core.Roles
	return o.openAdmin(ctx, by, n, true)
}

func (o *Office) openAdmin(ctx context.Context, by By, n Newcomer, first bool) (core.Administrator, error) {
	hash, err := o.passwords.Hash(ctx, n.Password)
	if err != nil {
		return core.Administrator{}, err
	}
	a := core.Administrator{Name: n.Name, Email: n.Email, Roles: slices.Compact(slices.Sorted(slices.Values(n.Roles)))}
	d := by.Deed("administrator.open", core.OfAdministrator, 0)
	d.After = map[string]any{"name": a.Name, "email": a.Email, "roles": a.Roles}
	return o.admins.OpenAdmin(ctx, a, hash, first, d)
}

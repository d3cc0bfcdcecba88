package office

import (
	"context"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
)

// Colleagues changes administrators. Who does it must not be closed meanwhile: NoToken. NotRegistered of nobody, NotAllowed
// of who is closed, LastAdministrator when nobody of role it would be left, whoever comes at once.
type Colleagues interface {
	// Colleagues are administrators, those who are closed too, by id: at most so many after one.
	Colleagues(ctx context.Context, after core.AdminID, most int) ([]Colleague, error)
	SetRoles(ctx context.Context, id core.AdminID, roles []core.Role, d core.Deed) (changed bool, err error)
	// CloseAdmin ends her tokens too. Closing who is closed changes nothing.
	CloseAdmin(ctx context.Context, id core.AdminID, d core.Deed) (changed bool, err error)
	// SetAdminPassword keeps the hash of a new password, and ends all tokens that the old one has opened.
	SetAdminPassword(ctx context.Context, id core.AdminID, hash string, d core.Deed) error
}

// Colleague is an administrator as others see her.
type Colleague struct {
	core.Administrator
	Opened time.Time
	Closed time.Time // zero while she is not
}

// Colleagues are administrators by id, at most so many after one.
func (o *Office) Colleagues(ctx context.Context, after core.AdminID, most int) ([]Colleague, error) {
	return o.colleagues.Colleagues(ctx, after, most)
}

// SetRoles gives an administrator other roles.
func (o *Office) SetRoles(ctx context.Context, by By, id core.AdminID, roles []core.Role, why string) error {
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	_, err := o.colleagues.SetRoles(ctx, id, roles, by.to("administrator.set_roles", id, why))
	return err
}

// CloseAdmin ends an administrator for ever.
func (o *Office) CloseAdmin(ctx context.Context, by By, id core.AdminID, why string) error {
	_, err := o.colleagues.CloseAdmin(ctx, id, by.to("administrator.close", id, why))
	return err
}

// SetPassword gives another administrator a new password. One's own is changed by who knows the old one: NotAllowed.
func (o *Office) SetPassword(ctx context.Context, by By, id core.AdminID, p core.Password, why string) error {
	if id == by.Admin.ID {
		return core.Errorf(core.NotAllowed, "her own password")
	}
	return o.setPassword(ctx, id, p, by.to("administrator.set_password", id, why))
}

// ChangePassword gives an administrator a new password who has just shown the old one.
func (o *Office) ChangePassword(ctx context.Context, by By, p core.Password) error {
	return o.setPassword(ctx, by.Admin.ID, p, by.to("administrator.change_password", by.Admin.ID, ""))
}

func (o *Office) setPassword(ctx context.Context, id core.AdminID, p core.Password, d core.Deed) error {
	hash, err := o.passwords.Hash(ctx, p)
	if err != nil {
		return err
	}
	return o.colleagues.SetAdminPassword(ctx, id, hash, d)
}

// to begins the deed that something was done to an administrator.
func (b By) to(action string, id core.AdminID, why string) core.Deed {
	d := b.Deed(action, core.OfAdministrator, int64(id))
	d.Reason = why
	return d
}

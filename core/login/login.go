// Package login is who somebody is who comes by the API: e-mail and password, and the token that she is given
// for them. It must not know HTTP, what she may do, or where anything is kept.
package login

import (
	"context"
	"io"
	"time"

	"github.com/piga-money/piga/core"
)

// Lasts is how long a token is good.
const Lasts = 6 * time.Hour

// Bearer is whose token it is: a party or an administrator. The other one is zero.
type Bearer struct {
	Party core.Party
	Admin core.Administrator

	shown string // the hash of the password by which she came, until she has a token
}

// Admin is what stands for an administrator where a party has her kind.
const Admin core.Kind = "administrator"

// Kind is the party's, or Admin.
func (b Bearer) Kind() core.Kind {
	if b.Admin.ID != 0 {
		return Admin
	}
	return b.Party.Kind
}

// Standing is nil when the bearer may do what her kind may. Who is suspended, or waits for approval, is told so.
func (b Bearer) Standing() error {
	switch b.Party.Status {
	case core.Suspended:
		return core.Errorf(core.PayerSuspended, "party %d", b.Party.ID)
	case core.Pending:
		return core.Errorf(core.PayerPending, "party %d", b.Party.ID)
	default:
		return nil
	}
}

// Known is a bearer as she is known when she logs in.
type Known struct {
	Bearer
	Password string // its hash; empty if she has none
	PIN      bool   // she has set one, for which she needs the phone; an administrator none
}

// Store keeps what logging in needs.
type Store interface {
	// ByEmail is who is not closed and has an e-mail, among administrators or parties. Else NotRegistered.
	ByEmail(ctx context.Context, email core.Email, admin bool) (Known, error)
	// KeepToken keeps the hash of a new token for a time. shown is the hash of the password that an administrator
	// came by, empty if by none: WrongLogin when hers is another by now, as a changed one ends all that the old one opened.
	KeepToken(ctx context.Context, hash Hash, b Bearer, shown string, lasts time.Duration) error
	// BearerOf reads whose a token is, with her row as it is at this moment: else NoToken, and so when it is
	// over, or she is closed.
	BearerOf(ctx context.Context, hash Hash) (Bearer, error)
	// DropToken ends a token.
	DropToken(ctx context.Context, hash Hash) error
}

// Logins lets people in. It may be used by many at once.
type Logins struct {
	store     Store
	passwords *Passwords
	random    io.Reader
	open      bool
}

// New makes logins over a store. random is a source of secure random bytes. Where it is not open, a party logs in by
// password only once she has set a PIN, which takes the phone: else who registers another's number, with a password of
// her own, would find the other's money there one day.
func New(s Store, p *Passwords, random io.Reader, open bool) *Logins {
	return &Logins{store: s, passwords: p, random: random, open: open}
}

// ByPassword is who has this e-mail and this password, else WrongLogin: whether it was the one or the other is not
// told, nor does it take longer. kind is as what she comes; a super agent comes as an agent. Who is right, and yet
// may not come in, is told what Standing says, or NoPINYet.
func (l *Logins) ByPassword(ctx context.Context, kind core.Kind, email core.Email, given core.Password) (Bearer, error) {
	known, err := l.store.ByEmail(ctx, email, kind == Admin)
	if err != nil && core.CodeOf(err) != core.NotRegistered {
		return Bearer{}, err
	}
	right, checking := l.passwords.Check(ctx, given, known.Password)
	switch {
	case checking != nil:
		return Bearer{}, checking
	case err != nil, !right, !known.comesAs(kind):
		return Bearer{}, core.Errorf(core.WrongLogin, "as %s", kind)
	}
	if err := known.Standing(); err != nil {
		return Bearer{}, err
	}
	if kind != Admin && !known.PIN && !l.open {
		return Bearer{}, core.Errorf(core.NoPINYet, "party %d", known.Party.ID)
	}
	known.shown = known.Password
	return known.Bearer, nil
}

// comesAs is whether a bearer may log in as a kind.
func (b Bearer) comesAs(kind core.Kind) bool {
	return b.Kind() == kind || b.Kind() == core.SuperAgent && kind == core.Agent
}

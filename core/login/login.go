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

	shown Shown
}

// Shown is by what a bearer came, as that was before it was checked: until she has a token it may become another.
type Shown struct {
	Password string    // its hash; empty if she came by none
	PIN      time.Time // since when a party has the one that she has; zero for none
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
	Password string    // its hash; empty if she has none
	Proved   bool      // it came with her PIN once, so it is of who has the phone
	PIN      time.Time // since when she has the one that she has, for which she needs the phone; zero for none
}

// Proof is nil when a party has shown what is hers alone, her PIN.
type Proof func(context.Context, core.Party) error

// Store keeps what logging in needs.
type Store interface {
	// ByEmail is who is not closed and has an e-mail, among administrators or parties. Else NotRegistered.
	ByEmail(ctx context.Context, email core.Email, admin bool) (Known, error)
	// ByPhone is the party who is not closed and has a phone number, without her password. Else NotRegistered.
	ByPhone(ctx context.Context, phone core.MSISDN) (Known, error)
	// ProvePassword notes that a party's password came with her PIN, if both are still what was shown.
	ProvePassword(ctx context.Context, id core.PartyID, shown Shown) error
	// KeepToken keeps the hash of a new token for a time. WrongLogin when her password, or a party's PIN or phone number, is
	// another by now than the one that was shown, as a changed one ends all that the old one opened.
	KeepToken(ctx context.Context, hash Hash, b Bearer, shown Shown, lasts time.Duration) error
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

// New makes logins over a store. random is a source of secure random bytes. Where it is not open, a password opens nothing
// until it has come with the party's PIN once: else who registers another's number, with a password of her own, would find
// the other's money there one day.
func New(s Store, p *Passwords, random io.Reader, open bool) *Logins {
	return &Logins{store: s, passwords: p, random: random, open: open}
}

// ByPassword is who has this e-mail and this password, else WrongLogin: whether it was the one or the other is not
// told, nor does it take longer. kind is as what she comes; a super agent comes as an agent. Who is right, and yet
// may not come in, is told what Standing says, or NoPINYet. A password that was never proved is proved by pin, which is
// asked for nothing else: PasswordUnproved where it is nil.
func (l *Logins) ByPassword(
	ctx context.Context, kind core.Kind, email core.Email, given core.Password, pin Proof,
) (Bearer, error) {
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
	known.shown = Shown{known.Password, known.PIN}
	if kind == Admin || known.Proved || l.open {
		return known.Bearer, nil
	}
	return known.Bearer, l.prove(ctx, known, pin)
}

func (l *Logins) prove(ctx context.Context, known Known, pin Proof) error {
	switch {
	case known.PIN.IsZero():
		return core.Errorf(core.NoPINYet, "party %d", known.Party.ID)
	case pin == nil:
		return core.Errorf(core.PasswordUnproved, "party %d", known.Party.ID)
	}
	if err := pin(ctx, known.Party); err != nil {
		return err
	}
	return l.store.ProvePassword(ctx, known.Party.ID, known.shown)
}

// ByPIN is the party who has this phone number and the PIN that is asked for, else WrongLogin. Her standing is told to who
// is right alone.
func (l *Logins) ByPIN(ctx context.Context, kind core.Kind, phone core.MSISDN, pin Proof) (Bearer, error) {
	known, err := l.store.ByPhone(ctx, phone)
	switch {
	case core.CodeOf(err) == core.NotRegistered, err == nil && !known.comesAs(kind):
		return Bearer{}, core.Errorf(core.WrongLogin, "as %s", kind)
	case err != nil:
		return Bearer{}, err
	}
	if err := pin(ctx, known.Party); err != nil {
		return Bearer{}, err
	}
	known.shown = Shown{PIN: known.PIN}
	return known.Bearer, known.Standing()
}

// comesAs is whether a bearer may log in as a kind.
func (b Bearer) comesAs(kind core.Kind) bool {
	return b.Kind() == kind || b.Kind() == core.SuperAgent && kind == core.Agent
}

package wallet

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Authority is a party's word for something: her PIN, and the turn in which she typed it.
type Authority struct {
	Party core.Party
	PIN   core.PIN
	Turn  string // counts as one try, however often it comes

	// Noted, if not nil, is called when the PIN was right and moves money: from then on it is certain that
	// an SMS tells what became of that.
	Noted func()
}

// authorize is nil when the PIN is right. Else WrongPIN with {left} tries, or PINLocked. The try is
// counted before the PIN is checked, so that nobody gains a try by racing or by a crash.
func (w *Wallet) authorize(ctx context.Context, a Authority) error {
	return w.authorizeFor(ctx, a, nil)
}

// authorizeFor is authorize for something that moves money: the intent is written down with the try, and
// stays if the PIN is right. OutcomeUnknown means that it was right and the intent is all there is so far.
func (w *Wallet) authorizeFor(ctx context.Context, a Authority, i *Intent) error {
	sealed, err := w.try(ctx, a, i)
	if err != nil {
		return err
	}
	_, step := core.Begin(ctx, "PIN")
	right, err := w.vault.Check(ctx, a.PIN, sealed, owner(a.Party))
	step.End(err)
	verdict, cancel := context.WithTimeout(context.WithoutCancel(ctx), verdictWithin)
	defer cancel()
	if err != nil { // nobody has learned anything about the PIN
		return errors.Join(err, w.pins.Unchecked(verdict, a.Party.ID, a.Turn))
	}
	if right && i == nil {
		return w.pins.Right(verdict, a.Party.ID)
	}
	if right {
		if a.Noted != nil {
			a.Noted()
		}
		return uncertain(w.pins.Right(verdict, a.Party.ID))
	}
	left, err := w.pins.Wrong(verdict, a.Party.ID, a.Turn)
	switch {
	case err != nil:
		return err
	case left == 0:
		return core.Errorf(core.PINLocked, "party %d", a.Party.ID)
	}
	return core.Errorf(core.WrongPIN, "party %d", a.Party.ID).With("left", strconv.Itoa(left))
}

// verdictWithin is how long it may take to write down what a check has shown. It has time of its own: a right
// PIN must not count as wrong because its turn is over.
const verdictWithin = 2 * time.Second

// While as many tries as are allowed are being checked at this moment, a further one waits: it may well be
// the same customer, right each time.
const (
	tryAgainAfter = 20 * time.Millisecond
	tryAgainFor   = 3 * time.Second
)

func (w *Wallet) try(ctx context.Context, a Authority, i *Intent) (Sealed, error) {
	ctx, cancel := context.WithTimeout(ctx, tryAgainFor)
	defer cancel()
	for {
		sealed, err := w.pins.Try(ctx, a.Party.ID, a.Turn, i)
		if core.CodeOf(err) != core.Busy {
			return sealed, err
		}
		select {
		case <-time.After(tryAgainAfter):
		case <-ctx.Done():
			return Sealed{}, err
		}
	}
}

// NewPIN seals a PIN that a customer chose, to be compared with the one that she types again. A party
// that is not registered yet is known by her number. A weak one is refused with WeakPIN.
func (w *Wallet) NewPIN(ctx context.Context, p core.Party, pin core.PIN) (Sealed, error) {
	if err := pin.Weak(p.Phone, w.clock().Year()); err != nil {
		return Sealed{}, err
	}
	return w.vault.Seal(ctx, pin, owner(p))
}

// SamePIN is nil when the PIN is the one that NewPIN sealed for this party, else PINsDiffer.
func (w *Wallet) SamePIN(ctx context.Context, p core.Party, pin core.PIN, first Sealed) error {
	same, err := w.vault.Check(ctx, pin, first, owner(p))
	if err == nil && !same {
		return core.Errorf(core.PINsDiffer, "party %d", p.ID)
	}
	return err
}

// ChangePIN replaces the PIN of a party who knows the old one by one that NewPIN sealed.
func (w *Wallet) ChangePIN(ctx context.Context, a Authority, to Sealed) error {
	if err := w.authorize(ctx, a); err != nil {
		return err
	}
	now := w.clock()
	return w.pins.SetPIN(ctx, a.Party.ID, to, []notice.Notice{tell(a.Party, "sms.pin_changed", text.Args{
		"date": text.Date(now), "time": text.Time(now),
	})})
}

// owner is to whom a sealed PIN is bound.
func owner(p core.Party) string {
	if p.ID == 0 {
		return "phone " + string(p.Phone)
	}
	return Owner(p.ID)
}

// Owner is to whom the PIN in a party's row is bound.
func Owner(id core.PartyID) string { return "party " + strconv.FormatInt(int64(id), 10) }

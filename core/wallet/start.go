package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// A start code lets a customer set a PIN without having one: sent to her by SMS when an agent registered her
// or began a reset. It is kept as PINs are, works once, and is dead after a day or three wrong ones.

const (
	startDigits = 6
	startLasts  = 24 * time.Hour
)

// MostAfterReset is what may go out within ResetLasts of a PIN that was set anew by a start code: a stolen
// SIM can get one too.
const (
	MostAfterReset = 1000 * core.Shilling
	ResetLasts     = 24 * time.Hour
)

// Start is a start code to be kept: the last one that a party was sent.
type Start struct {
	Seal  func(core.PartyID) (Sealed, error)
	Reset bool // she had a PIN before
	Lasts time.Duration
}

// ResetPIN begins a reset for a customer whose ID number on record is given: a start code goes to her by SMS
// that works once and only to set a new PIN. For 24 hours after it at most KES 1,000 goes out. a is the
// agent's word. NotAllowed for anybody but an agent, and of anybody but a subscriber who is not stopped;
// WrongID when the number is another or none is on record. It counts as a look-up. Until she has set a new
// one her old PIN stays good.
func (w *Wallet) ResetPIN(ctx context.Context, a Authority, customer core.MSISDN, idNumber string) error {
	if err := w.authorizeAgent(ctx, a); err != nil {
		return err
	}
	if err := w.people.CountLookup(ctx, a.Party.ID, string(customer), mostLookups, lookupWindow); err != nil {
		return err
	}
	p, err := w.people.PartyByPhone(ctx, customer)
	switch {
	case err != nil:
		return err
	case p.Kind != core.Subscriber || p.Status.Stopped():
		return core.Errorf(core.NotAllowed, "party %d", p.ID)
	}
	if id, err := core.ParseIDNumber(idNumber); err != nil || p.IDNumber == "" || id != p.IDNumber {
		return core.Errorf(core.WrongID, "party %d", p.ID)
	}
	start, tell, err := w.start(ctx, p, true)
	if err != nil {
		return err
	}
	return w.pins.BeginStart(ctx, p.ID, start, tell)
}

// RegisterBy opens a subscriber at an agent's counter: she sets her PIN with a start code by SMS. A PIN in the
// registration is not looked at. It counts as a look-up, since it tells who is on Piga already.
func (w *Wallet) RegisterBy(ctx context.Context, a Authority, r Registration) (core.Party, error) {
	if err := w.authorizeAgent(ctx, a); err != nil {
		return core.Party{}, err
	}
	if err := w.people.CountLookup(ctx, a.Party.ID, string(r.Phone), mostLookups, lookupWindow); err != nil {
		return core.Party{}, err
	}
	p := r.party()
	start, tell, err := w.start(ctx, p, false)
	if err != nil {
		return core.Party{}, err
	}
	return w.people.Open(ctx, Opening{Party: p, Start: &start, Notices: tell})
}

func (w *Wallet) authorizeAgent(ctx context.Context, a Authority) error {
	if a.Party.Kind != core.Agent {
		return core.Errorf(core.NotAllowed, "party %d is no agent", a.Party.ID)
	}
	return w.authorize(ctx, a)
}

// start draws a start code and seals it, for a party who may have no id yet.
func (w *Wallet) start(ctx context.Context, p core.Party, reset bool) (Start, []notice.Notice, error) {
	digits, err := draw(w.random, startDigits)
	if err != nil {
		return Start{}, nil, err
	}
	code, err := core.ParsePIN(digits)
	if err != nil {
		return Start{}, nil, err
	}
	h, err := w.vault.hash(ctx, code)
	start := Start{
		Seal:  func(id core.PartyID) (Sealed, error) { return w.vault.box(h, startOwner(id)) },
		Reset: reset, Lasts: startLasts,
	}
	return start, []notice.Notice{tell(p, "sms.start_code", text.Args{"code": digits, "dial": w.dial})}, err
}

// StartWith sets a new PIN by a start code: to is what NewPIN sealed. WrongCode when it is not hers, used or
// old. The try is counted before the code is checked.
func (w *Wallet) StartWith(ctx context.Context, p core.Party, code string, to Sealed) error {
	sealed, err := w.pins.TryStart(ctx, p.ID, to)
	if err != nil || sealed.Box == nil {
		return err
	}
	typed, err := core.ParsePIN(code)
	if err != nil {
		return core.Errorf(core.WrongCode, "party %d: no start code", p.ID)
	}
	right, err := w.vault.Check(ctx, typed, sealed, startOwner(p.ID))
	if err != nil {
		return err
	}
	if !right {
		return core.Errorf(core.WrongCode, "party %d", p.ID)
	}
	now := w.clock()
	return w.pins.EndStart(ctx, p.ID, sealed, to, []notice.Notice{tell(p, "sms.pin_changed", text.Args{
		"date": text.Date(now), "time": text.Time(now),
	})})
}

// startOwner is to whom a start code is bound. It is no PIN: in a PIN's place it does not open.
func startOwner(id core.PartyID) string { return "start of " + Owner(id) }

package office

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Care changes what administrators of that role decide about one party. Each deed gets from the store what she was
// before and is after; changed is false when she was so already, and then nothing is written. Notices are to her, at the
// number that she has at that moment. NotAllowed of who is closed, unless said otherwise.
type Care interface {
	// Suspend ends her tokens too. NotAllowed of who waits for approval.
	Suspend(ctx context.Context, id core.PartyID, d core.Deed) (changed bool, err error)
	// Reinstate makes who is suspended active.
	Reinstate(ctx context.Context, id core.PartyID, d core.Deed) (changed bool, err error)
	// CloseParty closes her and her accounts for ever, and ends her tokens: BalanceLeft, StillOpen. Refuse closes who waits
	// for approval, and nobody else. Closing who is closed changes nothing.
	CloseParty(ctx context.Context, id core.PartyID, d core.Deed) (changed bool, err error)
	Refuse(ctx context.Context, id core.PartyID, tell []notice.Notice, d core.Deed) (changed bool, err error)
	// Edit changes what is not empty in it: AlreadyRegistered, EmailTaken. Another phone number ends her tokens and her
	// start code, and is StillOpen while she has a request at a counter.
	Edit(ctx context.Context, id core.PartyID, e Edit, d core.Deed) (changed bool, err error)
	// VerifyID puts a subscriber into the tier full: WrongID when the number is not the one on record. Where there is
	// none it is kept.
	VerifyID(ctx context.Context, id core.PartyID, idNumber string, d core.Deed) (changed bool, err error)
	// ShowID is her whole ID number, of who is closed too; empty if there is none on record.
	ShowID(ctx context.Context, id core.PartyID, d core.Deed) (idNumber string, err error)
	// UnlockPIN forgets the wrong tries at a PIN that is locked.
	UnlockPIN(ctx context.Context, id core.PartyID, tell []notice.Notice, d core.Deed) (changed bool, err error)
	// ResetPIN keeps a start code, as one for a reset if she has set a PIN before: WrongID, and NotAllowed of who is
	// stopped. It ends her tokens.
	ResetPIN(ctx context.Context, id core.PartyID, idNumber string, s wallet.Start, tell []notice.Notice, d core.Deed) error
}

// Edit is what shall be otherwise about a party. What is empty stays.
type Edit struct {
	Name     string
	Phone    core.MSISDN
	Email    core.Email
	IDNumber string // another one than was looked at: who was in the tier full is new again
	Lang     core.Lang

	Left, Came []notice.Notice // to the number that she leaves, and to the new one, if that is another
}

// Suspend stops a party: no money comes in or goes out, and her tokens are gone. What is on hold stays so until its time
// is over.
func (o *Office) Suspend(ctx context.Context, by By, id core.PartyID, why string) error {
	_, err := o.care.Suspend(ctx, id, by.about("party.suspend", id, why))
	return err
}

// Reinstate lets who was suspended go on.
func (o *Office) Reinstate(ctx context.Context, by By, id core.PartyID, why string) error {
	_, err := o.care.Reinstate(ctx, id, by.about("party.reinstate", id, why))
	return err
}

// Close ends a party for ever: at balance zero, with nothing on hold and no request open. Her number may be somebody
// else's then.
func (o *Office) Close(ctx context.Context, by By, id core.PartyID, why string) error {
	_, err := o.care.CloseParty(ctx, id, by.about("party.close", id, why))
	return err
}

// Refuse turns down who waits for approval, and tells her.
func (o *Office) Refuse(ctx context.Context, by By, id core.PartyID, why string) error {
	_, err := o.care.Refuse(ctx, id, hers("sms.application_refused", nil), by.about("party.refuse", id, why))
	return err
}

// Edit changes what is known about a party. Of another phone number both are told, the one that she leaves without
// learning the whole of the new one.
func (o *Office) Edit(ctx context.Context, by By, id core.PartyID, e Edit, why string) error {
	e.Left = hers("sms.phone_left", text.Args{"phone": e.Phone.Masked()})
	e.Came = hers("sms.phone_came", nil)
	_, err := o.care.Edit(ctx, id, e, by.about("party.edit", id, why))
	return err
}

// VerifyID is for who has looked at a subscriber's card: it is the number on it that counts.
func (o *Office) VerifyID(ctx context.Context, by By, id core.PartyID, idNumber, why string) error {
	_, err := o.care.VerifyID(ctx, id, idNumber, by.about("party.verify_id", id, why))
	return err
}

// ShowID is a party's whole ID number, for a reason that is kept; empty if there is none on record.
func (o *Office) ShowID(ctx context.Context, by By, id core.PartyID, why string) (string, error) {
	return o.care.ShowID(ctx, id, by.about("party.show_id", id, why))
}

// UnlockPIN gives who has used up her tries at her PIN new ones, and tells her.
func (o *Office) UnlockPIN(ctx context.Context, by By, id core.PartyID, why string) error {
	_, err := o.care.UnlockPIN(ctx, id, hers("sms.pin_unlocked", nil), by.about("party.unlock_pin", id, why))
	return err
}

// ResetPIN has a party whose ID number on record is given sent a start code, as wallet.ResetPIN does for an agent: for a
// day after it little goes out, and until then her old PIN stays good. Nobody but her phone is told the code.
func (o *Office) ResetPIN(ctx context.Context, by By, id core.PartyID, idNumber, why string) error {
	c, err := o.customers.Customer(ctx, id)
	if err != nil {
		return err
	}
	start, tell, err := o.starts.NewStart(ctx, c.Party)
	if err != nil {
		return err
	}
	return o.care.ResetPIN(ctx, id, idNumber, start, tell, by.about("party.reset_pin", id, why))
}

// about begins the deed that something was done about a party.
func (b By) about(action string, id core.PartyID, why string) core.Deed {
	d := b.Deed(action, core.OfParty, int64(id))
	d.Reason = why
	return d
}

// hers is a notice to whom the store finds.
func hers(k text.Key, args text.Args) []notice.Notice {
	return []notice.Notice{{When: notice.Done, Key: k, Args: args}}
}

package wallet

import (
	"context"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

// Application is what somebody gave who registers by the API.
type Application struct {
	Kind     core.Kind // not SuperAgent: an administrator marks those
	Phone    core.MSISDN
	Name     string
	Email    core.Email
	Password string // its hash
	Lang     core.Lang
	Open     bool // agents and merchants need not wait for approval
}

// Enlist opens a party who registers by the API: AlreadyRegistered, EmailTaken. Agents and merchants get a number of
// their own. She is sent a start code by which she sets her PIN; one who waits for approval gets it with that.
func (w *Wallet) Enlist(ctx context.Context, a Application) (core.Party, error) {
	p := core.Party{
		Kind: a.Kind, Status: core.Active, Tier: core.TierTrade, Name: a.Name, Phone: a.Phone, Email: a.Email, Lang: a.Lang,
	}
	switch a.Kind {
	case core.Subscriber:
		p.Tier = core.TierNew
	case core.Agent, core.Merchant:
		if !a.Open {
			p.Status = core.Pending
		}
	default:
		return core.Party{}, core.Errorf(core.NotAllowed, "nobody registers as a %s", a.Kind)
	}
	o := Opening{Party: p, Password: a.Password}
	if p.Status == core.Active {
		start, tell, err := w.NewStart(ctx, p)
		if err != nil {
			return core.Party{}, err
		}
		o.Start, o.Notices = &start, tell
	}
	return w.people.Open(ctx, o)
}

// NewStart draws a start code for a party who has no PIN yet, and the notice that tells her.
func (w *Wallet) NewStart(ctx context.Context, p core.Party) (Start, []notice.Notice, error) {
	return w.start(ctx, p, false)
}

// Find is the party that programs name by e-mail, phone number or agent's or till's number, else NotRegistered. What
// is none of the three is BadPhone or its kin.
func (w *Wallet) Find(ctx context.Context, accountNo string) (core.Party, error) {
	_, find, err := w.named(accountNo)
	if err != nil {
		return core.Party{}, err
	}
	return find(ctx)
}

// named reads how programs name a party: in the one spelling that there is inside, and how she is found by it.
func (w *Wallet) named(accountNo string) (name string, find func(context.Context) (core.Party, error), err error) {
	accountNo = strings.TrimSpace(accountNo)
	if strings.Contains(accountNo, "@") {
		email, err := core.ParseEmail(accountNo)
		return string(email), func(ctx context.Context) (core.Party, error) { return w.people.PartyByEmail(ctx, email) }, err
	}
	if len(accountNo) == numberDigits && strings.Trim(accountNo, "0123456789") == "" {
		return accountNo, func(ctx context.Context) (core.Party, error) { return w.people.PartyByNumber(ctx, accountNo) }, nil
	}
	phone, err := core.ParseMSISDN(accountNo)
	return string(phone), func(ctx context.Context) (core.Party, error) { return w.people.PartyByPhone(ctx, phone) }, err
}

// numberDigits is how long an agent's or till's number is. No phone number is as short.
const numberDigits = 5

package wallet

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// Registration is what an unknown caller gave to become a subscriber. Nobody has checked her ID yet, so
// she begins in the tier for that.
type Registration struct {
	Phone    core.MSISDN
	Name     string
	IDNumber string // empty if skipped
	Lang     core.Lang
	PIN      core.PIN
}

// Register opens a subscriber with her wallet, and welcomes her by SMS. AlreadyRegistered when her number
// belongs to somebody.
func (w *Wallet) Register(ctx context.Context, r Registration) (core.Party, error) {
	return w.Open(ctx, r.party(), r.PIN, "sms.welcome")
}

func (r Registration) party() core.Party {
	return core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierNew,
		Name: r.Name, Phone: r.Phone, IDNumber: r.IDNumber, Lang: r.Lang,
	}
}

// Open opens any party, with her accounts and her PIN, and tells her so with the words of a key, if one is
// given.
func (w *Wallet) Open(ctx context.Context, p core.Party, pin core.PIN, welcome text.Key) (core.Party, error) {
	h, err := w.vault.hash(ctx, pin)
	if err != nil {
		return core.Party{}, err
	}
	o := Opening{
		Party: p,
		Seal:  func(id core.PartyID) (Sealed, error) { return w.vault.box(h, Owner(id)) },
	}
	if welcome != "" {
		o.Notices = []notice.Notice{tell(p, welcome, text.Args{"name": p.Name, "code": w.dial})}
	}
	return w.people.Open(ctx, o)
}

// tell is a notice for a party that goes with no posting. One for a party not opened yet gets her id at
// the store.
func tell(p core.Party, key text.Key, args text.Args) notice.Notice {
	return notice.Notice{To: p.ID, Phone: p.Phone, Lang: p.Lang, When: notice.Done, Key: key, Args: args}
}

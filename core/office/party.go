package office

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// Parties changes what administrators decide about parties. changed is false when it was so before, and then nothing
// is written.
type Parties interface {
	// Approve makes a pending party active, keeps her start code and writes the notices. NotAllowed of one who is
	// suspended or closed.
	Approve(ctx context.Context, id core.PartyID, s wallet.Start, tell []notice.Notice, d core.Deed) (changed bool, err error)
	// SetSuper makes an agent a super agent, or one an agent again. NotAllowed of anybody else, CommissionLeft
	// while an agent has some.
	SetSuper(ctx context.Context, id core.PartyID, super bool, d core.Deed) (changed bool, err error)
	// SetAutoConfirm has withdrawals at an agent's counter done at once that programs ask for, or wait again.
	SetAutoConfirm(ctx context.Context, id core.PartyID, on bool, d core.Deed) (changed bool, err error)
}

// Approve lets an agent or a merchant in who registered by herself, and sends her the code by which she sets a PIN.
// Approving her twice changes nothing.
func (o *Office) Approve(ctx context.Context, by By, p core.Party) error {
	start, tell, err := o.starts.NewStart(ctx, p)
	if err != nil {
		return err
	}
	d := by.Deed("party.approve", core.OfParty, int64(p.ID))
	d.Before, d.After = status(core.Pending), status(core.Active)
	_, err = o.parties.Approve(ctx, p.ID, start, tell, d)
	return err
}

func status(s core.Status) map[string]core.Status { return map[string]core.Status{"status": s} }

// SetSuperAgent marks an agent as a super agent, or takes the mark away. Doing so twice changes nothing.
//
// A super agent earns no commission, so what she earned as an agent must be taken before. Her commission account is
// closed then, and opened again with its history when she becomes an agent again.
func (o *Office) SetSuperAgent(ctx context.Context, by By, p core.Party, super bool) error {
	from, to := core.Agent, core.SuperAgent
	if !super {
		from, to = to, from
	}
	if p.Kind != from && p.Kind != to {
		return core.Errorf(core.NotAllowed, "party %d is a %s", p.ID, p.Kind)
	}
	d := by.Deed("party.super_agent", core.OfParty, int64(p.ID))
	d.Before, d.After = kind(from), kind(to)
	_, err := o.parties.SetSuper(ctx, p.ID, super, d)
	return err
}

func kind(k core.Kind) map[string]core.Kind { return map[string]core.Kind{"kind": k} }

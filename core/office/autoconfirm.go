package office

import (
	"context"

	"github.com/piga-money/piga/core"
)

// SetAutoConfirm has withdrawals at an agent's counter done at once that programs ask for, or wait for her again.
// Setting it twice changes nothing. NotAllowed of anybody but an agent.
func (o *Office) SetAutoConfirm(ctx context.Context, by By, p core.Party, on bool) error {
	if p.Kind != core.Agent {
		return core.Errorf(core.NotAllowed, "party %d is a %s", p.ID, p.Kind)
	}
	d := by.Deed("party.auto_confirm", core.OfParty, int64(p.ID))
	d.Before, d.After = autoConfirm(!on), autoConfirm(on)
	_, err := o.parties.SetAutoConfirm(ctx, p.ID, on, d)
	return err
}

func autoConfirm(on bool) map[string]bool { return map[string]bool{"auto_confirm": on} }

package store

import (
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
)

// Two administrators at once set it once, with one deed; and nobody but an agent confirms at all.
func TestAutoConfirm(t *testing.T) {
	t.Parallel()
	b := open(t)
	njeri, jane := b.party(core.Agent, core.TierTrade), b.party(core.Subscriber, core.TierNew)
	var changed atomic.Int64
	for _, on := range []bool{false, true, false, true} {
		changed.Store(0)
		together(4, func(int) {
			did, err := b.SetAutoConfirm(t.Context(), njeri.ID, on, deedOf("party.auto_confirm", int64(njeri.ID)))
			if err != nil {
				t.Error(err)
			}
			if did {
				changed.Add(1)
			}
		})
		if got, err := b.PartyByPhone(t.Context(), njeri.Phone); err != nil || got.AutoConfirm != on {
			t.Errorf("it is %v, %v", got.AutoConfirm, err)
		}
	}
	if changed.Load() != 1 || b.count(`SELECT count(*) FROM audit_log`) != 3 {
		t.Errorf("%d changed it the last time", changed.Load())
	}
	if _, err := b.SetAutoConfirm(t.Context(), jane.ID, true, deedOf("party.auto_confirm", int64(jane.ID))); core.CodeOf(err) != core.NotAllowed {
		t.Errorf("a subscriber: %v", err)
	}
	if _, err := b.SetAutoConfirm(t.Context(), 99, true, deedOf("party.auto_confirm", 99)); core.CodeOf(err) != core.NotRegistered {
		t.Errorf("nobody: %v", err)
	}
	if b.count(`SELECT count(*) FROM audit_log`) != 3 {
		t.Error("what was refused is in the audit log")
	}
}

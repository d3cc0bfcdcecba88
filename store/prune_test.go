package store

import (
	"testing"
	"time"

	"github.com/piga-money/piga/core"
)

// What is old goes, what is young stays, and a bank's reference stays for ever.
func TestPrune(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.pass(-40 * 24 * time.Hour)
	b.fund(jane.Account, 1000_00)
	old := b.move(core.Send, jane.Account, john.Account, 100_00, 0)
	b.done(old)
	b.pass(15 * 24 * time.Hour)
	b.done(b.move(core.Send, jane.Account, john.Account, 100_00, 0))
	b.offset.Store(0)
	b.owner.MustExec(`INSERT INTO wrong_codes (agent_id, turn, at) VALUES ($1, 'old', now() - interval '3 days'), ($1, 'young', now())`, jane.ID)

	for _, want := range []int64{2, 0} {
		if n, err := b.Prune(t.Context()); err != nil || n != want {
			t.Errorf("%d rows, want %d: %v", n, want, err)
		}
	}
	if n := b.count(`SELECT count(*) FROM requests`); n != 2 {
		t.Errorf("%d requests are left", n)
	}
	if n := b.count(`SELECT count(*) FROM wrong_codes WHERE turn = 'young'`); n != 1 {
		t.Errorf("%d young ones are left", n)
	}
	b.sound()
}

package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
)

// What moved, what was refused and what came again are told apart, and nothing is counted twice.
func TestFigures(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 100_00)
	sent := b.move(core.Send, jane.Account, john.Account, 30_00, 5_00)
	b.done(sent)
	b.done(sent)
	b.done(b.move(core.Send, john.Account, jane.Account, 10_00, 0))
	if o, err := b.Post(t.Context(), b.move(core.Send, jane.Account, john.Account, 500_00, 0)); err != nil || o.Code != core.InsufficientFunds {
		t.Fatalf("%v, %v", o, err)
	}
	b.until("the last batch is counted", func() bool { return b.Figures().Posting == 0 && b.Figures().Batch.All >= 5 })
	f := b.Figures()
	want := map[Answered]Sum{
		{core.Issue, "done"}: {1, 100_00}, {core.Send, "done"}: {2, 40_00}, {core.Send, "insufficient_funds"}: {1, 500_00},
	}
	for of, sum := range f.Money {
		if sum == (Sum{}) {
			delete(f.Money, of)
		}
	}
	if diff := cmp.Diff(want, f.Money); diff != "" {
		t.Error(diff)
	}
	if f.Batch.Sum != 5 || f.Batch.Count[0] != 5 || f.Seconds.All != 5 || f.Waiting != 0 {
		t.Errorf("five orders, one after the other: %+v, %+v, %d waiting", f.Batch, f.Seconds, f.Waiting)
	}
	for name, p := range f.Pools {
		if p.MaxOpenConnections == 0 || p.InUse != 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if len(f.Pools) != 4 {
		t.Errorf("%d pools", len(f.Pools))
	}
}

// Orders that wait are seen, and those that waited together are one batch.
func TestFiguresOfAQueue(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	r.until("what came before is counted", func() bool { return r.Figures().Posting == 0 }) // later than it was answered
	before := r.Figures()
	unlock := r.block()
	callers := []*caller{r.blocked(t.Context(), r.Store)}
	for range 3 {
		callers = append(callers, r.enter(t.Context(), r.Store, r.free()))
	}
	if f := r.Figures(); f.Waiting != 3 || f.Posting != 1 {
		t.Errorf("%d waiting, %d under way", f.Waiting, f.Posting)
	}
	unlock()
	for _, c := range callers {
		r.hears(t.Context(), r.Store, "in the queue", c, "")
	}
	r.until("both batches are counted", func() bool { return r.Figures().Batch.All == before.Batch.All+2 })
	if f := r.Figures(); f.Batch.Sum != before.Batch.Sum+4 || f.Waiting != 0 || f.Posting != 0 {
		t.Errorf("%+v, %d waiting, %d under way", f.Batch, f.Waiting, f.Posting)
	}
}

// An order that was lost on its way is counted as voided, one whose commit was carried out as done, and one that
// nobody can tell of as that.
func TestFiguresOfWhatWasLost(t *testing.T) {
	t.Parallel()
	for said, w := range map[string]*wire{"voided": {}, "done": {pass: true}} {
		b := open(t)
		jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
		b.fund(jane.Account, 100_00)
		s := b.through(w)
		w.losses.Store(1)
		if _, err := s.Post(t.Context(), b.move(core.Send, jane.Account, john.Account, 10_00, 0)); err != nil {
			t.Errorf("%s: %v", said, err)
		}
		if got := s.Figures().Money[Answered{core.Send, said}]; got != (Sum{1, 10_00}) {
			t.Errorf("%s: %+v", said, s.Figures().Money)
		}
	}
}

func TestFiguresOfPINs(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierFull)
	for _, turn := range []string{"1", "2", "3", "3"} {
		if _, err := b.Try(t.Context(), jane.ID, turn, nil); err != nil {
			continue // it was wrong before
		}
		if _, err := b.Wrong(t.Context(), jane.ID, turn); err != nil {
			t.Fatal(err)
		}
	}
	if f := b.Figures(); f.WrongPINs != 3 || f.LockedPINs != 1 {
		t.Errorf("%d wrong, %d locked", f.WrongPINs, f.LockedPINs)
	}
}

package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// try is the code of a try; "" is that the sealed PIN was handed out.
func (b bench) try(id core.PartyID, turn string) core.Code {
	b.t.Helper()
	sealed, err := b.Try(b.t.Context(), id, turn, nil)
	if (err == nil) != (sealed.KeyID == "k1" && string(sealed.Box) == "sealed") {
		b.t.Errorf("turn %s: %v with %v", turn, sealed, err)
	}
	return core.CodeOf(err)
}

func (b bench) wrong(id core.PartyID, turn string, want int) {
	b.t.Helper()
	if left, err := b.Wrong(b.t.Context(), id, turn); left != want || err != nil {
		b.t.Errorf("after turn %s %d tries are left, not %d: %v", turn, left, want, err)
	}
}

func (b bench) wants(id core.PartyID, turn string, want core.Code) {
	b.t.Helper()
	if got := b.try(id, turn); got != want {
		b.t.Errorf("turn %s is %q, not %q", turn, got, want)
	}
}

func TestThreeWrongTriesLock(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	for i, turn := range []string{"a", "b", "c"} {
		b.wants(jane, turn, "")
		b.wants(jane, turn, "") // the same turn elsewhere costs nothing more
		b.wrong(jane, turn, 2-i)
		b.wrong(jane, turn, 2-i)
	}
	b.wants(jane, "d", core.PINLocked)
	b.wants(jane, "c", core.PINLocked)
	b.pass(23 * time.Hour)
	b.wants(jane, "e", core.PINLocked)
	b.pass(2 * time.Hour)
	b.wants(jane, "f", "")
	b.wrong(jane, "f", 2)
}

// A turn that is known to be wrong is not looked at again, or it would be a free guess.
func TestWrongTurnStaysWrong(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	b.wants(jane, "a", "")
	b.wrong(jane, "a", 2)
	_, err := b.Try(t.Context(), jane, "a", nil)
	if core.CodeOf(err) != core.WrongPIN || core.ArgsOf(err)["left"] != "2" {
		t.Errorf("%v with %v", err, core.ArgsOf(err))
	}
}

func TestRightForgetsAndWakes(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew)
	if _, err := b.owner.Exec(`UPDATE parties SET status = 'dormant' WHERE id = $1`, jane.ID); err != nil {
		t.Fatal(err)
	}
	for _, turn := range []string{"a", "b"} {
		b.wants(jane.ID, turn, "")
		b.wrong(jane.ID, turn, 2-int(turn[0]-'a'))
	}
	b.wants(jane.ID, "c", "")
	if err := b.Right(t.Context(), jane.ID); err != nil {
		t.Fatal(err)
	}
	if p, err := b.PartyByPhone(t.Context(), jane.Phone); err != nil || p.Status != core.Active {
		t.Errorf("she is %s: %v", p.Status, err)
	}
	b.wants(jane.ID, "d", "")
	b.wrong(jane.ID, "d", 2)
}

// While three tries are being checked a fourth waits; when their process has died they count as wrong.
func TestTriesInFlight(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	for _, turn := range []string{"a", "b", "c"} {
		b.wants(jane, turn, "")
	}
	b.wants(jane, "d", core.Busy)
	b.wants(jane, "a", "") // a turn that comes again may be the one that crashed
	b.pass(11 * time.Second)
	b.wants(jane, "d", core.PINLocked)
	if err := b.Right(t.Context(), jane); err != nil { // the slowest was right after all
		t.Fatal(err)
	}
	b.wants(jane, "d", "")
}

func TestParallelTriesAreThree(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	var handed atomic.Int64
	together(50, func(i int) {
		turn := fmt.Sprintf("turn %d", i)
		for {
			_, err := b.Try(context.Background(), jane, turn, nil)
			switch core.CodeOf(err) {
			case "":
				handed.Add(1)
				if _, err := b.Wrong(context.Background(), jane, turn); err != nil {
					t.Error(err)
				}
				return
			case core.Busy:
			case core.PINLocked:
				return
			default:
				t.Error(err)
				return
			}
		}
	})
	if n := handed.Load(); n != 3 {
		t.Errorf("%d were handed a PIN to check", n)
	}
}

func TestSetPINUnlocks(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	for i, turn := range []string{"a", "b", "c"} {
		b.wants(jane, turn, "")
		b.wrong(jane, turn, 2-i)
	}
	if err := b.SetPIN(t.Context(), jane, wallet.Sealed{KeyID: "k1", Box: []byte("sealed")}, nil); err != nil {
		t.Fatal(err)
	}
	b.wants(jane, "d", "")
	if code := core.CodeOf(errOf(b.Try(t.Context(), 99, "a", nil))); code != core.PINLocked {
		t.Errorf("without a PIN it is %q", code)
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestReseal(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierNew), b.party(core.Subscriber, core.TierNew)
	chosen := wallet.Sealed{KeyID: "k1", Box: []byte("chosen now")}
	each := func(id core.PartyID, old wallet.Sealed) (wallet.Sealed, error) {
		if id == jane.ID { // changes her PIN at this moment, in a gateway that does not know the new key
			if err := b.SetPIN(t.Context(), id, chosen, nil); err != nil {
				return wallet.Sealed{}, err
			}
			chosen.Box = bytes.Clone(chosen.Box)
		}
		return wallet.Sealed{KeyID: "k2", Box: append([]byte("again "), old.Box...)}, nil
	}
	if n, err := b.Reseal(t.Context(), "k2", each); n != 1 || err != nil {
		t.Errorf("%d sealed anew: %v", n, err)
	}
	for id, want := range map[core.PartyID]string{jane.ID: "chosen now", john.ID: "again sealed"} {
		if sealed, err := b.Try(t.Context(), id, "x", nil); err != nil || string(sealed.Box) != want {
			t.Errorf("it is %q, not %q: %v", sealed.Box, want, err)
		}
	}
	failed := errors.New("no such key")
	if _, err := b.Reseal(t.Context(), "k3", func(core.PartyID, wallet.Sealed) (wallet.Sealed, error) {
		return wallet.Sealed{}, failed
	}); !errors.Is(err, failed) {
		t.Errorf("it goes on after %v", err)
	}
}

// A try that could not be checked is given back, with the lock that it set; one that was wrong is not.
func TestUncheckedTryIsGivenBack(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	giveBack := func(turn string) {
		t.Helper()
		if err := b.Unchecked(t.Context(), jane, turn); err != nil {
			t.Fatal(err)
		}
	}
	b.wants(jane, "a", "")
	b.wrong(jane, "a", 2)
	for _, turn := range []string{"b", "c", "d", "e"} {
		b.wants(jane, turn, "")
		giveBack(turn)
		giveBack(turn) // twice is once
	}
	giveBack("a")
	b.wants(jane, "f", "")
	b.wants(jane, "g", "")
	b.wants(jane, "h", core.Busy) // three are counted: a, f, g
	giveBack("g")
	b.wants(jane, "h", "")
	b.wrong(jane, "h", 0)
	giveBack("h")
	b.wrong(jane, "f", 0)
	b.wants(jane, "i", core.PINLocked)
}

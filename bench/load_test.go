package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A caller takes 100 ms each time: in the second after the warm-up ten are answered, whatever came before.
func TestLoad(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turn := 0
		got, err := load{callers: 1, do: func(context.Context, int) (int, error) {
			turn++
			switch turn {
			case 1:
				time.Sleep(3 * time.Second) // the first is slow, longer than the warm-up lasts
			default:
				time.Sleep(100 * time.Millisecond)
			}
			if turn == 5 {
				return 0, nil
			}
			return 2, nil
		}}.run(t.Context(), time.Second, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		want := tally{Rate: 18, Refused: 1, P50: 100 * time.Millisecond, P99: 100 * time.Millisecond}
		if got != want {
			t.Errorf("tally: %+v, want %+v", got, want)
		}
	})
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := load{callers: 3, do: func(ctx context.Context, caller int) (int, error) {
		if caller == 1 {
			return 0, broken
		}
		<-ctx.Done()
		return 0, nil
	}}.run(t.Context(), time.Second, time.Second)
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

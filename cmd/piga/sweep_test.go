package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// It sweeps every five seconds, less often while that fails, and stops when it is told to.
func TestSweep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var log lockedBuffer
		began, calls := time.Now(), []time.Duration{}
		expire := func(context.Context) (int, error) {
			calls = append(calls, time.Since(began))
			switch n := len(calls); {
			case n == 1:
				return 2, nil
			case n <= 6:
				return 0, errors.New("out of reach")
			case n == 8:
				stop()
			}
			return 0, nil
		}
		sweep(ctx, expire, slog.New(slog.NewTextHandler(&log, nil)))
		want := []time.Duration{5, 10, 20, 40, 80, 120, 160, 165}
		for i := range want {
			if len(calls) != len(want) || calls[i] != want[i]*time.Second {
				t.Fatalf("called after %v", calls)
			}
		}
		if text := log.String(); strings.Count(text, "level=ERROR") != 5 || strings.Count(text, "level=INFO") != 1 {
			t.Error(text)
		}
	})
}

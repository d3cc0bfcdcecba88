package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
)

// U3: what a call costs while it lasts. Measured once: nothing about it hangs on the moment.

// walkedCalls are those that are walked turn by turn to the PIN of a send, and whose bytes are counted. The others
// are dialled deep, in one turn, to the same page.
const walkedCalls = 200

func liveRow() row {
	return row{
		name: "U3",
		once: true,
		lines: []line{
			{key: "U3", what: "Redis for a live call in the midst of a send", unit: "bytes", aims: []aim{{value: true, most: 1500}}},
			{key: "U3 memory", what: "resident memory of the gateway with all calls live", unit: "MB"},
		},
		round: func(ctx context.Context, l *lab, _ bool) (map[string]reading, error) {
			g, err := l.gateway(ctx)
			if err != nil {
				return nil, err
			}
			if err := g.calls.FlushDB(ctx).Err(); err != nil {
				return nil, err
			}
			before, _ := g.memory()
			if err := g.leave(ctx, 0, walkedCalls, true); err != nil {
				return nil, err
			}
			bytes, keys, err := memoryUsage(ctx, g.calls)
			if err != nil {
				return nil, err
			}
			if err := g.leave(ctx, walkedCalls, l.live, false); err != nil {
				return nil, err
			}
			found := map[string]reading{"U3": {
				value: float64(bytes) / walkedCalls, parts: []part{{"keys a call", float64(keys) / walkedCalls, ""}},
			}}
			if now, ok := g.memory(); ok {
				found["U3 memory"] = reading{value: now / 1e6, parts: []part{{"before", before / 1e6, "MB"}, {"calls", float64(l.live), ""}}}
			} else {
				found["U3 memory"] = reading{missing: "the system does not tell"}
			}
			return found, nil
		},
	}
}

// leave brings the calls of some people to the PIN of a send and leaves them there.
func (g *gateway) leave(ctx context.Context, from, to int, walked bool) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(callersOfU)
	for who := from; who < to && ctx.Err() == nil; who++ {
		all.Go(func() error {
			err := g.leaveOne(ctx, who, walked)
			for ; errors.Is(err, errAway); err = g.leaveOne(ctx, who, walked) {
				if err := until(ctx, time.Now().Add(100*time.Millisecond)); err != nil {
					return err
				}
			}
			return err
		})
	}
	return all.Wait()
}

func (g *gateway) leaveOne(ctx context.Context, who int, walked bool) error {
	h := dial(g.phones, g.callbacks(), who)
	payee := person((who + 1) % g.people).Phone.National()
	if walked {
		return h.walk(ctx, []step{{"", "1 Send money"}, {"1", "Phone number:"}, {payee, "Amount (KES):"}, {"500", "PIN to confirm"}})
	}
	page, err := h.deep(ctx, "1*"+payee+"*500")
	if err == nil && page == busyPage {
		return errAway
	}
	if err == nil && !strings.Contains(page, "PIN to confirm") {
		err = fmt.Errorf("a deep dial has the page %q", page)
	}
	return err
}

// memoryUsage is what all keys take, and how many there are.
func memoryUsage(ctx context.Context, client *redis.Client) (bytes, keys int64, err error) {
	all := client.Scan(ctx, 0, "*", 1000).Iterator()
	for all.Next(ctx) {
		n, err := client.MemoryUsage(ctx, all.Val()).Result()
		if err != nil {
			return 0, 0, err
		}
		bytes, keys = bytes+n, keys+1
	}
	return bytes, keys, all.Err()
}

// residentMemory reads VmRSS of a process's status, in bytes.
func residentMemory(path string) (float64, bool) {
	status, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kilobytes, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return 1024 * kilobytes, err == nil
		}
	}
	return 0, false
}

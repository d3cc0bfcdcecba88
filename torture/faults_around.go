package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// redisKilled loses every call that is on.
func redisKilled() fault {
	return fault{"Redis killed", func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		d := seconds(r, 1, 4)
		if err := s.redis.Stop(); err != nil {
			return "", err
		}
		_ = rest(ctx, d)
		return fmt.Sprintf("and back, empty, after %s", d.Round(100*time.Millisecond)), s.redis.Start(context.WithoutCancel(ctx))
	}}
}

// redisFrozen has it hold every connection, and answer to none.
func redisFrozen(d time.Duration) fault {
	return fault{"Redis frozen", func(ctx context.Context, s *site, _ *rand.Rand) (string, error) {
		if err := s.redis.Freeze(); err != nil {
			return "", err
		}
		_ = rest(ctx, d)
		return fmt.Sprintf("for %s", d), s.redis.Thaw()
	}}
}

// redisFull has it refuse to keep anything more.
func redisFull() fault {
	return fault{"Redis full", func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		d := seconds(r, 5, 10)
		set := func(name, value string) error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			_, err := s.redis.Tell(ctx, "CONFIG", "SET", name, value)
			return err
		}
		if err := errors.Join(set("maxmemory-policy", "noeviction"), set("maxmemory", "1mb")); err != nil {
			return "", err
		}
		_ = rest(ctx, d)
		err := set("maxmemory", "0")
		return fmt.Sprintf("for %s", d.Round(100*time.Millisecond)), err
	}}
}

// smsDown is a provider that nobody reaches.
func smsDown(d time.Duration) fault {
	return fault{"SMS provider down", func(ctx context.Context, s *site, _ *rand.Rand) (string, error) {
		for _, g := range s.gateways {
			g.wires[provider].refuse()
		}
		_ = rest(ctx, d)
		for _, g := range s.gateways {
			if err := g.wires[provider].admit(s.outside); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("for %s", d), nil
	}}
}

// smsSlow is one that takes its time for every message.
func smsSlow(d time.Duration) fault {
	return fault{"SMS provider slow", func(ctx context.Context, s *site, r *rand.Rand) (string, error) {
		slow := seconds(r, 3, 9)
		set := func(d time.Duration) {
			for _, g := range s.gateways {
				g.wires[provider].slow.Store(int64(d))
			}
		}
		set(slow)
		defer set(0)
		_ = rest(ctx, d)
		return fmt.Sprintf("by %s, for %s", slow.Round(100*time.Millisecond), d), nil
	}}
}

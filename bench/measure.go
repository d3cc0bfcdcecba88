package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"slices"
	"time"
)

// measure runs the rounds and prints what they found.
func measure(ctx context.Context, o options, out, progress io.Writer) (err error) {
	began := time.Now()
	l, err := openLab(ctx, o, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	stopProfile, err := profile(o.profile)
	if err != nil {
		return err
	}
	found, err := l.rounds(ctx)
	if err := errors.Join(err, stopProfile()); err != nil {
		return err
	}
	m, err := l.machine(ctx)
	if err != nil {
		return err
	}
	r := report{
		Machine: m, Rounds: o.rounds, Seconds: o.seconds.Seconds(), Took: time.Since(began).Seconds(),
		Lines: resultsOf(found, o.rows),
	}
	if err := r.write(o.json); err != nil {
		return err
	}
	_, err = io.WriteString(out, r.table())
	return err
}

// rounds are all readings by the keys of their lines.
func (l *lab) rounds(ctx context.Context) (map[string][]reading, error) {
	found := map[string][]reading{}
	for n := range l.options.rounds + 1 { // the last is for what is measured once
		for _, r := range rowsOfTheTable() {
			if !slices.Contains(l.rows, r.name) || r.once != (n == l.options.rounds) {
				continue
			}
			if err := l.checkpoint(ctx); err != nil {
				return nil, err
			}
			l.say("round %d, %s", n+1, r.name)
			readings, err := r.round(ctx, l, n%2 == 1)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.name, err)
			}
			for key, one := range readings {
				l.say("  %s: %s", key, one)
				found[key] = append(found[key], one)
			}
		}
	}
	return found, nil
}

// profile begins a CPU profile, if there is to be one, and gives what ends it.
func profile(path string) (stop func() error, err error) {
	if path == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

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

// measure has a lab for as long as it takes to run the rounds, and prints what they found.
func measure(ctx context.Context, o options, out, progress io.Writer) (err error) {
	l, err := openLab(ctx, o, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	r, err := l.report(ctx)
	if err != nil {
		return err
	}
	r.Took = time.Since(l.began).Seconds()
	if err := r.write(o.json); err != nil {
		return err
	}
	_, err = io.WriteString(out, r.table())
	return err
}

// report is what the rounds found, and on what.
func (l *lab) report(ctx context.Context) (report, error) {
	stopProfile, err := profile(l.profile)
	if err != nil {
		return report{}, err
	}
	found, err := l.rounds(ctx)
	if err := errors.Join(err, stopProfile()); err != nil {
		return report{}, err
	}
	m, err := l.machine(ctx)
	return report{
		Machine: m, Rounds: l.options.rounds, Seconds: l.seconds.Seconds(), Lines: resultsOf(found, l.rows),
	}, err
}

// rounds are all readings by the keys of their lines.
func (l *lab) rounds(ctx context.Context) (map[string][]reading, error) {
	found := map[string][]reading{}
	for n := range l.options.rounds + 1 { // the last is for what is measured once
		for _, r := range rowsOfTheTable() {
			if !slices.Contains(l.rows, r.name) || r.once != (n == l.options.rounds) {
				continue
			}
			if !r.settled {
				if err := l.checkpoint(ctx); err != nil {
					return nil, err
				}
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

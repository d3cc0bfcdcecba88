package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/local"
)

// errHarm ends the soak whose table tells what harm was done.
var errHarm = errors.New("the soak found harm: see above; the seed repeats it")

// errUnjudged ends a soak that was stopped: whoever waits for its word must not take silence for a good one.
var errUnjudged = errors.New("the soak was stopped before the ledger was asked: it found neither harm nor none")

// soakCommand has many people call a Piga of its own while everything around it is hostile, and then asks the
// ledger. It brings PostgreSQL and Redis, and leaves nothing behind.
func soakCommand(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) (err error) {
	flags := flag.NewFlagSet("piga sandbox soak", flag.ContinueOnError)
	flags.SetOutput(out)
	o := soaking{cost: c.PINCost, limits: patientLimits()}
	hostile := flags.String("hostile", "all", "all, or kinds and probabilities, such as repeat_hop=0.1,drop_after=0.05")
	flags.IntVar(&o.calls, "calls", 1000, "how many calls and texts")
	flags.Uint64Var(&o.seed, "seed", 1, "who wants what, and what hostility does")
	flags.IntVar(&o.callers, "callers", 16, "how many call at once")
	flags.DurationVar(&o.within, "within", 10*time.Minute, "when to begin no more calls")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if o.calls < 1 || o.callers < 1 || o.within <= 0 {
		return errors.New("--calls, --callers and --within must be above zero")
	}
	if o.hostility, err = sandbox.ParseHostility(*hostile); err != nil {
		return fmt.Errorf("--hostile: %w", err)
	}
	if err := c.forbid("piga sandbox soak brings its own", "Postgres", "Owner", "Redis", "ATUsername", "ATKey", "Pepper", "Data"); err != nil {
		return err
	}
	defer func() {
		if errors.Is(err, context.Canceled) {
			err = errUnjudged
		}
	}()
	stop, err := o.bringServers(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	o.progress = newBar(out, o.calls).show
	report, err := o.run(ctx)
	if err != nil {
		return err
	}
	if err := report.Print(out); err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return errHarm
	}
	return nil
}

// patientLimits are waits that a soak can afford. What counts is what comes in which order, and not how long it
// takes: the provider gives up as late as it always does.
func patientLimits() sandbox.Limits {
	return sandbox.Limits{
		ReportAfter: 50 * time.Millisecond, RepeatAfter: time.Second, Delay: 100 * time.Millisecond,
		Hang: 300 * time.Millisecond, Down: 2 * time.Second,
	}
}

// bringServers starts a PostgreSQL and a Redis in a folder that stop removes.
func (o *soaking) bringServers(ctx context.Context) (stop func() error, err error) {
	dir, err := os.MkdirTemp("", "piga-soak-")
	if err != nil {
		return nil, err
	}
	made := []func() error{func() error { return os.RemoveAll(dir) }}
	undo := func() (err error) {
		for i := len(made) - 1; i >= 0; i-- {
			err = errors.Join(err, made[i]())
		}
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo())
		}
	}()
	if err := os.Chmod(dir, 0o711); err != nil { // as root, the server runs as another user
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := local.Start(ctx, local.Config{Dir: filepath.Join(dir, "postgresql"), Fsync: true, Log: log})
	if err != nil {
		return nil, err
	}
	made = append(made, db.Stop)
	if o.postgres, err = db.Create(ctx, "piga", true); err != nil {
		return nil, err
	}
	redis, err := local.StartRedis(ctx)
	if err != nil {
		return nil, err
	}
	made = append(made, redis.Stop)
	o.redis = redis.URL()
	return undo, store.Migrate(ctx, o.postgres, log)
}

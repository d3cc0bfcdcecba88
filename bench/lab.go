package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/piga-money/piga/store/local"
)

// lab is where it is measured: servers, databases and processes, each made when a row first needs it, all of them
// gone with close. It belongs to one goroutine.
type lab struct {
	options
	progress io.Writer
	began    time.Time
	dir      string
	server   *local.Server
	admin    *sql.DB
	made     closers

	books   *books   // of the L rows
	ceiling *books   // the same without Go in front
	history *books   // of L5
	atWorst float64  // its rate right after a checkpoint
	front   *gateway // of the U rows
	redis   *local.RedisServer
}

// closers give back what was opened, the last first.
type closers []func() error

func (c *closers) add(f func() error) { *c = append(*c, f) }

func (c *closers) close() error {
	var errs []error
	for i := len(*c) - 1; i >= 0; i-- {
		errs = append(errs, (*c)[i]())
	}
	return errors.Join(errs...)
}

// openLab starts PostgreSQL.
func openLab(ctx context.Context, o options, progress io.Writer) (_ *lab, err error) {
	l := &lab{options: o, progress: progress, began: time.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if l.dir, err = os.MkdirTemp("", "piga-bench-"); err != nil {
		return nil, err
	}
	l.made.add(func() error { return os.RemoveAll(l.dir) })
	if err := os.Chmod(l.dir, 0o711); err != nil { // as root, the server runs as another user
		return nil, err
	}
	l.say("starting PostgreSQL")
	if err := l.tune(ctx); err != nil {
		return nil, err
	}
	if l.server, err = l.startServer(ctx); err != nil {
		return nil, err
	}
	l.made.add(l.server.Stop)
	if l.admin, err = sql.Open("postgres", l.server.URL("postgres")); err != nil {
		return nil, err
	}
	l.made.add(l.admin.Close)
	return l, nil
}

// close ends everything and removes it, whatever of it there is.
func (l *lab) close() error { return l.made.close() }

func (l *lab) say(format string, args ...any) {
	fmt.Fprintf(l.progress, "%5.0fs  "+format+"\n", append([]any{time.Since(l.began).Seconds()}, args...)...)
}

func (l *lab) startServer(ctx context.Context) (*local.Server, error) {
	return local.Start(ctx, local.Config{Dir: filepath.Join(l.dir, "postgresql"), Fsync: true, Log: slog.New(slog.NewTextHandler(l.progress, nil))})
}

// tune gives the server the memory that it would have in production, and a log of changes so long that its
// checkpoints come from the clock. What makes a commit durable is left as it is: on. Part of it takes a start.
func (l *lab) tune(ctx context.Context) (err error) {
	s, err := l.startServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, setting := range []string{fmt.Sprintf("shared_buffers = '%dMB'", buffers()), "max_wal_size = '8GB'", "checkpoint_timeout = '15min'"} {
		if _, err := db.ExecContext(ctx, "ALTER SYSTEM SET "+setting); err != nil {
			return fmt.Errorf("%s: %w", setting, err)
		}
	}
	return nil
}

// buffers is a quarter of the memory in megabytes, as the manual of PostgreSQL would have it, or 1 GB where that is not known.
func buffers() int {
	const usual = 1024
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return usual
	}
	var kilobytes int
	if _, err := fmt.Sscanf(string(raw), "MemTotal: %d kB", &kilobytes); err != nil {
		return usual
	}
	return max(usual, kilobytes/4/1024)
}

// checkpoint begins each row with what is dirty written out.
func (l *lab) checkpoint(ctx context.Context) error {
	_, err := l.admin.ExecContext(ctx, "CHECKPOINT")
	return err
}

// openRedis starts the one Redis of the U rows.
func (l *lab) openRedis(ctx context.Context) (*local.RedisServer, error) {
	if l.redis != nil {
		return l.redis, nil
	}
	r, err := local.StartRedis(ctx)
	if err != nil {
		return nil, err
	}
	l.redis = r
	l.made.add(r.Stop)
	return r, nil
}

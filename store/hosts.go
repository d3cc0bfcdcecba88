package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
)

// hosts connects to whichever server of a URL will have us, that which did so last before others: one that fell
// silent costs each that asks it its time.
type hosts struct {
	all    []pq.Config     // of one server each
	within []time.Duration // how long each has to take a connection; who needed longer is asked again
	*seen
}

// Where there are more servers than one, one that is silent must leave time for another within a batch.
var (
	withinOne  = []time.Duration{5 * time.Second}
	withinMany = []time.Duration{1500 * time.Millisecond, 3 * time.Second}
)

// seen is what was seen of servers by all who use them.
type seen struct {
	last     atomic.Int64 // the server that took a connection
	silences atomic.Int64 // see line
}

func newHosts(cfg pq.Config) *hosts {
	h := &hosts{seen: new(seen), within: withinOne}
	if len(cfg.Multi) > 0 {
		h.within = withinMany
	}
	if cfg.ConnectTimeout > 0 {
		h.within = []time.Duration{cfg.ConnectTimeout}
	}
	one := cfg.Clone()
	one.Multi, one.ConnectTimeout = nil, 0 // it is done here
	h.all = append(h.all, one)
	for _, m := range cfg.Multi {
		one := one.Clone()
		one.Host, one.Hostaddr, one.Port = m.Host, m.Hostaddr, m.Port
		h.all = append(h.all, one)
	}
	return h
}

// Driver is for database/sql.
func (h *hosts) Driver() driver.Driver { return &pq.Driver{} }

// Connect is for database/sql.
func (h *hosts) Connect(ctx context.Context) (driver.Conn, error) {
	first := int(h.last.Load())
	var order []int
	for n := range h.all {
		order = append(order, (first+n)%len(h.all))
	}
	var errs []error
	for _, within := range h.within {
		var slow []int
		for _, at := range order {
			c, err := h.connect(ctx, h.all[at], within)
			if err == nil {
				h.last.Store(int64(at))
				return c, nil
			}
			if errors.Is(err, context.DeadlineExceeded) {
				slow = append(slow, at)
			}
			if len(h.all) > 1 {
				err = fmt.Errorf("%s:%d: %w", h.all[at].Host, h.all[at].Port, err)
			}
			errs = append(errs, err)
		}
		if order = slow; ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// connect is over when its context is, which lib/pq forgets once it has dialled.
func (h *hosts) connect(ctx context.Context, cfg pq.Config, within time.Duration) (driver.Conn, error) {
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, err
	}
	l := &line{silences: &h.silences, born: h.silences.Load()}
	connector.Dialer(l)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	stop := context.AfterFunc(ctx, l.hangUp)
	c, err := connector.Connect(ctx)
	inTime := stop()
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, errors.Join(ctx.Err(), err)
	case err != nil:
		return nil, err
	case !inTime:
		_ = c.Close()
		return nil, ctx.Err()
	}
	known, ok := c.(pqConn)
	if !ok {
		return nil, core.Errorf(core.Internal, "a connection of lib/pq is not what it was")
	}
	l.established()
	pq.SetNoticeHandler(c, func(e *pq.Error) {
		if e.Code.Class() == pqerror.ClassWarning {
			l.warn(e.Message)
		}
	})
	return conn{known, l}, nil
}

// pqConn is what a connection of lib/pq can do.
type pqConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection that is not kept when its server may be gone, and whose commits are certain.
type conn struct {
	pqConn
	line *line
}

func (c conn) IsValid() bool { return !c.line.doubtful() && c.pqConn.IsValid() }

func (c conn) ResetSession(ctx context.Context) error {
	if c.line.doubtful() {
		return driver.ErrBadConn
	}
	return c.pqConn.ResetSession(ctx)
}

// BeginTx is over when its context is, which lib/pq heeds from then on only.
func (c conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	stop := context.AfterFunc(ctx, c.line.expire)
	tx, err := c.pqConn.BeginTx(ctx, o)
	stop()
	if err != nil {
		return nil, err
	}
	return connTx{tx, c.line}, nil
}

type connTx struct {
	driver.Tx
	line *line
}

// Commit is an error when the server warned of something: that it stopped waiting for its standby it says in no other
// way, and a failover would lose what then looks committed.
func (t connTx) Commit() error {
	if err := t.line.commits(); err != nil {
		return errors.Join(err, t.Rollback())
	}
	err := t.Tx.Commit()
	if warning := t.line.committed(); warning != "" && err == nil {
		return errors.New("the server warned: " + warning)
	}
	return err
}

// Rollback has no context any more.
func (t connTx) Rollback() error {
	t.line.hurry(true)
	defer t.line.hurry(false)
	return t.Tx.Rollback()
}

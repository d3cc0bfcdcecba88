package store

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// lastWord is how long a server has to answer when nobody waits any more.
	lastWord = time.Second

	// silentFor is after how long a server that posts is known to be gone.
	silentFor = batchWithin + lastWord
)

// dialer notices within some ten seconds that a machine is gone, though nothing is said.
var dialer = net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}}

// line is what is said over one connection. A context is not enough for that: when it ends, lib/pq calls the server
// once more, to have the statement cancelled, and goes on waiting; and a machine that was switched off or froze never
// answers. So the line takes that call, for which lib/pq comes to it, for what it says, that the time is over, and then
// gives the server a last word.
type line struct {
	silences *atomic.Int64 // counted up when the server has not even that
	born     int64         // what it was before this one was there

	mu         sync.Mutex
	net        net.Conn
	up         bool // the server has taken it: what is dialled from now on has a statement cancelled
	cancelling int  // such calls that are under way
	committing bool
	warning    string // that came with the commit

	hurried bool        // what is said from now on has the time of a last word alone
	over    bool        // the time of what was said is over
	reading bool        // an answer is waited for
	late    *time.Timer // runs while both are so
}

var (
	errCommitting = errors.New("a commit is not cancelled")
	errCancelled  = errors.New("cancelled before the commit")
)

func (l *line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	up, err := l.calls()
	if err != nil {
		return nil, err
	}
	if up {
		return l.cancelCall(ctx, network, address)
	}
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.net = c
	return lineConn{c, l}, nil
}

// expire is that the time of what was said is over.
func (l *line) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.hasten()
}

// cancelCall is a call that has a statement cancelled. It has no longer than the statement itself.
func (l *line) cancelCall(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, lastWord)
	defer cancel()
	c, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		l.called()
		return nil, err
	}
	late := time.AfterFunc(lastWord, func() { _ = c.Close() })
	return cancelConn{c, sync.OnceFunc(func() { late.Stop(); l.called() })}, nil
}

// calls begins a call, and is false for the one that makes the connection. A commit is not to be cancelled: a server
// that waits for its standby then would answer that all went well, though the standby has nothing.
func (l *line) calls() (up bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.up {
		return false, nil
	}
	l.over = true
	l.hasten()
	if l.committing {
		return true, errCommitting
	}
	l.cancelling++
	return true, nil
}

func (l *line) called() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancelling--
}

// Dial and DialTimeout are what lib/pq's interface asks for besides.
func (l *line) Dial(network, address string) (net.Conn, error) {
	return l.DialContext(context.Background(), network, address)
}

func (l *line) DialTimeout(network, address string, within time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return l.DialContext(ctx, network, address)
}

// hangUp ends the connection, whatever it is doing.
func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.net != nil {
		_ = l.net.Close()
	}
}

// established is that the server has taken the connection.
func (l *line) established() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.up = true
}

// says begins something new. What was said before was answered.
func (l *line) says() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = l.hurried
}

// listens is that an answer is waited for, and hears that something came.
func (l *line) listens() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reading = true
	l.hasten()
}

func (l *line) hears() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reading = false
	if l.late != nil {
		l.late.Stop()
		l.late = nil
	}
}

// hasten gives the server its last word, when it is time for that.
func (l *line) hasten() {
	if l.over && l.reading && l.late == nil {
		l.late = time.AfterFunc(lastWord, l.silent)
	}
}

// silent is that the server had no last word, unless that came just now and something new was said since. A commit may
// wait for a standby, and says nothing of the server.
func (l *line) silent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.reading || !l.over {
		return
	}
	if !l.committing {
		l.silences.Add(1)
	}
	_ = l.net.Close()
}

// commits begins a commit, and is an error when one that was called to cancel something may hit it.
func (l *line) commits() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancelling > 0 {
		return errCancelled
	}
	l.committing, l.warning = true, ""
	return nil
}

// committed ends a commit, with what the server warned of.
func (l *line) committed() (warning string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.committing = false
	return l.warning
}

func (l *line) warn(of string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.warning = of
}

func (l *line) hurry(hurried bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hurried = hurried
}

// doubtful is whether a server fell silent since the connection was made: it is likely to be the same one.
func (l *line) doubtful() bool { return l.silences.Load() != l.born }

type lineConn struct {
	net.Conn
	line *line
}

func (c lineConn) Write(p []byte) (int, error) {
	c.line.says()
	return c.Conn.Write(p)
}

func (c lineConn) Read(p []byte) (int, error) {
	c.line.listens()
	defer c.line.hears()
	return c.Conn.Read(p)
}

// cancelConn is a call that has a statement cancelled, until it is over.
type cancelConn struct {
	net.Conn
	called func()
}

func (c cancelConn) Close() error {
	defer c.called()
	return c.Conn.Close()
}

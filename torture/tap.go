package main

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/piga-money/piga/store/local"
)

// tap is a wire between two programs that can be watched, cut and slowed down. Who listens behind it may move.
type tap struct {
	address string // where it listens: always the same

	mu       sync.Mutex
	listener net.Listener // nil while nobody is let in
	to       string
	open     map[net.Conn]bool
	closed   bool
	work     sync.WaitGroup

	ambush atomic.Pointer[ambush]
	slow   atomic.Int64 // how long each piece of an answer is held up
}

// ambush waits on a wire for one moment.
type ambush struct {
	point  point
	sprung atomic.Bool
	strike func() // while what was seen is not yet passed on
	done   chan struct{}
}

// newTap lets nobody in yet: see admit.
func newTap(to string) (*tap, error) {
	address, err := local.FreeAddress()
	if err != nil {
		return nil, err
	}
	return &tap{address: address, to: to, open: map[net.Conn]bool{}}, nil
}

// admit lets connections in, to the address given from now on.
func (t *tap) admit(to string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return net.ErrClosed
	}
	t.to = to
	if t.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", t.address)
	if err != nil {
		return err
	}
	t.listener = l
	t.work.Go(func() { t.accept(l) })
	return nil
}

// shut lets nobody in, as when nobody listens.
func (t *tap) shut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listener != nil {
		_ = t.listener.Close()
		t.listener = nil
	}
}

// refuse lets nobody in, and cuts the connections that are open.
func (t *tap) refuse() {
	t.shut()
	t.cut()
}

// cut ends every open connection.
func (t *tap) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for c := range t.open {
		_ = c.Close()
	}
}

// Close ends it.
func (t *tap) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.refuse()
	t.work.Wait()
}

func (t *tap) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		t.work.Go(func() { t.carry(c) })
	}
}

// hold remembers a connection, so that it can be cut.
func (t *tap) hold(c net.Conn, listener bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || listener && t.listener == nil {
		_ = c.Close()
		return false
	}
	t.open[c] = true
	return true
}

func (t *tap) drop(c net.Conn) {
	_ = c.Close()
	t.mu.Lock()
	delete(t.open, c)
	t.mu.Unlock()
}

// carry is one connection from its beginning to its end.
func (t *tap) carry(from net.Conn) {
	if !t.hold(from, true) {
		return
	}
	defer t.drop(from)
	t.mu.Lock()
	address := t.to
	t.mu.Unlock()
	to, err := net.DialTimeout("tcp", address, 2*time.Second)
	if err != nil || !t.hold(to, false) {
		return
	}
	defer t.drop(to)
	var asked atomic.Pointer[ambush] // has seen its question on this connection
	var both sync.WaitGroup
	both.Go(func() { t.copy(to, from, func(b []byte) bool { return t.question(b, &asked) }) })
	both.Go(func() {
		t.copy(from, to, func(b []byte) bool {
			time.Sleep(time.Duration(t.slow.Load()))
			return t.answer(b, &asked)
		})
	})
	both.Wait()
}

// copy passes on what may pass, until one side ends. Half-closed connections are no matter here.
func (t *tap) copy(to, from net.Conn, passes func([]byte) bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && !passes(b[:n]) {
			return
		}
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// question looks at what is asked, and is false when it must not be passed on.
func (t *tap) question(b []byte, asked *atomic.Pointer[ambush]) bool {
	a := t.ambush.Load()
	if a == nil || !a.point.question(b) {
		return true
	}
	if a.point.answer != nil {
		asked.Store(a)
		return true
	}
	return !t.spring(a)
}

// answer does so for what is answered.
func (t *tap) answer(b []byte, asked *atomic.Pointer[ambush]) bool {
	a := asked.Load()
	if a == nil || a != t.ambush.Load() || !a.point.answer(b) {
		return true
	}
	return !t.spring(a)
}

// spring strikes once.
func (t *tap) spring(a *ambush) bool {
	if !a.sprung.CompareAndSwap(false, true) {
		return false
	}
	a.strike()
	close(a.done)
	return true
}

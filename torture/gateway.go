package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/piga-money/piga/store/local"
)

// gateway is one copy of Piga: the real program, in a process of its own, on wires that are ours.
type gateway struct {
	name  string
	env   []string // without its address
	wires [wires]*tap
	log   io.Writer
	died  func(g *gateway, how string) // is told when it has ended by itself

	mu      sync.Mutex
	program string
	more    []string // of the environment
	process *process // nil when it is not wanted to run
	closed  bool
}

// start runs a program as this gateway, with more of the environment, and returns when it listens.
func (g *gateway) start(ctx context.Context, program string, more ...string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || g.process != nil {
		return nil
	}
	g.program, g.more = program, more
	var err error
	for range 5 { // a port that was free a moment ago may be taken by now
		if err = g.run(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("gateway %s: %w", g.name, err)
}

func (g *gateway) run(ctx context.Context) error {
	address, err := local.FreeAddress()
	if err != nil {
		return err
	}
	env := append(append(ours(), g.env...), "PIGA_ADDR="+address)
	p, err := launch(g.log, append(env, g.more...), g.program, "serve")
	if err != nil {
		return err
	}
	if err := p.listens(ctx, address); err != nil {
		p.kill()
		return err
	}
	if err := g.wires[front].admit(address); err != nil {
		p.kill()
		return err
	}
	g.process = p
	go g.watch(p)
	return nil
}

// listens waits until a program answers to what is alive.
func (p *process) listens(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
		if err != nil {
			return err
		}
		if res, err := client.Do(req); err == nil {
			_ = res.Body.Close()
			return nil
		}
		select {
		case <-p.ended:
			return errors.New("it ended at its start")
		case <-ctx.Done():
			return errors.New("it does not listen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// watch is there for its end, and starts it again when nobody wanted that, as whatever looks after it in production
// does.
func (g *gateway) watch(p *process) {
	<-p.ended
	g.mu.Lock()
	alone := g.process == p
	if alone {
		g.wires[front].refuse()
		g.process = nil
	}
	program, more := g.program, g.more
	g.mu.Unlock()
	if alone {
		g.died(g, p.cmd.ProcessState.String())
		time.Sleep(time.Second)
		_ = g.start(context.Background(), program, more...) // if not, calls go to the others, and the report shows it
	}
}

// release takes the process out of the watch's hands.
func (g *gateway) release() *process {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.process
	g.process = nil
	return p
}

// kill ends it without a goodbye.
func (g *gateway) kill() {
	if p := g.release(); p != nil {
		p.kill()
		g.wires[front].refuse()
	}
}

// stop ends it in order: nobody new is let in, and who is being answered is.
func (g *gateway) stop() error {
	p := g.release()
	if p == nil {
		return nil
	}
	g.wires[front].shut()
	err := p.stop(30 * time.Second)
	g.wires[front].refuse()
	if state := p.cmd.ProcessState; err == nil && !state.Success() {
		err = fmt.Errorf("gateway %s, asked to stop: %s", g.name, state)
	}
	return err
}

// close ends it for good, with its wires.
func (g *gateway) close() error {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	err := g.stop()
	for _, w := range g.wires {
		w.Close()
	}
	return err
}

// lieInWait has the gateway killed at a point, after which sprung is closed.
func (g *gateway) lieInWait(at point) (sprung <-chan struct{}, giveUp func()) {
	a := &ambush{point: at, strike: g.kill, done: make(chan struct{})}
	set := func(a *ambush) {
		for _, w := range at.wires {
			g.wires[w].ambush.Store(a)
		}
	}
	set(a)
	return a.done, func() { set(nil) }
}

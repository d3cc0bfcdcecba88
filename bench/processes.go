package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// L6: several processes post at the same time, as several gateways would.

const (
	workerName = "worker" // the argument that makes this program one of them
	processes  = 3
)

// job is what a worker is told on its standard input. Another line is the word to begin.
type job struct {
	URL      string
	People   int
	Callers  int
	Warm     time.Duration
	Measured time.Duration
}

// worker does what L1's callers do, in a process of its own, and answers with the tally. It ends when its input
// does, as when its parent is no more.
func worker(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := bufio.NewScanner(in)
	var j job
	if !lines.Scan() {
		return errors.New("a worker must be told what to do")
	}
	if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
		return fmt.Errorf("what a worker shall do: %w", err)
	}
	s, err := openStore(j.URL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Ready(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, "ready")
	if !lines.Scan() {
		return nil
	}
	go func() {
		lines.Scan() // nothing more comes
		cancel()
	}()
	b := &books{fill: fill{people: j.People}, store: s}
	t, err := load{callers: j.Callers, do: func(ctx context.Context, _ int) (int, error) {
		return b.post(ctx, b.anySend())
	}}.run(ctx, j.Warm, j.Measured)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(t)
}

// child is a process that this program has started of itself.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// spawn starts this program again under another name. Its last words go where the progress goes.
func (l *lab) spawn(ctx context.Context, name string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, name)
	cmd.Stderr = l.progress
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &child{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

// tell writes a line of JSON to a child.
func (c *child) tell(v any) error { return json.NewEncoder(c.in).Encode(v) }

// hear reads a line of a child's.
func (c *child) hear() ([]byte, error) { return c.out.ReadBytes('\n') }

// end closes the input and waits.
func (c *child) end() error { return errors.Join(c.in.Close(), c.cmd.Wait()) }

// workers is L1 from so many processes: the sum of their rates.
func (l *lab) workers(b *books, n int) side {
	return func(ctx context.Context) (total tally, err error) {
		var all []*child
		defer func() {
			for _, c := range all {
				err = errors.Join(err, c.end())
			}
		}()
		for i := range n {
			c, err := l.spawn(ctx, workerName)
			if err != nil {
				return total, err
			}
			all = append(all, c)
			callers := l.callers*(i+1)/n - l.callers*i/n
			if err := c.tell(job{b.url, b.people, callers, l.warm, l.seconds}); err != nil {
				return total, err
			}
		}
		for _, c := range all {
			if _, err := c.hear(); err != nil {
				return total, fmt.Errorf("a worker is not ready: %w", err)
			}
		}
		for _, c := range all {
			if err := c.tell("go"); err != nil {
				return total, err
			}
		}
		for _, c := range all {
			var t tally
			said, err := c.hear()
			if err == nil {
				err = json.Unmarshal(said, &t)
			}
			if err != nil {
				return total, fmt.Errorf("a worker has no answer: %w", err)
			}
			total.Rate += t.Rate
			total.Refused += t.Refused
			total.P50, total.P99 = max(total.P50, t.P50), max(total.P99, t.P99)
		}
		return total, nil
	}
}

func processesRow() row {
	return row{
		name: "L6",
		lines: []line{{
			key: "L6", what: "L1 from three processes", unit: "/s", against: "L1 from one", aims: []aim{{least: 0.9}},
		}},
		round: func(ctx context.Context, l *lab, swap bool) (map[string]reading, error) {
			b, err := l.ledger(ctx)
			if err != nil {
				return nil, err
			}
			three, one, err := sideBySide(ctx, swap, l.workers(b, processes), l.workers(b, 1))
			return map[string]reading{"L6": {value: three.Rate, against: one.Rate, parts: latency(three)}}, err
		},
	}
}

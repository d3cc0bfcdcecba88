package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// program is a server that runs as our child and ends when we do.
type program struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed once it has ended
	err   error         // how it ended; only to be read after that
}

// launch starts a program that gets the signal last when this process ends, even by kill -9.
func launch(cmd *exec.Cmd, last syscall.Signal) (*program, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// In a process group of its own it does not get the terminal's Ctrl-C: we end first, in order.
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr, last)
	p := &program{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux takes the end of the thread that started a program for the end of its parent, so
		// this thread is kept until the program has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// await asks until the program answers, has ended, or a minute has passed.
func (p *program) await(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		once, done := context.WithTimeout(ctx, time.Second)
		err := ask(once)
		done()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended at its start: %w", p.cmd.Path, p.end())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", p.cmd.Path, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop asks a program to end and waits; it is killed when it has not ended after the patience. The
// error is nil if it ended as asked, or had to be killed by a signal that we sent.
func (p *program) stop(ask syscall.Signal, patience time.Duration) error {
	if err := p.cmd.Process.Signal(ask); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
		return fmt.Errorf("%s had to be killed", p.cmd.Path)
	}
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == ask {
			return nil
		}
	}
	return p.err
}

// pause waits, unless there is no more reason to.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// end is how an ended program ended, in words.
func (p *program) end() error {
	if p.err == nil {
		return errors.New("without an error")
	}
	return p.err
}

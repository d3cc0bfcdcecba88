package local

import (
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Child is a program that a test runs beside itself. It ends with the test, and when this process does.
type Child struct {
	t       testing.TB
	program *program
}

// Run starts a program for a test.
func Run(t testing.TB, cmd *exec.Cmd) *Child {
	t.Helper()
	p, err := launch(cmd, syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.stop(syscall.SIGKILL, 10*time.Second) }) // as a rule it has ended
	return &Child{t, p}
}

// Kill ends it without a goodbye and returns when it has ended.
func (c *Child) Kill() {
	c.t.Helper()
	if err := c.program.stop(syscall.SIGKILL, 10*time.Second); err != nil {
		c.t.Error(err)
	}
}

// Stop asks it to end by SIGTERM, and waits until it has, with a good word.
func (c *Child) Stop() {
	c.t.Helper()
	if err := c.program.stop(syscall.SIGTERM, 30*time.Second); err != nil {
		c.t.Error(err)
	}
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// cache is a Redis that can be done anything to.
type cache struct {
	address string
	process *process
}

func openCache(ctx context.Context) (*cache, error) {
	address, err := lowPort()
	if err != nil {
		return nil, err
	}
	c := &cache{address: address}
	return c, c.start(ctx)
}

// start runs an empty one.
func (c *cache) start(ctx context.Context) error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(c.address)
	if err != nil {
		return err
	}
	c.process, err = launch(io.Discard, ours(), path, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no",
		"--dir", os.TempDir())
	if err != nil {
		return err
	}
	for {
		if said, err := c.tell("PING"); err == nil && said == "+PONG" {
			return nil
		}
		select {
		case <-c.process.ended:
			return fmt.Errorf("redis-server ended at its start: %s", c.process.cmd.ProcessState)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tell sends one command, and gives the first line of the answer.
func (c *cache) tell(command string) (string, error) {
	conn, err := net.DialTimeout("tcp", c.address, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close() //nolint:errcheck // what it did has been answered
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return strings.TrimSpace(line), err
}

func (c *cache) freeze() { c.process.signal(syscall.SIGSTOP) }

func (c *cache) thaw() { c.process.signal(syscall.SIGCONT) }

// Close ends it, frozen or not.
func (c *cache) Close() error {
	c.process.kill()
	return nil
}

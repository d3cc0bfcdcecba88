package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// RedisServer is a real Redis that keeps nothing on disk and ends when this process does.
type RedisServer struct {
	t       testing.TB // whose it is alone; nil for any other
	path    string
	port    int
	args    []string // beside those of every Redis
	program *program
}

// Redis is the URL of a Redis that all tests of this process share: use keys that no other test uses.
func Redis(t testing.TB) string {
	t.Helper()
	tests.mu.Lock()
	defer tests.mu.Unlock()
	if tests.redis == nil {
		tests.redis = newRedis(t)
	}
	return tests.redis.URL()
}

// OwnRedis is a Redis for one test that breaks it. It ends with the test.
func OwnRedis(t testing.TB) *RedisServer {
	t.Helper()
	r := newRedis(t)
	r.t = t
	t.Cleanup(r.Kill)
	return r
}

// URL is where the server is, also while it is down.
func (r *RedisServer) URL() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", r.port) }

// Kill ends the server without a goodbye and returns when it has ended. Its keys are gone.
func (r *RedisServer) Kill() {
	r.t.Helper()
	if err := r.kill(); err != nil {
		r.t.Errorf("kill Redis: %v", err)
	}
}

// Restart brings an empty server back at the same URL after a Kill, and returns when it answers.
func (r *RedisServer) Restart() {
	r.t.Helper()
	if err := r.Start(r.t.Context()); err != nil {
		r.t.Fatalf("restart Redis: %v", err)
	}
}

// Freeze stops the server where it is: connections stay open, new ones are taken by the kernel, and nobody answers.
func (r *RedisServer) Freeze() error { return r.program.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on, with what it was asked meanwhile.
func (r *RedisServer) Thaw() error { return r.program.cmd.Process.Signal(syscall.SIGCONT) }

func newRedis(t testing.TB) *RedisServer {
	t.Helper()
	r, err := StartRedis(t.Context())
	needed(t, err)
	return r
}

// needed ends a test whose server could not be started.
func needed(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, errMissing) {
		unavailable(t, err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// StartRedis runs a Redis outside of tests, until Stop, and returns when it answers. It must be installed.
func StartRedis(ctx context.Context) (*RedisServer, error) {
	return startRedis(ctx, func(int) ([]string, error) { return nil, nil })
}

// startRedis runs a Redis of a kind, whose arguments may depend on its port.
func startRedis(ctx context.Context, kind func(port int) (args []string, err error)) (*RedisServer, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("redis-server, the server of Redis, %w", errMissing)
	}
	r := &RedisServer{path: path}
	for range 5 { // a port that was free a moment ago may be taken by now
		if r.port, err = freePort(); err == nil {
			r.args, err = kind(r.port)
		}
		if err == nil {
			err = r.Start(ctx)
		}
		if err == nil {
			return r, nil
		}
	}
	return nil, err
}

// Stop kills a server that StartRedis has started, frozen or not. Its keys are gone.
func (r *RedisServer) Stop() error { return r.kill() }

// Start brings an empty server back at the same address after a Stop, and returns when it answers.
func (r *RedisServer) Start(ctx context.Context) error {
	args := []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(r.port), "--save", "", "--appendonly", "no", "--dir", os.TempDir()}
	var err error
	if r.program, err = launch(exec.Command(r.path, append(r.args, args...)...), syscall.SIGKILL); err != nil {
		return err
	}
	if err := r.program.await(ctx, r.ask); err != nil {
		return errors.Join(err, r.kill())
	}
	return nil
}

func (r *RedisServer) kill() error { return r.program.stop(syscall.SIGKILL, 10*time.Second) }

// Address is the server's host and port, also while it is down.
func (r *RedisServer) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)) }

// ask is nil when our server answers. It asks for the process's number, not for a PONG: on a port
// that was taken meanwhile somebody else's Redis would say that too.
func (r *RedisServer) ask(ctx context.Context) error {
	said, err := r.Tell(ctx, "INFO", "server")
	if err != nil {
		return err
	}
	pid, err := field(said, "process_id")
	if err == nil && pid != strconv.Itoa(r.program.cmd.Process.Pid) {
		return errors.New("another Redis has the port")
	}
	return err
}

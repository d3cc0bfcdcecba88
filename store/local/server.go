// Package local is a private PostgreSQL for development, benchmarks and tests; a database per test.
//
// It runs the real programs, as a child that ends when its parent does, on a free port of the
// loopback address only and with a random password, so that it neither meets nor disturbs a server
// which the machine already has. For tests and benchmarks there is a real Redis of the same kind, alone, under
// Sentinel or as a cluster, and haproxy.
//
// It knows nothing of ours: the schema is brought by the caller.
package local

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver by which Start asks whether the server answers
)

// Config says where a private server lives.
type Config struct {
	Dir   string       // its data, password, lock and log; made if absent, kept by Stop
	Fsync bool         // false is faster, and a crash of the machine may lose the data
	Log   *slog.Logger // told what takes time or surprises; may be nil

	// WAL gives the log of what was written a file system of its own of so many bytes, 32 MB at least, that can
	// be filled: see Server.FillWAL. It needs root on Linux, who may mount. The file system ends with the server, and so
	// the data cannot be used by another Start. 0 is none.
	WAL int64
}

// Server is a running PostgreSQL. Its methods may be called from several goroutines.
type Server struct {
	home     *home
	password string
	port     int // 0 until it has one, which it keeps
	program  *program
	frozen   *spell // nil unless it is
}

// Start makes a PostgreSQL at the first start and runs it, and returns when it answers. The programs
// are those of the machine; else, for root on Debian, the system's package is installed; else they
// are downloaded. It fails when another process holds the folder, when the data was made by another
// major version, or when the user that PostgreSQL must run as cannot reach the folder.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	return start(ctx, cfg, install, download)
}

func start(ctx context.Context, cfg Config, obtain ...source) (_ *Server, err error) {
	h, err := openHome(cfg)
	if err != nil {
		return nil, fmt.Errorf("private PostgreSQL: %w", err)
	}
	s := &Server{home: h}
	defer func() {
		if err != nil {
			err = fmt.Errorf("private PostgreSQL in %s: %w", h.dir, errors.Join(err, h.close()))
		}
	}()
	if err := h.choosePrograms(ctx, obtain); err != nil {
		return nil, err
	}
	if s.password, err = h.makeData(ctx, rand.Text(), h.initialize); err != nil {
		return nil, err
	}
	if err := h.awaitPredecessor(ctx); err != nil {
		return nil, err
	}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	h.Log.Debug("private PostgreSQL answers", "dir", h.dir, "port", s.port, "programs", h.programs)
	return s, nil
}

// URL is where a superuser finds one of the server's databases; "postgres" always exists.
func (s *Server) URL(database string) string {
	return s.home.url(s.password, database, s.address(), "sslmode=disable")
}

func (s *Server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Program is where one of the programs lies that came with the server, such as pgbench. False when it did not.
func (s *Server) Program(name string) (path string, ok bool) {
	path = filepath.Join(s.home.programs, name)
	return path, isProgram(path)
}

// Stop breaks off the open connections, shuts the server down and waits for its end. The data stay.
func (s *Server) Stop() error {
	err := errors.Join(s.Thaw(), s.end(Fast))
	if err := errors.Join(err, s.home.close()); err != nil {
		return fmt.Errorf("stop the private PostgreSQL in %s: %w", s.home.dir, err)
	}
	return nil
}

// run starts the server. A port that was free a moment ago may be taken by now, and the memory of a
// killed predecessor may need a moment more to be given back, so it tries again a few times.
func (s *Server) run(ctx context.Context) error {
	for tries := 0; ; tries++ {
		err := s.runOnce(ctx)
		passing := err != nil && (strings.Contains(err.Error(), "could not create any TCP/IP sockets") ||
			strings.Contains(err.Error(), "pre-existing shared memory block"))
		if !passing || tries == 10 {
			return err
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *Server) runOnce(ctx context.Context) (err error) {
	port := s.port
	if port == 0 {
		if port, err = freePort(); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				s.port = 0
			}
		}()
	}
	logPath := filepath.Join(s.home.dir, "log")
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own copy

	args := []string{"-D", s.home.data()}
	for _, setting := range s.home.settings(port) {
		args = append(args, "-c", setting)
	}
	cmd := s.home.command(exec.Command(filepath.Join(s.home.programs, "postgres"), args...))
	cmd.Stdout, cmd.Stderr = log, log
	if s.program, err = launch(cmd, syscall.SIGINT); err != nil {
		return err
	}
	s.port = port
	if err := s.await(ctx); err != nil {
		said, _ := os.ReadFile(logPath)
		return errors.Join(err, s.program.stop(syscall.SIGQUIT, 5*time.Second), lastOf(said))
	}
	return nil
}

// await asks until the server answers. Only ours knows the password, so a stranger that took the
// port is not mistaken for it.
func (s *Server) await(ctx context.Context) error {
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return s.program.await(ctx, func(ctx context.Context) error { return db.PingContext(ctx) })
}

// freePort is a port of the loopback address that nobody has at this moment, and that this process was not given before:
// its server may be down only for a while. It is below those that the kernel gives to outgoing connections, and so is the
// one ten thousand above it.
func freePort() (int, error) {
	for range 100 {
		port := 11_000 + (37*os.Getpid()+int(tests.ports.Add(1)))%11_000
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		return port, l.Close()
	}
	return 0, errors.New("find a free port: a hundred were taken")
}

// lastOf makes an error of the last lines that a program said, nil if it said nothing.
func lastOf(said []byte) error {
	lines := bytes.Split(bytes.TrimSpace(said), []byte("\n"))
	lines = lines[max(0, len(lines)-10):]
	if said = bytes.Join(lines, []byte("\n")); len(said) == 0 {
		return nil
	}
	return errors.New(string(said))
}

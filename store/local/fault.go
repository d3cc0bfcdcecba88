package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Shutdown is a way to end a server.
type Shutdown syscall.Signal

// The ways to end a server.
const (
	Fast      = Shutdown(syscall.SIGINT)  // breaks off what is under way, and writes down the rest
	Immediate = Shutdown(syscall.SIGQUIT) // as a crash, with a word to the connected
	killed    = Shutdown(syscall.SIGKILL)
)

// Kill ends the server and all of its processes at the same moment, by SIGKILL, and returns when it has ended. One
// that has ended already stays so.
func (s *Server) Kill() error {
	if !s.Alive() {
		return s.Thaw()
	}
	children, err := s.hold()
	if err != nil {
		return err
	}
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	}
	return errors.Join(s.end(killed), s.Thaw())
}

// Restart ends a server unless it has ended, and starts it again at the same address. It returns when it answers.
func (s *Server) Restart(ctx context.Context, how Shutdown) error {
	if err := errors.Join(s.Thaw(), s.end(how)); err != nil {
		return err
	}
	return s.run(ctx)
}

// end ends the server, unless it has ended. How it ended is of interest only when it was asked in order.
func (s *Server) end(how Shutdown) error {
	if !s.Alive() {
		return nil
	}
	err := s.program.stop(syscall.Signal(how), 30*time.Second)
	if how != Fast {
		return nil
	}
	return err
}

// Alive is whether the server has not ended, be it that it answers or not.
func (s *Server) Alive() bool {
	if s.program == nil {
		return false
	}
	select {
	case <-s.program.ended:
		return false
	default:
		return true
	}
}

// Freeze stops the server and all of its processes where they are: connections stay open, new ones are taken by the
// kernel, and nobody answers. It lasts until Thaw, or until this process ends.
func (s *Server) Freeze() error {
	if s.frozen != nil || !s.Alive() {
		return nil
	}
	children, err := s.hold()
	if err != nil {
		return err
	}
	pids := []string{strconv.Itoa(s.program.cmd.Process.Pid)}
	for _, pid := range children {
		pids = append(pids, strconv.Itoa(pid))
	}
	s.frozen, err = cast(`{ kill -s STOP "$@" || :; }`, `kill -s CONT "$@" || :`, pids...) // some may have ended
	return err
}

// Thaw lets a frozen server go on.
func (s *Server) Thaw() error {
	err := s.frozen.end()
	s.frozen = nil
	if !s.Alive() {
		return nil // there was nobody to wake
	}
	return err
}

// hold stops the first process of the server, so that it starts no others, and gives those that it has.
func (s *Server) hold() ([]int, error) {
	if err := s.program.cmd.Process.Signal(syscall.SIGSTOP); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return nil, err
	}
	return children(s.program.cmd.Process.Pid)
}

// children are the processes that a process has started; none where there is no /proc to say so.
func children(parent int) ([]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended since
		}
		// The name of the program stands in parentheses, and may hold anything.
		after := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(after) < 2 || after[1] != strconv.Itoa(parent) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

// Cut ends all connections but those of a standby, whatever they are doing.
func (s *Server) Cut(ctx context.Context) error {
	return s.ask(ctx, `
		SELECT count(pg_terminate_backend(pid)) >= 0
		FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
}

// ask runs a statement until it says yes, for half a minute at most.
func (s *Server) ask(ctx context.Context, statement string) error {
	ctx, done := context.WithTimeout(ctx, 30*time.Second)
	defer done()
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for {
		var yes bool
		if err := db.QueryRowContext(ctx, statement).Scan(&yes); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
		if yes {
			return nil
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
}

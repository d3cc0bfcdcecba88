package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// ErrNoMount is that Config.WAL cannot be had, as nobody but root on Linux may mount a file system, and not always.
var ErrNoMount = errors.New("the log cannot have a file system of its own")

func (h *home) walDir() string  { return filepath.Join(h.dir, "wal", "pg_wal") }
func (h *home) ballast() string { return filepath.Join(h.dir, "wal", "ballast") }

// mountWAL makes the file system of Config.WAL anew.
func (h *home) mountWAL() error {
	if h.WAL == 0 {
		return nil
	}
	err := h.wal.end()
	h.wal = nil
	if err != nil {
		return err
	}
	dir := filepath.Join(h.dir, "wal")
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return err
	}
	options := fmt.Sprintf("mode=711,size=%d", h.WAL)
	if h.as != nil {
		options += fmt.Sprintf(",uid=%d,gid=%d", h.as.Uid, h.as.Gid)
	}
	// Lazily, as a server that is just ending still uses it.
	if h.wal, err = cast(`mount -t tmpfs -o "$2" piga-wal "$1"`, `umount -l "$1"`, dir, options); err != nil {
		return fmt.Errorf("%w: %w", ErrNoMount, err)
	}
	return nil
}

// FillWAL leaves no room in the file system of Config.WAL. A primary that writes then ends, and cannot be started.
func (s *Server) FillWAL(ctx context.Context) error {
	if s.home.wal == nil {
		return ErrNoMount
	}
	ballast, err := os.OpenFile(s.home.ballast(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = ballast.Close() }() // what it holds is of no interest
	for block := make([]byte, 4096); ctx.Err() == nil; {
		if _, err := ballast.Write(block); errors.Is(err, syscall.ENOSPC) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// FreeWAL undoes FillWAL. A server that has ended needs a Restart.
func (s *Server) FreeWAL() error { return os.Remove(s.home.ballast()) }

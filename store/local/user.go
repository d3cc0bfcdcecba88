package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// serverUser is the user that PostgreSQL must run as because it refuses to run as root: the owner of
// the data if there are any, else postgres, else nobody. It is nil when we are not root.
func serverUser(data string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if info, err := os.Stat(data); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
			return &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		// Without further groups: none of root's are passed on.
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

// output runs one of the programs as the server's user until it ends, and returns all that it said.
func (h *home) output(ctx context.Context, program string, args ...string) ([]byte, error) {
	return h.outputOf(ctx, nil, program, args...)
}

// outputOf has variables set for the program.
func (h *home) outputOf(ctx context.Context, env []string, program string, args ...string) ([]byte, error) {
	cmd := h.command(exec.CommandContext(ctx, filepath.Join(h.programs, program), args...))
	cmd.Env = append(cmd.Env, env...)
	cmd.WaitDelay = 5 * time.Second
	said, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) {
		return said, h.unreachable(cmd.Path)
	} else if err != nil {
		return said, fmt.Errorf("%s: %w", cmd.Path, err)
	}
	return said, nil
}

// unreachable says which folder keeps the server's user away from its own folder or its program.
func (h *home) unreachable(program string) error {
	who := "this user"
	if h.as != nil {
		who = "user " + strconv.Itoa(int(h.as.Uid))
		if u, err := user.LookupId(strconv.Itoa(int(h.as.Uid))); err == nil {
			who = "user " + u.Username
		}
	}
	for _, path := range []string{h.dir, filepath.Dir(program)} {
		closed := ""
		for ; path != filepath.Dir(path); path = filepath.Dir(path) {
			if info, err := os.Stat(path); err == nil && info.Mode()&0o001 == 0 {
				closed = path // the highest one is the one to name
			}
		}
		if closed != "" {
			return fmt.Errorf("PostgreSQL runs as %s, to whom the folder %s is closed: choose another folder", who, closed)
		}
	}
	return fmt.Errorf("PostgreSQL runs as %s, who may not use %s or %s", who, h.dir, program)
}

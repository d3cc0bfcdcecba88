package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const superuser = "piga"

// home is the folder of one server, held by its lock while it is open:
//
//	lock      who holds it, locked as long
//	password  of the superuser
//	data/     PostgreSQL's own
//	log       what the server said since its start
type home struct {
	Config
	dir      string              // Config.Dir made absolute
	lock     *os.File            // open as long as the home is
	as       *syscall.Credential // the user that the programs run as; nil is ourselves
	programs string              // folder of initdb and postgres
	wal      *spell              // the file system of Config.WAL; nil without
}

// openHome makes the folder if it is absent and locks it.
func openHome(cfg Config) (*home, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, err
	}
	// Open to pass through and closed to look into: root's server runs as another user.
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := io.ReadAll(lock)
		_ = lock.Close()
		return nil, fmt.Errorf("the folder %s is in use by process %s: end it, or choose another folder",
			dir, strings.TrimSpace(string(holder)))
	}
	h := &home{Config: cfg, dir: dir, lock: lock}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	_ = lock.Truncate(0)
	if _, err := lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return nil, errors.Join(err, h.close())
	}
	if h.as, err = serverUser(h.data()); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// close gives the folder up to the next. Closing twice is the same as once.
func (h *home) close() error {
	err := h.wal.end()
	h.wal = nil
	// Closed is not enough: a program that another goroutine just starts has the file open, too, until it runs.
	_ = syscall.Flock(int(h.lock.Fd()), syscall.LOCK_UN)
	if err := errors.Join(err, h.lock.Close()); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

func (h *home) data() string { return filepath.Join(h.dir, "data") }

// url is where the superuser finds a database on hosts.
func (h *home) url(password, database, hosts, query string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(superuser, password), Host: hosts, Path: "/" + database, RawQuery: query}
	return u.String()
}

// command has a program run as the server's user and untouched by the caller's PG… variables.
func (h *home) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = h.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.as}
	return cmd
}

// settings of the server that are ours to choose at every start.
func (h *home) settings(port int) []string {
	settings := []string{
		"listen_addresses=127.0.0.1",
		"port=" + strconv.Itoa(port),
		"unix_socket_directories=",        // a socket would lie where others can reach it
		"dynamic_shared_memory_type=mmap", // inside the data folder, so that nothing stays in /dev/shm
		"max_connections=200",
		"timezone=UTC",
		"log_timezone=UTC",
		"logging_collector=off",
	}
	if !h.Fsync {
		settings = append(settings, "fsync=off", "full_page_writes=off")
	}
	if h.WAL != 0 {
		settings = append(settings, "min_wal_size=2MB", fmt.Sprintf("max_wal_size=%dMB", h.WAL>>20/4))
	}
	return settings
}

// A filler fills an empty folder with data whose superuser has the password in a file.
type filler func(ctx context.Context, data, passwordPath string) error

// makeData has the data filled in with a password of the superuser, and returns it; or the one that they have.
func (h *home) makeData(ctx context.Context, password string, fill filler) (string, error) {
	passwordPath := filepath.Join(h.dir, "password")
	if _, err := os.Stat(h.data()); err == nil && h.WAL != 0 {
		return "", errors.New("the data have lost their log with its file system: remove the folder")
	} else if err == nil {
		password, err := os.ReadFile(passwordPath)
		return strings.TrimSpace(string(password)), err
	}
	h.Log.Info("making a private PostgreSQL", "dir", h.dir)
	if err := os.WriteFile(passwordPath, []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	if err := h.mountWAL(); err != nil {
		return "", err
	}
	// A name of its own until it is complete: an initdb that was broken off is not taken for data.
	fresh := h.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return "", err
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return "", err
	}
	if h.as != nil {
		for _, path := range []string{fresh, passwordPath} {
			if err := os.Chown(path, int(h.as.Uid), int(h.as.Gid)); err != nil {
				return "", err
			}
		}
	}
	if err := fill(ctx, fresh, passwordPath); err != nil {
		return "", err
	}
	return password, os.Rename(fresh, h.data())
}

// initialize is a new and empty PostgreSQL.
func (h *home) initialize(ctx context.Context, data, passwordPath string) error {
	args := []string{
		"--pgdata=" + data, "--username=" + superuser, "--pwfile=" + passwordPath,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C",
	}
	if !h.Fsync {
		args = append(args, "--no-sync")
	}
	if h.WAL != 0 {
		args = append(args, "--waldir="+h.walDir(), "--wal-segsize=1")
	}
	if said, err := h.output(ctx, "initdb", args...); err != nil {
		return errors.Join(err, lastOf(said))
	}
	return nil
}

// awaitPredecessor waits for a server that still runs on the data, as after a kill -9 of its parent,
// to finish its shutdown.
func (h *home) awaitPredecessor(ctx context.Context) error {
	path := filepath.Join(h.data(), "postmaster.pid")
	for tries := 0; ; tries++ {
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(content), "\n")
		pid, err := strconv.Atoi(strings.TrimSpace(first))
		switch {
		case err != nil || !alive(pid):
			return nil // PostgreSQL itself sees that it is stale, and that no child of it is left
		case !serves(pid, h.data()):
			return os.Remove(path) // its number was given to another program since, at which PostgreSQL would balk
		case tries == 100:
			return fmt.Errorf("a PostgreSQL is still running there, process %d: end it with kill -INT %[1]d", pid)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// alive is whether there is such a process, be it ours or another user's.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// serves is whether a living process is the server of this data folder. Where there is no /proc to
// say so, it is believed to be.
func serves(pid int, data string) bool {
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return alive(pid)
	}
	return strings.Contains(string(line), "\x00-D\x00"+data+"\x00")
}

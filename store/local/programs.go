package local

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// errMissing is that a server's programs are not on the machine.
var errMissing = errors.New("is not installed")

// A source tries to bring PostgreSQL's programs to the machine. It returns their folder, or "" when
// they are now where the system keeps its own.
type source func(context.Context, *home) (string, error)

var version = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// choosePrograms finds programs fit for the data, or obtains them from the first source that can.
func (h *home) choosePrograms(ctx context.Context, obtain []source) error {
	err := h.chooseAmong(ctx, installed(ctx))
	missing := err
	for _, from := range obtain {
		if !errors.Is(err, errMissing) {
			return err
		}
		found, failed := from(ctx, h)
		if failed != nil {
			missing = errors.Join(missing, failed)
			continue
		}
		// The package brings the user postgres along.
		if h.as, err = serverUser(h.data()); err != nil {
			return err
		}
		err = h.chooseAmong(ctx, append(installed(ctx), found))
	}
	if errors.Is(err, errMissing) {
		return missing
	}
	return err
}

// chooseAmong takes the first folder with programs that work, and that made the data if there are any.
func (h *home) chooseAmong(ctx context.Context, folders []string) error {
	made, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	need := strings.TrimSpace(string(made))
	var others []string
	for _, folder := range folders {
		if !isProgram(filepath.Join(folder, "postgres")) || !isProgram(filepath.Join(folder, "initdb")) {
			continue
		}
		h.programs = folder
		said, err := h.output(ctx, "postgres", "--version")
		if err != nil {
			return err
		}
		found := version.FindSubmatch(said)
		switch {
		case found == nil:
			return fmt.Errorf("%s does not tell its version: %q", folder, said)
		case need == "" || need == string(found[1]):
			return nil
		}
		others = append(others, string(found[1]))
	}
	if len(others) > 0 {
		return fmt.Errorf("the data were made by PostgreSQL %s, here is only %s: install version %[1]s, "+
			"or remove the folder to begin anew", need, strings.Join(others, " and "))
	}
	return fmt.Errorf("the server of PostgreSQL (programs initdb and postgres) %w", errMissing)
}

// installed lists where the programs may be: on the PATH, where Debian keeps them off it, and where
// pg_config says.
func installed(ctx context.Context) []string {
	var folders []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(path))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	slices.Reverse(debian)                                  // the newest first
	folders = append(folders, debian...)
	if said, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(said)))
	}
	return folders
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

//go:embed install.sh
var installer []byte

// install installs the system's package, for root on Debian.
func install(ctx context.Context, h *home) (string, error) {
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return "", errors.New("it can be installed with the system's packages, by root and on Debian only")
	}
	h.Log.Info("installing PostgreSQL with the system's packages")
	cmd := exec.CommandContext(ctx, "sh", "-s", "postgresql")
	cmd.Stdin = bytes.NewReader(installer)
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("install it with apt-get: %w", err), lastOf(said))
	}
	return "", nil
}

// download fetches programs into the server's folder, through a cache of the user.
func download(_ context.Context, h *home) (string, error) {
	programs := filepath.Join(h.dir, "programs")
	folder := filepath.Join(programs, "bin")
	if isProgram(filepath.Join(folder, "initdb")) {
		return folder, nil
	}
	h.Log.Info("downloading PostgreSQL")
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = h.dir
	}
	scratch := filepath.Join(h.dir, "scratch")
	fresh := programs + ".new" // a name of its own until it is complete
	if err := os.RemoveAll(fresh); err != nil {
		return "", err
	}
	defer func() { _ = errors.Join(os.RemoveAll(scratch), os.RemoveAll(fresh)) }()
	// The library knows no download without a start. What it starts is of no use to us: it has a
	// known password, and as root it cannot start at all. So only the programs count.
	trial := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		CachePath(filepath.Join(cache, "piga", "postgresql")).
		BinariesPath(fresh).
		RuntimePath(scratch).
		Port(uint32(port)).
		Logger(io.Discard))
	if err = trial.Start(); err == nil {
		err = trial.Stop()
	}
	if !isProgram(filepath.Join(fresh, "bin", "initdb")) {
		return "", fmt.Errorf("it cannot be downloaded: %w", err)
	}
	return folder, os.Rename(fresh, programs)
}

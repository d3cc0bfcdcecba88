package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
)

// anybody and theMerchant are pgbench's scripts: a call of bench_transfer each, to anybody or to one till.
const (
	anybody = `\set who random(0, :people - 1)
\set payee (:who + random(1, :people - 1)) % :people + :first
` + pgbenchCall
	theMerchant = `\set who random(0, :people - 1)
\set payee :hot
` + pgbenchCall
	pgbenchCall = `\set payer :who + :first
\set amount 10100 + 100 * random(0, 19)
\set salt random(1, 9223372036854775806)
SELECT bench_transfer(:payer, :payee, :amount, :fee, :salt);
`
)

// pgbench is 16 of its clients, with payees at random or with one hot account. The rate is zero where the
// program is missing. Its own log tells when each transaction ended and what it took.
func (l *lab) pgbench(b *books, hot core.AccountID) side {
	return func(ctx context.Context) (tally, error) {
		program, ok := l.server.Program("pgbench")
		if !ok {
			return tally{}, nil
		}
		dir, err := os.MkdirTemp(l.dir, "pgbench-")
		if err != nil {
			return tally{}, err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		script, file := anybody, filepath.Join(dir, "script")
		if hot != 0 {
			script = theMerchant
		}
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			return tally{}, err
		}
		address, password, err := withoutPassword(b.url)
		if err != nil {
			return tally{}, err
		}
		whole := (l.warm + l.seconds + time.Second - 1).Truncate(time.Second) // it counts in whole seconds
		cmd := exec.CommandContext(ctx, program, "--no-vacuum", "--protocol=prepared", "--file="+file,
			"--client="+strconv.Itoa(fewCallers), "--jobs=2", "--time="+strconv.Itoa(int(whole.Seconds())),
			"--log", "--log-prefix="+filepath.Join(dir, "log"),
			"--define=people="+strconv.Itoa(b.people), "--define=first="+strconv.Itoa(firstPerson),
			"--define=hot="+strconv.FormatInt(int64(hot), 10), "--define=fee="+strconv.Itoa(historyFee), address)
		cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
		if said, err := cmd.CombinedOutput(); err != nil {
			return tally{}, fmt.Errorf("pgbench: %w: %s", err, said[:min(len(said), 500)])
		}
		return readPgbench(dir, l.warm, whole-l.warm)
	}
}

// withoutPassword keeps the password off a command line.
func withoutPassword(address string) (without, password string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", errors.New("the URL of PostgreSQL is malformed")
	}
	password, _ = u.User.Password()
	u.User = url.User(u.User.Username())
	return u.String(), password, nil
}

// logged is a transaction of pgbench's.
type logged struct {
	ended time.Duration // since 1970
	took  time.Duration
}

// readPgbench sums up its logs, one of each thread, as a load is summed up: what ended in the time after the
// warm-up.
func readPgbench(dir string, warm, measured time.Duration) (tally, error) {
	files, err := filepath.Glob(filepath.Join(dir, "log.*"))
	if err != nil {
		return tally{}, err
	}
	var all []logged
	for _, f := range files {
		some, err := readPgbenchLog(f)
		if err != nil {
			return tally{}, err
		}
		all = append(all, some...)
	}
	if len(all) == 0 {
		return tally{}, errors.New("pgbench has carried nothing out")
	}
	began := all[0].ended
	for _, one := range all {
		began = min(began, one.ended-one.took)
	}
	var c callerTally
	for _, one := range all {
		if since := one.ended - began; since >= warm && since <= warm+measured {
			c.done++
			c.took = append(c.took, one.took)
		}
	}
	return sum([]callerTally{c}, measured), nil
}

// readPgbenchLog reads lines of: client, transaction, time in µs, script, end in seconds, and the µs of that.
func readPgbenchLog(path string) (all []logged, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 6 || slices.Contains(fields, "failed") {
			return nil, fmt.Errorf("pgbench has logged %q", lines.Text())
		}
		var n [3]int64
		for i, at := range []int{2, 4, 5} {
			if n[i], err = strconv.ParseInt(fields[at], 10, 64); err != nil {
				return nil, fmt.Errorf("pgbench has logged %q", lines.Text())
			}
		}
		all = append(all, logged{
			ended: time.Duration(n[1])*time.Second + time.Duration(n[2])*time.Microsecond,
			took:  time.Duration(n[0]) * time.Microsecond,
		})
	}
	return all, lines.Err()
}

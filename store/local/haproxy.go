package local

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Balancing is how a balancer spreads requests.
type Balancing struct {
	Backends []string // host:port of each, whether it is there yet or not
	Ready    string   // the path that a backend answers with 200 when it wants requests, asked every 200 ms
	Alive    string   // the same for being there at all: where requests go while nobody wants them
	Repeat   Repeat
}

// Repeat is what a balancer makes once more elsewhere.
type Repeat string

// What may be made once more.
const (
	Nothing    Repeat = ""                                                                               // as by Kubernetes
	Unsent     Repeat = "\toption redispatch 1\n\tretries 2\n"                                           // what nobody took, as by haproxy
	Unanswered Repeat = Unsent + "\tretry-on conn-failure empty-response response-timeout 502 503 504\n" // be it carried out or not
)

const haproxyHead = `
global
	maxconn 1000
defaults
	mode http
	timeout connect 1s
	timeout client 30s
	timeout server 30s
	timeout queue 2s
	retries 0
	default-server check inter 200ms fall 2 rise 1
frontend all
	bind %s
	use_backend alive if { nbsrv(ready) lt 1 }
	default_backend ready
`

// Balancer runs haproxy in front of backends that need not be there yet, and gives its address. It asks each in turn,
// without regard to who was where before, and ends with the test.
func Balancer(t testing.TB, b Balancing) (address string) {
	t.Helper()
	path, err := HAProxy()
	needed(t, err)
	address = Address(t)
	var lines strings.Builder
	fmt.Fprintf(&lines, haproxyHead, address)
	for name, path := range map[string]string{"ready": b.Ready, "alive": b.Alive} {
		fmt.Fprintf(&lines, "backend %s\n\tbalance roundrobin\n\toption httpchk GET %s\n%s", name, path, b.Repeat)
		for i, backend := range b.Backends {
			fmt.Fprintf(&lines, "\tserver copy%d %s\n", i, backend)
		}
	}
	config := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(config, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd := exec.Command(path, "-db", "-f", config)
	cmd.Stdout, cmd.Stderr = &said, &said
	p, err := launch(cmd, syscall.SIGKILL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(syscall.SIGKILL, 10*time.Second); err != nil {
			t.Errorf("haproxy: %v\n%s", err, said.String())
		}
	})
	if err := p.await(t.Context(), answers(address)); err != nil {
		t.Fatal(err)
	}
	return address
}

// Address is one of the loopback that nobody has at this moment, and that no outgoing connection takes.
func Address(t testing.TB) string {
	t.Helper()
	address, err := FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// FreeAddress is Address outside of tests.
func FreeAddress() (string, error) {
	port, err := freePort()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), err
}

// HAProxy is where the program lies. It looks where Debian keeps it, too: off the PATH of most users.
func HAProxy() (string, error) {
	for _, path := range []string{"haproxy", "/usr/sbin/haproxy"} {
		if path, err := exec.LookPath(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("haproxy %w", errMissing)
}

// answers is nil when somebody takes connections.
func answers(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

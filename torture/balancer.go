package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/piga-money/piga/store/local"
)

// A gateway counts as there while it is alive, and not only while it is ready: one that cannot reach PostgreSQL says
// so to whoever calls, in words, and all of them together are no reason for the balancer to say it in none.
const balancing = `
global
	maxconn 2000
defaults
	mode http
	timeout connect 1s
	timeout client 30s
	timeout server 30s
	timeout queue 2s
	retries 3
	option redispatch 1
	default-server check inter 500ms fall 2 rise 1
frontend calls
	bind %s
	default_backend gateways
backend gateways
	balance roundrobin
	option httpchk GET /healthz
`

// openBalancer runs haproxy in front of the gateways.
func openBalancer(dir string, out io.Writer, gateways []*gateway) (address string, p *process, err error) {
	program, err := local.HAProxy()
	if err != nil {
		return "", nil, err
	}
	if address, err = local.FreeAddress(); err != nil {
		return "", nil, err
	}
	var config strings.Builder
	fmt.Fprintf(&config, balancing, address)
	for _, g := range gateways {
		fmt.Fprintf(&config, "\tserver %s %s\n", g.name, g.wires[front].address)
	}
	path := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(path, []byte(config.String()), 0o600); err != nil {
		return "", nil, err
	}
	p, err = launch(out, ours(), program, "-db", "-q", "-f", path)
	return address, p, err
}

package main

import (
	"sync"
	"testing"

	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/soak"
	"github.com/piga-money/piga/store/local"
)

// halting is a soak in which something breaks while they call, and is mended when they have called a little more. Nobody
// calls while it is being mended. It gives what came of it.
func halting(t *testing.T, o *soaking, breaks, mends func()) soak.Report {
	t.Helper()
	var mu sync.Mutex
	callbacks := 0
	o.watch = func(l sandbox.Line) {
		mu.Lock()
		defer mu.Unlock()
		if l.What != "callback" {
			return
		}
		switch callbacks++; callbacks {
		case o.calls:
			breaks()
		case o.calls + 5*o.callers:
			mends()
		}
	}
	r, err := o.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Errorf("%s: %s", f.Harm, f.What)
	}
	if callbacks < 2*o.calls {
		t.Errorf("there were %d callbacks, and few after it was mended", callbacks)
	}
	if r.Calls != o.calls || r.Turns < o.calls || r.Outcomes["moved"] < o.calls/10 || r.Sent == 0 {
		t.Errorf("there was little to find harm in: %+v", r)
	}
	return r
}

// Redis under Sentinel: its master is killed while people call, and they go on with the replica.
func TestSoakOverSentinel(t *testing.T) {
	t.Parallel()
	servers := local.OwnRedisSentinel(t)
	o := newSoaking(t, 150, sandbox.All())
	o.redis = servers.URL()
	o.behind = func() []string { return []string{servers.Master().URL()} }
	master := servers.Master()
	halting(t, o, master.Kill, func() { servers.AwaitSuccessor(master) })
}

// Redis as a cluster: a node is killed while people call, and is back, empty, when they have called a little.
func TestSoakOverCluster(t *testing.T) {
	t.Parallel()
	servers := local.OwnRedisCluster(t)
	o := newSoaking(t, 150, sandbox.All())
	o.redis = servers.URL()
	o.behind = func() (urls []string) {
		for _, n := range servers.Nodes() {
			urls = append(urls, n.URL())
		}
		return urls
	}
	node := servers.Nodes()[1]
	halting(t, o, node.Kill, node.Restart)
}

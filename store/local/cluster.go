package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

const (
	nodes = 3
	slots = 16384 // of any cluster
)

// ClusterServers are a Redis Cluster of three masters without replicas. While one is gone, the others go on with their slots.
type ClusterServers struct {
	t     testing.TB // whose it is alone; nil for any other
	dir   string     // of what the nodes write down
	nodes []*RedisServer
}

// RedisCluster is the URL of a cluster that all tests of this process share: use keys that no other test uses.
func RedisCluster(t testing.TB) string {
	t.Helper()
	tests.mu.Lock()
	defer tests.mu.Unlock()
	if tests.cluster == nil {
		c, err := startCluster(t.Context())
		needed(t, err)
		tests.cluster = c
	}
	return tests.cluster.URL()
}

// OwnRedisCluster is a cluster for one test that breaks it. It ends with the test.
func OwnRedisCluster(t testing.TB) *ClusterServers {
	t.Helper()
	c, err := startCluster(t.Context())
	needed(t, err)
	c.t = t
	for _, n := range c.nodes {
		n.t = t
	}
	t.Cleanup(func() {
		if err := c.stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// URL is where the nodes are, all of them.
func (c *ClusterServers) URL() string {
	return fmt.Sprintf("redis://%s?cluster=true&addr=%s&addr=%s", c.nodes[0].Address(), c.nodes[1].Address(), c.nodes[2].Address())
}

// Nodes are all of them, be they there or gone.
func (c *ClusterServers) Nodes() []*RedisServer { return c.nodes }

// Owner is the node on which a key lives.
func (c *ClusterServers) Owner(key string) *RedisServer {
	c.t.Helper()
	for _, n := range c.nodes { // one that is gone need not be asked
		said, err := n.Tell(c.t.Context(), "CLUSTER", "KEYSLOT", strconv.Quote(key))
		if err != nil {
			continue
		}
		slot, err := strconv.Atoi(said[0])
		if err != nil {
			c.t.Fatal(err)
		}
		return c.nodes[slot*nodes/slots]
	}
	c.t.Fatal("no node answers")
	return nil
}

func startCluster(ctx context.Context) (_ *ClusterServers, err error) {
	dir, err := os.MkdirTemp("", "piga-cluster-")
	if err != nil {
		return nil, err
	}
	c := &ClusterServers{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.stop())
		}
	}()
	for range nodes {
		n, err := startRedis(ctx, func(port int) ([]string, error) {
			return []string{
				"--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no",
				"--cluster-config-file", filepath.Join(dir, strconv.Itoa(port)+".conf"),
			}, nil
		})
		if err != nil {
			return nil, err
		}
		c.nodes = append(c.nodes, n)
	}
	for i, n := range c.nodes {
		from, to := strconv.Itoa((i*slots+nodes-1)/nodes), strconv.Itoa(((i+1)*slots+nodes-1)/nodes-1)
		if _, err := n.Tell(ctx, "CLUSTER", "ADDSLOTSRANGE", from, to); err != nil {
			return nil, err
		}
		if _, err := c.nodes[0].Tell(ctx, "CLUSTER", "MEET", "127.0.0.1", strconv.Itoa(n.port)); err != nil {
			return nil, err
		}
	}
	for _, n := range c.nodes {
		if err := n.program.await(ctx, n.belongs); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// belongs is nil when a node knows who has which slot.
func (r *RedisServer) belongs(ctx context.Context) error {
	said, err := r.Tell(ctx, "CLUSTER", "INFO")
	if err != nil {
		return err
	}
	for name, want := range map[string]string{"cluster_slots_ok": strconv.Itoa(slots), "cluster_state": "ok"} {
		got, err := field(said, name)
		if err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("its %s is %s", name, got)
		}
	}
	return nil
}

func (c *ClusterServers) stop() error {
	var errs []error
	for _, n := range c.nodes {
		errs = append(errs, n.kill())
	}
	return errors.Join(append(errs, os.RemoveAll(c.dir))...)
}

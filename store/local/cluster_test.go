package local_test

import (
	"testing"

	"github.com/piga-money/piga/store/local"
)

func TestNodesHaveTheirSlots(t *testing.T) {
	t.Parallel()
	c := local.OwnRedisCluster(t)
	owners := map[*local.RedisServer]bool{}
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "{a}x"} {
		n := c.Owner(key)
		owners[n] = true
		if got := say(t, n.URL(), "SET "+key+" 1"); got != "+OK\r\n" {
			t.Errorf("the owner of %s answers %q", key, got)
		}
	}
	if len(owners) != 3 || c.Owner("a") != c.Owner("{a}x") {
		t.Errorf("%d nodes have keys; one tag, two nodes: %t", len(owners), c.Owner("a") != c.Owner("{a}x"))
	}
	c.Owner("a").Kill()
	if got := say(t, c.Owner("b").URL(), "GET b"); c.Owner("b") != c.Owner("a") && got != "$1\r\n" {
		t.Errorf("while another is gone, a node answers %q", got)
	}
}

package local_test

import (
	"testing"

	"github.com/piga-money/piga/store/local"
)

func TestReplicaTakesOver(t *testing.T) {
	t.Parallel()
	s := local.OwnRedisSentinel(t)
	first := s.Master()
	s.FailOver()
	second := s.Master()
	if first == second {
		t.Fatal("the master is the same after a failover")
	}
	if got := ping(t, first.URL()); got != "+PONG\r\n" {
		t.Errorf("who is a replica now answers %q", got)
	}
}

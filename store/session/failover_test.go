package session_test

import (
	"testing"
	"time"

	"github.com/piga-money/piga/store/local"
)

func TestLostMachine(t *testing.T) {
	t.Parallel()
	servers := local.OwnRedisSentinel(t)
	s := open(t, servers.URL()+"&client_name=us")
	claim(t, s, "id", "a")
	thaw := servers.LoseMachine("us")
	defer thaw()
	began := time.Now()
	for {
		one := time.Now()
		_, _, err := s.Claim(t.Context(), "id2", "a", lease)
		t.Logf("%s: %s %v", time.Since(began), time.Since(one), err)
		if err == nil || time.Since(began) > 40*time.Second {
			break
		}
	}
}

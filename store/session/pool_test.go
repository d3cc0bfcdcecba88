package session_test

import (
	"testing"
	"time"

	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
)

// A connection that was used is idle, and seen.
func TestPool(t *testing.T) {
	t.Parallel()
	s, err := session.Open(local.OwnRedis(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // the server ends with the test
	if p := s.Pool(); p != (session.Pool{}) {
		t.Errorf("before anything was asked: %+v", p)
	}
	if _, _, err := s.Claim(t.Context(), "call", "token", time.Minute); err != nil {
		t.Fatal(err)
	}
	if p := s.Pool(); p != (session.Pool{Conns: 1, Idle: 1}) {
		t.Errorf("after one claim: %+v", p)
	}
}

package session

import "time"

// Pool is how the connections to Redis stand, and what was counted of them since the store was opened.
type Pool struct {
	Conns, Idle int
	Waits       int64         // commands that had to wait for a connection
	Waited      time.Duration // all of them together
	TimedOut    int64         // and those that got none
}

// Pool is as of now; in a cluster of all nodes together.
func (s *Store) Pool() Pool {
	p := s.client.PoolStats()
	return Pool{
		Conns: int(p.TotalConns), Idle: int(p.IdleConns), Waits: int64(p.WaitCount), Waited: time.Duration(p.WaitDurationNs),
		TimedOut: int64(p.Timeouts),
	}
}

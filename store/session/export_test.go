package session

import "github.com/redis/go-redis/v9"

// Client is for tests that look behind a store.
func (s *Store) Client() redis.UniversalClient { return s.client }

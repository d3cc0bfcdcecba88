package session

import (
	"context"
	"fmt"
	"time"
)

// Count counts one more of something under a key, by a name of its own, unless most were counted within the time of the
// window, whichever copy of the program counted them: then it says how long it takes until one more may be, and zero
// otherwise. With its name what was counted can be taken back.
func (s *Store) Count(ctx context.Context, key, name string, most int, window time.Duration) (wait time.Duration, err error) {
	millis, err := s.limit.Run(ctx, s.client, []string{limitKey(key)}, name, most, window.Milliseconds()).Int64()
	if err != nil {
		return 0, fmt.Errorf("count against a limit: %w", err)
	}
	return time.Duration(millis) * time.Millisecond, nil
}

// Uncount takes back what was counted by a name.
func (s *Store) Uncount(ctx context.Context, key, name string) error {
	if err := s.client.ZRem(ctx, limitKey(key), name).Err(); err != nil {
		return fmt.Errorf("take back from a limit: %w", err)
	}
	return nil
}

func limitKey(key string) string { return "piga:limit:" + key }

// Package session keeps calls in Redis between their turns, and sees to it that a turn is carried out by
// one worker at a time. It also counts what may be done so often only, over all copies of the program. A call is bytes
// to it: what they mean, and what a turn is, it must not know.
package session

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed claim.lua
	claimSource string
	//go:embed keep.lua
	keepSource string
	//go:embed release.lua
	releaseSource string
	//go:embed limit.lua
	limitSource string
)

// Store keeps calls. It may be used by many turns at once, and by any number of copies of the program
// over one Redis.
type Store struct {
	client                      redis.UniversalClient
	convoy                      *convoy // nil: each command goes alone
	watch                       *watch  // nil: without Sentinels
	claim, keep, release, limit *redis.Script
}

// New is a store over a client that the caller made and may share; Close closes it. In a cluster each command
// goes alone, so that a node that is down keeps only its own calls waiting.
func New(client redis.UniversalClient) *Store {
	s := &Store{
		client:  client,
		claim:   redis.NewScript(claimSource),
		keep:    redis.NewScript(keepSource),
		release: redis.NewScript(releaseSource),
		limit:   redis.NewScript(limitSource),
	}
	if _, cluster := client.(*redis.ClusterClient); !cluster {
		s.convoy = &convoy{client: client}
	}
	return s
}

// Claim takes a call for the worker with this token, until the lease ends, and reads it. The call comes
// back also when another worker has it (mine is false), and is nil when none is stored.
func (s *Store) Claim(ctx context.Context, id, token string, lease time.Duration) (call []byte, mine bool, err error) {
	said, err := s.run(ctx, s.claim, id, token, lease.Milliseconds())
	if err != nil {
		return nil, false, fmt.Errorf("claim a call: %w", err)
	}
	answer, _ := said.([]any)
	if len(answer) == 1 { // a nil at the end of a table is not sent
		answer = append(answer, nil)
	}
	if len(answer) != 2 {
		return nil, false, errors.New("claim a call: the script's answer has another form")
	}
	if stored, ok := answer[1].(string); ok {
		call = []byte(stored)
	}
	return call, answer[0] == granted, nil
}

// Keep stores a call for a time and gives up the claim. It is false, and nothing is stored, when the claim
// is no longer this worker's.
func (s *Store) Keep(ctx context.Context, id, token string, call []byte, ttl time.Duration) (kept bool, err error) {
	said, err := s.run(ctx, s.keep, id, token, call, ttl.Milliseconds())
	if err != nil {
		return false, fmt.Errorf("keep a call: %w", err)
	}
	return said == granted, nil
}

// Swap remembers for a time that a caller's last call is this one, and gives the one until now, "" if there was
// none. Asked again, as after an answer that was lost, it gives this one.
func (s *Store) Swap(ctx context.Context, caller, id string, ttl time.Duration) (before string, err error) {
	cmd := redis.NewStringCmd(ctx, "set", "piga:last:"+caller, id, "px", ttl.Milliseconds(), "get")
	err = s.do(ctx, cmd)
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("swap a caller's last call: %w", err)
	}
	return cmd.Val(), nil
}

// Read is a call as it stands, whoever has claimed it; nil when none is stored.
func (s *Store) Read(ctx context.Context, id string) ([]byte, error) {
	cmd := redis.NewStringCmd(ctx, "get", keys(id)[0])
	err := s.do(ctx, cmd)
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a call: %w", err)
	}
	return []byte(cmd.Val()), nil
}

// Release gives up the claim and leaves the call as it is. Another worker's claim is left alone.
func (s *Store) Release(ctx context.Context, id, token string) error {
	if _, err := s.run(ctx, s.release, id, token); err != nil {
		return fmt.Errorf("release a call: %w", err)
	}
	return nil
}

// Ping is nil when Redis answers, which is what readiness means here. Of a cluster one node is enough: the others'
// calls are refused one by one, and no reason to have none. It does not try a write: a replica that was not promoted yet
// is found out by the turns.
func (s *Store) Ping(ctx context.Context) error {
	err := s.pingAny(ctx)
	if err != nil {
		return fmt.Errorf("ping Redis: %w", err)
	}
	return nil
}

// pingAny asks as many nodes of a cluster as have one of some slots, all at once: a single one might be the one that is
// silent.
func (s *Store) pingAny(ctx context.Context) error {
	cluster, ok := s.client.(*redis.ClusterClient)
	if !ok {
		return s.client.Ping(ctx).Err()
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers, asked := make(chan error, 16), map[*redis.Client]bool{}
	for i := range cap(answers) {
		node, err := cluster.MasterForKey(ctx, strconv.Itoa(i))
		if err != nil {
			return err
		}
		if !asked[node] {
			asked[node] = true
			go func() { answers <- node.Ping(ctx).Err() }()
		}
	}
	var err error
	for range asked {
		if err = <-answers; err == nil {
			return nil
		}
	}
	return err
}

// Close closes the client.
func (s *Store) Close() error { return errors.Join(s.client.Close(), s.watch.close()) }

// granted is what a script answers for yes.
const granted = int64(1)

// run carries out a script of a call. What Redis refuses is asked again alone, with the script's source: it may
// have been started anew, and forgets scripts then.
func (s *Store) run(ctx context.Context, script *redis.Script, id string, args ...any) (any, error) {
	of := keys(id)
	cmd := redis.NewCmd(ctx, append([]any{"evalsha", script.Hash(), len(of), of[0], of[1]}, args...)...)
	err := s.do(ctx, cmd)
	if err == nil {
		return cmd.Val(), nil
	}
	if refused(err) {
		return script.Run(ctx, s.client, of, args...).Result()
	}
	return nil, err
}

func (s *Store) do(ctx context.Context, cmd redis.Cmder) error {
	if s.convoy == nil {
		return s.client.Process(ctx, cmd)
	}
	return s.convoy.do(ctx, cmd)
}

// keys are the call's and its claim's. What stands in braces decides on which node of a cluster a key
// lives, and a script's keys must live on one; so an id's own braces are escaped.
func keys(id string) []string {
	tag := "{" + url.QueryEscape(id) + "}"
	return []string{"piga:call:" + tag, "piga:claim:" + tag}
}

package session

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// A turn has 8 s for everything. A Redis that is out of reach is noticed in about one of them, so that the
// caller is told so rather than left with a silent phone.
const (
	dialTimeout = 500 * time.Millisecond
	waitTimeout = time.Second // for an answer, and for a connection of the pool
	retries     = 1           // covers a connection that died unnoticed, and a failover just done
	poolSize    = 50          // per node; a turn holds one for well under a millisecond
)

var (
	// ours are the parameters of a URL that go-redis does not know in this form.
	ours = []string{"master", "cluster", "addr", "sentinel_username", "sentinel_password"}
	// settings are go-redis's.
	settings = []string{
		"db", "protocol", "client_name", "skip_verify", "max_retries", "dial_timeout", "read_timeout",
		"write_timeout", "pool_timeout", "pool_size", "min_idle_conns",
	}
)

// Open is a store over the Redis at a URL, which it does not contact yet: see Ping.
//
//	redis://[user:password@]host:6379/0                              one server
//	redis://host:26379/0?master=NAME&addr=host2:26379&addr=…         Sentinels, all of them
//	redis://host:6379?cluster=true&addr=host2:6379&addr=…            some nodes of a cluster
//
// With rediss:// the connections are encrypted; unix:// is one server at a socket. Sentinels that want a
// password of their own get sentinel_username and sentinel_password. The time-outs and the pool may be set
// as in go-redis, see settings; what else stands there is refused, so that nobody believes it to count.
func Open(address string) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the URL of Redis is malformed") // the cause would show the password
	}
	query := u.Query()
	o := &redis.UniversalOptions{IsClusterMode: query.Get("cluster") == "true"}
	more, master := query["addr"], query.Get("master")
	switch {
	case len(more) > 0 && master == "" && !o.IsClusterMode:
		return nil, errors.New("the URL of Redis has several addresses: it needs master=NAME or cluster=true")
	case master != "" && o.IsClusterMode:
		return nil, errors.New("the URL of Redis has master=NAME and cluster=true: a cluster has no Sentinels")
	}
	for name := range query {
		switch {
		case slices.Contains(ours, name):
			query.Del(name)
		case !slices.Contains(settings, name):
			return nil, fmt.Errorf("the URL of Redis has the parameter %q, which means nothing here", name)
		}
	}
	u.RawQuery = query.Encode()
	one, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, fmt.Errorf("the URL of Redis: %w", err)
	}
	o.Addrs = append([]string{one.Addr}, more...)
	fill(o, one)
	if o.TLSConfig != nil && (o.IsClusterMode || master != "") {
		o.TLSConfig.ServerName = "" // each node goes by its own name
	}
	if master == "" {
		return New(redis.NewUniversalClient(o)), nil
	}
	w := newWatch(master, o, query.Get("sentinel_username"), query.Get("sentinel_password"))
	o.Addrs, o.Dialer = o.Addrs[:1], w.dial
	s := New(redis.NewUniversalClient(o))
	s.watch = w
	return s, nil
}

// fill takes over what the URL says and is quick about the rest.
func fill(o *redis.UniversalOptions, one *redis.Options) {
	o.DB, o.Username, o.Password, o.TLSConfig = one.DB, one.Username, one.Password, one.TLSConfig
	o.ClientName, o.Protocol = one.ClientName, one.Protocol
	o.MaxRetries = or(one.MaxRetries, retries)
	if o.IsClusterMode && one.MaxRetries == 0 {
		// By itself it asks four times, twice where a key was, and each of them once more: a node that is silent would
		// keep a caller waiting for as long as her turn may last.
		o.MaxRetries, o.MaxRedirects = -1, 2
	}
	o.DialTimeout = or(one.DialTimeout, dialTimeout)
	o.DialerRetries = 1 // the turn's own retry is enough
	o.ReadTimeout = or(one.ReadTimeout, waitTimeout)
	o.WriteTimeout = or(one.WriteTimeout, waitTimeout)
	o.PoolTimeout = or(one.PoolTimeout, waitTimeout)
	o.PoolSize = or(one.PoolSize, poolSize)
	o.MinIdleConns = one.MinIdleConns
	o.ContextTimeoutEnabled = true // else a turn's deadline would not reach the socket
}

func or[T comparable](given, otherwise T) T {
	var zero T
	if given == zero {
		return otherwise
	}
	return given
}

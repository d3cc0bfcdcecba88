package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// watch finds the master that Sentinels name, each time that a connection is made. go-redis does so by itself, but by one
// Sentinel at a time: one that has gone silent, as with the machine on which the master was, too, it goes on to ask for
// ever when the time for a connection is as short as here.
type watch struct {
	master    string
	sentinels []*redis.SentinelClient
	tls       *tls.Config
}

// askTimeout is for the Sentinels. It leaves the rest of dialTimeout to the master.
const askTimeout = 300 * time.Millisecond

// newWatch asks the Sentinels at the addresses of o.
func newWatch(master string, o *redis.UniversalOptions, username, password string) *watch {
	w := &watch{master: master, tls: o.TLSConfig}
	for _, addr := range o.Addrs {
		w.sentinels = append(w.sentinels, redis.NewSentinelClient(&redis.Options{
			Addr: addr, Username: username, Password: password, TLSConfig: o.TLSConfig, ClientName: o.ClientName,
			Protocol: o.Protocol, MaxRetries: -1, DialerRetries: 1, DialTimeout: askTimeout, ReadTimeout: askTimeout,
			WriteTimeout: askTimeout, PoolTimeout: askTimeout, PoolSize: 10, ContextTimeoutEnabled: true,
		}))
	}
	return w
}

// dial connects to the master, whatever address it is given.
func (w *watch) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	addr, err := w.find(ctx)
	if err != nil {
		return nil, err
	}
	if w.tls != nil {
		d := tls.Dialer{Config: w.tls}
		return d.DialContext(ctx, network, addr)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

// find asks all Sentinels at once and takes the first answer.
func (w *watch) find(ctx context.Context) (addr string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	type answer struct {
		hostPort []string
		err      error
	}
	answers := make(chan answer, len(w.sentinels))
	for _, s := range w.sentinels {
		go func() {
			hostPort, err := s.GetMasterAddrByName(ctx, w.master).Result()
			answers <- answer{hostPort, err}
		}()
	}
	for range w.sentinels {
		a := <-answers
		if a.err == nil && len(a.hostPort) == 2 {
			return net.JoinHostPort(a.hostPort[0], a.hostPort[1]), nil
		}
		err = errors.Join(err, a.err)
	}
	return "", fmt.Errorf("no Sentinel names a master %q: %w", w.master, err)
}

func (w *watch) close() error {
	if w == nil {
		return nil
	}
	var errs []error
	for _, s := range w.sentinels {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

package store

import (
	"context"
	"net"
	"time"
)

// A server that is answering says something within this time, as nothing of ours runs for so long: the
// batches of a poster and what settles them end before.
const silentFor = batchWithin + time.Second

// impatient dials connections that are closed when the server is silent for too long. A context is not
// enough: when it ends, lib/pq asks the server to cancel the statement and goes on waiting, and from a
// machine that was switched off no answer comes for minutes. On a poster's one connection everybody would
// wait.
type impatient struct{ net.Dialer }

// DialContext is the one that lib/pq calls; the others are what its interface asks for besides.
func (d impatient) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return impatientConn{c}, nil
}

func (d impatient) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d impatient) DialTimeout(network, address string, within time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

type impatientConn struct{ net.Conn }

// Read is only called while an answer is due.
func (c impatientConn) Read(p []byte) (int, error) {
	late := time.AfterFunc(silentFor, func() { _ = c.Conn.Close() })
	defer late.Stop()
	return c.Conn.Read(p)
}

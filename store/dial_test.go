package store

import (
	"net"
	"sync/atomic"
	"testing"
)

// A server that answered just as its last word was due has answered. The time of that is not held against what it is
// asked next.
func TestLastWordInTime(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	defer here.Close()  //nolint:errcheck // nothing was said
	defer there.Close() //nolint:errcheck // nothing was said
	l := &line{net: here, up: true, silences: new(atomic.Int64)}
	l.expire()
	l.listens()
	l.hears()
	l.says()
	l.listens()
	l.silent() // which waited for hears
	if l.doubtful() {
		t.Error("a server that answers is taken for silent")
	}
}

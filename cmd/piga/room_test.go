package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/room"
)

// room full, room free: as much is in hand as there is room for, and all of that is done.
func (w *world) cmdRoom(d *datadriven.TestData) string {
	if d.CmdArgs[0].Key == "full" {
		w.crowd(w.g.room)
		w.crowd(w.g.visits)
		return ""
	}
	for _, leave := range w.inHand {
		leave()
	}
	w.inHand = nil
	return ""
}

func (w *world) crowd(r *room.Room) {
	for leave, ok := r.Enter(); ok; leave, ok = r.Enter() {
		w.inHand = append(w.inHand, leave)
	}
}

// A program is told when to come again. Who dials is not turned away for it, and whoever looks after Piga is answered
// whatever there is.
func TestNoRoomForPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane := w.as(w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 0))
	w.crowd(w.g.visits)
	if leave, ok := w.g.room.Enter(); ok {
		leave()
	} else {
		t.Error("there is no room for calls")
	}
	w.crowd(w.g.room)
	r := jane.get("/api/account/balance")
	if r.refused(core.Busy); r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") != "2" {
		t.Errorf("%d, to be tried again after %q", r.status, r.header.Get("Retry-After"))
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		res, err := http.Get(w.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// Whoever is slow to say what she wants takes nobody's room: with a few hundred of such visits, for which nobody needs a
// token, all others would be told Busy.
func TestSlowVisitsTakeNoRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := strings.TrimPrefix(w.server.URL, "http://")
	for range 10 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // it is only kept waiting
		fmt.Fprintf(c, "POST /api/login/subscriber HTTP/1.1\r\nHost: %s\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", address)
		if said, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(said, "100 Continue") {
			t.Fatalf("what she wants is not waited for: %q, %v", said, err)
		}
	}
	w.crowd(w.g.visits)
	if n := len(w.inHand); n != 256 {
		t.Errorf("there is room for %d", n)
	}
}

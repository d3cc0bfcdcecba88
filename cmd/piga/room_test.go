package main

import (
	"net/http"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
)

// room full, room free: as much is in hand as there is room for, and all of that is done.
func (w *world) cmdRoom(d *datadriven.TestData) string {
	if d.CmdArgs[0].Key == "full" {
		w.fillRoom()
		return ""
	}
	for _, leave := range w.inHand {
		leave()
	}
	w.inHand = nil
	return ""
}

func (w *world) fillRoom() {
	for leave, ok := w.g.room.Enter(); ok; leave, ok = w.g.room.Enter() {
		w.inHand = append(w.inHand, leave)
	}
}

// A program is told when to come again. Whoever looks after Piga is answered whatever there is.
func TestNoRoomForPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane := w.as(w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 0))
	w.fillRoom()
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

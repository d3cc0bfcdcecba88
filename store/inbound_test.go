package store

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

const inboundLease = 30 * time.Second

func incoming(id string) notice.Incoming {
	return notice.Incoming{Provider: "africastalking", ProviderID: id, Phone: "+254722000001", Kind: "ok", Text: "OK ****"}
}

func replying(key text.Key, most int) notice.Reply {
	return notice.Reply{Outcome: "done", Most: most, Window: time.Hour, Tell: []notice.Notice{{
		Phone: "+254722000001", Lang: core.English, When: notice.Done, Key: key,
	}}}
}

// A message is taken by one, answered once, and after that known by its id.
func TestInboundOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	in := incoming("m1")
	in.Sent = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	if finished, err := b.TakeInbound(t.Context(), in, inboundLease); finished || err != nil {
		t.Fatalf("first: %v, %v", finished, err)
	}
	if _, err := b.TakeInbound(t.Context(), in, inboundLease); core.CodeOf(err) != core.Busy {
		t.Errorf("while it is in somebody's hands: %v", err)
	}
	for i, want := range []bool{true, false} {
		if told, err := b.FinishInbound(t.Context(), in, replying("reply.wrong_code", 0)); told != want || err != nil {
			t.Errorf("finished %d times: %v, %v", i, told, err)
		}
	}
	if finished, err := b.TakeInbound(t.Context(), in, inboundLease); !finished || err != nil {
		t.Errorf("afterwards: %v, %v", finished, err)
	}
	if n := b.count(`SELECT count(*) FROM messages WHERE key = 'reply.wrong_code' AND party_id IS NULL`); n != 1 {
		t.Errorf("%d replies", n)
	}
	if n := b.count(`SELECT count(*) FROM inbound_messages WHERE sent_at = '2026-11-21 12:00:00+00' AND text = 'OK ****'`); n != 1 {
		t.Error("the row is not what came")
	}
	if _, err := b.FinishInbound(t.Context(), incoming("never"), replying("reply.help", 3)); core.CodeOf(err) != core.Internal {
		t.Errorf("one that was never taken: %v", err)
	}
}

// Whoever died over a message loses it when the lease is over, and one of those who come then has it.
func TestInboundAfterACrash(t *testing.T) {
	t.Parallel()
	b := open(t)
	in := incoming("m1")
	if _, err := b.TakeInbound(t.Context(), in, inboundLease); err != nil {
		t.Fatal(err)
	}
	b.pass(time.Minute)
	var had atomic.Int64
	together(8, func(int) {
		if _, err := b.TakeInbound(t.Context(), in, inboundLease); err == nil {
			had.Add(1)
		}
	})
	if had.Load() != 1 {
		t.Errorf("%d have it", had.Load())
	}
}

// The same words go to one phone so often within an hour, however many come at once, and then again.
func TestInboundSaidOftenEnough(t *testing.T) {
	t.Parallel()
	b := open(t)
	var said atomic.Int64
	come := func(from int) {
		said.Store(0)
		together(8, func(i int) {
			in := incoming(fmt.Sprint("m", from+i))
			if _, err := b.TakeInbound(t.Context(), in, inboundLease); err != nil {
				t.Error(err)
			}
			told, err := b.FinishInbound(t.Context(), in, replying("reply.help", 3))
			if err != nil {
				t.Error(err)
			}
			if told {
				said.Add(1)
			}
		})
		if said.Load() != 3 {
			t.Errorf("said %d times", said.Load())
		}
	}
	come(0)
	in := incoming("other words")
	if _, err := b.TakeInbound(t.Context(), in, inboundLease); err != nil {
		t.Fatal(err)
	}
	if told, err := b.FinishInbound(t.Context(), in, replying("reply.pin", 3)); !told || err != nil {
		t.Errorf("other words: %v, %v", told, err)
	}
	b.pass(61 * time.Minute)
	come(100)
}

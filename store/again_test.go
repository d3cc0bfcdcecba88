package store

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/office"
)

func (b bench) sendAgain(id int64) (bool, error) {
	return b.SendAgain(b.t.Context(), id, core.Deed{By: 7, Action: "message.send_again", Subject: core.OfMessage, ID: id, Address: "127.0.0.1"})
}

// A dead message is made due once, whoever comes at once, with a day of tries before it; what waits, was sent, or is to
// somebody closed is not.
func TestSendAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.party(core.Subscriber, core.TierNew)
	b.ok(b.Tell(t.Context(), []notice.Notice{{To: p.ID, Phone: p.Phone, Lang: p.Lang, When: notice.Done, Key: "sms.sent"}}))
	b.claims(1, 1)
	b.ok(b.MessageDead(t.Context(), 1, "text", "no such number"))
	b.pass(48 * time.Hour)
	if dead, err := b.Messages(t.Context(), office.MessageSearch{Dead: true, Most: 9}); err != nil || len(dead) != 1 || dead[0].State() != "dead" {
		t.Errorf("%+v, %v", dead, err)
	}
	b.ok(b.edit(p, office.Edit{Phone: "+254799000001"}))
	var renewed atomic.Int64
	together(6, func(int) {
		did, err := b.sendAgain(1)
		if err != nil {
			t.Error(err)
		}
		if did {
			renewed.Add(1)
		}
	})
	if n := b.count(`SELECT count(*) FROM audit_log WHERE action = 'message.send_again' AND before->>'tries' = '1'`); renewed.Load() != 1 || n != 1 {
		t.Errorf("%d did, with %d deeds", renewed.Load(), n)
	}
	if _, lag, err := b.MessageLag(t.Context()); err != nil || lag > time.Hour {
		t.Errorf("the oldest has waited for %s, %v", lag, err)
	}
	m := b.claims(5, 1, 2, 3)[0] // beside what both numbers are told
	age := time.Now().Add(48 * time.Hour).Sub(m.Created)
	if _, again := notice.Again(m.Attempts, age, 0.5); !again || m.Attempts != 1 || m.Text != "text" || m.Phone != "+254799000001" {
		t.Errorf("%+v, made %s ago", m, age)
	}
	b.ok(b.MessageSent(t.Context(), 1, "text", "at", "id-1"))
	if _, err := b.sendAgain(1); core.CodeOf(err) != core.NotAllowed {
		t.Errorf("one that was sent: %v", err)
	}
	b.ok(b.MessageDead(t.Context(), 2, "text", "no such number"))
	b.ok(b.shut(p))
	if _, err := b.sendAgain(2); core.CodeOf(err) != core.NotAllowed {
		t.Errorf("to who is closed: %v", err)
	}
	if _, err := b.sendAgain(9); core.CodeOf(err) != core.UnknownMessage {
		t.Errorf("none: %v", err)
	}
}

// What is listed goes page by page, newest first, and by number.
func TestMessagesByPage(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.tell("+254700000001", "+254700000002", "+254700000001", "+254700000001")
	var got []int64
	for after := int64(0); ; {
		page, err := b.Messages(t.Context(), office.MessageSearch{Phone: "+254700000001", After: after, Most: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			got, after = append(got, m.ID), m.ID
		}
	}
	if len(got) != 3 || got[0] != 4 || got[1] != 3 || got[2] != 1 {
		t.Errorf("%v", got)
	}
	if plan := b.plan(`SELECT id FROM messages WHERE phone = '+254700000001' ORDER BY id DESC LIMIT 2`); plan != "messages_by_phone" {
		t.Errorf("looked for by %s", plan)
	}
	if plan := b.plan(`SELECT id FROM messages WHERE dead_at IS NOT NULL AND sent_at IS NULL ORDER BY id DESC LIMIT 2`); plan != "dead_messages" {
		t.Errorf("the dead are looked for by %s", plan)
	}
}

package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// tell writes messages to phones, one each; they have the ids 1, 2, 3.
func (b bench) tell(phones ...core.MSISDN) {
	b.t.Helper()
	tell := make([]notice.Notice, len(phones))
	for i, p := range phones {
		tell[i] = notice.Notice{To: 1, Phone: p, Lang: core.English, When: notice.Done, Key: "sms.sent", Args: text.Args{"n": fmt.Sprint(i)}}
	}
	if err := b.Tell(b.t.Context(), tell); err != nil {
		b.t.Fatal(err)
	}
}

func (b bench) claims(n int, want ...int64) []notice.Message {
	b.t.Helper()
	messages, err := b.ClaimMessages(b.t.Context(), n, time.Minute)
	if err != nil {
		b.t.Fatal(err)
	}
	var ids []int64
	for _, m := range messages {
		ids = append(ids, m.ID)
	}
	if diff := gocmp.Diff(want, ids); diff != "" {
		b.t.Errorf("claimed (-want +got)\n%s", diff)
	}
	return messages
}

func (b bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Error(err)
	}
}

func TestClaimedMessagesComeBackAfterTheLease(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.tell("+254700000001", "+254700000002", "+254700000003")
	b.claims(2, 1, 2)
	b.claims(2, 3)
	b.claims(2)
	b.pass(61 * time.Second)
	if m := b.claims(5, 1, 2, 3); m[0].Attempts != 2 || m[0].Args["n"] != "0" || m[0].Created.Location() != b.zone {
		t.Errorf("the first is %+v", m[0])
	}
	b.ok(b.MessageSent(t.Context(), 1, "text 1", "at", "id-1"))
	b.ok(b.MessageRetry(t.Context(), 2, "text 2", "busy", time.Hour))
	b.ok(b.MessageDead(t.Context(), 3, "text 3", "no such number"))
	b.pass(30 * time.Minute)
	b.claims(5)
	b.pass(31 * time.Minute)
	if m := b.claims(5, 2); m[0].Text != "text 2" || m[0].Attempts != 3 {
		t.Errorf("it comes again as %+v", m[0])
	}
	b.ok(b.MessageRetry(t.Context(), 2, "text 2", "", 0)) // was not tried: the try is taken back
	if m := b.claims(5, 2); m[0].Attempts != 3 {
		t.Errorf("tried %d times", m[0].Attempts)
	}
	if n := b.count(`SELECT count(*) FROM messages WHERE last_error = 'busy' AND id = 2`); n != 1 {
		t.Error("the reason is gone")
	}
}

// A phone's messages stay in order: a later one waits while an earlier one is in somebody's hands, and
// does not wait for one that is to be tried again later.
func TestMessagesOfAPhoneStayInOrder(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.tell("+254700000001", "+254700000001", "+254700000002", "+254700000001")
	b.claims(1, 1)
	b.claims(5, 3)
	b.ok(b.MessageRetry(t.Context(), 1, "", "busy", time.Hour))
	b.claims(5, 2, 4)
	b.ok(b.MessageSent(t.Context(), 2, "", "at", "x"))
}

func TestMessagesAreClaimedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	phones := make([]core.MSISDN, 200)
	for i := range phones {
		phones[i] = core.MSISDN(fmt.Sprintf("+2547000%05d", i%20))
	}
	b.tell(phones...)
	var mu sync.Mutex
	var order []notice.Message
	together(4, func(int) {
		for empty := 0; empty < 3; {
			claimed, err := b.ClaimMessages(context.Background(), 7, time.Minute)
			if err != nil {
				t.Error(err)
				return
			}
			if len(claimed) == 0 {
				empty++
			}
			mu.Lock()
			order = append(order, claimed...)
			mu.Unlock()
			for _, m := range claimed {
				if err := b.MessageSent(context.Background(), m.ID, "text", "at", fmt.Sprint(m.ID)); err != nil {
					t.Error(err)
				}
			}
		}
	})
	last := map[core.MSISDN]int64{}
	for _, m := range order {
		if m.ID <= last[m.Phone] {
			t.Errorf("message %d came after %d", m.ID, last[m.Phone])
		}
		last[m.Phone] = m.ID
	}
	if n := b.count(`SELECT count(*) FROM messages WHERE sent_at IS NULL OR attempts <> 1`); n != 0 {
		t.Errorf("%d were not claimed once", n)
	}
}

func TestReports(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.tell("+254700000001", "+254700000002", "+254700000003")
	ctx := t.Context()
	b.ok(b.MessageReport(ctx, "at", notice.Report{ProviderID: "early", Status: "Success", Delivered: true}))
	b.ok(b.MessageReport(ctx, "other", notice.Report{ProviderID: "late", Status: "Failed", Failed: true}))
	b.ok(b.MessageSent(ctx, 1, "text", "at", "early"))
	b.ok(b.MessageSent(ctx, 2, "text", "at", "late"))
	b.ok(b.MessageSent(ctx, 3, "text", "at", ""))
	b.ok(b.MessageReport(ctx, "at", notice.Report{ProviderID: "late", Status: "Sent"}))
	b.ok(b.MessageReport(ctx, "at", notice.Report{ProviderID: "late", Status: "Failed", Reason: "UserInBlacklist", Failed: true}))
	for query, want := range map[string]int64{
		`SELECT count(*) FROM messages WHERE id = 1 AND delivered_at IS NOT NULL AND failed_at IS NULL`:                                    1,
		`SELECT count(*) FROM messages WHERE id = 2 AND delivered_at IS NULL AND failed_at IS NOT NULL AND last_error = 'UserInBlacklist'`: 1,
		`SELECT count(*) FROM messages WHERE id = 3 AND sent_at IS NOT NULL AND provider_id IS NULL`:                                       1,
		`SELECT count(*) FROM delivery_reports`: 2,
	} {
		if n := b.count(query); n != want {
			t.Errorf("%d, not %d: %s", n, want, query)
		}
	}
}

func TestMessageLag(t *testing.T) {
	t.Parallel()
	b := open(t)
	if n, oldest, err := b.MessageLag(t.Context()); n != 0 || oldest != 0 || err != nil {
		t.Errorf("%d for %s: %v", n, oldest, err)
	}
	b.tell("+254700000001", "+254700000002", "+254700000003")
	b.claims(1, 1)
	b.ok(b.MessageRetry(t.Context(), 1, "", "busy", time.Hour))
	b.claims(1, 2)
	b.pass(30 * time.Second)
	if n, oldest, err := b.MessageLag(t.Context()); n != 2 || oldest < 30*time.Second || oldest > time.Minute || err != nil {
		t.Errorf("%d for %s: %v", n, oldest, err)
	}
}

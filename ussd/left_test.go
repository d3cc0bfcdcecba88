package ussd_test

import (
	"crypto/rand"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/ussd"
)

// A plain dial is told where the phone's last call broke off, if it was a moment ago.
func TestLeft(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	s := newStand(t, local.OwnRedis(t).URL(), func(c *ussd.Config) {
		c.Clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	// dial begins another call, with these texts, and wants to be told of that screen.
	dial := func(what string, want text.Key, texts ...string) {
		t.Helper()
		s.session = "ATUid_" + rand.Text()
		for i, text := range texts {
			s.say(text)
			if got := s.menus.left.Screen; i == 0 && got != want {
				t.Errorf("%s: left at %q, want %q", what, got, want)
			}
		}
	}
	dial("the first call", "", "", "1", "1*0712")
	dial("after one that broke off", "send.amount", "", "1", "1*0712", "1*0712*500")
	dial("a deep dial", "", "1*0712")
	dial("after a deep dial", "send.amount", "", "1", "1*0712", "1*0712*500")
	ahead.Add(int64(14 * time.Minute))
	dial("14 minutes later", "send.pin", "", "1")
	ahead.Add(int64(16 * time.Minute))
	dial("16 minutes later", "", "", "1", "1*0712", "1*0712*500", "1*0712*500*"+pin)
	dial("after one that ended", "", "", "1")
	dial("after that", "send.to", "")

	s.session = "ATUid_" + rand.Text()
	s.post(t.Context(), "ussd", url.Values{
		"sessionId": {s.session}, "phoneNumber": {caller}, "serviceCode": {"*384*97#"}, "text": {""},
	}.Encode())
	if got := s.menus.left.Screen; got != "" {
		t.Errorf("another service: left at %q", got)
	}
	s.session = "ATUid_" + rand.Text()
	s.post(t.Context(), "ussd", url.Values{
		"sessionId": {s.session}, "phoneNumber": {"+254722000000"}, "serviceCode": {service}, "text": {""},
	}.Encode())
	if got := s.menus.left.Screen; got != "" {
		t.Errorf("another phone: left at %q", got)
	}
}

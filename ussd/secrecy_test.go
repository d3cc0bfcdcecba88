package ussd_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/piga-money/piga/store/local"
)

// What a caller typed as her PIN, the whole number she calls from, and the callback's secret are nowhere
// but where they must be.
func TestNothingSecretIsLeftBehind(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s := newStand(t, r.URL())
	wrong := "526174"
	for _, text := range []string{
		"1*2*3", "1*2*3*" + wrong, "1*2*3*" + wrong + "*" + pin, "1*2*3*" + wrong + "*" + pin, // and again
		"1*2*3", "9*" + pin, "1*2*3*" + wrong + "*" + pin + "*" + pin,
	} {
		s.say(text)
	}
	s.post(t.Context(), "ussd", "text="+pin+"&text="+pin+"&sessionId="+pin)
	s.post(t.Context(), "ussd", "%zz"+pin)
	s.post(t.Context(), "events", url.Values{
		"sessionId": {s.session}, "status": {"Success"}, "hopsMetadata": {"home|" + pin}, "input": {"1*2*3*" + pin},
		"lastAppResponse": {"SENT to " + pin}, "phoneNumber": {caller}, "errorMessage": {pin},
	}.Encode())

	client := open(t, r.URL())
	keys, err := client.Keys(t.Context(), "*").Result()
	check(t, err)
	if len(keys) != 2 {
		t.Errorf("keys %q, want the call and whose last it is", keys)
	}
	kept := s.log.String()
	for _, key := range keys {
		value := client.Get(t.Context(), key).Val()
		if len(value) < 100 && value != s.session {
			t.Errorf("%s holds %q", key, value)
		}
		kept += key + strings.ReplaceAll(value, caller, "the number that the call is kept under")
	}
	families, err := s.metrics.Gather()
	check(t, err)
	for _, f := range families {
		kept += f.String()
	}
	for _, hidden := range []string{pin, wrong, secret, caller, strings.TrimPrefix(caller, "+")} {
		if at := strings.Index(kept, hidden); at >= 0 {
			t.Errorf("%s is in %.200q", hidden, kept[max(0, at-100):])
		}
	}
	if s.menus.count() != 3 {
		t.Errorf("the menus were asked %d times", s.menus.count())
	}
}

package ussd_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/ussd"
)

// ends posts an end event of the stand's call.
func (s *stand) ends(status, service string) {
	s.t.Helper()
	s.endsOn("63902", status, service)
}

// endsOn is one of a call over an operator's network.
func (s *stand) endsOn(network, status, service string) {
	s.t.Helper()
	form := url.Values{
		"sessionId": {s.session}, "serviceCode": {service}, "phoneNumber": {caller}, "status": {status}, "networkCode": {network},
	}
	if got := s.post(s.t.Context(), "events", form.Encode()); got.Code != http.StatusOK {
		s.t.Errorf("%s: %d", status, got.Code)
	}
}

// Only a call whose last page reached the phone was seen to its end.
func TestSeen(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	for _, status := range []string{"Incomplete", "Failed", "", "success"} {
		s.ends(status, service)
	}
	s.ends("Success", "*999#")
	s.ends("Success", service)
	if got, want := <-s.errands, core.RequestID("ussd:"+service+":"+s.session); got != want || len(s.errands) != 0 {
		t.Errorf("%s was seen, not %s; %d more", got, want, len(s.errands))
	}
}

// A store that does not answer keeps no event waiting.
func TestSeenDoesNotWait(t *testing.T) {
	t.Parallel()
	s := newStand(t, "", func(c *ussd.Config) { c.Errands = make(errands) })
	began := time.Now()
	for range 50 {
		s.ends("Success", service)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("50 events took %s", took)
	}
}

// Calls that break off are counted by operator, and a number that nobody knows makes no series of its own.
func TestEndsByOperator(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	for network, operator := range map[string]string{
		"63902": "safaricom", "63903": "airtel", "63907": "telkom", "63999": "equitel", "99999": "sandbox", "64110": "other", "": "other",
	} {
		before := s.counted("piga_calls_ended_total", "operator="+operator, "status=Incomplete")
		s.endsOn(network, "Incomplete", service)
		if got := s.counted("piga_calls_ended_total", "operator="+operator, "status=Incomplete"); got != before+1 {
			t.Errorf("%s: %d ended calls of %s, after %d", network, got, operator, before)
		}
	}
}

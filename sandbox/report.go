package sandbox

import "net/url"

// stormy are the statuses of a storm: the provider's, and some that it has not thought of yet.
var stormy = []string{"Sent", "Submitted", "Buffered", "DeliveryImpossible", "Queued At Operator", "UNKNOWN", "0", "Pending~"}

// storm is how many reports there are in one.
const storm = 20

// reportLater has a message reported as delivered.
func (s *Sandbox) reportLater(at occasion, id, phone string) {
	if s.Reports == "" {
		return
	}
	did := s.strikes(at, ReportStorm)
	if did.by(ReportStorm) {
		for i := range storm {
			s.report(id, phone, stormy[i%len(stormy)], did)
		}
	}
	s.report(id, phone, "Success", did)
}

func (s *Sandbox) report(id, phone, status string, did struck) {
	s.later(delivery{
		line: Line{What: "report", Phone: phone, Did: did}, to: s.Reports,
		form: url.Values{
			"id":          {id},
			"status":      {status},
			"phoneNumber": {phone},
			"networkCode": {s.networkNow(phone)},
			"retryCount":  {"0"}, // of sending to the phone, which never fails here
		},
		wait: s.ReportAfter, again: betweenTries, tries: tries,
	})
}

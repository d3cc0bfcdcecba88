package sms

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/piga-money/piga/core/notice"
)

const (
	mostID     = 100
	mostWord   = 40
	mostReason = 200
)

// Reports keeps what providers say about messages later on.
type Reports interface {
	// MessageReport keeps a report, of a message that is not known too: it may be marked as sent a moment
	// later. An error means that it was not kept.
	MessageReport(ctx context.Context, provider string, r notice.Report) error
}

// Delivery takes delivery reports: a form with id, status, and failureReason. It is a handler for any
// path; the caller keeps strangers out.
//
// The provider repeats for hours what is not answered with 200. So everything that would be no better
// the next time is answered with 200, a report that cannot be understood too, and counted. Only when the
// report could not be kept, which means that the database is away, the answer is 500: repeating is then
// what we want, and the provider's patience is longer than any outage should be.
func Delivery(reports Reports, provider string, m *Metrics, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, refused := postedForm(w, r, "a delivery report")
		if refused != 0 {
			return
		}
		report, ok := readReport(form)
		if !ok {
			m.reports.WithLabelValues(provider, "malformed").Inc()
			log.WarnContext(r.Context(), "malformed delivery report", "provider", provider)
			return
		}
		if err := reports.MessageReport(r.Context(), provider, report); err != nil {
			m.reports.WithLabelValues(provider, "unkept").Inc()
			log.ErrorContext(r.Context(), "delivery report not kept", "provider", provider, "provider_id", report.ProviderID, "error", err)
			http.Error(w, "try again later", http.StatusInternalServerError)
			return
		}
		m.report(provider, report)
	})
}

// readReport is false when the form has no usable id or status: nothing could be done with it, now or
// later. What it gives is safe to store: bounded, and printable ASCII.
func readReport(form url.Values) (notice.Report, bool) {
	id, status := form.Get("id"), form.Get("status")
	if !printable(id, mostID) || !printable(status, mostWord) {
		return notice.Report{}, false
	}
	reason := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, form.Get("failureReason"))
	r := notice.Report{ProviderID: id, Status: status, Reason: reason[:min(len(reason), mostReason)]}
	switch status {
	case "Success":
		r.Delivered = true
	case "Rejected", "Failed", "AbsentSubscriber", "Expired":
		r.Failed = true
	default: // Sent, Submitted, Buffered: on its way; or a word that is new since this was written
	}
	return r, true
}

// printable is true of one to most characters of ASCII without spaces.
func printable(s string, most int) bool {
	if s == "" || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

package sms_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/sms"
)

// kept is a store of reports.
type kept struct {
	reports []notice.Report
	err     error
}

func (k *kept) MessageReport(_ context.Context, _ string, r notice.Report) error {
	k.reports = append(k.reports, r)
	return k.err
}

type reportCase struct {
	Name, Seen, Body string
	Want             *struct {
		ID, Status, Reason string
		Delivered, Failed  bool
	}
}

func reportCases(t testing.TB) []reportCase {
	t.Helper()
	b, err := os.ReadFile("../testdata/wire/delivery.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []reportCase }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

func TestDeliveryReports(t *testing.T) {
	t.Parallel()
	for _, c := range reportCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var k kept
			if res := post(&k, c.Body); res.Code != http.StatusOK {
				t.Errorf("answered %d", res.Code)
			}
			var want []notice.Report
			if w := c.Want; w != nil {
				want = []notice.Report{{
					ProviderID: w.ID, Status: w.Status, Reason: w.Reason, Delivered: w.Delivered, Failed: w.Failed,
				}}
			}
			if diff := cmp.Diff(want, k.reports); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDeliveryAnswers(t *testing.T) {
	t.Parallel()
	good := "id=ATXid_1&status=Success"
	for _, c := range []struct {
		name, method, body string
		err                error
		want               int
	}{
		{"kept", http.MethodPost, good, nil, http.StatusOK},
		{"the database is away", http.MethodPost, good, errors.New("away"), http.StatusInternalServerError},
		{"a browser", http.MethodGet, "", nil, http.StatusMethodNotAllowed},
		{"as large as can be", http.MethodPost, good + "&x=" + strings.Repeat("a", 16<<10-len(good)-3), nil, http.StatusOK},
		{"larger", http.MethodPost, good + "&x=" + strings.Repeat("a", 16<<10-len(good)-2), nil, http.StatusRequestEntityTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := answer(&kept{err: c.err}, c.method, c.body).Code; got != c.want {
				t.Errorf("answered %d, want %d", got, c.want)
			}
		})
	}
}

// What is answered with 200 and yet kept by nobody must show somewhere.
func TestDeliveryIsCounted(t *testing.T) {
	t.Parallel()
	r := prometheus.NewRegistry()
	k := &kept{}
	h := sms.Delivery(k, "africastalking", sms.NewMetrics(r), slog.New(slog.DiscardHandler))
	for _, body := range []string{
		"id=1&status=Success", "id=2&status=Failed", "id=3&status=Sent", "id=4&status=Unheard", "status=Success", "",
	} {
		h.ServeHTTP(httptest.NewRecorder(), form(body))
	}
	k.err = errors.New("away")
	h.ServeHTTP(httptest.NewRecorder(), form("id=5&status=Success"))

	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "piga_message_reports_total" {
			for _, m := range f.GetMetric() {
				got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue() // labels are sorted: outcome, provider
			}
		}
	}
	want := map[string]float64{"delivered": 1, "failed": 1, "other": 2, "malformed": 2, "unkept": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
}

// FuzzDelivery: whatever is posted, the provider need not come again, and what is kept can be stored.
func FuzzDelivery(f *testing.F) {
	for _, c := range reportCases(f) {
		f.Add(c.Body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var k kept
		if code := post(&k, body).Code; code != http.StatusOK && code != http.StatusRequestEntityTooLarge {
			t.Errorf("answered %d", code)
		}
		for _, r := range k.reports {
			all := r.ProviderID + r.Status + r.Reason
			if r.ProviderID == "" || r.Status == "" || len(all) > 340 || !utf8.ValidString(all) || strings.ContainsRune(all, 0) {
				t.Errorf("kept %+v", r)
			}
			if r.Delivered && r.Failed {
				t.Errorf("both delivered and failed: %+v", r)
			}
		}
	})
}

func post(k *kept, body string) *httptest.ResponseRecorder { return answer(k, http.MethodPost, body) }

func answer(k *kept, method, body string) *httptest.ResponseRecorder {
	h := sms.Delivery(k, "africastalking", sms.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	r := form(body)
	r.Method = method
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func form(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/sms/delivery", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

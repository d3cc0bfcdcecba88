package store

import (
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// BenchmarkAudit looks at as many transfers as it is told to, of three entries and two messages each, among 500
// accounts in three months: -benchtime 1000000x. The peak of its memory is the same whatever that number is.
func BenchmarkAudit(b *testing.B) {
	const size = 250
	s := open(b)
	accounts := make([]core.AccountID, 500)
	for i := range accounts {
		accounts[i] = s.party(core.Merchant, core.TierTrade).Account
		s.fund(accounts[i], 1_000_000_00)
	}
	before := s.audit().Transfers
	for n := 0; n < b.N; n += size {
		orders := make([]wallet.Order, min(size, b.N-n))
		for i := range orders {
			orders[i] = s.move(core.Send, accounts[(n+i)*7919%500], accounts[((n+i)*7919+1+n%498)%500], 1_00, 5)
		}
		if n/size == b.N/size/3 || n/size == b.N/size*2/3 {
			s.pass(31 * 24 * time.Hour)
		}
		if err := s.Tx(b.Context(), func(tx *Tx) error {
			_, err := s.post(tx, orders)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := s.owner.Exec(`VACUUM ANALYZE`); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	r := s.audit()
	b.StopTimer()
	if len(r.Findings) > 0 || r.Transfers != before+int64(b.N) {
		b.Fatalf("%+v", r)
	}
	b.ReportMetric(float64(r.Entries)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(peak(), "MB-peak")
}

// peak is the most memory that this process has had.
func peak() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if found == nil {
		return 0
	}
	kb, _ := strconv.ParseFloat(string(found[1]), 64)
	return kb / 1024
}

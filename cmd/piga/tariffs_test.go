package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
)

// What scripts do: read the tariff, set one charge to 1050 cents, and see it as 10.50 under the same id; as a form and as JSON.
func TestUpdateCharge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, fee := range []string{"10.50", "20.50"} {
		p := w.admin(core.Finance)
		p.json = i > 0
		charges := func() (all []map[string]any) {
			r := p.get("/api/admin/get-tariff")
			r.done()
			list, _ := r.all()["data"].([]any)
			for _, one := range list {
				c, _ := one.(map[string]any) // it is looked into below
				all = append(all, c)
			}
			return all
		}
		before := charges()
		if len(before) != 43 {
			t.Fatalf("%d charges", len(before))
		}
		var id string
		for _, c := range before {
			if c["txnOperation"] == "WITHDRAW" && c["srcUserType"] == "subscriber" && c["destUserType"] == "agent" && c["over"] == json.Number("100") {
				id, _ = c["id"].(string)
			}
		}
		for range 2 { // the second changes nothing
			r := p.post("/api/admin/update-charge", form{"chargeId": id, "amount": strings.ReplaceAll(fee, ".", "")})
			if string(r.body) != `{"status":"success","message":"charge configured"}`+"\n" {
				t.Errorf("%s", r.body)
			}
		}
		for n, c := range charges() {
			if c["id"] == id && c["fee"] != json.Number(fee) || c["id"] != id && c["fee"] != before[n]["fee"] || c["id"] != before[n]["id"] {
				t.Errorf("%v became %v", before[n], c)
			}
		}
	}
	want := `tariff.charge tariff {"fee": 2700, "charge": "withdraw-subscriber-agent-10000"} -> {"fee": 1050, "charge": "withdraw-subscriber-agent-10000"}
tariff.charge tariff {"fee": 1050, "charge": "withdraw-subscriber-agent-10000"} -> {"fee": 2050, "charge": "withdraw-subscriber-agent-10000"}`
	if got := w.deeds(); got != want {
		t.Errorf("the audit log has\n%s", got)
	}
}

// Every refusal has its code, its status and the field where there is one, and writes nothing.
func TestPricesRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.admin(core.Finance)
	rows := func() string {
		return column(t, w.db, `SELECT concat_ws(' ', (SELECT count(*) FROM bands), (SELECT count(*) FROM limits), (SELECT count(*) FROM tiers),
			(SELECT count(*) FROM tariffs_taken_back), (SELECT count(*) FROM limits_taken_back), (SELECT count(*) FROM audit_log))`)[0]
	}
	before := rows()
	tariff := func(more ...string) form {
		return with(form{"operation": "send", "from": "subscriber", "to": "subscriber", "bands": "9.99-100:0,100-150000:500"}, more)
	}
	limits := func(more ...string) form { return with(form{"tier": "new", "oneTransaction": "20000"}, more) }
	for _, c := range []struct {
		route  string
		form   form
		status int
		code   core.Code
		field  string
	}{
		{"update-charge", form{"chargeId": "send-subscriber-subscriber-998", "amount": "1"}, 404, core.UnknownCharge, ""},
		{"update-charge", form{"chargeId": "7", "amount": "1"}, 404, core.UnknownCharge, "chargeId"},
		{"update-charge", form{"chargeId": "send-subscriber-subscriber-999", "amount": "10.50"}, 400, core.BadField, "amount"},
		{"update-charge", form{"chargeId": "send-subscriber-subscriber-999", "amount": "-1"}, 400, core.BadField, "amount"},
		{"update-charge", form{"chargeId": "send-subscriber-subscriber-999", "amount": "99999999999999999999"}, 400, core.BadField, "amount"},
		{"save-tariff", tariff("bands", "9.99-100:0,100.01-150000:500"), 422, core.BadBands, ""},
		{"save-tariff", tariff("bands", "9.99-100:0,99-150000:500"), 422, core.BadBands, ""},
		{"save-tariff", tariff("bands", "0-150000:500"), 422, core.BadBands, ""},
		{"save-tariff", tariff("bands", "9.99-149999.99:0"), 422, core.Unpriced, ""},
		{"save-tariff", tariff("bands", "9.99-150000:10.50"), 400, core.BadField, "bands"},
		{"save-tariff", tariff("bands", "9.99-150000"), 400, core.BadField, "bands"},
		{"save-tariff", tariff("bands", "150000:5"), 400, core.BadField, "bands"},
		{"save-tariff", tariff("to", "agent"), 422, core.NotAllowed, ""},
		{"save-tariff", tariff("operation", "issue"), 400, core.BadField, "operation"},
		{"save-tariff", tariff("effectiveAt", "2026-11-21T11:59:00Z"), 422, core.TooLate, ""},
		{"save-tariff", tariff("effectiveAt", "tomorrow"), 400, core.BadField, "effectiveAt"},
		{"save-tariff", tariff("effectiveAt", "9999-12-31T23:59:59Z"), 400, core.BadField, "effectiveAt"}, // which no JSON could tell in Nairobi
		{"take-back-tariff", form{"operation": "send", "from": "subscriber", "to": "subscriber", "effectiveAt": "2027-01-01T00:00:00+03:00"}, 404, core.NothingToCome, ""},
		{"take-back-tariff", form{"operation": "send", "from": "subscriber", "to": "subscriber", "effectiveAt": "2000-01-01T00:00:00Z"}, 422, core.TooLate, ""},
		{"save-limits", limits("aDay", "19999.99"), 422, core.BadLimits, ""},
		{"save-limits", limits("aMonth", "30000", "aDay", "40000"), 422, core.BadLimits, ""},
		{"save-limits", limits("largestBalance", "1"), 422, core.BadLimits, ""},
		{"save-limits", limits("oneTransaction", "150000.01"), 422, core.Unpriced, ""},
		{"save-limits", limits("oneTransaction", "0"), 400, core.BadAmount, "oneTransaction"},
		{"save-limits", limits("tier", "gold"), 404, core.UnknownTier, ""},
		{"save-limits", limits("tier", "Gold 7"), 400, core.BadField, "tier"},
		{"save-limits", limits("effectiveAt", "2026-11-21T11:59:00Z"), 422, core.TooLate, ""},
		{"take-back-limits", form{"tier": "new", "effectiveAt": "2027-01-01T00:00:00+03:00"}, 404, core.NothingToCome, ""},
		{"take-back-limits", form{"tier": "new", "effectiveAt": "2000-01-01T00:00:00Z"}, 422, core.TooLate, ""},
		{"make-tier", limits("kind", "merchant"), 409, core.TierTaken, ""},
		{"make-tier", limits("tier", "gold", "kind", "subscriber", "oneTransaction", "200000"), 422, core.Unpriced, ""},
		{"make-tier", limits("tier", "gold", "kind", "administrator"), 400, core.BadField, "kind"},
	} {
		r := p.post("/api/admin/"+c.route, c.form)
		r.refused(c.code)
		if got, _ := r.all()["field"].(string); r.status != c.status || got != c.field {
			t.Errorf("%s %v: %d in %q: %s", c.route, c.form, r.status, got, r.body)
		}
	}
	if after := rows(); after != before {
		t.Errorf("the tables had %s rows, and have %s", before, after)
	}
	r := p.post("/api/admin/save-tariff", tariff("bands", "9.99-100:0,100.01-150000:500"))
	if got := r.all()["message"]; got != "The bands overlap, are empty or leave a gap at KES 100." {
		t.Errorf("it says %s", got)
	}
}

// with is a form with some of its fields otherwise.
func with(f form, more []string) form {
	for i := 0; i < len(more); i += 2 {
		f[more[i]] = more[i+1]
	}
	return f
}

// A tariff is tried, saved for tomorrow, seen as what is to come by whoever is an administrator, and taken back.
func TestTariffToCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, care := w.admin(core.Finance), w.admin(core.Care)
	w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 2_000*core.Shilling)
	w.open("john", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JOHN OTIENO", Phone: "+254712345679", Lang: core.English,
	}, "602413", 0)
	h, _ := w.dial("+254712345678", "*384*96*1*0712345679*100.50#")
	if page := w.say(h, "602413"); !strings.Contains(page, "Fee KES 5.") {
		t.Fatal(page)
	}
	const key = "operation=send&from=subscriber&to=subscriber"
	const none = `"data":{"count":0,"was":0,"would":0,"more":0,"less":0,"uncovered":0}`
	if r := care.get("/api/admin/try-tariff?operation=pay&from=agent&to=merchant&bands=9.99-150000:0"); !strings.Contains(string(r.body), none) {
		t.Errorf("what nobody did yet: %s", r.body) // zeros are data too
	}
	tried := care.get("/api/admin/try-tariff?" + key + "&bands=9.99-1000:1050,1000-150000:5000").done()
	if since, _ := tried["since"].(string); !strings.HasPrefix(since, "2026-11-21T15:0") {
		t.Errorf("since %s", since)
	}
	delete(tried, "since")
	if fmt.Sprint(tried) != "map[count:1 less:0 more:1 uncovered:0 was:5 would:10.50]" {
		t.Errorf("tried: %v", tried)
	}
	care.get("/api/admin/try-tariff?" + key + "&bands=9.99-150000:0&last=100001").refused(core.BadField)
	care.get("/api/admin/try-tariff?" + key + "&bands=10-150000:0").refused(core.BadBands)

	p.json = true
	const at = "2026-11-22T00:00:00+03:00"
	saved := p.post("/api/admin/save-tariff", form{
		"operation": "send", "from": "subscriber", "to": "subscriber", "bands": "1000-150000:5000,9.99-1000:1050", "effectiveAt": at,
	}).done()
	if saved["effectiveAt"] != at {
		t.Errorf("saved: %v", saved)
	}
	toCome := func(query string) string {
		r := care.get("/api/admin/tariffs" + query)
		r.done()
		_, after, _ := strings.Cut(string(r.body), `"toCome":`)
		return strings.TrimSpace(after)
	}
	want := `[{"operation":"send","from":"subscriber","to":"subscriber","effectiveAt":"` + at + `","bands":[{"over":9.99,"upTo":1000,"fee":10.50},{"over":1000,"upTo":150000,"fee":50}]}]}}`
	if got := toCome(""); got != want {
		t.Errorf("to come: %s", got)
	}
	if got := toCome("?at=2026-11-21T23:59:59-20:59"); got != "[]}}" { // no zone that there is, yet a time
		t.Errorf("to come after it: %s", got)
	}
	if got := toCome("?at=2026-11-22T00:00:00%2B03:00"); got != "[]}}" {
		t.Errorf("to come after it: %s", got)
	}
	for range 2 { // the second changes nothing
		p.post("/api/admin/take-back-tariff", form{"operation": "send", "from": "subscriber", "to": "subscriber", "effectiveAt": at}).done()
	}
	if got := toCome(""); got != "[]}}" {
		t.Errorf("to come after it was taken back: %s", got)
	}
	history := string(care.get("/api/admin/tariff-history?" + key).body)
	if strings.Count(history, `"takenBackAt"`) != 1 || strings.Count(history, `"bands"`) != 2 || strings.Contains(history, `"next"`) {
		t.Errorf("history: %s", history)
	}
	w.clock.move(24 * time.Hour)
	h, _ = w.dial("+254712345678", "*384*96*1*0712345679*100.50#")
	if page := w.say(h, "602413"); !strings.Contains(page, "Fee KES 5.") {
		t.Error(page)
	}
	deeds := strings.Split(w.deeds(), "\n")
	if len(deeds) != 2 || !strings.HasPrefix(deeds[0], `tariff.save tariff {"bands": [{`) || !strings.HasPrefix(deeds[1], `tariff.take_back tariff {"bands": [{"fee": 1050, "over": 999, "up_to": 100000}`) {
		t.Errorf("the audit log has\n%s", strings.Join(deeds, "\n"))
	}
}

// Limits are tried and saved, a new tier is made, and both hold on the phone at once.
func TestLimitsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.admin(core.Finance)
	w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierNew, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 2_000*core.Shilling)
	w.open("john", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JOHN OTIENO", Phone: "+254712345679", Lang: core.English,
	}, "602413", 0)
	tried := p.get("/api/admin/try-limits?tier=new&oneTransaction=100&largestBalance=1999.99").done()
	if fmt.Sprint(tried) != "map[accounts:1 overDay:0 overLargestBalance:1 overMonth:0]" {
		t.Errorf("tried: %v", tried)
	}
	p.post("/api/admin/save-limits", form{"tier": "new", "oneTransaction": "100.50", "aDay": "500"}).done()
	if _, page := w.dial("+254712345678", "*384*96*1*0712345679*100.51#"); !strings.Contains(page, "At most KES 100.50 at a time.") {
		t.Error(page)
	}
	p.post("/api/admin/save-limits", form{"tier": "new", "oneTransaction": "50", "effectiveAt": "2026-11-22T00:00:00+03:00"}).done()
	p.post("/api/admin/take-back-limits", form{"tier": "new", "effectiveAt": "2026-11-22T00:00:00+03:00"}).done()
	history := string(p.get("/api/admin/limits-history?tier=new").body)
	if strings.Count(history, `"effectiveAt"`) != 3 || strings.Count(history, `"takenBackAt"`) != 1 {
		t.Errorf("history: %s", history)
	}
	p.post("/api/admin/make-tier", form{"tier": "gold", "kind": "subscriber", "oneTransaction": "150000"}).done()
	all := string(p.get("/api/admin/limits").body)
	for _, want := range []string{`{"tier":"gold","effectiveAt":"2026-11-21T15:0`, `"oneTransaction":100.50,"aDay":500}`, `"toCome":[]`} {
		if !strings.Contains(all, want) {
			t.Errorf("no %s in %s", want, all)
		}
	}
	if _, err := w.db.Exec(`UPDATE parties SET tier = 'gold' WHERE phone = '+254712345678'`); err != nil {
		t.Fatal(err)
	}
	if _, page := w.dial("+254712345678", "*384*96*6*3#"); !strings.Contains(page, "gold") {
		t.Error(page)
	}
	want := `limits.save tier limits.save tier limits.take_back tier tier.make tier`
	var got []string
	for line := range strings.SplitSeq(w.deeds(), "\n") {
		got = append(got, strings.Fields(line)[:2]...)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("the audit log has\n%s", w.deeds())
	}
}

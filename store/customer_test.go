package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// plan is the indexes by which a query goes that a gateway asks, with what is looked for in them.
func (b bench) plan(query string) string {
	b.t.Helper()
	var lines []string
	if err := b.Store.db.Select(&lines, `EXPLAIN `+query); err != nil {
		b.t.Fatal(err)
	}
	var used []string
	for _, l := range lines {
		if _, rest, ok := strings.Cut(l, " using "); ok {
			used = append(used, strings.Fields(rest)[0])
		}
		if strings.Contains(l, "Filter:") || strings.Contains(l, "Seq Scan") {
			used = append(used, strings.TrimSpace(l))
		}
	}
	return strings.Join(used, " ")
}

// People are found by what they have and by how their names begin, in order, page by page; and by an index each time.
func TestSearch(t *testing.T) {
	t.Parallel()
	b := open(t)
	names := []string{"JANE WANJIKU", "JOHN OTIENO", "JANE AUMA", "JANET", "ÉLODIE", "ZUHURA"}
	people := make([]core.Party, len(names))
	for i, name := range names {
		people[i] = b.party([]core.Kind{core.Subscriber, core.Agent}[i%2], []core.Tier{core.TierNew, core.TierTrade}[i%2])
		b.ok(b.edit(people[i], office.Edit{Name: name, Email: core.Email(fmt.Sprintf("e%d@piga.example", i))}))
	}
	waits := b.pending()
	b.ok(b.suspend(people[1]))
	for what, c := range map[string]struct {
		q    office.Search
		want string
	}{
		"all":          {office.Search{}, "JANE AUMA, JANE WANJIKU, JANET, JOHN OTIENO, SOMEBODY, ZUHURA, ÉLODIE"},
		"two":          {office.Search{Most: 2}, "JANE AUMA, JANE WANJIKU"},
		"the next":     {office.Search{After: people[0].ID, Most: 2}, "JANET, JOHN OTIENO"},
		"a beginning":  {office.Search{Name: "JANE"}, "JANE AUMA, JANE WANJIKU, JANET"},
		"a first name": {office.Search{Name: "JANE W"}, "JANE WANJIKU"},
		"a kind":       {office.Search{Kind: core.Agent}, "JANET, JOHN OTIENO, SOMEBODY, ZUHURA"},
		"who waits":    {office.Search{Status: core.Pending}, "SOMEBODY"},
		"who is out":   {office.Search{Status: core.Suspended}, "JOHN OTIENO"},
		"a number":     {office.Search{Number: people[3].Number}, "JANET"},
		"a phone":      {office.Search{Phone: people[4].Phone}, "ÉLODIE"},
		"an e-mail":    {office.Search{Email: waits.Email}, "SOMEBODY"},
		"nobody":       {office.Search{Phone: people[4].Phone, Name: "JANE"}, ""},
		"a wild card":  {office.Search{Name: "J%"}, ""},
	} {
		if c.q.Most == 0 {
			c.q.Most = 9
		}
		found, err := b.Search(t.Context(), c.q)
		got := make([]string, len(found))
		for i, p := range found {
			got[i] = p.Name
		}
		if all := strings.Join(got, ", "); err != nil || all != c.want {
			t.Errorf("%s: %s, %v", what, all, err)
		}
	}
	for where, want := range map[string]string{
		`name COLLATE "C" >= 'JANE' AND name COLLATE "C" < 'JANF'`:                            "parties_by_name",
		`(name COLLATE "C", id) > (SELECT name COLLATE "C", id FROM parties WHERE id = 1001)`: "parties_pkey parties_by_name",
		`status = 'pending'`:        "pending_by_name",
		`phone = '+254700000001'`:   "parties_by_phone",
		`number = '10001'`:          "parties_by_number",
		`email = 'e1@piga.example'`: "parties_by_email",
	} {
		if plan := b.plan(`SELECT id FROM parties WHERE ` + where + ` ORDER BY name COLLATE "C", id LIMIT 51`); plan != want {
			t.Errorf("%s goes by %s, not %s", where, plan, want)
		}
	}
}

// What administrators see of a customer is what there is: what she has, has on hold, has used of her limits, what waits;
// and no code.
func TestCustomer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	seen, err := s.Customer(t.Context(), s.jane.ID)
	if err != nil || len(seen.Accounts) != 1 || len(seen.Requests) != 1 || len(seen.Messages) == 0 {
		t.Fatalf("%+v, %v", seen, err)
	}
	if a := seen.Accounts[0]; a.Kind != "wallet" || a.Balance != 10_000_00 || a.Held != c.Amount+c.Fee {
		t.Errorf("%+v", a)
	}
	if seen.Spent.Today != 500_00 || seen.Spent.Month != 500_00 || seen.Limits.Day != 150_000_00 || seen.Limits.Largest != 500_000_00 {
		t.Errorf("%+v of %+v", seen.Spent, seen.Limits)
	}
	if r := seen.Requests[0]; r.ID != c.ID || r.Code != "" {
		t.Errorf("%+v with a code of %d digits", r, len(r.Code))
	}
	if !seen.PIN.Set || seen.PIN.Starts || !seen.PIN.Locked.IsZero() || seen.Opened.IsZero() || !seen.Closed.IsZero() {
		t.Errorf("%+v", seen)
	}
	agent, err := s.Customer(t.Context(), s.njeri.ID)
	if err != nil || len(agent.Accounts) != 2 || agent.Accounts[1].Kind != "commission" || len(agent.Requests) != 1 || agent.Requests[0].Code != "" {
		t.Errorf("%+v, %v", agent, err)
	}
	s.pass(24 * 31 * 3600e9)
	if seen, err = s.Customer(t.Context(), s.jane.ID); err != nil || seen.Spent.Today != 0 || seen.Spent.Month != 0 || len(seen.Requests) != 0 {
		t.Errorf("a month later %+v, %v", seen.Spent, err)
	}
	if _, err := s.Customer(t.Context(), 9); core.CodeOf(err) != core.NotRegistered {
		t.Error(err)
	}
}

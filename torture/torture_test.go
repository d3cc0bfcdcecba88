package main

import (
	"database/sql"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/soak"
	"github.com/piga-money/piga/store/local"
)

func TestMain(m *testing.M) { os.Exit(local.Main(m)) }

// TestTortureShort is make torture in short: a gateway killed at each point, Redis lost, connections cut, the standby promoted. No
// money moves twice or is lost, and nobody is told what is not so. Then the books are falsified behind its back, and the
// same check sees that.
func TestTortureShort(t *testing.T) {
	t.Parallel()
	o := shortTorture(t)
	o.then = func(r *report) error {
		unharmed(t, r)
		return seesHarm(t, o)
	}
	if _, err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A fault that is not there is told, rather than that all went well without it.
func TestUnknownFault(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{"-only", "redis"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "Redis frozen") {
		t.Error(err)
	}
}

func shortTorture(t *testing.T) *torture {
	t.Helper()
	for _, find := range []func() (string, error){local.HAProxy, func() (string, error) { return exec.LookPath("redis-server") }} {
		if _, err := find(); err != nil && os.Getenv("CI") == "true" {
			t.Fatal(err)
		} else if err != nil {
			t.Skip(err)
		}
	}
	h := sandbox.All()
	delete(h, sandbox.ProviderDown)
	return &torture{
		seed: 1, within: time.Minute, briefly: true, people: 24, think: 100 * time.Millisecond, calm: 200 * time.Millisecond,
		faults: script(1, shortFaults()), hostility: h,
		limits: sandbox.Limits{ReportAfter: time.Millisecond, RepeatAfter: time.Second, Delay: 100 * time.Millisecond, Hang: 300 * time.Millisecond},
		site:   site{pair: local.OwnPair(t, local.Config{}), cost: "8x1", pace: 0.2, alone: time.Second, progress: t.Output()},
	}
}

func unharmed(t *testing.T, r *report) {
	t.Helper()
	if err := r.print(t.Output()); err != nil {
		t.Error(err)
	}
	if r.harmful() {
		t.Error("harm was done: see above")
	}
	if len(r.happened) != r.planned || r.soak.Outcomes["moved"] == 0 || r.soak.Known == 0 {
		t.Errorf("there was little to find harm in: %d faults of %d", len(r.happened), r.planned)
	}
	for _, h := range r.happened {
		if strings.Contains(h.detail, notReached) {
			t.Errorf("%s: %s", h.name, h.detail)
		}
	}
}

// seesHarm falsifies the books as a superuser can, and has them judged again.
func seesHarm(t *testing.T, o *torture) error {
	t.Helper()
	db, err := sql.Open("postgres", o.site.pair.Primary().URL(databaseName))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, statement := range []string{
		`SET session_replication_role = replica`, // past the guards
		`DELETE FROM messages WHERE id = (SELECT min(id) FROM messages WHERE transfer_id IS NOT NULL)`,
		`UPDATE entries e SET balance = e.balance + 100 FROM (
			SELECT account_id, x.version FROM entries x JOIN accounts a ON a.id = account_id WHERE party_id IS NOT NULL LIMIT 1) one
			WHERE (e.account_id, e.version) = (one.account_id, one.version)`,
	} {
		done, err := db.ExecContext(t.Context(), statement)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); n != 1 && !strings.HasPrefix(statement, "SET") {
			return errors.Join(err, errors.New("it changed nothing: "+statement))
		}
	}
	var again report
	again.happened = nil
	if err := o.judge(t.Context(), &again); err != nil {
		return err
	}
	for _, harm := range []soak.Harm{soak.Misled, soak.Lost} {
		if !slices.ContainsFunc(again.soak.Findings, func(f soak.Finding) bool { return f.Harm == harm }) {
			t.Errorf("it does not see that there is %q: %v", harm, again.soak.Findings)
		}
	}
	if again.auditFailed == nil || !again.harmful() {
		t.Errorf("it sees nothing wrong: %s", again.audited)
	}
	return nil
}

// Whoever is turned away is not answered: a site that only says that it is busy is none that is back.
func TestTurnedAwayIsNotAnswered(t *testing.T) {
	t.Parallel()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for page, want := range map[string]sight{
		"CON " + words[core.English].Say("home", nil):       answered,
		"END " + words[core.English].Say("call.busy", nil):  again,
		"END " + words[core.Swahili].Say("call.busy", nil):  again,
		"END " + words[core.English].Say("call.again", nil): again,
	} {
		s := newSeen(words)
		s.Watch(sandbox.Line{What: "callback", At: began, Status: http.StatusOK, Hop: 1, Got: page})
		if got := s.between(began, began.Add(time.Second)).turns; got[want] != 1 {
			t.Errorf("%q is %v, not %s", page, got, want)
		}
	}
}

// Calls are answered again when most of them are: neither the first lucky one tells so, nor the last that was told Busy.
func TestAnsweredAgain(t *testing.T) {
	t.Parallel()
	for calls, want := range map[string]time.Duration{
		"": 0, "++++": 0, "+++++-+++++++-++++": 0,
		"---+++": 3, "-----+++++++++": 5, "-+-+-+--------++++++++++": 14,
		"-------------": 13, "++++++++------++++": 14,
	} {
		from := time.Now()
		var dials []glance
		for i, c := range calls {
			g := glance{ended: from.Add(time.Duration(i)), sight: again}
			if c == '+' {
				g.sight = answered
			}
			dials = append(dials, g)
		}
		if got := answeredAgain(dials, from, from.Add(time.Duration(len(calls)))); got != want {
			t.Errorf("%s: after %d, not %d", calls, got, want)
		}
	}
}

// The same seed is the same script, and another is another.
func TestScript(t *testing.T) {
	t.Parallel()
	names := func(seed uint64) (all []string) {
		for _, f := range script(seed, everyFault()) {
			all = append(all, f.name)
		}
		return all
	}
	if !slices.Equal(names(1), names(1)) || slices.Equal(names(1), names(2)) {
		t.Error("the script does not hang on the seed alone")
	}
}

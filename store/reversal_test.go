package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// undoneDay is a shop with one case that is open, of which KES 200 are taken, and one that is whole; names are what
// stands for their transfers.
func undoneDay(t *testing.T) (s *shop, names map[string]string) {
	t.Helper()
	s = openShop(t)
	open := s.sent()
	s.spends(200_00)
	r, err := s.reverse(open)
	s.stands(r, err, wallet.Open, 200_00, 0)
	whole := s.sent()
	w, err := s.reverse(whole)
	s.stands(w, err, wallet.Whole, 0, 505_00)
	return s, map[string]string{
		"OPEN": fmt.Sprint(r.Transfer), "WHOLE": fmt.Sprint(w.Transfer),
		"TAKE":  fmt.Sprint(s.count(`SELECT transfer_id FROM reversal_steps WHERE reversal_id = 1`)),
		"UNDO":  fmt.Sprint(s.count(`SELECT transfer_id FROM reversal_steps WHERE reversal_id = 2`)),
		"JANE":  fmt.Sprint(s.jane.Account),
		"OTHER": fmt.Sprint(s.count(`SELECT max(id) FROM transfers WHERE operation = 'pay'`)),
	}
}

// What the rows of reversals say must be as the money is, whoever writes them.
func TestReversalGuards(t *testing.T) {
	t.Parallel()
	s, names := undoneDay(t)
	const forged = `INSERT INTO reversals (transfer_id, operation, receipt, from_account, to_account, amount, fee, commission_account, earned, reason, opened_at, taken, returned, state, ended_at)
		SELECT id, operation, receipt, from_account, to_account, amount, fee, NULL, 0, 'x', now(), 0, 0, 'open', NULL FROM transfers WHERE id = `
	const step = `INSERT INTO reversal_steps (request_id, reversal_id, step, transfer_id, held, admin_id, reason, at) VALUES `
	for name, c := range map[string]struct{ query, want string }{
		"a second of a transfer":       {forged + `OPEN`, "one_reversal_per_transfer"},
		"of a reversal":                {forged + `UNDO`, "reversible_operation"},
		"of less":                      {spoil(forged, `amount, fee, NULL`, `amount - 1, fee, NULL`) + `OTHER`, "reversals_undo_transfers"},
		"to another":                   {spoil(forged, `from_account, to_account, amount, fee, NULL`, `JANE, to_account, amount, fee, NULL`) + `OTHER`, "reversals_undo_transfers"},
		"earned by nobody":             {spoil(forged, `NULL, 0,`, `NULL, 1,`) + `OTHER`, "commission_has_an_account"},
		"earned elsewhere":             {spoil(forged, `NULL, 0,`, `JANE, 1,`) + `OTHER`, "reversals_undo_transfers"},
		"of nothing":                   {spoil(forged, `amount, fee, NULL`, `0, fee, NULL`) + `OTHER`, "reversed_above_zero"},
		"without a reason":             {spoil(forged, `'x'`, `''`) + `OTHER`, "reversal_has_a_reason"},
		"without a step":               {forged + `OTHER`, "suspense_holds_what_was_taken"},
		"taken more than was":          {`UPDATE reversals SET taken = taken + 1 WHERE id = 1`, "suspense_holds_what_was_taken"},
		"taken more than is owed":      {`UPDATE reversals SET taken = 50001 WHERE id = 1`, "taken_within_owed"},
		"returned more than was paid":  {`UPDATE reversals SET taken = 0, returned = 50501, state = 'whole', ended_at = now() WHERE id = 1`, "returned_within_paid"},
		"returned while open":          {`UPDATE reversals SET returned = 1 WHERE id = 1`, "open_reversal_returned_nothing"},
		"ended with something":         {`UPDATE reversals SET state = 'settled', ended_at = now() WHERE id = 1`, "ended_reversal_keeps_nothing"},
		"ended at no time":             {`UPDATE reversals SET state = 'settled', taken = 0 WHERE id = 1`, "ended_reversal_has_a_date"},
		"ended without its money":      {`UPDATE reversals SET state = 'settled', taken = 0, ended_at = now() WHERE id = 1`, "suspense_holds_what_was_taken"},
		"ended somehow":                {`UPDATE reversals SET state = 'lost', ended_at = now(), taken = 0 WHERE id = 1`, "reversal_ends_somehow"},
		"ended twice":                  {`UPDATE reversals SET state = 'settled' WHERE id = 2`, "reversals_end_once"},
		"of another amount":            {`UPDATE reversals SET amount = 1 WHERE id = 1`, "reversals_end_once"},
		"gone":                         {`DELETE FROM reversals`, "reversals_are_kept"},
		"a step changed":               {`UPDATE reversal_steps SET held = 0`, "reversal_steps_are_forever"},
		"a step gone":                  {`DELETE FROM reversal_steps`, "reversal_steps_are_forever"},
		"a step twice":                 {step + `('reverse:OPEN', 1, 'collect', NULL, 0, 1, 'x', now())`, "one_step_per_request"},
		"a transfer twice":             {step + `('x', 1, 'collect', TAKE, 20000, 1, 'x', now())`, "one_step_per_transfer"},
		"a step of no request":         {step + `('x', 1, 'collect', NULL, 0, 1, 'x', now())`, "steps_are_as_their_money"},
		"a step by a payment":          {step + `('x', 1, 'collect', OTHER, 0, 1, 'x', now())`, "steps_are_as_their_money"},
		"a step that holds by nothing": {step + `('x', 1, 'collect', NULL, 1, 1, 'x', now())`, "held_by_a_transfer"},
		"a step of another kind":       {step + `('x', 1, 'forget', NULL, 0, 1, 'x', now())`, "reversal_step_is_known"},
	} {
		_, err := s.owner.Exec(strings.NewReplacer(pairs(names)...).Replace(c.query))
		e, _ := errors.AsType[*pq.Error](err)
		if e == nil || guardOf(e.Constraint) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	s.sound()
}

// A row is spoiled, past all guards, and the audit names the reversal.
func TestAuditComparesReversals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query string
		want  []row
	}{
		"nothing":           {`SELECT`, nil},
		"what was taken":    {`UPDATE reversals SET taken = taken + 1 WHERE id = 1`, []row{{ReversalsUndo, `reversal 1`}}},
		"what was returned": {`UPDATE reversals SET returned = returned - 1 WHERE id = 2`, []row{{ReversalsUndo, `reversal 2`}}},
		"it stands, and it is not": {`UPDATE reversals SET state = 'given_back', returned = 0 WHERE id = 2`, []row{
			{ReversalsUndo, `reversal 2`}, {ReversalsUndo, `reversal 2`}, {ReversalsUndo, `reversal 2`}, {ReversalsUndo, `reversal 2`},
		}},
		"of another transfer": {`UPDATE reversals SET transfer_id = OTHER WHERE id = 2`, []row{
			{ReversalsUndo, `reversal 2`}, {ReversalsUndo, `reversal 2`}, {ReversalsUndo, `reversal 2`}, {ReversalsUndo, `reversal 2`},
		}},
		"taken from somebody else": {`UPDATE reversals SET transfer_id = OTHER WHERE id = 1`, []row{{ReversalsUndo, `reversal 1`}}},
		"no step": {`DELETE FROM reversal_steps WHERE reversal_id = 2`, []row{
			{ReversalsUndo, `reversal 2`},
			{ReversalsUndo, `reversal 2`},
			{ReversalsUndo, `reversal 2`},
			{ReversalsUndo, `reversal 2`},
			{ReversalsUndo, `transfer UNDO`},
		}},
		"a payment as a step": {`UPDATE reversal_steps SET transfer_id = WHOLE WHERE reversal_id = 1`, []row{
			{ReversalsUndo, `reversal 1`},
			{ReversalsUndo, `reversal 1`},
			{ReversalsUndo, `reversal 1`},
			{ReversalsUndo, `reversal 1`},
			{ReversalsUndo, `reversal 1`},
			{ReversalsUndo, `transfer TAKE`},
			{ReversalsUndo, `transfer WHOLE`},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, names := undoneDay(t)
			s.spoil(c.query, names)
			if diff := gocmp.Diff(named(c.want, names), s.found()); diff != "" {
				t.Errorf("(-want +found)\n%s", diff)
			}
		})
	}
}

// A month is put away with what was reversed in it, and an open case of it is still decided; what lies in it cannot be
// reversed any more.
func TestReverseWhatWasPutAway(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	months := []string{BeforeMonths, s.fifteenth(0), s.fifteenth(1)}
	old := s.sent()
	open := s.sent()
	s.spends(100_00)
	r, err := s.reverse(open)
	s.stands(r, err, wallet.Open, 100_00, 0)
	for n := 2; n < 6; n++ {
		months = append(months, s.fifteenth(n))
		s.sent()
	}
	for _, month := range months[:4] {
		s.forgotten()
		if _, err := s.archive(month); err != nil {
			t.Fatalf("%s: %v", month, err)
		}
	}
	_, err = s.reverse(old)
	s.wants("a transfer that was put away", err, core.PutAway)
	r, err = s.step(r, ledger.Settle)
	s.stands(r, err, wallet.Settled, 0, 105_00)
	if len(r.Steps) != 2 || r.Steps[0].Receipt != "" || r.Steps[1].Receipt == "" {
		t.Errorf("%+v", r.Steps)
	}
	for _, f := range s.audit().Findings {
		t.Errorf("%+v", f)
	}
}

// Statements and checks tell what became of a transfer, and what a reversal undid.
func TestLinesOfReversals(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	receipt := s.sent()
	line := func(p core.Party, r core.Receipt) wallet.Line {
		t.Helper()
		l, err := s.LineOf(t.Context(), r, p.ID)
		s.wants("line", err, "")
		return l
	}
	if l := line(s.jane, receipt); l.Reversal != "" || l.Undid != "" {
		t.Errorf("%+v", l)
	}
	r, err := s.reverse(receipt)
	r = s.stands(r, err, wallet.Whole, 0, 505_00)
	undo := r.Steps[0].Receipt
	if l := line(s.jane, receipt); l.Reversal != wallet.Whole || l.Amount != 500_00 || l.Fee != 5_00 {
		t.Errorf("%+v", l)
	}
	if l := line(s.jane, undo); l.Undid != receipt || !l.In || l.Amount != 505_00 || l.Fee != 0 || l.Other.ID != s.john.ID {
		t.Errorf("%+v", l)
	}
	if l := line(s.john, undo); l.Undid != receipt || l.In || l.Amount != 500_00 || l.Fee != 0 || l.Other.ID != s.jane.ID {
		t.Errorf("%+v", l)
	}
	all, err := s.Store.Statement(t.Context(), s.jane.Account, 2)
	if err != nil || len(all) != 2 || all[0].Undid != receipt || all[1].Reversal != wallet.Whole {
		t.Errorf("%+v, %v", all, err)
	}
}

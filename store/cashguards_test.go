package store

import (
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
)

// Jane's withdrawal 1 at Njeri's is open, John's deposit 2 too, Jane's request 3 of before was cancelled. Whoever
// goes past the wallet, the schema refuses what would not be true.
func TestCashGuards(t *testing.T) {
	t.Parallel()
	const granted, never = true, false
	const ask = `INSERT INTO cash_requests (request_id, operation, customer_id, agent_id, amount, fee, hold_id, ref, code, asked_at, expires_at)
		SELECT 'forged', 'deposit', p.customer, p.agent, 100, 0, NULL::bigint, 99, '0000', now(), now()
		FROM (SELECT (SELECT customer_id FROM cash_requests WHERE id = 3) AS customer, agent_id AS agent FROM cash_requests WHERE id = 3) p`
	for name, c := range map[string]struct {
		query string
		app   bool
		want  string
	}{
		"ask":                           {ask, granted, ""},
		"ask twice":                     {spoil(ask, "id = 3) AS customer", "id = 1) AS customer"), granted, "one_open_request_per_customer"},
		"ask oneself":                   {spoil(ask, "p.agent,", "p.customer,"), granted, "counter_is_not_ones_own"},
		"ask nobody":                    {spoil(ask, "p.agent,", "999999,"), granted, "cash_is_between_parties"},
		"ask for nobody":                {spoil(ask, "p.customer,", "999999,"), granted, "cash_is_between_parties"},
		"ask for nothing":               {spoil(ask, "p.agent, 100", "p.agent, 0"), granted, "cash_above_zero"},
		"another's code":                {spoil(spoil(ask, "'0000'", "(SELECT code FROM cash_requests WHERE id = 1)"), "WHERE id = 3) p", "WHERE id = 1) p"), granted, "one_open_request_per_code"},
		"another's ref":                 {spoil(spoil(ask, "99", "(SELECT ref FROM cash_requests WHERE id = 1)"), "WHERE id = 3) p", "WHERE id = 1) p"), granted, "one_open_request_per_ref"},
		"a code of five":                {spoil(ask, "'0000'", "'00000'"), granted, "code_is_four_digits"},
		"a request asked already":       {spoil(ask, "'forged'", "(SELECT request_id FROM cash_requests WHERE id = 3)"), granted, "one_cash_request_per_request"},
		"withdraw without a hold":       {spoil(ask, "'deposit'", "'withdraw'"), granted, "withdrawals_are_on_hold"},
		"withdraw from another's":       {spoil(spoil(ask, "'deposit'", "'withdraw'"), "NULL::bigint", "(SELECT hold_id FROM cash_requests WHERE id = 1)"), granted, "one_cash_request_per_hold"},
		"withdraw from an ended one":    {spoil(spoil(ask, "'deposit'", "'withdraw'"), "NULL::bigint", "999"), granted, "new_cash_is_on_hold"},
		"send":                          {spoil(ask, "'deposit'", "'send'"), granted, "cash_goes_in_or_out"},
		"end a withdrawal alone":        {`UPDATE cash_requests SET ended = 'refused', ended_at = now(), ended_by = 'x' WHERE id = 1`, granted, "cash_ends_with_its_money"},
		"end a deposit":                 {`UPDATE cash_requests SET ended = 'refused', ended_at = now(), ended_by = 'x' WHERE id = 2`, granted, ""},
		"end it with another's":         {`UPDATE cash_requests SET ended = 'refused', ended_at = now(), ended_by = (SELECT ended_by FROM cash_requests WHERE id = 3) WHERE id = 2`, granted, "one_cash_request_per_ending"},
		"end it somehow":                {`UPDATE cash_requests SET ended = 'x', ended_at = now(), ended_by = 'x' WHERE id = 2`, granted, "cash_ends_somehow"},
		"end it at no time":             {`UPDATE cash_requests SET ended = 'refused' WHERE id = 2`, granted, "ended_cash_has_a_date"},
		"confirm and move nothing":      {`UPDATE cash_requests SET ended = 'confirmed', ended_at = now(), ended_by = 'x' WHERE id = 2`, granted, "confirmed_cash_has_moved"},
		"confirm by another's movement": {`UPDATE cash_requests SET ended = 'confirmed', ended_at = now(), ended_by = 'x', transfer_id = 1 WHERE id = 2`, granted, "cash_ends_with_its_money"},
		"end it twice":                  {`UPDATE cash_requests SET ended = 'refused', ended_by = 'x' WHERE id = 3`, granted, "cash_ends_once"},
		"open it again":                 {`UPDATE cash_requests SET ended = NULL, ended_at = NULL, ended_by = NULL WHERE id = 3`, granted, "cash_ends_once"},
		"change the amount":             {`UPDATE cash_requests SET amount = 1 WHERE id = 2`, never, "cash_ends_once"},
		"change the code":               {`UPDATE cash_requests SET code = '1234' WHERE id = 2`, never, "cash_ends_once"},
		"a fourth wrong code":           {`UPDATE cash_requests SET wrong = 4 WHERE id = 2`, granted, "three_wrong_codes_at_most"},
		"remove one":                    {`DELETE FROM cash_requests`, never, "cash_requests_are_kept"},
		"give back a hold alone": {`WITH h AS (UPDATE holds SET ended = 'release', ended_at = now() WHERE ended IS NULL RETURNING account_id)
			UPDATE accounts SET held = 0 WHERE id IN (SELECT account_id FROM h)`, granted, "holds_end_with_their_cash"},
		"earn too much":       {`INSERT INTO deposit_commissions VALUES (1, 2, 20261121, 5001)`, granted, "commission_within_a_day"},
		"earn twice":          {`INSERT INTO deposit_commissions VALUES (1, 2, 20261121, 1), (1, 2, 20261121, 1)`, granted, "one_commission_per_day"},
		"the same wrong turn": {`INSERT INTO wrong_codes SELECT agent_id, 'x', now() FROM cash_requests WHERE id IN (1, 2)`, granted, "one_wrong_code_per_turn"},
		"a fourth start":      {`INSERT INTO starts SELECT customer_id, 'k', '', false, 4, now() FROM cash_requests WHERE id = 1`, granted, "few_tries_to_start"},
		"forget a wrong code": {`INSERT INTO wrong_codes SELECT agent_id, 'x', now() FROM cash_requests WHERE id = 1; DELETE FROM wrong_codes`, granted, "young_wrong_codes_stay"},
		"forget a text":       {`INSERT INTO inbound_messages (provider, provider_id, phone, kind, text, taken_at, held_until) VALUES ('x', 'x', '+254700000000', 'x', 'x', now(), now()); DELETE FROM inbound_messages`, granted, "young_messages_stay"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.withdraw(s.jane, s.njeri, 500_00)
			s.deposit(s.john, s.njeri, 500_00)
			mary := s.known(core.Subscriber, 0)
			s.wants("cancel", errOf(s.Cancel(t.Context(), mary, s.deposit(mary, s.otieno, 500_00).ID)), "")
			_, err := s.Store.db.Exec(c.query)
			if e := pq.As(err, pqerror.InsufficientPrivilege); !c.app && e == nil {
				t.Errorf("the application may try: %v", err)
			} else if c.app && violated(err) != c.want {
				t.Errorf("as the application it is %q: %v", violated(err), err)
			}
			if c.app && c.want == "" {
				return
			}
			if _, err = s.owner.Exec(c.query); violated(err) != c.want {
				t.Errorf("as the owner it is %q: %v", violated(err), err)
			}
			s.bench.sound()
		})
	}
}

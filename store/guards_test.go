package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
)

// A guard is tried by the tables' owner, who is past all grants, and by the application. who says by whom:
// the application is stopped by a missing grant where it has no business at all.
func TestGuards(t *testing.T) {
	t.Parallel()
	const granted, never = true, false
	// A transfer of KES 1 from Jane to John, correct in everything, in which each case spoils one thing. RECEIPT is
	// one of this month, 900 a transfer of it, 901 one of the next, 1 the first that there is.
	const whole = `
		WITH r AS (
			INSERT INTO requests (id, content, transfer_id, at) VALUES ('forged', '', 900, now())
		), t AS (
			INSERT INTO transfers (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
			VALUES (900, 'forged', 'send', 1001, 1002, 100, 0, RECEIPT, 2, now())
		), e AS (
			INSERT INTO entries (account_id, version, transfer_id, line, amount, balance)
			VALUES (1001, 3, 900, 1, -100, 49400), (1002, 2, 900, 2, 100, 50100)
		)
		UPDATE accounts SET version = version + 1, balance = CASE id WHEN 1001 THEN 49400 ELSE 50100 END, last_transfer = 900,
			version_before = version, balance_before = balance
		WHERE id IN (1001, 1002)`
	// The same entries once more, in another month, where no index knows them.
	const twice = `
		WITH r AS (
			INSERT INTO requests (id, content, transfer_id, at) VALUES ('forged', '', 901, now())
		), t AS (
			INSERT INTO transfers (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
			VALUES (901, 'forged', 'send', 1001, 1002, 50500, 0, NEXT, 2, now())
		)
		INSERT INTO entries (account_id, version, transfer_id, line, amount, balance)
		VALUES (1001, 2, 901, 1, -50500, 49500), (1002, 1, 901, 2, 50500, 50000)`
	for name, c := range map[string]struct {
		query string
		app   bool
		want  string // "" is nothing: it is allowed
	}{
		"a whole transfer":         {whole, granted, ""},
		"one of an old copy":       {old(whole), granted, ""},
		"change an entry":          {`UPDATE entries SET amount = amount + 1`, never, "entries_are_forever"},
		"remove an entry":          {`DELETE FROM entries WHERE version = 1`, never, "entries_are_forever"},
		"empty entries":            {`TRUNCATE entries`, never, "entries_are_forever"},
		"change a transfer":        {`UPDATE transfers SET amount = 1`, never, "transfers_are_forever"},
		"remove a transfer":        {`DELETE FROM transfers`, never, "transfers_are_forever"},
		"empty transfers":          {`TRUNCATE transfers CASCADE`, never, "transfers_are_forever"},
		"change an outcome":        {`UPDATE requests SET code = 'voided'`, never, "requests_are_forever"},
		"remove an outcome":        {`DELETE FROM requests WHERE content NOT LIKE 'issue%'`, granted, "young_requests_stay"},
		"use a reference again":    {`DELETE FROM requests WHERE content LIKE 'issue%'`, granted, "references_are_used_once"},
		"empty requests":           {`TRUNCATE requests`, never, "requests_are_forever"},
		"remove an account":        {`DELETE FROM accounts WHERE id = 4`, never, "accounts_are_kept"},
		"remove a party":           {`DELETE FROM parties`, never, "parties_are_kept"},
		"remove a hold":            {`DELETE FROM holds`, never, "holds_are_kept"},
		"change a price":           {`UPDATE bands SET fee = 0`, never, "bands_are_forever"},
		"give oneself money":       {`UPDATE accounts SET balance = balance + 100 WHERE id = 1001`, granted, "balances_move_with_entries"},
		"count on":                 {`UPDATE accounts SET version = version + 1 WHERE id = 1001`, granted, "balance_is_the_last_entry"},
		"go back to an old entry":  {`UPDATE accounts SET version = 1, balance = 100000 WHERE id = 1001`, granted, "balances_move_with_entries"},
		"hold without a hold":      {`UPDATE accounts SET held = 100 WHERE id = 1001`, granted, "held_is_what_is_on_hold"},
		"hold less than nothing":   {`UPDATE accounts SET held = -1 WHERE id = 1001`, granted, "held_not_negative"},
		"a rich new account":       {`INSERT INTO accounts (party_id, kind, balance, opened_at) VALUES (1001, 'till', 100, now())`, never, "accounts_begin_at_zero"},
		"a second wallet":          {`INSERT INTO accounts (party_id, kind, opened_at) VALUES (1001, 'wallet', now())`, granted, "one_account_of_a_kind_per_party"},
		"an account of nobody":     {`INSERT INTO accounts (kind, opened_at) VALUES ('wallet', now())`, granted, "people_have_a_floor"},
		"a trust account of hers":  {`INSERT INTO accounts (party_id, kind, opened_at) VALUES (1001, 'trust', now())`, granted, "system_accounts_have_no_party"},
		"a second trust account":   {`INSERT INTO accounts (kind, opened_at) VALUES ('trust', now())`, granted, "people_have_a_floor"},
		"another trust account":    {`INSERT INTO accounts (kind, floor, opened_at) VALUES ('trust', NULL, now())`, never, "one_account_of_a_kind_per_party"},
		"a till without a floor":   {`INSERT INTO accounts (party_id, kind, floor, opened_at) VALUES (1001, 'till', NULL, now())`, never, "people_have_a_floor"},
		"a till with an overdraft": {`INSERT INTO accounts (party_id, kind, floor, opened_at) VALUES (1001, 'till', -100, now())`, never, "people_have_a_floor"},
		"an account number":        {`INSERT INTO accounts (id, party_id, kind, opened_at) VALUES (7, 1001, 'till', now())`, never, ""},
		"a hold that is not held":  {`INSERT INTO holds (id, account_id, amount, counted, day, expires_at, request_id) VALUES (900, 1001, 1, 1, 0, now(), 'x')`, granted, "new_holds_are_held"},
		"an entry alone":           {`INSERT INTO entries (account_id, version, transfer_id, line, amount, balance) VALUES (1001, 3, 2, 4, 100, 49600)`, granted, "entries_follow_each_other"},
		"entries to an old one":    {`INSERT INTO entries (account_id, version, transfer_id, line, amount, balance) VALUES (1001, 3, 2, 4, 100, 49600), (1002, 2, 2, 5, -100, 49900)`, granted, "entries_follow_each_other"},
		"a transfer alone":         {`INSERT INTO transfers (id, request_id, operation, amount, fee, receipt, lines, at) VALUES (900, 'x', 'send', 1, 0, RECEIPT, 2, now())`, granted, "transfers_have_entries"},
		"an outcome alone":         {`INSERT INTO requests (id, content, transfer_id, at) VALUES ('x', '', 900, now())`, granted, "outcome_names_what_was_done"},
		"another's transfer":       {`INSERT INTO requests (id, content, transfer_id, at) VALUES ('x', '', 1, now())`, granted, "outcome_names_what_was_done"},
		"a second outcome":         {`INSERT INTO requests (id, content, code, at) SELECT id, '', 'busy', now() FROM requests LIMIT 1`, granted, "one_outcome_per_request"},
		"a refusal that moves":     {`INSERT INTO requests (id, content, code, transfer_id, at) VALUES ('x', '', 'busy', 1, now())`, granted, "refused_moves_nothing"},
		"done, but what":           {`INSERT INTO requests (id, content, at) VALUES ('x', '', now())`, granted, "done_did_something"},
		"done with no hold":        {`INSERT INTO requests (id, content, hold_id, at) VALUES ('x', '', 900, now())`, granted, "outcome_names_what_was_done"},
		"a subscriber who trades":  {`INSERT INTO parties (kind, status, tier, name, phone, lang, opened_at) VALUES ('subscriber', 'active', 'trade', 'J', '+254799999999', 'en', now())`, granted, "tier_fits_the_kind"},
		"a till of a person":       {`INSERT INTO parties (kind, status, tier, name, phone, number, lang, opened_at) VALUES ('merchant', 'active', 'full', 'J', '+254799999999', '99999', 'en', now())`, granted, "tier_fits_the_kind"},
		"a message of nothing":     {`INSERT INTO messages (party_id, phone, lang, key, args, transfer_id, created_at, due_at) VALUES (1, '+254799999999', 'en', 'k', '{}', 900, now(), now())`, granted, "messages_tell_the_truth"},
		"a first text":             {`UPDATE messages SET text = 'so'`, granted, ""},
		"a price of yesterday":     {`INSERT INTO bands VALUES ('pay', 'agent', 'merchant', now() - interval '1 second', 999, 1000, 0)`, granted, "prices_are_told_before"},
		"a price of tomorrow":      {`INSERT INTO bands VALUES ('pay', 'agent', 'merchant', now() + interval '1 day', 999, 1000, 0), ('pay', 'agent', 'merchant', now() + interval '1 day', 1000, 2000, 0)`, granted, ""},
		"two prices of one amount": {`INSERT INTO bands VALUES ('pay', 'agent', 'merchant', now() + interval '1 day', 999, 2000, 0), ('pay', 'agent', 'merchant', now() + interval '1 day', 1000, 3000, 0)`, granted, "one_band_to_each_amount"},
		"an amount without price":  {`INSERT INTO bands VALUES ('pay', 'agent', 'merchant', now() + interval '1 day', 999, 2000, 0), ('pay', 'agent', 'merchant', now() + interval '1 day', 2001, 3000, 0)`, granted, "tariffs_are_whole"},
		"a price from above":       {`INSERT INTO bands VALUES ('withdraw', 'agent', 'agent', now() + interval '1 day', 999, 2000, 0)`, granted, "tariffs_are_whole"},
		"more of a tariff":         {`INSERT INTO bands VALUES ('pay', 'agent', 'merchant', '2999-01-01', 999, 2000, 0); INSERT INTO bands VALUES ('pay', 'agent', 'merchant', '2999-01-01', 2000, 3000, 0)`, granted, "tariffs_are_whole"},
		"take back what is":        {`INSERT INTO tariffs_taken_back VALUES ('pay', 'agent', 'merchant', '2000-01-01 00:00Z', now())`, granted, "what_began_is_not_taken_back"},
		"take back twice":          {`INSERT INTO tariffs_taken_back VALUES ('pay', 'agent', 'merchant', '2999-01-01', now()), ('pay', 'agent', 'merchant', '2999-01-01', now())`, granted, "tariffs_are_taken_back_once"},
		"give back":                {`DELETE FROM tariffs_taken_back`, never, "taken_back_is_forever"},
		"change a limit":           {`UPDATE limits SET a_day = NULL`, never, "limits_are_forever"},
		"a limit of yesterday":     {`INSERT INTO limits VALUES ('new', now() - interval '1 second', 1, NULL, NULL, NULL)`, granted, "limits_are_told_before"},
		"a limit of tomorrow":      {`INSERT INTO limits VALUES ('new', now() + interval '1 day', 1, NULL, NULL, NULL)`, granted, ""},
		"a day of less":            {`INSERT INTO limits VALUES ('new', now() + interval '1 day', 2, 1, NULL, NULL)`, granted, "limits_make_sense"},
		"a month of less":          {`INSERT INTO limits VALUES ('new', now() + interval '1 day', 2, NULL, 1, NULL)`, granted, "limits_make_sense"},
		"limits of no tier":        {`INSERT INTO limits VALUES ('gold', now() + interval '1 day', 2, NULL, NULL, NULL)`, granted, "limits_have_a_tier"},
		"take back a limit":        {`INSERT INTO limits_taken_back VALUES ('new', '2000-01-01 00:00Z', now())`, granted, "what_began_is_not_taken_back"},
		"take back no limit":       {`INSERT INTO limits_taken_back VALUES ('new', '2999-01-01', now())`, granted, "taken_back_was_told"},
		"take back all limits":     {`TRUNCATE limits_taken_back`, never, "taken_back_is_forever"},
		"a tier by another name":   {`UPDATE tiers SET name = 'gold'`, never, "tiers_are_forever"},
		"a tier for others":        {`UPDATE tier_kinds SET kind = 'merchant'`, never, "tier_kinds_are_forever"},
		"a tier of a new kind":     {`INSERT INTO tier_kinds VALUES ('new', 'admin')`, granted, "tier_kind_is_known"},
		"close with money":         {`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = 1001`, granted, "closed_at_balance_zero"},
		"close without":            {`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = 1003`, granted, ""},
		"close without a date":     {`UPDATE parties SET status = 'closed' WHERE id = 1003`, granted, "closed_has_a_date"},
		"change who is closed":     {`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = 1003; UPDATE parties SET phone = '+254799999999' WHERE id = 1003`, granted, "closed_is_for_ever"},
		"open who is closed":       {`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = 1003; UPDATE parties SET status = 'active', closed_at = NULL WHERE id = 1003`, granted, "closed_is_for_ever"},
		"pay who is closed":        {`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = 1003; ` + strings.NewReplacer("(1002, 2,", "(1003, 1,", "50100", "100", "IN (1001, 1002)", "IN (1001, 1003)").Replace(whole), granted, "closed_at_balance_zero"},
		"readdress to another":     {`UPDATE messages SET party_id = 1002`, never, ""},
		"a taken phone":            {`INSERT INTO parties (kind, status, tier, name, phone, lang, opened_at) SELECT kind, status, tier, name, phone, lang, now() FROM parties WHERE id = 1001`, granted, "one_open_party_per_phone"},
		"a name of nothing":        {`INSERT INTO parties (kind, status, tier, name, phone, lang, opened_at) VALUES ('subscriber', 'active', 'new', '', '+254799999999', 'en', now())`, granted, "party_has_a_name"},
		"another's entries":        {spoil(whole, `(1001, 3, 900, 1`, `(1001, 3, 1, 1`), granted, "one_entry_per_line"},
		"entries unbalanced":       {spoil(spoil(whole, `100, 50100)`, `101, 50101)`), `ELSE 50100`, `ELSE 50101`), granted, "entries_must_balance"},
		"a line missing":           {spoil(whole, `900, 2, 100`, `900, 3, 100`), granted, "entries_must_balance"},
		"fewer lines than told":    {spoil(whole, `RECEIPT, 2`, `RECEIPT, 3`), granted, "entries_must_balance"},
		"a wrong balance-after":    {spoil(spoil(whole, `100, 50100)`, `100, 50101)`), `ELSE 50100`, `ELSE 50101`), granted, "entries_follow_each_other"},
		"a version left out":       {spoil(spoil(whole, `(1001, 3,`, `(1001, 4,`), `version + 1`, `version + CASE id WHEN 1001 THEN 2 ELSE 1 END`), granted, "entries_follow_each_other"},
		"an account left behind":   {spoil(whole, `IN (1001, 1002)`, `= 1001`), granted, "entries_follow_each_other"},
		"an account elsewhere":     {spoil(whole, `ELSE 50100`, `ELSE 50200`), granted, "balance_is_the_last_entry"},
		"a transfer of no request": {spoil(whole, `transfer_id, at) VALUES ('forged', '', 900`, `code, at) VALUES ('forged', '', 'busy'`), granted, "transfers_have_entries"},
		"another's request":        {spoil(whole, `(900, 'forged'`, `(900, 'other'`), granted, "transfers_have_entries"},
		"entries written twice":    {twice, granted, "entries_follow_each_other"},
		"a month of one's own":     {spoil(whole, "RECEIPT", "'FORGED'"), granted, "receipt_tells_the_month"},
		"a last transfer of none":  {spoil(whole, "last_transfer = 900", "last_transfer = 899"), granted, "balance_is_the_last_entry"},
		"another last transfer":    {`UPDATE accounts SET last_transfer = 1 WHERE id = 1002`, granted, "balances_move_with_entries"},
		"another past":             {`UPDATE accounts SET version_before = 0 WHERE id = 1001`, granted, "balances_move_with_entries"},
		"a stripe of a person":     {`INSERT INTO accounts (party_id, kind, stripe, opened_at) VALUES (1001, 'till', 1, now())`, never, "stripes_are_the_systems"},
		"an entry in a month":      {`INSERT INTO entries_MONTH VALUES (1001, 3, 1, 4, 100, 49600)`, never, "entries_follow_each_other"},
		"a transfer in a month":    {`INSERT INTO transfers_MONTH (id, request_id, operation, amount, fee, receipt, lines, at) VALUES (900, 'x', 'send', 1, 0, RECEIPT, 2, now())`, never, "transfers_have_entries"},
		"remove from a month":      {`DELETE FROM entries_MONTH`, never, "entries_are_forever"},
		"a taken receipt":          {spoil(whole, `RECEIPT`, `(SELECT min(receipt) FROM transfers)`), granted, "one_transfer_per_receipt"},
		"a person who waits":       {`INSERT INTO parties (kind, status, tier, name, phone, lang, opened_at) VALUES ('subscriber', 'pending', 'new', 'J', '+254799999999', 'en', now())`, granted, "only_trade_is_approved"},
		"wait again":               {`UPDATE parties SET status = 'pending' WHERE id = 1001`, granted, "approved_is_for_ever"},
		"become an agent":          {`UPDATE parties SET kind = 'agent' WHERE id = 1001`, granted, "kinds_are_kept"},
		"an address of nothing":    {`INSERT INTO parties (kind, status, tier, name, phone, email, lang, opened_at) VALUES ('subscriber', 'active', 'new', 'J', '+254799999999', 'J@e', 'en', now())`, granted, "email_is_an_address"},
		"a taken address":          {`INSERT INTO parties (kind, status, tier, name, phone, email, lang, opened_at) VALUES ('subscriber', 'active', 'new', 'J', '+254799999999', 'j@e', 'en', now()), ('subscriber', 'active', 'new', 'J', '+254799999998', 'j@e', 'en', now())`, granted, "one_open_party_per_email"},
		"an admin of no role":      {`INSERT INTO administrators (name, email, password, roles, opened_at) VALUES ('A', 'a@e', '$argon2id$', '{}', now())`, granted, "admin_has_roles"},
		"an admin of another role": {`INSERT INTO administrators (name, email, password, roles, opened_at) VALUES ('A', 'a@e', '$argon2id$', '{root}', now())`, granted, "admin_has_roles"},
		"a password in clear":      {`INSERT INTO administrators (name, email, password, roles, opened_at) VALUES ('A', 'a@e', 'secret', '{it}', now())`, granted, "admin_password_is_hashed"},
		"her password in clear":    {`INSERT INTO passwords VALUES (1001, 'secret', now())`, granted, "password_is_hashed"},
		"two admins of one name":   {`INSERT INTO administrators (name, email, password, roles, opened_at) VALUES ('A', 'a@e', '$argon2id$', '{it}', now()), ('B', 'a@e', '$argon2id$', '{it}', now())`, granted, "one_open_admin_per_email"},
		"remove an admin":          {`DELETE FROM administrators`, never, "admins_are_kept"},
		"a token in clear":         {`INSERT INTO tokens VALUES ('secret', 1001, NULL, now(), now() + interval '1 hour')`, granted, "token_is_hashed"},
		"a token of nobody":        {`INSERT INTO tokens VALUES (sha256('x'), NULL, NULL, now(), now() + interval '1 hour')`, granted, "token_has_one_bearer"},
		"a longer token":           {`UPDATE tokens SET ends_at = 'infinity'`, never, ""},
		"change a deed":            {`UPDATE audit_log SET reason = 'none'`, never, "deeds_are_forever"},
		"remove a deed":            {`DELETE FROM audit_log`, never, "deeds_are_forever"},
		"empty the audit log":      {`TRUNCATE audit_log`, never, "deeds_are_forever"},
		"a deed of no action":      {`INSERT INTO audit_log (at, admin_id, action, subject, subject_id, address) VALUES (now(), 1, 'did', 'party', 1, 'x')`, granted, "deed_has_an_action"},
		"below the floor": {spoil(spoil(spoil(spoil(whole, `-100, 49400`, `-50000, -500`), `100, 50100`, `50000, 100000`),
			`THEN 49400`, `THEN -500`), `ELSE 50100`, `ELSE 100000`), granted, "balance_within_floor"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
			b.party(core.Subscriber, core.TierFull)
			b.fund(jane.Account, 1000_00)
			b.done(b.move(core.Send, jane.Account, john.Account, 500_00, 5_00))

			query := b.inMonths(c.query)
			_, err := b.Store.db.Exec(query)
			if e := pq.As(err, pqerror.InsufficientPrivilege); !c.app && e == nil {
				t.Errorf("the application may try: %v", err)
			} else if c.app && violated(err) != c.want {
				t.Errorf("as the application it is %q: %v", violated(err), err)
			}
			if c.app && c.want == "" {
				return
			}
			if strings.HasSuffix(c.want, "_are_told_before") { // for the application only
				return
			}
			if _, err = b.owner.Exec(query); violated(err) != c.want {
				t.Errorf("as the owner it is %q: %v", violated(err), err)
			}
			b.sound()
		})
	}
}

// inMonths puts the real numbers in the places of 900, 901 and 1, and names in those of RECEIPT, NEXT and MONTH.
func (b bench) inMonths(query string) string {
	b.t.Helper()
	now := time.Now().UTC()
	receipt, err := core.NewReceipt(now, rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	later := now.AddDate(0, 0, 32-now.Day())
	next, err := core.NewReceipt(later, rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	first := b.count(`SELECT min(id) FROM transfers`)
	for _, r := range []struct{ old, with string }{
		{`\b900\b`, strconv.FormatInt(int64(transferID(now, 900)), 10)},
		{`\b901\b`, strconv.FormatInt(int64(transferID(later, 901)), 10)},
		{`(transfer = |\b3, |VALUES \('x', '', |'busy', |\(1001, 3, )1\b`, fmt.Sprintf("${1}%d", first)},
		{`RECEIPT`, "'" + string(receipt) + "'"},
		{`NEXT`, "'" + string(next) + "'"},
		{`_MONTH`, now.Format("_2006_01")},
	} {
		query = regexp.MustCompile(r.old).ReplaceAllString(query, r.with)
	}
	return query
}

// old is a statement of a copy of Piga that does not know of months.
func old(query string) string {
	query = spoil(query, `, last_transfer = 900,
			version_before = version, balance_before = balance`, "")
	return strings.NewReplacer("900", "7", "RECEIPT", "'OLD'").Replace(query)
}

func violated(err error) string {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		if e.Constraint == "" {
			return e.Message
		}
		return guardOf(e.Constraint)
	}
	return ""
}

// What was said is not said otherwise afterwards, by whoever has the message in hand.
func TestTextsAreMadeOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.tell("+254700000001", "+254700000002", "+254700000003")
	for id := range int64(3) {
		b.ok(b.MessageRetry(t.Context(), id+1, "first", "busy", 0))
	}
	for _, query := range []string{`UPDATE messages SET text = 'other'`, `UPDATE messages SET text = NULL`} {
		for _, db := range []*sqlx.DB{b.Store.db, b.owner} {
			if _, err := db.Exec(query); violated(err) != "texts_are_made_once" {
				t.Errorf("%s: %v", query, err)
			}
		}
	}
	b.ok(b.MessageRetry(t.Context(), 1, "", "busy", 0))
	b.ok(b.MessageSent(t.Context(), 2, "other", "at", "id-2"))
	b.ok(b.MessageDead(t.Context(), 3, "other", "no such number"))
	if n := b.count(`SELECT count(*) FROM messages WHERE text = 'first' AND (sent_at IS NOT NULL OR dead_at IS NOT NULL OR id = 1)`); n != 3 {
		t.Errorf("%d keep their text", n)
	}
}

func TestHoldsEndOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, agent := b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	hold := b.done(b.place(jane.Account, agent.Account, 100_00, 10_00)).Hold
	for query, want := range map[string]string{
		`UPDATE holds SET ended = 'release', ended_at = now()`: "ended_holds_are_given_back",
		`UPDATE holds SET amount = 1`:                          "holds_end_once",
	} {
		if _, err := b.owner.Exec(query); violated(err) != want {
			t.Errorf("%s: %v", query, err)
		}
	}
	b.done(b.end(hold))
	if _, err := b.Store.db.Exec(`UPDATE holds SET ended = NULL, ended_at = NULL`); violated(err) != "holds_end_once" {
		t.Errorf("a hold runs again: %v", err)
	}
	b.sound()
}

// A temporary table is found before a real one of its name, unless a guard says where to look.
func TestGuardsLookAtTheRealTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fake, query, want string }{
		"entries": {
			`INSERT INTO pg_temp.entries VALUES (1001, 2, 900, 1, 1, 100000000)`,
			`UPDATE public.accounts SET balance = 100000000, version = 2 WHERE id = 1001`, "balance_is_the_last_entry",
		},
		"holds": {
			`INSERT INTO pg_temp.holds (id, account_id, amount) VALUES (1, 1001, 100)`,
			`UPDATE public.accounts SET held = 100 WHERE id = 1001`, "held_is_what_is_on_hold",
		},
		"transfers": {
			`INSERT INTO pg_temp.transfers (id, request_id) VALUES (900, 'forged')`,
			`INSERT INTO public.requests (id, content, transfer_id, at) VALUES ('forged', '', 900, now())`, "outcome_names_what_was_done",
		},
		"requests": {
			`INSERT INTO pg_temp.requests (id, transfer_id) VALUES ('forged', 900);
				CREATE TEMP TABLE entries AS SELECT * FROM public.entries WITH NO DATA;
				INSERT INTO pg_temp.entries VALUES (1001, 2, 900, 1, 1, 1)`,
			`INSERT INTO public.transfers (id, request_id, operation, amount, fee, receipt, lines, at)
				VALUES (900, 'forged', 'send', 1, 0, 'R', 2, now())`, "transfers_have_entries",
		},
		"accounts": {
			`INSERT INTO pg_temp.accounts (id, held) VALUES (1001, 100)`,
			`INSERT INTO public.holds (id, account_id, amount, counted, day, expires_at, request_id)
				VALUES (900, 1001, 100, 1, 0, now(), 'x')`, "new_holds_are_held",
		},
		"fresh": {
			`INSERT INTO pg_temp.fresh VALUES (1)`,
			`UPDATE public.accounts SET balance = 100000000, version = 2 WHERE id = 1001`, "balance_is_the_last_entry",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.fund(b.party(core.Subscriber, core.TierFull).Account, 1000_00)
			like := "public." + name
			if name == "fresh" { // what a guard calls the rows that were written
				like = "public.accounts"
			}
			if err := b.Tx(t.Context(), func(tx *Tx) error { // one connection
				_, err := tx.ExecContext(tx.ctx, "CREATE TEMP TABLE "+name+" AS SELECT * FROM "+like+" WITH NO DATA; "+c.fake)
				if err != nil {
					t.Fatal(err)
				}
				_, err = tx.ExecContext(tx.ctx, c.query)
				return err
			}); violated(err) != c.want {
				t.Errorf("it is %q: %v", violated(err), err)
			}
			b.sound()
		})
	}
}

func TestEveryGuardSaysWhereItLooks(t *testing.T) {
	t.Parallel()
	b := open(t)
	var names []string
	if err := b.owner.Select(&names, `
		SELECT proname FROM pg_proc
		WHERE pronamespace = 'public'::regnamespace AND prorettype = 'trigger'::regtype
			AND 'search_path=pg_catalog, public, pg_temp' <> ALL (coalesce(proconfig, '{}'))`); err != nil {
		t.Fatal(err)
	}
	if len(names) > 0 {
		t.Errorf("without SET search_path = pg_catalog, public, pg_temp: %v", names)
	}
}

// A clone of the tests' template lets everybody make temporary tables again: what a database allows is not
// copied with it. A database that was migrated itself does not.
func TestApplicationMakesNoTemporaryTables(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.owner.Exec(`DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(t.Context(), b.url, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.db.Exec(`CREATE TEMP TABLE entries (id bigint)`); pq.As(err, pqerror.InsufficientPrivilege) == nil {
		t.Errorf("it may: %v", err)
	}
}

func TestApplicationCannotBeRoot(t *testing.T) {
	t.Parallel()
	b := open(t)
	var who string
	if err := b.Store.db.Get(&who, `SELECT current_user`); err != nil || who != appRole {
		t.Errorf("works as %q: %v", who, err)
	}
	if _, err := b.Store.db.Exec(`ALTER TABLE entries DISABLE TRIGGER ALL`); pq.As(err, pqerror.InsufficientPrivilege) == nil {
		t.Errorf("the application takes the guards away: %v", err)
	}
}

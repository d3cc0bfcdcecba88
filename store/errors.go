package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"os"
	"regexp"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/piga-money/piga/core"
)

// codes says what it means that the database refused a row. Constraints that only a mistake of ours can
// meet are Internal; they are listed so that a new one is thought about.
var codes = map[string]core.Code{
	"one_open_party_per_phone":  core.AlreadyRegistered,
	"one_open_party_per_number": core.AlreadyRegistered,
	"one_open_party_per_email":  core.EmailTaken,
	"one_open_admin_per_email":  core.EmailTaken,
	"phone_is_international":    core.BadPhone,
	"party_has_a_name":          core.BadName,

	"balance_within_floor":        core.InsufficientFunds,
	"closed_at_balance_zero":      core.NotAllowed,
	"one_outcome_per_request":     core.RequestReused,
	"request_id_is_short":         core.BadPosting,
	"entries_must_balance":        core.Unbalanced,
	"holds_end_once":              core.HoldEnded,
	"closed_is_for_ever":          core.NotAllowed,
	"kind_is_known":               core.Internal,
	"status_is_known":             core.Internal,
	"lang_is_known":               core.Internal,
	"trade_has_a_number":          core.Internal,
	"number_is_digits":            core.Internal,
	"closed_has_a_date":           core.Internal,
	"limits_above_zero":           core.Internal,
	"account_kind_is_known":       core.Internal,
	"held_not_negative":           core.Internal,
	"refused_moves_nothing":       core.Internal,
	"one_transfer_per_receipt":    core.Internal,
	"operation_is_known":          core.Internal,
	"amount_above_zero":           core.Internal,
	"fee_not_negative":            core.Internal,
	"two_lines_at_least":          core.Internal,
	"one_entry_per_version":       core.Internal,
	"one_entry_per_line":          core.Internal,
	"versions_begin_at_one":       core.Internal,
	"lines_begin_at_one":          core.Internal,
	"amount_not_zero":             core.Internal,
	"held_above_zero":             core.Internal,
	"hold_ends_somehow":           core.Internal,
	"ended_has_a_date":            core.Internal,
	"captured_by_a_transfer":      core.Internal,
	"message_has_a_key":           core.Internal,
	"one_intent_per_request":      core.Internal,
	"message_has_a_phone":         core.Internal,
	"done_has_an_outcome":         core.Internal,
	"reply_when_done":             core.Internal,
	"priced_operation_is_known":   core.Internal,
	"priced_kinds_are_known":      core.Internal,
	"parties_are_kept":            core.Internal,
	"accounts_are_kept":           core.Internal,
	"holds_are_kept":              core.Internal,
	"entries_are_forever":         core.Internal,
	"transfers_are_forever":       core.Internal,
	"young_requests_stay":         core.Internal,
	"young_wrong_codes_stay":      core.Internal,
	"young_messages_stay":         core.Internal,
	"references_are_used_once":    core.Internal,
	"requests_are_forever":        core.Internal,
	"bands_are_forever":           core.Internal,
	"entries_follow_each_other":   core.Internal,
	"balance_is_the_last_entry":   core.Internal,
	"accounts_begin_at_zero":      core.Internal,
	"transfers_have_entries":      core.Internal,
	"held_is_what_is_on_hold":     core.Internal,
	"new_holds_are_held":          core.Internal,
	"ended_holds_are_given_back":  core.Internal,
	"people_have_a_floor":         core.Internal,
	"outcome_names_what_was_done": core.Internal,
	"done_did_something":          core.Internal,
	"tier_fits_the_kind":          core.Internal,
	"texts_are_made_once":         core.Internal,
	"balances_move_with_entries":  core.Internal,
	"accounts_remember":           core.Internal,
	"one_closing_per_account":     core.Internal,
	"receipt_tells_the_month":     core.Internal,
	"stripes_are_the_systems":     core.Internal,
	"messages_tell_the_truth":     core.Internal,

	"one_open_request_per_customer": core.RequestOpen,
	"cash_ends_once":                core.HoldEnded,
	"one_cash_request_per_request":  core.RequestReused,
	"one_cash_request_per_hold":     core.Internal,
	"one_cash_request_per_ending":   core.RequestReused,
	"one_open_request_per_code":     core.Internal,
	"one_open_request_per_ref":      core.Internal,
	"cash_goes_in_or_out":           core.Internal,
	"cash_above_zero":               core.Internal,
	"counter_is_not_ones_own":       core.ToOneself,
	"withdrawals_are_on_hold":       core.Internal,
	"code_is_four_digits":           core.Internal,
	"three_wrong_codes_at_most":     core.Internal,
	"cash_ends_somehow":             core.Internal,
	"ended_cash_has_a_date":         core.Internal,
	"confirmed_cash_has_moved":      core.Internal,
	"cash_requests_are_kept":        core.Internal,
	"new_cash_is_on_hold":           core.Internal,
	"cash_ends_with_its_money":      core.Internal,
	"cash_is_between_parties":       core.Internal,
	"holds_end_with_their_cash":     core.Internal,
	"one_wrong_code_per_turn":       core.Internal,
	"one_commission_per_day":        core.Internal,
	"commission_within_a_day":       core.Internal,
	"few_tries_to_start":            core.Internal,

	"email_is_an_address":       core.BadEmail,
	"only_trade_is_approved":    core.Internal,
	"kinds_are_kept":            core.NotAllowed,
	"approved_is_for_ever":      core.NotAllowed,
	"only_agents_confirm":       core.NotAllowed,
	"admin_has_a_name":          core.BadName,
	"admin_has_an_address":      core.BadEmail,
	"admin_password_is_hashed":  core.Internal,
	"admin_has_roles":           core.Internal,
	"admin_status_is_known":     core.Internal,
	"closed_admin_has_a_date":   core.Internal,
	"admins_are_kept":           core.Internal,
	"closed_admins_stay_closed": core.NotAllowed,
	"password_is_hashed":        core.Internal,
	"token_is_hashed":           core.Internal,
	"token_has_one_bearer":      core.Internal,
	"token_ends":                core.Internal,
	"deed_has_an_action":        core.Internal,
	"deed_has_a_subject":        core.Internal,
	"deed_has_an_address":       core.Internal,
	"deeds_are_forever":         core.Internal,

	"one_band_from_each_amount":      core.TimeTaken,
	"one_band_to_each_amount":        core.BadBands,
	"band_not_empty":                 core.BadBands,
	"price_not_negative":             core.BadBands,
	"tariffs_are_whole":              core.BadBands,
	"prices_are_told_before":         core.TooLate,
	"limits_are_told_before":         core.TooLate,
	"what_began_is_not_taken_back":   core.TooLate,
	"one_limit_at_a_time":            core.TimeTaken,
	"limits_make_sense":              core.BadLimits,
	"limits_have_a_tier":             core.UnknownTier,
	"one_tier_per_name":              core.TierTaken,
	"kinds_have_a_tier":              core.Internal,
	"taken_back_was_told":            core.NothingToCome,
	"tier_is_for_a_kind_once":        core.Internal,
	"tier_kind_is_known":             core.Internal,
	"tariffs_are_taken_back_once":    core.Internal,
	"limits_are_taken_back_once":     core.Internal,
	"taken_back_is_forever":          core.Internal,
	"limits_are_forever":             core.Internal,
	"tiers_are_forever":              core.Internal,
	"tier_kinds_are_forever":         core.Internal,
	"one_reversal_per_transfer":      core.RequestReused,
	"reversible_operation":           core.NotReversible,
	"reversals_end_once":             core.ReversalEnded,
	"reversed_above_zero":            core.Internal,
	"commission_has_an_account":      core.Internal,
	"reversal_has_a_reason":          core.Internal,
	"taken_within_owed":              core.Internal,
	"returned_within_paid":           core.Internal,
	"reversal_ends_somehow":          core.Internal,
	"ended_reversal_has_a_date":      core.Internal,
	"ended_reversal_keeps_nothing":   core.Internal,
	"open_reversal_returned_nothing": core.Internal,
	"one_step_per_request":           core.RequestReused,
	"one_step_per_transfer":          core.Internal,
	"reversal_step_is_known":         core.Internal,
	"held_by_a_transfer":             core.Internal,
	"reversals_are_kept":             core.Internal,
	"reversal_steps_are_forever":     core.Internal,
	"reversals_undo_transfers":       core.Internal,
	"suspense_holds_what_was_taken":  core.Internal,
	"steps_are_as_their_money":       core.Internal,

	"system_accounts_have_no_party":   core.Internal,
	"one_account_of_a_kind_per_party": core.Internal,
	"one_row_per_inbound_message":     core.Internal,
	"accounts_close_with_their_party": core.Internal,
}

// ofMonth ends the names of a month's tables and constraints, see migrations.
var ofMonth = regexp.MustCompile(`_(before_months|2\d{3}_\d\d)$`)

// told is an error of the database as the rest of Piga knows it, with what was being done. An error that
// has a code already is left alone.
func told(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*core.Error](err); ok {
		return err
	}
	return core.Errorf(codeOf(err), "%s: %w", doing, err)
}

func codeOf(err error) core.Code {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return codeOfServer(e)
	}
	_, network := errors.AsType[net.Error](err)
	for _, lost := range []error{
		context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded,
		driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
	} {
		network = network || errors.Is(err, lost)
	}
	if network {
		return core.Unavailable
	}
	return core.Internal
}

// guardOf is a constraint's name without the month of which it is.
func guardOf(constraint string) string { return ofMonth.ReplaceAllString(constraint, "") }

func codeOfServer(e *pq.Error) core.Code {
	if code, ok := codes[guardOf(e.Constraint)]; ok {
		return code
	}
	switch e.Code.Class() {
	case pqerror.ClassConnectionException, pqerror.ClassInsufficientResources, pqerror.ClassOperatorIntervention:
		return core.Unavailable
	}
	switch e.Code {
	case pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected, pqerror.IdleInTransactionSessionTimeout,
		pqerror.ReadOnlySQLTransaction: // a primary that has become a standby
		return core.Unavailable
	}
	return core.Internal
}

// asksAgain is true of what another run of the transaction is likely to get past: two transactions met, a
// receipt was taken, or a request id was, and the next run will find what became of it; or a month has begun.
func asksAgain(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case pqerror.TRSerializationFailure, pqerror.TRDeadlockDetected:
		return true
	}
	if noMonth(e) {
		return true
	}
	guard := guardOf(e.Constraint)
	return guard == "one_transfer_per_receipt" || guard == "one_outcome_per_request"
}

// Refused is true when the server is there and will not have us: a wrong password, no such database, no right
// to connect. Waiting does not mend that.
func Refused(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && (e.Code.Class() == pqerror.ClassInvalidAuthorizationSpecification || e.Code.Class() == pqerror.ClassInvalidCatalogName)
}

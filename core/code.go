package core

import (
	"errors"
	"fmt"
	"maps"
)

// Code says what went wrong in terms that a customer, an agent or a program can act on. Each has words in
// every catalogue under "error." + code.
type Code string

// What was typed or sent is not right.
const (
	BadAmount      Code = "bad_amount"
	BadPhone       Code = "bad_phone"
	PhoneTooShort  Code = "phone_too_short"
	PhoneTooLong   Code = "phone_too_long"
	PhoneForeign   Code = "phone_foreign"
	PhoneNotMobile Code = "phone_not_mobile"
	BadName        Code = "bad_name"
	BadIDNumber    Code = "bad_id_number"
	BadReceipt     Code = "bad_receipt"
	BadChoice      Code = "bad_choice"
	BadPIN         Code = "bad_pin"  // not four to six digits
	WeakPIN        Code = "weak_pin" // easily guessed
	PINsDiffer     Code = "pins_differ"
	BadEmail       Code = "bad_email"
	BadPassword    Code = "bad_password"  // shorter than eight characters, or far too long
	BadReference   Code = "bad_reference" // of a bank
)

// What a program sent is not what the route takes. Words of those of a field need {field}.
const (
	BadBody       Code = "bad_body"       // not JSON, nor a form, or broken off
	BodyTooLarge  Code = "body_too_large" // over 64 KiB
	WrongType     Code = "wrong_type"     // of content
	UnknownField  Code = "unknown_field"
	MissingField  Code = "missing_field"
	RepeatedField Code = "repeated_field"
	BadField      Code = "bad_field"
	UnknownRoute  Code = "unknown_route"
	WrongMethod   Code = "wrong_method"
)

// Who sends it does not allow it.
const (
	NoToken       Code = "no_token"     // none, or one that is unknown or over
	WrongLogin    Code = "wrong_login"  // no such e-mail, or another password
	WrongBearer   Code = "wrong_bearer" // the route is for other kinds
	WrongRole     Code = "wrong_role"   // the route is for administrators of other roles
	TooManyLogins Code = "too_many_logins"
	TooFast       Code = "too_fast" // more money commands in a minute than a person gives
)

// The PIN does not allow it.
const (
	WrongPIN  Code = "wrong_pin" // words need {left}: tries left
	PINLocked Code = "pin_locked"
)

// Who it is does not allow it.
const (
	NotRegistered     Code = "not_registered" // the other one is not known
	AlreadyRegistered Code = "already_registered"
	EmailTaken        Code = "email_taken"
	PayerPending      Code = "payer_pending"
	NoPINYet          Code = "no_pin_yet"        // who came by the API has not shown that the phone is hers
	PasswordUnproved  Code = "password_unproved" // nor that the password is of who has the phone
	PayerSuspended    Code = "payer_suspended"
	PayerDormant      Code = "payer_dormant"
	PayerClosed       Code = "payer_closed"
	PayeeSuspended    Code = "payee_suspended"
	PayeeClosed       Code = "payee_closed"
	TooManyLookups    Code = "too_many_lookups"
)

// The money does not allow it.
const (
	ToOneself            Code = "to_oneself"
	NotAllowed           Code = "not_allowed"            // these two kinds may not do this with each other
	NoTariff             Code = "no_tariff"              // no price is known for it
	BelowSmallest        Code = "below_smallest"         // words need {smallest}
	OverTransactionLimit Code = "over_transaction_limit" // words need {limit}
	OverDayLimit         Code = "over_day_limit"
	OverMonthLimit       Code = "over_month_limit"
	OverLargestBalance   Code = "over_largest_balance" // the receiver's
	InsufficientFunds    Code = "insufficient_funds"   // words need {amount}
	FeeChanged           Code = "fee_changed"          // since it was shown
	CommissionLeft       Code = "commission_left"      // an agent who has some is not made a super agent
)

// What prices and limits there are does not allow it.
const (
	BadBands      Code = "bad_bands"      // words need {amount}: where they overlap, leave a gap or are none
	Unpriced      Code = "unpriced"       // words need {limit}: up to where a tier's transactions go and a tariff does not
	UnknownCharge Code = "unknown_charge" // no band in force
	BadLimits     Code = "bad_limits"     // a day under one transaction, a month under a day
	UnknownTier   Code = "unknown_tier"
	TierTaken     Code = "tier_taken"      // there is one of that name
	TooLate       Code = "too_late"        // the time is past, or as good as
	TimeTaken     Code = "time_taken"      // another one is, or was, to be in force from that very time
	NothingToCome Code = "nothing_to_come" // at that time, that could be taken back
)

// The counter does not allow it.
const (
	RequestOpen     Code = "request_open"      // the customer has an open request already
	TooManyRequests Code = "too_many_requests" // more than six in an hour
	NoRequest       Code = "no_request"        // no such open request
	WrongCode       Code = "wrong_code"
	CodesStopped    Code = "codes_stopped"   // ten wrong ones in an hour
	UnknownReceipt  Code = "unknown_receipt" // well written, but of no transfer of the asker's
	PutAway         Code = "put_away"        // it was so long ago that it is in the archive
	AfterReset      Code = "after_reset"     // words need {limit}: what may go out within a day of a new PIN
	WrongID         Code = "wrong_id"        // not the ID number on record
)

// What administrators ask is not possible as things stand.
const (
	BalanceLeft       Code = "balance_left"       // who has money, or some on hold, is not closed
	StillOpen         Code = "still_open"         // a request of hers waits at a counter, or a reversal is undecided
	LastAdministrator Code = "last_administrator" // who makes others must not be the last one to go
	UnknownMessage    Code = "unknown_message"
)

// A reversal cannot be, or not any more.
const (
	NotReversible    Code = "not_reversible"     // money of one's own, money at the bank, a reversal
	NoReversal       Code = "no_reversal"        // no such case
	ReversalEnded    Code = "reversal_ended"     // somebody has decided
	NothingToCollect Code = "nothing_to_collect" // who was paid has nothing
)

// The ledger refuses what would not be book-keeping.
const (
	Unbalanced     Code = "unbalanced"  // the entries do not sum to zero
	BadPosting     Code = "bad_posting" // fewer than two entries, a zero, an account twice, no request id
	UnknownAccount Code = "unknown_account"
	Overflow       Code = "overflow"
	RequestReused  Code = "request_reused" // the same request id with other content
	Voided         Code = "voided"         // the request id was closed before it was carried out
	UnknownHold    Code = "unknown_hold"
	HoldEnded      Code = "hold_ended"
	HoldExpired    Code = "hold_expired"
	HoldRunning    Code = "hold_running"  // asked to expire before its time
	HoldMismatch   Code = "hold_mismatch" // the capture is not of what was held
	HoldExists     Code = "hold_exists"
)

// We cannot, now.
const (
	Busy           Code = "busy"
	Unavailable    Code = "unavailable"
	OutcomeUnknown Code = "outcome_unknown" // it may have happened; its request id settles it
	Internal       Code = "internal"
)

// Codes lists every code.
var Codes = []Code{
	BadAmount, BadPhone, PhoneTooShort, PhoneTooLong, PhoneForeign, PhoneNotMobile, BadName, BadIDNumber,
	BadReceipt, BadChoice, BadPIN, WeakPIN, PINsDiffer, BadEmail, BadPassword, BadReference,
	BadBody, BodyTooLarge, WrongType, UnknownField, MissingField, RepeatedField, BadField, UnknownRoute, WrongMethod,
	NoToken, WrongLogin, WrongBearer, WrongRole, TooManyLogins, TooFast,
	WrongPIN, PINLocked,
	NotRegistered, AlreadyRegistered, EmailTaken, PayerPending, NoPINYet, PasswordUnproved, PayerSuspended,
	PayerDormant, PayerClosed, PayeeSuspended, PayeeClosed, TooManyLookups,
	ToOneself, NotAllowed, NoTariff, BelowSmallest, OverTransactionLimit, OverDayLimit, OverMonthLimit,
	OverLargestBalance, InsufficientFunds, FeeChanged, CommissionLeft,
	BadBands, Unpriced, UnknownCharge, BadLimits, UnknownTier, TierTaken, TooLate, TimeTaken, NothingToCome,
	RequestOpen, TooManyRequests, NoRequest, WrongCode, CodesStopped, UnknownReceipt, PutAway, AfterReset, WrongID,
	BalanceLeft, StillOpen, LastAdministrator, UnknownMessage,
	NotReversible, NoReversal, ReversalEnded, NothingToCollect,
	Unbalanced, BadPosting, UnknownAccount, Overflow, RequestReused, Voided,
	UnknownHold, HoldEnded, HoldExpired, HoldRunning, HoldMismatch, HoldExists,
	Busy, Unavailable, OutcomeUnknown, Internal,
}

// Error is a failure that Piga expects. Detail is for operators; customers get the catalogue's words by
// Code, with Args in the blanks.
type Error struct {
	Code   Code
	Detail string
	Args   map[string]string // nil for most
	cause  error
}

func (e *Error) Error() string {
	if e.Detail == "" {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Detail
}

// Unwrap is what Errorf was given with %w, if anything.
func (e *Error) Unwrap() error { return e.cause }

// With fills one blank of the code's words.
func (e *Error) With(name, value string) *Error {
	args := map[string]string{}
	maps.Copy(args, e.Args)
	args[name] = value
	return &Error{Code: e.Code, Detail: e.Detail, Args: args, cause: e.cause}
}

// Errorf makes an Error; %w keeps what caused it.
func Errorf(c Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: c, Detail: err.Error(), cause: errors.Unwrap(err)}
}

// CodeOf is the code of an error: "" of nil, Internal of anything unexpected.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// ArgsOf are the blanks that the error fills, nil if none.
func ArgsOf(err error) map[string]string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Args
	}
	return nil
}

package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// statuses says which HTTP status fits a code. A program acts on the code; the status is for what lies between.
var statuses = map[core.Code]int{
	core.BadAmount: http.StatusBadRequest, core.BadPhone: http.StatusBadRequest, core.PhoneTooShort: http.StatusBadRequest,
	core.PhoneTooLong: http.StatusBadRequest, core.PhoneForeign: http.StatusBadRequest, core.PhoneNotMobile: http.StatusBadRequest,
	core.BadName: http.StatusBadRequest, core.BadIDNumber: http.StatusBadRequest, core.BadReceipt: http.StatusBadRequest,
	core.BadChoice: http.StatusBadRequest, core.BadPIN: http.StatusBadRequest, core.WeakPIN: http.StatusBadRequest,
	core.PINsDiffer: http.StatusBadRequest, core.BadEmail: http.StatusBadRequest, core.BadPassword: http.StatusBadRequest,
	core.BadReference: http.StatusBadRequest,

	core.BadBody: http.StatusBadRequest, core.UnknownField: http.StatusBadRequest, core.MissingField: http.StatusBadRequest,
	core.RepeatedField: http.StatusBadRequest, core.BadField: http.StatusBadRequest,
	core.BodyTooLarge: http.StatusRequestEntityTooLarge, core.WrongType: http.StatusUnsupportedMediaType,
	core.UnknownRoute: http.StatusNotFound, core.WrongMethod: http.StatusMethodNotAllowed,

	core.NoToken: http.StatusUnauthorized, core.WrongLogin: http.StatusUnauthorized, core.WrongPIN: http.StatusUnauthorized,
	core.PINLocked: http.StatusForbidden, core.WrongBearer: http.StatusForbidden, core.WrongRole: http.StatusForbidden,
	core.TooManyLogins: http.StatusTooManyRequests, core.TooFast: http.StatusTooManyRequests,
	core.TooManyLookups: http.StatusTooManyRequests, core.TooManyRequests: http.StatusTooManyRequests,
	core.CodesStopped: http.StatusTooManyRequests,

	core.NotRegistered: http.StatusNotFound, core.AlreadyRegistered: http.StatusConflict, core.EmailTaken: http.StatusConflict,
	core.PayerPending: http.StatusForbidden, core.NoPINYet: http.StatusForbidden, core.PasswordUnproved: http.StatusForbidden,
	core.PayerSuspended: http.StatusForbidden, core.PayerDormant: http.StatusForbidden,
	core.PayerClosed: http.StatusForbidden, core.PayeeSuspended: http.StatusForbidden, core.PayeeClosed: http.StatusForbidden,

	core.ToOneself: http.StatusUnprocessableEntity, core.NotAllowed: http.StatusUnprocessableEntity,
	core.NoTariff: http.StatusUnprocessableEntity, core.BelowSmallest: http.StatusUnprocessableEntity,
	core.OverTransactionLimit: http.StatusUnprocessableEntity, core.OverDayLimit: http.StatusUnprocessableEntity,
	core.OverMonthLimit: http.StatusUnprocessableEntity, core.OverLargestBalance: http.StatusUnprocessableEntity,
	core.InsufficientFunds: http.StatusUnprocessableEntity, core.AfterReset: http.StatusUnprocessableEntity,
	core.FeeChanged: http.StatusConflict, core.CommissionLeft: http.StatusConflict,

	core.BadBands: http.StatusUnprocessableEntity, core.Unpriced: http.StatusUnprocessableEntity,
	core.BadLimits: http.StatusUnprocessableEntity, core.TooLate: http.StatusUnprocessableEntity,
	core.UnknownCharge: http.StatusNotFound, core.UnknownTier: http.StatusNotFound, core.NothingToCome: http.StatusNotFound,
	core.TierTaken: http.StatusConflict, core.TimeTaken: http.StatusConflict,

	core.RequestOpen: http.StatusConflict, core.NoRequest: http.StatusNotFound, core.UnknownReceipt: http.StatusNotFound,
	core.PutAway:   http.StatusGone,
	core.WrongCode: http.StatusUnprocessableEntity, core.WrongID: http.StatusUnprocessableEntity,

	core.BalanceLeft: http.StatusConflict, core.StillOpen: http.StatusConflict, core.LastAdministrator: http.StatusConflict,
	core.UnknownMessage: http.StatusNotFound,
	core.NotReversible:  http.StatusUnprocessableEntity, core.NoReversal: http.StatusNotFound,
	core.ReversalEnded: http.StatusConflict, core.NothingToCollect: http.StatusConflict,

	core.RequestReused: http.StatusConflict, core.Voided: http.StatusConflict,
	core.UnknownHold: http.StatusNotFound, core.HoldEnded: http.StatusConflict, core.HoldExpired: http.StatusConflict,
	core.HoldRunning: http.StatusConflict, core.HoldExists: http.StatusConflict, core.HoldMismatch: http.StatusConflict,

	core.Unbalanced: http.StatusInternalServerError, core.BadPosting: http.StatusInternalServerError,
	core.UnknownAccount: http.StatusInternalServerError, core.Overflow: http.StatusInternalServerError,
	core.Internal: http.StatusInternalServerError,
	core.Busy:     http.StatusServiceUnavailable, core.Unavailable: http.StatusServiceUnavailable,
	core.OutcomeUnknown: http.StatusGatewayTimeout, // ask again with the same Idempotency-Key
}

// failure is what is answered when something is refused or went wrong.
type failure struct {
	Status  string    `json:"status" is:"always: error"`
	Code    core.Code `json:"code" is:"what a program acts on"`
	Message string    `json:"message" is:"the same for people, in the language that Accept-Language prefers of en and sw"`
	Field   string    `json:"field,omitempty" is:"in which it was found"`
	Fee     Shillings `json:"fee,omitempty" is:"of fee_changed: the one in force, if it costs anything"`
	Key     string    `json:"idempotencyKey,omitempty" is:"of outcome_unknown: ask again with it"`
}

// inWords is what a code means, for who cannot dial again where the words for a phone say so.
func inWords(words text.Catalog, code core.Code, args text.Args) string {
	if own := text.ForProgram(code); words.Lacks(own, args) == nil {
		return words.Say(own, args)
	}
	return words.Say(text.ForError(code), args)
}

// waits is the blank of an error that tells after how many seconds it may be tried again.
const waits = "seconds"

// fail answers an error. What is in it beside the code and the field is for operators.
func (v *visit) fail(err error) error {
	v.code = core.CodeOf(err)
	args := core.ArgsOf(err)
	header := v.echo.Response().Header()
	if seconds := args[waits]; seconds != "" {
		header.Set(echo.HeaderRetryAfter, seconds)
	}
	if v.code == core.NoToken {
		header.Set(echo.HeaderWWWAuthenticate, `Bearer realm="piga"`)
	}
	f := failure{Status: "error", Code: v.code, Message: inWords(v.words, v.code, args), Field: args["field"]}
	if fee, err := core.ParseAmount(args["fee"]); err == nil && v.code == core.FeeChanged {
		f.Fee = Shillings(fee)
	}
	if v.code == core.OutcomeUnknown {
		f.Key = header.Get(keyHeader)
	}
	return v.echo.JSON(statuses[v.code], f)
}

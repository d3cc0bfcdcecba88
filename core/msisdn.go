package core

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// MSISDN is a mobile number in the one form used inside: "+254712345678".
type MSISDN string

const (
	region      = "KE"
	countryCode = 254
)

// ParseMSISDN reads a Kenyan mobile number in any spelling that people use: 0712345678, 712345678,
// 254712345678, "+254 712-345 678", and 01… numbers. A bad one says why by its code: PhoneTooShort,
// PhoneTooLong, PhoneForeign, PhoneNotMobile, else BadPhone. The numbering plan is phonenumbers' own.
//
// Aggregators send the one form that is kept, each turn: for that the plan need not be asked, which takes longer
// than the rest of a turn's reading.
func ParseMSISDN(s string) (MSISDN, error) {
	if rest, ok := strings.CutPrefix(s, "+254"); ok && len(rest) == 9 && (rest[0] == '7' || rest[0] == '1') && digits(rest, 9, 9) {
		return MSISDN(s), nil
	}
	return parseMSISDN(s)
}

// parseMSISDN asks the numbering plan.
func parseMSISDN(s string) (MSISDN, error) {
	compact := strings.NewReplacer(" ", "", "-", "").Replace(s)
	if !digits(strings.TrimPrefix(compact, "+"), 1, 20) {
		return "", Errorf(BadPhone, "%d characters that are not a phone number", len(s))
	}
	n, err := phonenumbers.Parse(compact, region)
	switch {
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return "", Errorf(PhoneTooLong, "phonenumbers: %w", err)
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return "", Errorf(BadPhone, "phonenumbers: %w", err)
	case err != nil:
		return "", Errorf(PhoneTooShort, "phonenumbers: %w", err)
	}
	if n.GetCountryCode() != countryCode {
		return "", Errorf(PhoneForeign, "country code %d", n.GetCountryCode())
	}
	switch phonenumbers.IsPossibleNumberWithReason(n) {
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return "", Errorf(PhoneTooShort, "too few digits")
	case phonenumbers.TOO_LONG:
		return "", Errorf(PhoneTooLong, "too many digits")
	default: // the kind of number says more
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE:
		return MSISDN(phonenumbers.Format(n, phonenumbers.E164)), nil
	case phonenumbers.UNKNOWN:
		return unknown(n)
	default:
		return "", Errorf(PhoneNotMobile, "not a mobile number")
	}
}

// unknown takes what begins like a mobile number and is as long: prefixes are handed out faster than
// libraries learn them. The library knows shorter and longer numbers too, none of them mobile.
func unknown(n *phonenumbers.PhoneNumber) (MSISDN, error) {
	d := phonenumbers.GetNationalSignificantNumber(n) // zeros but the first stay in front of it
	switch first := strings.TrimLeft(d, "0"); {
	case !strings.HasPrefix(first, "1") && !strings.HasPrefix(first, "7"):
		return "", Errorf(BadPhone, "not in the numbering plan")
	case len(first) < 9:
		return "", Errorf(PhoneTooShort, "too few digits")
	case len(d) > 9:
		return "", Errorf(PhoneTooLong, "too many digits")
	}
	return MSISDN(phonenumbers.Format(n, phonenumbers.E164)), nil
}

// National is the number as people write it: "0712345678".
func (m MSISDN) National() string {
	return "0" + strings.TrimPrefix(string(m), "+254")
}

// Masked shows enough to recognise and too little to dial: "0712...678". An ellipsis character would
// halve what fits on the page.
func (m MSISDN) Masked() string {
	n := m.National()
	if len(n) < 8 {
		return "..."
	}
	return n[:4] + "..." + n[len(n)-3:]
}

// LogValue keeps whole numbers out of logs.
func (m MSISDN) LogValue() slog.Value { return slog.StringValue(m.Masked()) }

package africastalking

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/sms"
)

const (
	mostWord  = 30
	mostWords = 6
)

// answer is what the provider says of a call, with HTTP status 201 whether it sent anything or not.
type answer struct {
	SMSMessageData struct {
		Message    string
		Recipients []recipient
	}
}

// recipient is what it says of one number.
type recipient struct {
	Number     string      `json:"number"`
	Status     string      `json:"status"`
	StatusCode json.Number `json:"statusCode"` // absent in some failures
	MessageID  string      `json:"messageId"`  // "None" in failures
}

// verdict is what a code means for us.
type verdict struct {
	reason sms.Reason
	retry  bool
}

// verdicts are the codes of failures. What depends on the number or on what its owner chose will be no
// better later; the rest may be.
var verdicts = map[json.Number]verdict{
	"401": {sms.RiskHold, true},
	"402": {sms.BadSender, false}, // the number's network does not know the sender name
	"403": {sms.BadNumber, false},
	"404": {sms.UnsupportedNumber, false},
	"405": {sms.OutOfCredit, true},
	"406": {sms.Blacklisted, false},
	"407": {sms.NoRoute, true},
	"409": {sms.DoNotDisturb, false},
	"500": {sms.ProviderError, true},
	"501": {sms.GatewayError, true},
	"502": {sms.GatewayRejected, true},
}

// read makes of an answer the id of the message, "" if it has none, or why it was not sent.
func read(status int, body []byte, to core.MSISDN) (string, error) {
	switch {
	case status == http.StatusOK || status == http.StatusCreated || status == http.StatusConflict:
		return readAnswer(body, to) // do not disturb comes as a conflict too, with the usual answer
	case status == http.StatusUnauthorized:
		return "", failed(sms.Unauthorized, true, "HTTP 401", "")
	case status == http.StatusTooManyRequests:
		return "", failed(sms.RateLimited, true, "HTTP 429", "")
	case status >= 500:
		return "", failed(sms.ServerError, true, "HTTP "+strconv.Itoa(status), "")
	default:
		// No such answer is documented. A try that is in vain costs little, a message given up costs a
		// customer her confirmation.
		return "", failed(sms.BadRequest, true, "HTTP "+strconv.Itoa(status), "")
	}
}

func readAnswer(body []byte, to core.MSISDN) (string, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return "", failed(sms.BadAnswer, true, "not the JSON that was expected", "")
	}
	data := a.SMSMessageData
	switch r, ok := find(data.Recipients, to); {
	case ok:
		return readRecipient(r)
	case len(data.Recipients) > 0:
		return "", failed(sms.BadAnswer, true, "about other numbers", "")
	case data.Message == "InvalidSenderId":
		// It is our account's name that is wrong, not this message: given up, every confirmation would be
		// lost until somebody mends the configuration. So they wait for it.
		return "", failed(sms.BadSender, true, "", data.Message)
	case data.Message == "":
		return "", failed(sms.BadAnswer, true, "no message and no recipients", "")
	default:
		return "", failed(sms.NotSent, true, "", data.Message)
	}
}

// find is the recipient with the number, or the only one: the provider may write the number its own way.
func find(rs []recipient, to core.MSISDN) (recipient, bool) {
	for _, r := range rs {
		if r.Number == string(to) {
			return r, true
		}
	}
	if len(rs) == 1 {
		return rs[0], true
	}
	return recipient{}, false
}

func readRecipient(r recipient) (string, error) {
	id := r.MessageID
	if id == "None" {
		id = ""
	}
	switch r.StatusCode {
	case "100", "101", "102": // processed, sent, queued
		return id, nil
	case "":
		if r.Status == "Success" && id != "" {
			return id, nil
		}
	}
	if v, ok := verdicts[r.StatusCode]; ok {
		return "", failed(v.reason, v.retry, code(r), r.Status)
	}
	return "", failed(sms.NotSent, true, code(r), r.Status)
}

// code is the recipient's code as operators may look it up. It is a number, but perhaps not a short one.
func code(r recipient) string {
	if r.StatusCode == "" || len(r.StatusCode) > 4 {
		return "no code"
	}
	return "code " + string(r.StatusCode)
}

// failed puts what the provider said behind our own words, letters only and not many: its words are an
// open set, and a number or a text that it quotes must reach neither log nor database.
func failed(reason sms.Reason, retry bool, ours, said string) *sms.SendError {
	words := strings.FieldsFunc(said, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) > mostWord })
	words = words[:min(len(words), mostWords)]
	return &sms.SendError{Reason: reason, Retry: retry, Detail: strings.TrimSpace(ours + " " + strings.Join(words, " "))}
}

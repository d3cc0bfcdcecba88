package sandbox

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

const (
	// defaultSender is who a message is from when nobody says.
	defaultSender = "AFRICASTKNG"
	// mostForm bounds a request, in bytes: a thousand numbers and a long text.
	mostForm = 64 << 10
	// prices are those of the recorded answers: each number's in shillings, the sum in dollars.
	priceKES = 0.8
	priceUSD = 0.0079
)

// answer is the provider's, with its fields in the order in which they were recorded.
type answer struct {
	SMSMessageData messageData
}

type messageData struct {
	Message    string
	Recipients []recipient
}

type recipient struct {
	Cost       string `json:"cost"`
	MessageID  string `json:"messageId"`
	Number     string `json:"number"`
	Status     string `json:"status"`
	StatusCode int    `json:"statusCode"`
}

// e164 is what counts as a number: the provider serves more countries than one.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)

// messaging takes an SMS to one number or several. As with the provider, taken and refused are both 201;
// only a wrong key and a form that lacks a field are not.
func (s *Sandbox) messaging(c echo.Context) error {
	r := c.Request()
	if s.Key != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("apiKey")), []byte(s.Key)) != 1 {
		return c.String(http.StatusUnauthorized, "The supplied authentication is invalid")
	}
	r.Body = http.MaxBytesReader(c.Response(), r.Body, mostForm)
	for _, field := range []string{"username", "to", "message"} {
		if c.FormValue(field) == "" {
			return c.String(http.StatusBadRequest, "Request is missing required form field '"+field+"'")
		}
	}
	from := c.FormValue("from")
	if from == "" {
		from = defaultSender
	} else if len(s.Senders) > 0 && !slices.Contains(s.Senders, from) {
		return c.JSON(http.StatusCreated, answer{messageData{Message: "InvalidSenderId", Recipients: []recipient{}}})
	}
	data, err := s.take(from, c.FormValue("message"), strings.Split(c.FormValue("to"), ","))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, answer{data})
}

func (s *Sandbox) take(from, text string, numbers []string) (messageData, error) {
	d := messageData{}
	parts, taken := segments(text), 0
	for _, to := range numbers {
		to = strings.TrimSpace(to)
		if !e164.MatchString(to) {
			d.Recipients = append(d.Recipients, recipient{
				Cost: "0", MessageID: "None", Number: to, Status: "InvalidPhoneNumber", StatusCode: 403,
			})
			continue
		}
		id, err := s.newID()
		if err != nil {
			return d, err
		}
		s.keep(Message{ID: id, From: from, To: to, Text: text, At: s.Clock()})
		s.reportLater(id, to)
		taken++
		d.Recipients = append(d.Recipients, recipient{
			Cost: fmt.Sprintf("KES %.4f", priceKES*float64(parts)), MessageID: id, Number: to,
			Status: "Success", StatusCode: 102,
		})
	}
	d.Message = fmt.Sprintf("Sent to %d/%d Total Cost: 0", taken, len(numbers))
	if taken > 0 {
		d.Message = fmt.Sprintf("Sent to %d/%d Total Cost: USD %.4f Message parts: %d",
			taken, len(numbers), priceUSD*float64(taken*parts), parts)
	}
	return d, nil
}

// segments is how many SMS a text takes when all of it is plain GSM-7. It is shown and nothing depends
// on it, so that extended characters and UCS-2 are not counted.
func segments(text string) int {
	n := utf8.RuneCountInString(text)
	if n <= 160 {
		return 1
	}
	return (n + 152) / 153
}

func (s *Sandbox) newID() (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(s.Random, b); err != nil {
		return "", fmt.Errorf("sandbox: message id: %w", err)
	}
	return "ATXid_" + hex.EncodeToString(b), nil
}

package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"
)

const (
	// defaultSender is who a message is from when nobody says.
	defaultSender = "AFRICASTKNG"
	// prices are those of the recorded answers, in ten-thousandths: each number's in shillings, the sum in
	// dollars.
	priceKES = 8000
	priceUSD = 79
)

// messagingAnswer is the provider's, with its fields in the order in which they were recorded.
type messagingAnswer struct {
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

// messaging takes an SMS to one number or several. As with the provider, taken and refused are both 201;
// only a wrong key and a form that lacks a field are not. bulkSMSMode and enqueue change nothing in the
// answer, nor do keyword, linkId and retryDurationInHours, which are for premium messages.
func (s *Sandbox) messaging(c echo.Context) error {
	if lacks, err := s.lacks(c, "username", "to", "message"); lacks {
		return err
	}
	x := exchangeOf(c)
	numbers := strings.Split(c.FormValue("to"), ",")
	for i := range numbers {
		numbers[i] = strings.TrimSpace(numbers[i])
	}
	x.line.Phone = numbers[0]
	did := s.strikes(x.at, SMSTimeout, SMSError)
	x.line.Did = append(x.line.Did, did...)
	from, text := c.FormValue("from"), c.FormValue("message")
	if from == "" {
		from = defaultSender
	} else if len(s.Senders) > 0 && !slices.Contains(s.Senders, from) {
		return s.sayMessaging(c, x, messageData{Message: "InvalidSenderId", Recipients: []recipient{}})
	}
	if odd, ok := oddityOf(numbers); ok {
		return s.sayOddity(c, x, odd, from, text, numbers[0])
	}
	if did.by(SMSError) {
		return s.sayOddity(c, x, oddities()[s.pick(x.at, SMSError, len(oddities()))], from, text, numbers[0])
	}
	data, err := s.take(x.at, from, text, numbers)
	if err != nil {
		return err
	}
	if did.by(SMSTimeout) {
		patient(c)
		_ = pause(c.Request().Context(), s.Hang) // the other side may have gone
		x.line.Note = "taken, and not answered"
		return s.reply(c, x, http.StatusGatewayTimeout, echo.MIMETextHTML, nil)
	}
	return s.sayMessaging(c, x, data)
}

func (s *Sandbox) sayMessaging(c echo.Context, x *exchange, data messageData) error {
	b, err := json.Marshal(messagingAnswer{data})
	if err != nil {
		return err
	}
	return s.reply(c, x, http.StatusCreated, echo.MIMEApplicationJSON, b)
}

// take takes a message for each number that is one and has no fate of its own.
func (s *Sandbox) take(at occasion, from, text string, numbers []string) (messageData, error) {
	d := messageData{}
	parts, taken := segments(text), 0
	for _, to := range numbers {
		f := fateOf(to)
		if !f.taken {
			d.Recipients = append(d.Recipients, recipient{Cost: "0", MessageID: "None", Number: to, Status: f.status, StatusCode: f.code})
			continue
		}
		id, err := s.takeOne(at, from, text, to)
		if err != nil {
			return d, err
		}
		taken++
		d.Recipients = append(d.Recipients, recipient{
			Cost: "KES " + decimals(priceKES*parts), MessageID: id, Number: to, Status: f.status, StatusCode: f.code,
		})
	}
	s.purse.spend(int64(priceKES * parts * taken))
	d.Message = fmt.Sprintf("Sent to %d/%d Total Cost: 0", taken, len(numbers))
	if taken > 0 {
		d.Message = fmt.Sprintf("Sent to %d/%d Total Cost: USD %s Message parts: %d",
			taken, len(numbers), decimals(priceUSD*taken*parts), parts)
	}
	return d, nil
}

// takeOne puts a message in an inbox, and has it reported.
func (s *Sandbox) takeOne(at occasion, from, text, to string) (id string, err error) {
	if id, err = s.newID("ATXid_"); err != nil {
		return "", err
	}
	s.keep(Message{ID: id, From: from, To: to, Text: text, At: s.Clock()})
	s.reportLater(at, id, to)
	return id, nil
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

// decimals writes ten-thousandths.
func decimals(n int) string { return fmt.Sprintf("%d.%04d", n/10_000, n%10_000) }

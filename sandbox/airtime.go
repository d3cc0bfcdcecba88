package sandbox

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"sync"

	"github.com/labstack/echo/v4"
)

// airtimeAnswer is the provider's, as its documentation shows it.
type airtimeAnswer struct {
	ErrorMessage  string        `json:"errorMessage"`
	NumSent       int           `json:"numSent"`
	TotalAmount   string        `json:"totalAmount"`
	TotalDiscount string        `json:"totalDiscount"`
	Responses     []airtimeSent `json:"responses"`
}

type airtimeSent struct {
	PhoneNumber  string `json:"phoneNumber"`
	ErrorMessage string `json:"errorMessage"`
	Amount       string `json:"amount"`
	Status       string `json:"status"`
	RequestID    string `json:"requestId"`
	Discount     string `json:"discount"`
}

const (
	// discount is the application's share, in hundredths.
	discount = 6
	// mostRecipients bounds one request.
	mostRecipients = 1000
	// leastAirtime and mostAirtime are a shop's, in ten-thousandths: of shillings, dollars, whatever it is.
	leastAirtime, mostAirtime = 5 * 10_000, 10_000 * 10_000
)

// airtimes are the answers by Idempotency-Key.
type airtimes struct {
	mu    sync.Mutex
	known map[string][]byte
}

// mostKeys is how many keys are remembered. Then all are forgotten: nobody repeats a request that late.
const mostKeys = 10_000

// airtime sends airtime to one number or several. The same Idempotency-Key again sends nothing more. That it
// then gets the first answer is a guess: the provider only says that a duplicate is not carried out.
func (s *Sandbox) airtime(c echo.Context) error {
	if lacks, err := s.lacks(c, "username", "recipients"); lacks {
		return err
	}
	x := exchangeOf(c)
	var wanted []struct{ PhoneNumber, Amount string }
	if json.Unmarshal([]byte(c.FormValue("recipients")), &wanted) != nil || len(wanted) == 0 || len(wanted) > mostRecipients {
		return s.reply(c, x, http.StatusBadRequest, echo.MIMETextPlainCharsetUTF8, []byte("Invalid recipients"))
	}
	key := c.Request().Header.Get("Idempotency-Key")
	if key != "" && (len(key) < 8 || len(key) > 100) {
		return s.reply(c, x, http.StatusBadRequest, echo.MIMETextPlainCharsetUTF8, []byte("Invalid Idempotency-Key"))
	}
	s.airtimes.mu.Lock()
	defer s.airtimes.mu.Unlock()
	if b, again := s.airtimes.known[key]; again {
		x.line.Note = "the same Idempotency-Key again"
		return s.reply(c, x, http.StatusCreated, echo.MIMEApplicationJSON, b)
	}
	answer := airtimeAnswer{ErrorMessage: "None", TotalAmount: "0", TotalDiscount: "0", Responses: []airtimeSent{}}
	total, currency := 0, ""
	for _, w := range wanted {
		sent, amount, unit, err := s.sendAirtime(w.PhoneNumber, w.Amount)
		if err != nil {
			return err
		}
		answer.Responses = append(answer.Responses, sent)
		if amount > 0 {
			answer.NumSent, total, currency = answer.NumSent+1, total+amount, unit
		}
	}
	if answer.NumSent > 0 {
		answer.TotalAmount = currency + " " + decimals(total)
		answer.TotalDiscount = currency + " " + decimals(total*discount/100)
		s.purse.spend(int64(total - total*discount/100))
	}
	b, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	s.airtimes.keep(key, b)
	return s.reply(c, x, http.StatusCreated, echo.MIMEApplicationJSON, b)
}

// keep is called with the lock held.
func (a *airtimes) keep(key string, b []byte) {
	if key == "" {
		return
	}
	if a.known == nil || len(a.known) >= mostKeys {
		a.known = map[string][]byte{}
	}
	a.known[key] = b
}

// sendAirtime gives an amount of zero when nothing was sent.
func (s *Sandbox) sendAirtime(number, typed string) (sent airtimeSent, amount int, currency string, err error) {
	sent = airtimeSent{PhoneNumber: number, ErrorMessage: "None", Amount: typed, Status: "Failed", RequestID: "None", Discount: "0"}
	currency, amount = readAmount(typed)
	switch {
	case !e164.MatchString(number) || !fateOf(number).taken:
		sent.ErrorMessage = "Invalid Phone Number"
		return sent, 0, "", nil
	case amount < leastAirtime || amount > mostAirtime:
		sent.ErrorMessage = "Value Outside The Allowed Limits"
		return sent, 0, "", nil
	}
	if sent.RequestID, err = s.newID("ATQid_"); err != nil {
		return sent, 0, "", err
	}
	sent.Status, sent.Amount = "Sent", currency+" "+decimals(amount)
	sent.Discount = currency + " " + decimals(amount*discount/100)
	return sent, amount, currency, nil
}

var amountForm = regexp.MustCompile(`^([A-Z]{3}) ([0-9]{1,9})(?:\.([0-9]{1,4}))?$`)

// readAmount reads "KES 44" or "KES 44.50", in ten-thousandths; zero when it is none.
func readAmount(typed string) (currency string, amount int) {
	m := amountForm.FindStringSubmatch(typed)
	if m == nil {
		return "", 0
	}
	n, err := strconv.Atoi(m[2] + (m[3] + "0000")[:4])
	if err != nil {
		return "", 0
	}
	return m[1], n
}

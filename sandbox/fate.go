package sandbox

import (
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// Reserved numbers choose what becomes of a message to them, so that an application's own tests can bring it
// about: +254700000 and then one of the status codes, such as +254700000406 for a number that is blacklisted,
// or the number of an oddity.
const reserved = "+254700000"

// fate is what becomes of a message to one number.
type fate struct {
	code   int
	status string
	taken  bool
}

// fates are the status codes that the provider lists, and one that it does not.
func fates() []fate {
	return []fate{
		{100, "Processed", true},
		{101, "Sent", true},
		{102, "Success", true},
		{401, "RiskHold", false},
		{402, "InvalidSenderId", false},
		{403, "InvalidPhoneNumber", false},
		{404, "UnsupportedNumberType", false},
		{405, "InsufficientBalance", false},
		{406, "UserInBlacklist", false},
		{407, "CouldNotRoute", false},
		{409, "DoNotDisturbRejection", false},
		{499, "Something New", false},
		{500, "InternalServerError", false},
		{501, "GatewayError", false},
		{502, "RejectedByGateway", false},
	}
}

func fateOf(number string) fate {
	code := 102
	if !e164.MatchString(number) {
		code = 403
	} else if n, ok := reservedFor(number); ok {
		code = n
	}
	i := slices.IndexFunc(fates(), func(f fate) bool { return f.code == code })
	if i < 0 { // a reserved number that nothing is laid down for
		return fateOf(reserved + "102")
	}
	return fates()[i]
}

func reservedFor(number string) (int, bool) {
	end, ok := strings.CutPrefix(number, reserved)
	if !ok || len(end) != 3 {
		return 0, false
	}
	n, err := strconv.Atoi(end)
	return n, err == nil
}

// oddity is a whole answer as it was seen, or may come from what stands in between. In its body {number} and
// {id} are filled in.
type oddity struct {
	number      int // of the reserved numbers, that which brings it about
	status      int
	contentType string
	body        string
	taken       bool
}

// oddities are for one recipient: what the SMS of several would get is not known.
func oddities() []oddity {
	const json, text, html = echo.MIMEApplicationJSON, echo.MIMETextPlain, echo.MIMETextHTML
	return append(refusals(), []oddity{
		{601, 201, json, one("Sent to 0/1 Total Cost: 0", `{"number":"{number}","status":"Could Not Send","cost":"0","messageId":"None"}`), false},
		{602, 201, json, `{"SMSMessageData":{"Message":"InvalidSenderId","Recipients":[]}}`, false},
		{603, 201, json, `{"SMSMessageData":{"Message":"Sent to 0/0 Total Cost: 0","Recipients":[]}}`, false},
		{604, 201, json, one(paid, `{"cost":"0","messageId":"None","number":"{number}","status":"Success","statusCode":101}`), true},
		{605, 200, json, one(paid, `{"cost":"0","messageId":"{id}","number":"{number}","status":"Success"}`), true},
		{606, 201, json, one(paid, `{"cost":"0","messageId":"{id}","number":"{number}","status":"Success","statusCode":"102"}`), true},
		{607, 201, json, one(paid, `{"cost":"0","messageId":"{id}","number":"{bare}","status":"Success","statusCode":102}`), true},
		{608, 201, json, one("Sent to 0/1 Total Cost: 0", `{"cost":"0","messageId":"None","number":"{number}","status":"InvalidPhoneNumber: {number}","statusCode":403}`), false},
		{609, 409, json, one("Sent to 0/1 Total Cost: 0", `{"cost":"0","messageId":"None","number":"{number}","status":"DoNotDisturbRejection","statusCode":409}`), false},
		{610, 409, text, "Conflict", false},
		{611, 201, json, `{}`, false},
		{612, 201, text, "", false},
		{613, 201, json, `{"SMSMessageData":{"Message":"Sent to 1/1 Total Cost: USD 0.0079 Message parts: 1","Recipients":[{"cost":"KES 0.8000","m`, false},
		{614, 200, html, "<html><body>Please log in</body></html>", false},
		{615, 429, text, "Too Many Requests", false},
		{616, 502, html, "<html><h1>502 Bad Gateway</h1></html>", false},
		{617, 503, html, "", false},
		{618, 307, text, "", false},
		{619, 201, json, `{"SMSMessageData":{"Message":"Sent to 2/2","Recipients":[` +
			`{"cost":"0","messageId":"{id}","number":"+254700000001","status":"Success","statusCode":102},` +
			`{"cost":"0","messageId":"{id}","number":"+254700000002","status":"Success","statusCode":102}]}}`, false},
	}...)
}

const paid = "Sent to 1/1 Total Cost: KES 0.8000 Message parts: 1"

func one(message, recipient string) string {
	return `{"SMSMessageData":{"Message":"` + message + `","Recipients":[` + recipient + `]}}`
}

// refusals are the status codes with which nothing is taken, as whole answers: 201 with an error.
func refusals() []oddity {
	var all []oddity
	for _, f := range fates() {
		if !f.taken {
			all = append(all, oddity{f.code, 201, echo.MIMEApplicationJSON, one("Sent to 0/1 Total Cost: 0",
				`{"cost":"0","messageId":"None","number":"{number}","status":"`+f.status+`","statusCode":`+strconv.Itoa(f.code)+`}`), false})
		}
	}
	return all
}

// oddityOf is the one that a request to a single reserved number asks for.
func oddityOf(numbers []string) (oddity, bool) {
	n, ok := reservedFor(numbers[0])
	if !ok || len(numbers) > 1 || n < 600 {
		return oddity{}, false
	}
	i := slices.IndexFunc(oddities(), func(o oddity) bool { return o.number == n })
	if i < 0 {
		return oddity{}, false
	}
	return oddities()[i], true
}

// sayOddity answers with one.
func (s *Sandbox) sayOddity(c echo.Context, x *exchange, o oddity, from, text, to string) error {
	id, err := s.newID("ATXid_")
	if o.taken {
		id, err = s.takeOne(x.at, from, text, to)
	}
	if err != nil {
		return err
	}
	body := strings.NewReplacer("{number}", to, "{bare}", strings.TrimPrefix(to, "+"), "{id}", id).Replace(o.body)
	return s.reply(c, x, o.status, o.contentType, []byte(body))
}

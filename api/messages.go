package api

import (
	"net/http"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/office"
)

// What people were told by SMS, and what did not reach them.

func (a *API) messageRoutes() []Route {
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/admin/messages", Who: admins(core.Care),
			Says: "Lists messages, newest first: all, those to one number, or those that were given up.",
			Do:   do(a.findMessages),
		},
		{
			Method: http.MethodGet, Path: "/api/admin/messages/:messageId", Who: admins(core.Care),
			Says:    "Shows a message and what became of it; a code in it is covered.",
			Refuses: []core.Code{core.UnknownMessage},
			Do:      do(a.viewMessage),
		},
		{
			Method: http.MethodPost, Path: "/api/admin/messages/:messageId/send-again", Who: admins(core.Care),
			Says:    "Has a message that was given up tried for another day, at the number that its reader has now.",
			Refuses: []core.Code{core.UnknownMessage, core.NotAllowed},
			Do:      do(a.sendAgain),
		},
	}
}

type messageID int64

type messageSearch struct {
	Phone core.MSISDN `api:"phoneNumber,optional" is:"to which they went, in any spelling"`
	Dead  bool        `api:"dead,optional" is:"only those that were given up"`
	After messageID   `api:"after,optional" is:"next, as the page before said"`
	Limit pageSize    `api:"limit,optional" is:"how many at once; 50 if not given"`
}

type messages struct {
	Messages []message `json:"messages"`
	Next     string    `json:"next,omitempty" is:"after which the next page begins; none on the last"`
}

type message struct {
	ID        string      `json:"messageId"`
	To        string      `json:"userID,omitempty" is:"whom it is for; none if the number was nobody's"`
	Phone     core.MSISDN `json:"phoneNumber"`
	Text      string      `json:"text" is:"without the code in it, if there is one"`
	State     string      `json:"state" is:"waiting, sent, delivered, failed, or dead"`
	Tries     int         `json:"tries"`
	Error     string      `json:"lastError,omitempty" is:"of the last try, or the provider's"`
	Created   time.Time   `json:"createdAt"`
	Sent      time.Time   `json:"sentAt,omitzero"`
	Delivered time.Time   `json:"deliveredAt,omitzero"`
	Failed    time.Time   `json:"failedAt,omitzero" is:"as the provider reports"`
	Dead      time.Time   `json:"deadAt,omitzero" is:"given up"`
}

func (a *API) findMessages(v *visit, in messageSearch) (Done[messages], error) {
	all, err := a.Office.Messages(v.ctx, office.MessageSearch{
		Phone: in.Phone, Dead: in.Dead, After: int64(in.After), Most: in.Limit.asked(),
	})
	all, next := cut(all, in.Limit, func(m office.Message) string { return userID(m.ID) })
	return done("messages", messages{a.messagesOf(all), next}), err
}

func (a *API) messagesOf(all []office.Message) []message {
	shown := make([]message, len(all))
	for i, m := range all {
		shown[i] = a.messageOf(m)
	}
	return shown
}

func (a *API) messageOf(m office.Message) message {
	shown := message{
		ID: userID(m.ID), Phone: m.Phone, Text: notice.Discreet(a.Words, m.Message), State: m.State(), Tries: m.Attempts,
		Error: m.Error, Created: m.Created, Sent: m.Sent, Delivered: m.Delivered, Failed: m.Failed, Dead: m.Dead,
	}
	if m.To != 0 {
		shown.To = userID(m.To)
	}
	return shown
}

type whichMessage struct {
	ID messageID `api:"messageId" is:"of the message"`
}

func (a *API) viewMessage(v *visit, in whichMessage) (Done[message], error) {
	m, err := a.Office.Message(v.ctx, int64(in.ID))
	return done("a message", a.messageOf(m)), err
}

type aboutMessage struct {
	ID     messageID `api:"messageId" is:"of the message"`
	Reason reason    `api:"reason" is:"why; it stays in the audit log"`
}

func (a *API) sendAgain(v *visit, in aboutMessage) (Done[nothing], error) {
	return done("the message is due", nothing{}), a.Office.SendAgain(v.ctx, v.by(), int64(in.ID), string(in.Reason))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// handset is one phone in one call, as the provider speaks for it.
type handset struct {
	client  *http.Client
	address string // of the callbacks
	number  string
	session string
	text    string // what was typed so far
	first   bool   // nothing was typed yet
}

// dial begins a call of a person at an address. Nothing is sent before the first turn.
func dial(client *http.Client, address string, who int) *handset {
	return &handset{client: client, address: address, number: string(person(who).Phone), session: session(), first: true}
}

// deep is a call in which the answers were dialled too.
func (h *handset) deep(ctx context.Context, answers string) (string, error) {
	h.text, h.first = answers, false
	return h.turn(ctx)
}

// say types an answer; the first turn of a plain call has none.
func (h *handset) say(ctx context.Context, answer string) (string, error) {
	switch {
	case h.first:
		h.first = false
	case h.text == "":
		h.text = answer
	default:
		h.text += "*" + answer
	}
	return h.turn(ctx)
}

// turn is one callback.
func (h *handset) turn(ctx context.Context) (string, error) {
	return h.post(ctx, "/ussd", url.Values{
		"sessionId": {h.session}, "phoneNumber": {h.number}, "networkCode": {"63902"}, "serviceCode": {service}, "text": {h.text},
	})
}

// seen is the provider's word that the last page has reached the phone.
func (h *handset) seen(ctx context.Context) error {
	_, err := h.post(ctx, "/events", url.Values{
		"sessionId": {h.session}, "phoneNumber": {h.number}, "networkCode": {"63902"}, "serviceCode": {service},
		"status": {"Success"}, "input": {h.text}, "durationInMillis": {"30000"},
	})
	return err
}

func (h *handset) post(ctx context.Context, path string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return page(h.client, req)
}

// walk types answers one after the other, each on the page that shall begin so.
func (h *handset) walk(ctx context.Context, steps []step) error {
	for _, s := range steps {
		got, err := h.say(ctx, s.answer)
		if err != nil {
			return err
		}
		if got == busyPage {
			return errAway
		}
		if !strings.Contains(got, s.page) {
			return fmt.Errorf("there is the page %q, not one with %q", got, s.page)
		}
	}
	return nil
}

// busyPage is what a call gets for which there is no room.
const busyPage = "END Busy, please dial again."

var errAway = errors.New("turned away")

// step is an answer and what the page that it leads to has on it.
type step struct{ answer, page string }

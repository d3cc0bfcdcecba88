package sms

import (
	"errors"
	"net/http"
	"net/url"
)

// mostForm is what a webhook reads, in bytes: a report is a few hundred, a long SMS of many parts two thousand.
const mostForm = 16 << 10

// postedForm reads what a provider posts, as far as it can be read: a bad escape spoils only its own field.
// refused is zero, or the status with which it was refused: 405 or 413. what names the thing in the answer.
func postedForm(w http.ResponseWriter, r *http.Request, what string) (form url.Values, refused int) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, what+" is posted", http.StatusMethodNotAllowed)
		return nil, http.StatusMethodNotAllowed
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](r.ParseForm()); tooLarge {
		http.Error(w, what+" is smaller", http.StatusRequestEntityTooLarge)
		return nil, http.StatusRequestEntityTooLarge
	}
	return r.PostForm, 0
}

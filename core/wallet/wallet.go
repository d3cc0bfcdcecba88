// Package wallet is what a customer can do: be known, register, pay, take and hand in cash over an agent's
// counter, read her balance, change her PIN. It says what is needed of a store (People, PINs, Books, Counter) and leaves the arithmetic to package ledger. It must
// not know how she speaks to us, nor where anything is kept.
package wallet

import (
	"context"
	"io"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// Wallet serves customers. It may be used by many calls at once.
type Wallet struct {
	people  People
	pins    PINs
	books   Books
	counter Counter
	intents Intents
	undoing Reversals
	vault   *Vault
	words   text.Catalogs
	clock   core.Clock
	random  io.Reader
	dial    string
}

// Store is all that a wallet needs of a store.
type Store interface {
	People
	PINs
	Books
	Counter
	Intents
	Reversals
}

// New makes a wallet. clock tells the time in the zone in which people read it; money follows the store's
// own clock. random is a source of secure random bytes, dial the service code that newcomers are told.
func New(s Store, v *Vault, words text.Catalogs, clock core.Clock, random io.Reader, dial string) *Wallet {
	return &Wallet{
		people: s, pins: s, books: s, counter: s, intents: s, undoing: s, vault: v, words: words, clock: clock, random: random, dial: dial,
	}
}

// Names may be looked up so often: enough for whoever pays many people, too little to harvest the book.
const (
	mostLookups  = 20
	lookupWindow = time.Hour
)

// sameWithin is how long the same payment again is asked about.
const sameWithin = 2 * time.Minute

// Caller is the party that a phone number belongs to, else NotRegistered.
func (w *Wallet) Caller(ctx context.Context, phone core.MSISDN) (core.Party, error) {
	return w.people.PartyByPhone(ctx, phone)
}

// Greeting is who dials, and what her call begins with.
type Greeting struct {
	core.Party
	Starts bool // she has a start code that works
	Errand bool // there may be something to tell of her last errand: see LastErrand
}

// Greet is the greeting for a phone number, else NotRegistered.
func (w *Wallet) Greet(ctx context.Context, phone core.MSISDN) (Greeting, error) {
	return w.people.Greeting(ctx, phone, errandRecent)
}

// SetLang changes the language in which a party is spoken to.
func (w *Wallet) SetLang(ctx context.Context, p core.Party, lang core.Lang) error {
	return w.people.SetLang(ctx, p.ID, lang)
}

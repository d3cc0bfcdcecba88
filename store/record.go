package store

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// A page reads no further than this many rows, however few of them are what is looked for: the next one goes on there.
// What picks reads so many at a time.
const (
	mostRead = 2000
	pickRead = 500
)

// Records is the next page of what a filter admits, newest first, at most n. BadField of a cursor that no page gave.
func (s *Store) Records(ctx context.Context, f office.Filter, after office.Cursor, n int) (office.Page, error) {
	from, err := s.source(ctx, f)
	if err != nil {
		return office.Page{}, told("records", err)
	}
	at := from.newest
	if after != "" {
		if at, err = placeOf(after); err != nil {
			return office.Page{}, err
		}
	}
	atOnce := n + 1
	if f.Picks() {
		atOnce = max(atOnce, pickRead)
	}
	var found []recordRow
	more := true
	for read := 0; more && read < mostRead; read += atOnce {
		rows, err := from.read(ctx, at, atOnce)
		if err != nil {
			return office.Page{}, told("records", err)
		}
		more = len(rows) == atOnce
		for _, r := range rows {
			if f.Admits(r.record()) {
				if len(found) == n {
					return s.page(ctx, found, at)
				}
				found = append(found, r)
			}
			at = place{r.N, r.ID}
		}
	}
	if !more {
		at = place{}
	}
	return s.page(ctx, found, at)
}

// place is where a row stands among those of its source: newest first by number, then by name.
type place struct {
	n  int64
	id string
}

func (p place) cursor() office.Cursor {
	if p == (place{}) {
		return ""
	}
	return office.Cursor(base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.n, 10) + " " + p.id)))
}

func placeOf(c office.Cursor) (place, error) {
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	number, id, _ := strings.Cut(string(b), " ")
	n, wrong := strconv.ParseInt(number, 10, 64)
	if err != nil || wrong != nil {
		return place{}, core.Errorf(core.BadField, "a cursor of %d characters that no page gave", len(c))
	}
	return place{n, id}, nil
}

// recordRow is a record as its source has it, with its place. What a source knows not is zero.
type recordRow struct {
	N         int64
	ID        string
	State     office.State
	Request   core.RequestID
	At        time.Time
	Operation core.Operation
	Payer     core.AccountID
	Payee     core.AccountID
	Amount    core.Amount
	Fee       core.Amount
	Transfer  core.TransferID
	Receipt   core.Receipt
	Code      core.Code
	How       string
	Content   string // of a refused request: what it asked for
}

func (r recordRow) record() office.Record {
	return office.Record{
		State: r.State, Request: r.Request, At: r.At, Operation: r.Operation, Amount: r.Amount, Fee: r.Fee,
		Transfer: r.Transfer, Receipt: r.Receipt, Code: r.Code, How: r.How,
	}
}

// page gives records their sides.
func (s *Store) page(ctx context.Context, rows []recordRow, next place) (office.Page, error) {
	var accounts []core.AccountID
	for _, r := range rows {
		accounts = append(accounts, r.Payer, r.Payee)
	}
	owners, err := s.owners(ctx, accounts)
	if err != nil {
		return office.Page{}, told("records", err)
	}
	p := office.Page{Records: make([]office.Record, len(rows)), Next: next.cursor()}
	for i, r := range rows {
		one := r.record()
		one.At, one.From, one.To = s.local(r.At), owners[r.Payer], owners[r.Payee]
		p.Records[i] = one
	}
	return p, nil
}

// owners are the parties to whom accounts belong. The system's own belong to nobody.
func (s *Store) owners(ctx context.Context, accounts []core.AccountID) (map[core.AccountID]core.Party, error) {
	var rows []struct {
		partyRow
		Of core.AccountID
	}
	err := s.records.list(ctx, &rows, `
		SELECT u.id AS of,`+partyColumns+`
		FROM (SELECT DISTINCT id FROM unnest($1::bigint[]) AS all_of (id)) u
		JOIN accounts o ON o.id = u.id
		JOIN parties p ON p.id = o.party_id`,
		ints(accounts, func(id core.AccountID) core.AccountID { return id }))
	owners := make(map[core.AccountID]core.Party, len(rows))
	for _, r := range rows {
		owners[r.Of] = r.party()
	}
	return owners, err
}

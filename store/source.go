package store

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// source is where records of a filter are read from, and from which place on.
type source struct {
	newest place
	read   func(ctx context.Context, before place, n int) ([]recordRow, error)
}

// source chooses by what is looked for. Transfers come by their numbers, those of one account by its versions, the rest
// by time and name.
func (s *Store) source(ctx context.Context, f office.Filter) (source, error) {
	if f.Until.IsZero() || f.Until.After(farAway) {
		f.Until = farAway
	}
	switch {
	case f.State == office.Refused:
		return s.byTime(f, refusedSQL, strconv.FormatInt(int64(f.Party.Account), 10)), nil
	case f.State == office.Open:
		return s.byTime(f, openSQL, int64(f.Party.ID)), nil
	case f.State == office.Ended:
		return s.byTime(f, endedSQL, int64(f.Party.ID)), nil
	case f.Party.ID != 0:
		return s.transfersOf(ctx, f, f.Party.Account)
	case f.Operation == core.Issue, f.Operation == core.Redeem: // few among many, and all of them are the bank's
		return s.transfersOf(ctx, f, core.Trust)
	default:
		return s.allTransfers(f), nil
	}
}

// farAway is later than anything. It still has a number, as a transfer has.
var farAway = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)

// idOf is the first number that a transfer of a time can have. Times that no number can tell have the number of the
// nearest that it can.
func idOf(at time.Time) core.TransferID {
	switch {
	case at.Before(time.UnixMilli(0)):
		return 0
	case at.After(farAway):
		at = farAway
	}
	return transferID(at, 0)
}

// A reversal's request is named after what it undoes, and kept for ever.
const (
	reversalOf = `'reverse:' || `

	transferColumns = `
	CASE WHEN EXISTS (SELECT FROM requests q WHERE q.id = ` + reversalOf + `t.id AND q.transfer_id IS NOT NULL OFFSET 0)
		THEN 'reversed' ELSE 'done' END AS state,
	t.request_id AS request,
	t.at,
	t.operation,
	coalesce(t.from_account, 0) AS payer,
	coalesce(t.to_account, 0) AS payee,
	t.amount,
	t.fee,
	t.id AS transfer,
	t.receipt`

	allTransfersSQL = `
	SELECT
		t.id AS n,` + transferColumns + `
	FROM transfers t
	WHERE t.id < $1 AND t.id >= $2
	ORDER BY t.id DESC
	LIMIT $3`

	transfersOfSQL = `
	SELECT
		e.version AS n,` + transferColumns + `
	FROM (
		SELECT version, transfer_id
		FROM entries
		WHERE account_id = $1 AND version < $2 AND version > $3 AND transfer_id >= $4 AND transfer_id < $5
		ORDER BY version DESC
		LIMIT $6
	) e
	JOIN transfers t ON t.id = e.transfer_id
	ORDER BY e.version DESC`

	// entriesBeforeSQL is how many entries an account had before a number was given. They have their versions in the
	// order of those numbers, so it halves until it knows: twenty looks of a whole key, where a million are to choose from.
	// What was put away came before.
	entriesBeforeSQL = `
	WITH RECURSIVE halves (low, high) AS (
		SELECT 0::bigint, (SELECT version FROM accounts WHERE id = $1)
		UNION ALL
		SELECT CASE WHEN later THEN low ELSE middle END, CASE WHEN later THEN middle - 1 ELSE high END
		FROM halves,
			LATERAL (SELECT (low + high + 1) / 2) AS m (middle),
			LATERAL (
				SELECT EXISTS (
					SELECT FROM entries e WHERE e.account_id = $1 AND e.version = middle AND e.transfer_id >= $2 OFFSET 0)
			) AS l (later)
		WHERE low < high
	)
	SELECT low FROM halves WHERE low = high`
)

func (s *Store) allTransfers(f office.Filter) source {
	return source{
		newest: place{n: int64(idOf(f.Until))},
		read: func(ctx context.Context, before place, n int) (rows []recordRow, err error) {
			err = s.records.list(ctx, &rows, allTransfersSQL, before.n, idOf(f.From), n)
			return rows, err
		},
	}
}

func (s *Store) transfersOf(ctx context.Context, f office.Filter, account core.AccountID) (source, error) {
	var first, last int64
	var err error
	if !f.From.IsZero() {
		first, err = s.entriesBefore(ctx, account, f.From)
	}
	if last = math.MaxInt64 - 1; err == nil && f.Until.Before(farAway) {
		last, err = s.entriesBefore(ctx, account, f.Until)
	}
	return source{
		newest: place{n: last + 1},
		read: func(ctx context.Context, before place, n int) (rows []recordRow, err error) {
			err = s.records.list(ctx, &rows, transfersOfSQL, account, before.n, first, idOf(f.From), idOf(f.Until), n)
			return rows, err
		},
	}, err
}

func (s *Store) entriesBefore(ctx context.Context, account core.AccountID, at time.Time) (n int64, err error) {
	err = s.records.get(ctx, &n, entriesBeforeSQL, account, idOf(at))
	return n, err
}

// sided are the statements that find records of one source: anybody's, and those of a party on either side.
type sided struct{ anybodys, hers string }

// sidedBy makes them of columns, a table r with a condition, its column for the time, and those that are $5 of each
// side. It takes the newest of each side, and of those the newest.
func sidedBy(columns, from, at, payer, payee string) sided {
	side := func(of string) string {
		return `
	SELECT` + columns + from + ` AND (` + at + `, r.id) < ($1, $2) AND ` + at + ` >= $3` + of + `
	ORDER BY ` + at + ` DESC, r.id DESC
	LIMIT $4`
	}
	return sided{
		anybodys: side(``),
		hers: `(` + side(` AND `+payer+` = $5`) + `
	) UNION ALL (` + side(` AND `+payee+` = $5 AND `+payer+` <> $5`) + `
	)
	ORDER BY at DESC, n DESC, id DESC
	LIMIT $4`,
	}
}

const (
	refusedColumns = `
		0 AS n,
		r.id,
		'refused' AS state,
		r.id AS request,
		r.at,
		r.content,
		r.code
	FROM requests r
	WHERE r.code IS NOT NULL`

	waitingColumns = `
		r.id AS n,
		r.id::text AS id,
		CASE WHEN r.ended IS NULL THEN 'open' ELSE 'ended' END AS state,
		r.request_id AS request,
		r.asked_at AS at,
		r.operation,
		(SELECT a.id FROM accounts a WHERE a.kind <> 'commission'
			AND a.party_id = CASE r.operation WHEN 'deposit' THEN r.agent_id ELSE r.customer_id END) AS payer,
		(SELECT a.id FROM accounts a WHERE a.kind <> 'commission'
			AND a.party_id = CASE r.operation WHEN 'deposit' THEN r.customer_id ELSE r.agent_id END) AS payee,
		r.amount,
		r.fee,
		coalesce(r.ended, '') AS how
	FROM cash_requests r
	WHERE r.ended `
)

var (
	refusedSQL = sidedBy(refusedColumns, ``, `r.at`,
		`split_part(split_part(r.content, ' ', 2), '>', 1)`, `split_part(split_part(r.content, ' ', 2), '>', 2)`)
	openSQL  = sidedBy(waitingColumns, `IS NULL AND r.expires_at IS NOT NULL`, `r.asked_at`, `r.customer_id`, `r.agent_id`)
	endedSQL = sidedBy(waitingColumns, `IN ('refused', 'cancelled', 'expired', 'codes')`, `r.asked_at`, `r.customer_id`, `r.agent_id`)
)

// byTime reads what has no number that tells its time: places are microseconds and the row's own name.
func (s *Store) byTime(f office.Filter, find sided, party any) source {
	newest, named := place{n: max(0, f.Until.UnixMicro()), id: "0"}, f.State == office.Refused
	if named {
		newest.id = ""
	}
	return source{
		newest: newest,
		read: func(ctx context.Context, before place, n int) (rows []recordRow, err error) {
			if err := before.check(named); err != nil {
				return nil, err
			}
			args := []any{time.UnixMicro(before.n).UTC(), before.id, f.From.UTC(), n}
			query := find.anybodys
			if f.Party.ID != 0 {
				query, args = find.hers, append(args, party)
			}
			err = s.records.list(ctx, &rows, query, args...)
			for i := range rows {
				rows[i].N = rows[i].At.UnixMicro()
				rows[i].asked()
			}
			return rows, err
		},
	}
}

// check is BadField of a place that cannot be one of a time and a name: of text, or else a number.
func (p place) check(named bool) error {
	_, err := strconv.ParseInt(p.id, 10, 64)
	name := named && utf8.ValidString(p.id) && !strings.ContainsRune(p.id, 0)
	if p.n < 0 || p.n > farAway.UnixMicro() || !name && (named || err != nil) {
		return core.Errorf(core.BadField, "a cursor of another list")
	}
	return nil
}

// asked takes what was asked for from the content of a refused request, as ledger.Posting writes it.
func (r *recordRow) asked() {
	words := strings.Fields(r.Content)
	if len(words) < 3 {
		return
	}
	payer, payee, _ := strings.Cut(words[1], ">")
	number := func(text string) int64 {
		n, _ := strconv.ParseInt(text, 10, 64) // nothing else is ever written there
		return n
	}
	r.Operation, r.Amount = core.Operation(words[0]), core.Amount(number(words[2]))
	r.Payer, r.Payee = core.AccountID(number(payer)), core.AccountID(number(payee))
}

package store

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"math/big"
	"strconv"

	"github.com/piga-money/piga/core"
)

// Numbers that agents and merchants are given have five digits.
const (
	firstNumber = 10_000
	lastNumber  = 99_999
	drawnAtOnce = 64 // of which all are taken only when nearly all numbers are
)

// numberParty gives one who trades a number that nobody has, if she has none: drawn, so that a mistyped one is seldom
// somebody else's. One at a time draws.
func (tx *Tx) numberParty(p *core.Party) error {
	if p.Kind == core.Subscriber || p.Number != "" {
		return nil
	}
	if err := tx.alone("numbers"); err != nil {
		return err
	}
	drawn := make([]int64, drawnAtOnce)
	for i := range drawn {
		n, err := rand.Int(tx.store.random, big.NewInt(lastNumber-firstNumber+1))
		if err != nil {
			return err
		}
		drawn[i] = firstNumber + n.Int64()
	}
	numbers := texts(drawn, func(n int64) string { return strconv.FormatInt(n, 10) })
	err := tx.GetContext(tx.ctx, &p.Number, `
		SELECT u.number
		FROM unnest($1::text[]) AS u (number)
		WHERE NOT EXISTS (SELECT FROM parties p WHERE p.number = u.number AND p.status <> 'closed')
		LIMIT 1`, numbers)
	if errors.Is(err, sql.ErrNoRows) {
		return core.Errorf(core.Busy, "%d numbers were drawn, and all are taken", drawnAtOnce)
	}
	return err
}

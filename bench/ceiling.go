package main

import (
	"context"
	_ "embed" // the SQL
	"fmt"
	"math/rand/v2"

	"github.com/lib/pq"
)

//go:embed ceiling.sql
var ceilingSQL string

// batchSize is how many transfers one call of the ceiling carries out.
const batchSize = 250

// batch is the arguments of bench_batch.
type batch struct {
	requests, receipts            []string
	payers, payees, amounts, fees []int64
}

// batches is so many connections that call bench_batch again and again.
func (l *lab) batches(b *books, connections int) side {
	return func(ctx context.Context) (tally, error) {
		call, err := b.owner.PrepareContext(ctx, `SELECT bench_batch($1, $2, $3, $4, $5, $6)`)
		if err != nil {
			return tally{}, err
		}
		defer func() { _ = call.Close() }()
		return load{callers: connections, do: func(ctx context.Context, _ int) (int, error) {
			x := newBatch(b.people)
			_, err := call.ExecContext(ctx, pq.Array(x.requests), pq.Array(x.payers), pq.Array(x.payees),
				pq.Array(x.amounts), pq.Array(x.fees), pq.Array(x.receipts))
			if err != nil {
				return 0, fmt.Errorf("bench_batch: %w", err)
			}
			return batchSize, nil
		}}.run(ctx, l.warm, l.seconds)
	}
}

func newBatch(people int) batch {
	var x batch
	for range batchSize {
		from, to := two(people)
		x.requests = append(x.requests, string(newRequest()))
		x.receipts = append(x.receipts, newReceipt())
		x.payers = append(x.payers, firstPerson+int64(from))
		x.payees = append(x.payees, firstPerson+int64(to))
		x.amounts = append(x.amounts, int64(someAmount()))
		x.fees = append(x.fees, historyFee)
	}
	return x
}

// newReceipt is one without the letters of its month, and four longer, so that none comes twice in a run. A real one may, and is then
// drawn again; the ceiling is spared that.
func newReceipt() string { return fmt.Sprintf("%012X", rand.Int64N(1<<48)) }

package store

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// writeCash goes on after writeBooks.
const writeCash = `, cash_asked AS (
		INSERT INTO cash_requests (
			id, request_id, operation, customer_id, agent_id, amount, fee, hold_id, ref, code, asked_at, expires_at
		)
		SELECT
			u.id, u.request_id, u.operation, u.customer_id, u.agent_id, u.amount, u.fee, NULLIF(u.hold_id, 0), u.ref,
			u.code, $7::timestamptz, u.expires_at
		FROM unnest($47::bigint[], $48::text[], $49::text[], $50::bigint[], $51::bigint[], $52::bigint[],
				$53::bigint[], $54::bigint[], $55::bigint[], $56::text[], $57::timestamptz[])
			AS u (id, request_id, operation, customer_id, agent_id, amount, fee, hold_id, ref, code, expires_at)
	), cash_ended AS (
		UPDATE cash_requests SET
			ended = u.ended,
			ended_at = $7::timestamptz,
			ended_by = u.ended_by,
			transfer_id = NULLIF(u.transfer_id, 0)
		FROM unnest($58::bigint[], $59::text[], $60::text[], $61::bigint[]) AS u (id, ended, ended_by, transfer_id)
		WHERE cash_requests.id = ANY (ARRAY[u.id])
	), commissions_earned AS (
		INSERT INTO deposit_commissions (agent_id, customer_id, day, earned, returned)
		SELECT u.agent_id, u.customer_id, $66::integer, u.earned, u.returned
		FROM unnest($62::bigint[], $63::bigint[], $64::bigint[], $65::bigint[]) AS u (agent_id, customer_id, earned, returned)
		ON CONFLICT (agent_id, customer_id, day) DO UPDATE SET earned = excluded.earned, returned = excluded.returned
	)`

func (c *counter) columns(now time.Time) []any {
	pairs := slices.SortedFunc(maps.Keys(c.paid), func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.agent, b.agent), cmp.Compare(a.customer, b.customer))
	})
	return []any{
		ints(c.asked, func(r askedRow) int64 { return r.ID }),
		texts(c.asked, func(r askedRow) core.RequestID { return r.request }),
		texts(c.asked, func(r askedRow) core.Operation { return r.Operation }),
		ints(c.asked, func(r askedRow) core.PartyID { return r.Customer.ID }),
		ints(c.asked, func(r askedRow) core.PartyID { return r.Agent.ID }),
		ints(c.asked, func(r askedRow) core.Amount { return r.Amount }),
		ints(c.asked, func(r askedRow) core.Amount { return r.Fee }),
		ints(c.asked, func(r askedRow) core.HoldID { return r.Hold }),
		ints(c.asked, func(r askedRow) int { return r.ref }),
		texts(c.asked, func(r askedRow) string { return r.Code }),
		times(c.asked, func(r askedRow) time.Time { return r.Expires }),
		ints(c.ended, func(r endedRow) int64 { return r.ID }),
		texts(c.ended, func(r endedRow) wallet.CashEnd { return r.How }),
		texts(c.ended, func(r endedRow) core.RequestID { return r.by }),
		ints(c.ended, func(r endedRow) core.TransferID { return r.transfer }),
		ints(pairs, func(p pair) core.PartyID { return p.agent }),
		ints(pairs, func(p pair) core.PartyID { return p.customer }),
		ints(pairs, func(p pair) core.Amount { return c.paid[p].Earned }),
		ints(pairs, func(p pair) core.Amount { return c.paid[p].Returned }),
		ledger.DayOf(now),
	}
}

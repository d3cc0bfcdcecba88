package store

// What an audit reads. Entries come in the order of accounts by merging the months' indexes, transfers and their lines
// as they lie. Requests and messages have no index on the transfer, since no call needs one: the server sorts them, on
// disk when they are many, and reads their tables whole for that, as nothing else may.
const (
	byIndex   = `` // as all that the store does
	bySorting = `SET LOCAL enable_seqscan = on; SET LOCAL work_mem = '64MB'`
)

const (
	entriesByAccount  = allEntries + `account_id, version`
	entriesByTransfer = allEntries + `transfer_id, line`

	allEntries = `
		SELECT account_id, version, transfer_id, line, amount, balance
		FROM entries
		ORDER BY `
)

func (a *audit) chains(r *AuditReport) {
	chains{
		accounts: read(a, byIndex, `
			SELECT
				id,
				version,
				version_before,
				balance,
				balance_before,
				held,
				last_transfer,
				party_id IS NOT NULL
			FROM accounts
			ORDER BY id`, func(a *accountSeen) []any {
			return []any{&a.id, &a.version, &a.versionBefore, &a.balance, &a.balanceBefore, &a.held, &a.last, &a.people}
		}),
		closings: read(a, byIndex, `
			SELECT account_id, version, balance, transfer_id
			FROM closings
			ORDER BY account_id`, func(c *closingSeen) []any {
			return []any{&c.account, &c.version, &c.balance, &c.transfer}
		}),
		entries: read(a, byIndex, entriesByAccount, (*entrySeen).columns),
		held: read(a, byIndex, `
			SELECT account_id, amount
			FROM holds
			WHERE ended IS NULL AND account_id IS NOT NULL
			ORDER BY account_id`, func(h *heldSum) []any { return []any{&h.account, &h.amount} }),
	}.audit(r)
}

func (e *entrySeen) columns() []any {
	return []any{&e.account, &e.version, &e.transfer, &e.line, &e.amount, &e.balance}
}

func (a *audit) transfers(r *AuditReport) {
	transfers{
		transfers: read(a, byIndex, `
			SELECT id, request_id, operation, receipt, lines, at
			FROM transfers
			ORDER BY id`, func(t *transferSeen) []any {
			return []any{&t.id, &t.request, &t.operation, &t.receipt, &t.lines, &t.at}
		}),
		lines: read(a, byIndex, entriesByTransfer, func(l *lineSeen) []any { return l.columns() }),
		requests: read(a, bySorting, `
			SELECT transfer_id, 0, id
			FROM requests
			WHERE transfer_id IS NOT NULL
			ORDER BY transfer_id`, func(q *byTransfer) []any { return q.columns() }),
		told: read(a, bySorting, `
			SELECT transfer_id, count(*)
			FROM messages
			WHERE transfer_id IS NOT NULL
			GROUP BY transfer_id
			ORDER BY transfer_id`, func(m *toldSum) []any { return []any{&m.transfer, &m.messages} }),
		earned: read(a, bySorting, `
			SELECT day, sum(earned)::bigint
			FROM deposit_commissions
			GROUP BY day
			ORDER BY day`, func(e *earnedSum) []any { return []any{&e.day, &e.earned} }),
		steps: read(a, byIndex, `
			SELECT transfer_id, reversal_id
			FROM reversal_steps
			WHERE transfer_id IS NOT NULL
			ORDER BY transfer_id`, func(s *stepSeen) []any { return []any{&s.transfer, &s.reversal} }),
		kept: a.Kept, young: a.At.Add(-askedFor), zone: a.store.zone,
	}.audit(r)
}

func (q *requestSeen) columns() []any { return []any{&q.transfer, &q.hold, &q.id} }

const movedColumns = `
				coalesce(t.from_account, 0),
				coalesce(t.to_account, 0),
				coalesce(t.operation, ''),
				coalesce(t.amount, 0),
				coalesce(t.fee, 0)`

func (m *movedBy) columns() []any {
	return []any{&m.transfer, &m.from, &m.to, &m.operation, &m.amount, &m.fee}
}

func (a *audit) holds(r *AuditReport) {
	holds{
		holds: read(a, byIndex, `
			SELECT
				h.id,
				h.account_id,
				coalesce(h.to_account, 0),
				h.amount,
				coalesce(h.ended, ''),
				h.expires_at,
				coalesce(h.transfer_id, 0),`+movedColumns+`
			FROM holds h
			LEFT JOIN transfers t ON t.id = h.transfer_id
			ORDER BY h.id`, func(h *heldSeen) []any {
			return append([]any{&h.id, &h.account, &h.to, &h.amount, &h.ended, &h.expires}, h.movedBy.columns()...)
		}),
		requests: read(a, bySorting, `
			SELECT coalesce(transfer_id, 0), hold_id, id
			FROM requests
			WHERE hold_id IS NOT NULL
			ORDER BY hold_id`, func(q *byHold) []any { return q.columns() }),
		kept: a.Kept, now: a.At,
	}.audit(r)
}

func (a *audit) cash(r *AuditReport) {
	auditCash(read(a, byIndex, `
		SELECT
			c.id,
			coalesce(c.hold_id, 0),
			c.operation,
			c.amount,
			c.fee,
			coalesce(c.ended, ''),
			coalesce(h.amount, 0),
			h.ended IS NOT NULL,
			coalesce(h.transfer_id, 0),
			coalesce(c.transfer_id, 0),`+movedColumns+`
		FROM cash_requests c
		LEFT JOIN holds h ON h.id = c.hold_id
		LEFT JOIN transfers t ON t.id = c.transfer_id
		ORDER BY c.id`, func(c *cashSeen) []any {
		return append([]any{&c.id, &c.hold, &c.operation, &c.amount, &c.fee, &c.ended, &c.held, &c.holdEnded, &c.holdTransfer},
			c.movedBy.columns()...)
	}), a.Kept, r)
}

func (a *audit) reversals(r *AuditReport) {
	reversals{
		reversals: read(a, byIndex, `
			SELECT
				r.id,
				least(r.transfer_id, (SELECT min(s.transfer_id) FROM reversal_steps s WHERE s.reversal_id = r.id)),
				r.from_account,
				r.state,
				r.taken,
				r.returned
			FROM reversals r
			ORDER BY r.id`, func(v *reversalSeen) []any {
			return []any{&v.id, &v.first, &v.from, &v.state, &v.taken, &v.returned}
		}),
		entries: read(a, byIndex, `
			SELECT r.id, e.account_id, coalesce((SELECT a.party_id FROM accounts a WHERE a.id = e.account_id), 0), e.step, e.amount
			FROM reversals r, LATERAL (
				SELECT o.account_id, false AS step, o.amount
				FROM entries o
				WHERE o.transfer_id = r.transfer_id
				UNION ALL
				SELECT o.account_id, true, o.amount
				FROM reversal_steps s, LATERAL (SELECT o.account_id, o.amount FROM entries o WHERE o.transfer_id = s.transfer_id OFFSET 0) o
				WHERE s.reversal_id = r.id
			) e
			ORDER BY r.id`, func(u *undoneSeen) []any {
			return []any{&u.reversal, &u.account, &u.party, &u.step, &u.amount}
		}),
		kept: a.Kept,
	}.audit(r)
}

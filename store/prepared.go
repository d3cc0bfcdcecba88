package store

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// prepared are the statements of Post, which are planned once for each connection: planning them takes
// longer than carrying them out.
type prepared struct {
	mu         sync.Mutex
	statements map[string]*sqlx.Stmt
}

// prepare is called before a transaction begins: within one it would need a second connection, and when
// all connections are in transactions there is none. It prepares once; each connection then does so again
// by itself. Nobody waits for another's attempt, which may take as long as a database is out of reach.
func (s *Store) prepare(ctx context.Context, queries ...string) error {
	for _, query := range queries {
		if s.plans.get(query) != nil {
			continue
		}
		statement, err := s.db.PreparexContext(ctx, query)
		if err != nil {
			return told("prepare", err)
		}
		s.plans.put(query, statement)
	}
	return nil
}

// get and list read by a query that is prepared: planning what a turn reads takes longer than reading it.
func (s *Store) get(ctx context.Context, row any, query string, args ...any) error {
	if err := s.prepare(ctx, query); err != nil {
		return err
	}
	return s.plans.get(query).GetContext(ctx, row, args...) //nolint:sqlclosecheck // kept for the next time
}

// getForGood is get by a query that writes what somebody is promised: see forGood.
func (s *Store) getForGood(ctx context.Context, row any, query string, args ...any) error {
	if err := s.prepare(ctx, query); err != nil {
		return err
	}
	return s.forGood(ctx, func(tx *Tx) error { return tx.hot(query).QueryRowxContext(tx.ctx, args...).StructScan(row) })
}

func (s *Store) list(ctx context.Context, rows any, query string, args ...any) error {
	if err := s.prepare(ctx, query); err != nil {
		return err
	}
	return s.plans.get(query).SelectContext(ctx, rows, args...) //nolint:sqlclosecheck // likewise
}

func (p *prepared) get(query string) *sqlx.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.statements[query]
}

// put keeps a statement, or closes it when another was first. Closing waits for the connection on which it was
// prepared, and that may be in a transaction which needs the statements: so nobody else waits along.
func (p *prepared) put(query string, statement *sqlx.Stmt) {
	if !p.keep(query, statement) {
		_ = statement.Close()
	}
}

func (p *prepared) keep(query string, statement *sqlx.Stmt) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.statements == nil {
		p.statements = map[string]*sqlx.Stmt{}
	}
	if p.statements[query] != nil {
		return false
	}
	p.statements[query] = statement
	return true
}

// hot is what carries a query out in this transaction: prepared, if it was.
func (tx *Tx) hot(query string) statement {
	planned := tx.store.plans.get(query)
	if planned == nil {
		return unprepared{tx, query}
	}
	return tx.StmtxContext(tx.ctx, planned) // closed with the transaction
}

// statement is the part of a prepared statement that Post uses.
type statement interface {
	SelectContext(ctx context.Context, rows any, args ...any) error
	QueryxContext(ctx context.Context, args ...any) (*sqlx.Rows, error)
	QueryRowxContext(ctx context.Context, args ...any) *sqlx.Row
	ExecContext(ctx context.Context, args ...any) (sql.Result, error)
}

// unprepared is a query that is planned each time, as in a transaction that is not Post's.
type unprepared struct {
	tx    *Tx
	query string
}

func (u unprepared) SelectContext(ctx context.Context, rows any, args ...any) error {
	return u.tx.SelectContext(ctx, rows, u.query, args...)
}

func (u unprepared) QueryxContext(ctx context.Context, args ...any) (*sqlx.Rows, error) {
	return u.tx.QueryxContext(ctx, u.query, args...)
}

func (u unprepared) QueryRowxContext(ctx context.Context, args ...any) *sqlx.Row {
	return u.tx.QueryRowxContext(ctx, u.query, args...)
}

func (u unprepared) ExecContext(ctx context.Context, args ...any) (sql.Result, error) {
	return u.tx.ExecContext(ctx, u.query, args...)
}

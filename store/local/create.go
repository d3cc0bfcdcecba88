package local

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
)

// Create makes a database unless it is there, and gives its URL. When it shall be fresh, one that is there
// is dropped first, with all that is in it.
func (s *Server) Create(ctx context.Context, name string, fresh bool) (url string, err error) {
	db, err := sql.Open("postgres", s.URL("postgres"))
	if err != nil {
		return "", err
	}
	defer db.Close() //nolint:errcheck // what it did has been answered
	if fresh {
		if _, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+pq.QuoteIdentifier(name)+" WITH (FORCE)"); err != nil {
			return "", fmt.Errorf("drop database %s: %w", name, err)
		}
	}
	var there bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		return "", fmt.Errorf("look for database %s: %w", name, err)
	}
	if !there {
		if _, err := db.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)); err != nil {
			return "", fmt.Errorf("create database %s: %w", name, err)
		}
	}
	return s.URL(name), nil
}

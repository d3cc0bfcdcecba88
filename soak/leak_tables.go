package soak

import (
	"context"
	"database/sql"
)

// SiftTables takes in every row there is.
func (s *Sieve) SiftTables(ctx context.Context, db *sql.DB) error {
	names, err := column(ctx, db, `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		return err
	}
	for _, name := range names {
		rows, err := column(ctx, db, "SELECT x::text FROM "+name+" AS x")
		if err != nil {
			return err
		}
		for _, row := range rows {
			s.Sift("the table "+name, row)
		}
	}
	return nil
}

func column(ctx context.Context, db *sql.DB, query string) (all []string, err error) {
	err = each(ctx, db, query, func(scan func(...any) error) error {
		var one string
		err := scan(&one)
		all = append(all, one)
		return err
	})
	return all, err
}

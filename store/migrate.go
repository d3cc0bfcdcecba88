package store

import (
	"context"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/migrations"
)

// Migrate brings the schema of a database up to date, as the login of the URL, which must own it. When many
// do so at once one works and the others wait, at most five minutes. Doing it again changes nothing. The
// first time makes the role piga_app, if it is not there; a login that may not make roles is told what a
// superuser has to run before.
func Migrate(ctx context.Context, url string, log *slog.Logger) error {
	c, err := connector(url, "", 0)
	if err != nil {
		return err
	}
	db := openDB(c)
	defer func() { _ = db.Close() }()
	one, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return core.Errorf(core.Internal, "migrate: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db.DB, migrations.Files,
		goose.WithSessionLocker(one), goose.WithSlog(log), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return core.Errorf(core.Internal, "migrate: %w", err)
	}
	done, err := p.Up(ctx)
	for _, step := range done {
		log.Info("schema migrated", "step", step.Source.Path, "took", step.Duration)
	}
	return told("migrate", err)
}

// OwnsTables is whether the login of the URL could take the guards away: it owns the tables, their schema or
// the database, may become who does, or is a superuser. It works as piga_app like any other, but SET ROLE
// NONE makes it the owner again. In production it should be false.
func (s *Store) OwnsTables(ctx context.Context) (bool, error) {
	var owns bool
	err := s.db.GetContext(ctx, &owns, `
		SELECT bool_or(pg_has_role(session_user, o.owner, 'MEMBER'))
		FROM (
			SELECT relowner FROM pg_class WHERE relnamespace = 'public'::regnamespace
			UNION SELECT proowner FROM pg_proc WHERE pronamespace = 'public'::regnamespace
			UNION SELECT nspowner FROM pg_namespace WHERE oid = 'public'::regnamespace
			UNION SELECT datdba FROM pg_database WHERE datname = current_database()
		) o (owner)`)
	return owns, told("owner of the tables", err)
}

// SchemaVersion is the number of the last step that was applied to the database, zero of an empty one.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	var migrated bool
	err := s.db.GetContext(ctx, &migrated, `SELECT to_regclass('goose_db_version') IS NOT NULL`)
	if err != nil || !migrated {
		return 0, told("schema version", err)
	}
	var version int64
	err = s.db.GetContext(ctx, &version, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`)
	return version, told("schema version", err)
}

// Current is the number of the last step that this binary knows.
func Current() int64 {
	var last int64
	names, _ := fs.Glob(migrations.Files, "*.sql") // the pattern is well formed
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			last = max(last, n)
		}
	}
	return last
}

package store

import (
	"bytes"
	"context"
	"flag"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
)

// The flag has the name that cockroachdb/datadriven gives its own, so that make golden writes this file too.
var rewrite = flag.Bool("rewrite", false, "write migrations/schema.sql anew")

const schemaFile = "../migrations/schema.sql"

func TestMigrationsAddUpToSchema(t *testing.T) {
	t.Parallel()
	b := open(t)
	got := dump(t, b.url)
	if *rewrite {
		if err := os.WriteFile(schemaFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("schema.sql is not what the migrations add up to; go test ./store -run Schema -rewrite (-file +migrated):\n%s", diff)
	}
}

// dump is the schema as pg_dump tells it, without what depends on its version or on who owns it.
func dump(t *testing.T, url string) []byte {
	t.Helper()
	program := "pg_dump"
	if _, err := exec.LookPath(program); err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
		if len(found) == 0 {
			if os.Getenv("CI") == "true" {
				t.Fatal("pg_dump is missing")
			}
			t.Skip("pg_dump is missing")
		}
		program = found[len(found)-1]
	}
	out, err := exec.CommandContext(t.Context(), program, "--schema-only", "--no-owner", "--exclude-table=goose_db_version*", "--exclude-table=*_2???_??", url).Output()
	if err != nil {
		t.Fatal(err)
	}
	noise := regexp.MustCompile(`(?m)^(--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict|(CREATE|COMMENT ON) SCHEMA ).*\n`)
	out = noise.ReplaceAll(out, nil)
	out = regexp.MustCompile(`\n{3,}`).ReplaceAll(out, []byte("\n\n"))
	head := "-- What the migrations add up to, for reading. Written by go test ./store -run Schema -rewrite.\n\n"
	return append([]byte(head), append(bytes.TrimSpace(out), '\n')...)
}

func TestMigrateTwiceAndTogether(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.owner.Exec(`DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
		t.Fatal(err)
	}
	together(4, func(int) {
		if err := Migrate(context.Background(), b.url, slog.New(slog.DiscardHandler)); err != nil {
			t.Error(err)
		}
	})
	if err := b.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if version, err := b.SchemaVersion(t.Context()); err != nil || version != Current() || version == 0 {
		t.Errorf("version %d of %d: %v", version, Current(), err)
	}
}

func TestNotReadyBeforeMigration(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.owner.Exec(`DELETE FROM goose_db_version WHERE version_id = $1`, Current()); err != nil {
		t.Fatal(err)
	}
	if err := b.Ready(t.Context()); core.CodeOf(err) != core.Unavailable {
		t.Errorf("ready with an old schema: %v", err)
	}
}

// Every name by which the schema refuses a row leads to a code, and no code is there for a name that is gone.
func TestEveryConstraintHasACode(t *testing.T) {
	t.Parallel()
	b := open(t)
	var names []string
	if err := b.owner.Select(&names, `
		SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
		WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT LIKE 'goose%'
		UNION SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
		WHERE x.indisunique AND i.relnamespace = 'public'::regnamespace AND i.relname NOT LIKE 'goose%'
		UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal`); err != nil {
		t.Fatal(err)
	}
	// Keys that the database gives and keys between tables have names that it makes up. Only a mistake of
	// ours can meet them.
	names = slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, "_pkey") || strings.HasSuffix(n, "_fkey") })
	for i, name := range names {
		name = guardOf(name)
		names[i] = name
		if _, ok := codes[name]; !ok {
			t.Errorf("%s has no code", name)
		}
	}
	for name := range codes {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not in the schema", name)
		}
	}
}

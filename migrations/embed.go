// Package migrations is the schema of Piga's database, as the steps that lead to it. Steps go forward only,
// are one idea each, and are safe while the binary before them still runs: a step that has shipped is never
// edited, a new one follows it. schema.sql is what they add up to, for reading; a test in package store
// keeps it true. This package must not know how the steps are run.
package migrations

import "embed"

// Files holds the steps, named by their number: 0001_people.sql is the first.
//
//go:embed 0*.sql
var Files embed.FS

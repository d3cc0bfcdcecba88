package office

import (
	"context"
	"encoding/json"
	"time"

	"github.com/piga-money/piga/core"
)

// Log reads the audit log.
type Log interface {
	// Log are the deeds that a search finds, newest first.
	Log(ctx context.Context, s LogSearch) ([]Line, error)
}

// LogSearch is which deeds an administrator looks for. What is empty is not asked.
type LogSearch struct {
	By          *core.AdminID // zero: the command line
	Action      string
	Subject     core.Subject
	ID          int64 // of the subject
	From, Until time.Time
	After       int64 // the last line of the page before
	Most        int
}

// Line is a deed as the audit log has it. Before and After of the deed are empty: they are here as they were written.
type Line struct {
	Number int64
	At     time.Time
	core.Deed
	Was, Is json.RawMessage // nil for nothing
}

// Log are the deeds that a search finds, newest first.
func (o *Office) Log(ctx context.Context, s LogSearch) ([]Line, error) { return o.log.Log(ctx, s) }

package store

import (
	"testing"
)

func TestAuditScratch(t *testing.T) {
	t.Parallel()
	b := open(t)
	r, err := b.Audit(t.Context(), nil)
	t.Logf("%+v %v", r, err)
}

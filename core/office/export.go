package office

import (
	"context"
	"iter"
	"time"

	"github.com/piga-money/piga/core"
)

// exportAtOnce is how many records are in memory at a time.
const exportAtOnce = 1000

// Export is every record that a filter admits, newest first, as it was when all that came before was there: what is
// posted meanwhile is not in it. The deed, who took what out, is written before the first record is given. Pages
// are read when they are asked for, so that whoever reads slowly keeps nothing from others. An error comes last.
func (o *Office) Export(ctx context.Context, by By, f Filter) (iter.Seq2[Record, error], error) {
	until, err := o.records.Settled(ctx, f.Until)
	if err != nil {
		return nil, err
	}
	f.Until = until
	d := by.Deed("records.export", core.OfParty, int64(f.Party.ID))
	d.After = map[string]any{
		"from": f.From.Format(time.RFC3339), "until": f.Until.Format(time.RFC3339), "operation": f.Operation, "status": f.State,
	}
	if err := o.records.RecordDeed(ctx, d); err != nil {
		return nil, err
	}
	return func(yield func(Record, error) bool) { o.export(ctx, f, yield) }, nil
}

func (o *Office) export(ctx context.Context, f Filter, yield func(Record, error) bool) {
	var after Cursor
	for {
		page, err := o.records.Records(ctx, f, after, exportAtOnce)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for _, r := range page.Records {
			if !yield(r, nil) {
				return
			}
		}
		if after = page.Next; after == "" {
			return
		}
	}
}

package api

import (
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// mostExports are made at a time by one copy: reading a million records takes the database a core for a while.
const mostExports = 2

type exported struct {
	AccountNo string         `api:"accountNo,optional" is:"e-mail, phone number, or agent or till number, of either side"`
	Status    office.State   `api:"status,optional" is:"as for finding them"`
	Operation core.Operation `api:"operation,optional" is:"what it was"`
	From      day            `api:"from" is:"the first day"`
	Until     day            `api:"until" is:"the last day; of today it is what there is so far"`
}

var exportHead = []string{
	"createdAt", "status", "operation", "transactionId", "receipt", "amount", "fee",
	"fromUserID", "fromPhoneNumber", "fromNumber", "fromName", "toUserID", "toPhoneNumber", "toNumber", "toName",
	"code", "ended", "requestId",
}

func (a *API) export(v *visit, in exported) (sheet, error) {
	f, err := a.filter(v, in.AccountNo, in.Status, in.Operation, in.From, in.Until)
	if err != nil {
		return sheet{}, err
	}
	select {
	case a.exports <- struct{}{}:
	default:
		return sheet{}, core.Errorf(core.Busy, "%d exports are being made", mostExports)
	}
	free := func() { <-a.exports }
	all, err := a.Office.Export(v.ctx, v.by(), f)
	if err != nil {
		free()
		return sheet{}, err
	}
	return sheet{
		name: "transactions-" + string(in.From) + "-" + string(in.Until) + ".csv", head: exportHead, free: free,
		lines: func(yield func([]string, error) bool) {
			for r, err := range all {
				if !yield(exportLine(r), err) {
					return
				}
			}
		},
	}, nil
}

func exportLine(r office.Record) []string {
	id := ""
	if r.Transfer != 0 {
		id = userID(r.Transfer)
	}
	line := []string{
		r.At.Format(time.RFC3339Nano), string(r.State), string(r.Operation), id, string(r.Receipt), decimal(r.Amount), decimal(r.Fee),
	}
	line = append(line, exportSide(r.From)...)
	line = append(line, exportSide(r.To)...)
	return append(line, string(r.Code), r.How, string(r.Request))
}

// exportSide names a party. Phone numbers lack their plus: what begins with one would be worked out by spreadsheets.
func exportSide(p core.Party) []string {
	if p.ID == 0 {
		return make([]string, 4)
	}
	return []string{userID(p.ID), strings.TrimPrefix(string(p.Phone), "+"), p.Number, p.Name}
}

// decimal is an amount with a point and two decimals.
func decimal(a core.Amount) string { return strings.ReplaceAll(a.Long(), ",", "") }

package api

import (
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// day is a date as programs write it, 2026-11-21. Where it begins and ends is told by the zone in which people read dates.
type day string

func dayOf(s string) (day, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", core.Errorf(core.BadField, "%d characters that are no date", len(s))
	}
	return day(s), nil
}

func (d day) begins(zone *time.Location) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, string(d), zone) // dayOf has looked
	return t
}

// ends is the first moment after it.
func (d day) ends(zone *time.Location) time.Time { return d.begins(zone).AddDate(0, 0, 1) }

// cursorOf is a cursor, which the store looks at.
func cursorOf(s string) (office.Cursor, error) { return office.Cursor(s), nil }

// zone is the one in which people read dates.
func (a *API) zone() *time.Location { return a.Clock().Location() }

// lastYear leaves room for zones: what is in a year of five digits cannot be written in JSON, and so could neither be told
// nor taken back.
const lastYear = 9998

// moment reads a time with its zone, whatever that is: PostgreSQL takes none that is sixteen hours away. There was none
// before 1970, with which the numbers of transfers begin.
func moment(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if t = t.UTC(); err != nil || t.Unix() < 0 || t.Year() > lastYear {
		return time.Time{}, core.Errorf(core.BadField, "%d characters that are no time", len(s))
	}
	return t, nil
}

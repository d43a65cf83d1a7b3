package report

import (
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// An Ask is a query as people write it, on the command line or in an address.
type Ask struct {
	From    string            `json:"from,omitempty"` // a date, or an instant with its zone
	To      string            `json:"to,omitempty"`   // excluded
	Days    int               `json:"days,omitempty"` // length of the span where it has no first day
	Zone    string            `json:"zone,omitempty"` // empty: the desk's
	By      string            `json:"by,omitempty"`
	Only    map[string]string `json:"only,omitempty"` // dimension → value
	Clock   string            `json:"clock,omitempty"`
	Working bool              `json:"working,omitempty"`
	With    []string          `json:"with,omitempty"`   // late | imported | demo
	Beyond  []string          `json:"beyond,omitempty"` // dispositions
	Against string            `json:"against,omitempty"`
	AsOf    string            `json:"as_of,omitempty"` // an instant
}

// Query is what is asked. zone is what holds where it names none. The error is
// a *care.Error.
func (a *Ask) Query(zone *time.Location) (q Query, err error) {
	q = Query{
		Days: a.Days, Zone: zone, By: Dimension(a.By), Clock: a.Clock, Working: a.Working, Beyond: a.Beyond, Against: a.Against,
	}
	wrong := func(field string, msg care.Phrase) (Query, error) {
		return q, &care.Error{Code: care.Invalid, Field: field, Msg: msg}
	}
	if a.Zone != "" {
		if q.Zone, err = time.LoadLocation(a.Zone); err != nil || strings.EqualFold(a.Zone, "local") {
			return wrong("zone", "Write the name of a time zone, as Europe/Berlin or UTC.")
		}
	}
	for _, with := range a.With {
		switch with {
		case "late":
			q.Late = true
		case "imported":
			q.Imported = true
		case "demo":
			q.Demo = true
		default:
			return wrong("with", "Late, imported and demo cases can be taken in.")
		}
	}
	for d, value := range a.Only {
		if q.Only == nil {
			q.Only = map[Dimension]string{}
		}
		q.Only[Dimension(d)] = value
	}
	if q.From, err = day(a.From, q.Zone); err != nil {
		return wrong("from", "Write the first day as 2026-03-01.")
	}
	if q.To, err = day(a.To, q.Zone); err != nil {
		return wrong("to", "Write the day after the last as 2026-04-01.")
	}
	if q.AsOf, err = day(a.AsOf, q.Zone); err != nil {
		return wrong("as_of", "Write the instant as 2026-03-01T12:00:00Z.")
	}
	return q, q.Validate()
}

// day reads the beginning of a day in a zone, or an instant.
func day(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

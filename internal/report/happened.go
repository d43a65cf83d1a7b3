package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/amends-care/amends/internal/care"
)

// A happening is something beside the cases that may have moved figures: a source
// that saw nothing for a while, a known issue. The log tells of each.
type happening struct {
	from, to moment // to: 0 while it lasts
	source   string
	issue    uint64 // what people call it
	topic    string
	linked   map[care.CaseID]moment
}

// happen follows sources that went blind and known issues.
func (f *Fold) happen(seq uint64, name string, r *care.Record) {
	at := momentOf(r.At)
	stopped := func(since moment) *happening {
		for i := range f.happened {
			if h := &f.happened[i]; h.source == name && h.to == 0 {
				return h
			}
		}
		f.happened = append(f.happened, happening{from: since, source: name})
		return &f.happened[len(f.happened)-1]
	}
	for _, e := range r.Events {
		switch e := e.(type) {
		case care.SourceStopped:
			stopped(at)
		case care.SourceRecovered:
			h := stopped(cmp.Or(momentOf(e.Since), at))
			h.from, h.to = cmp.Or(momentOf(e.Since), h.from), at
		case care.SourceGap:
			f.happened = append(f.happened, happening{from: momentOf(e.From), to: max(momentOf(e.To), momentOf(e.From)), source: name})
		case care.IssueOpened:
			f.happened = append(f.happened, happening{from: at, issue: seq, topic: e.Topic, linked: map[care.CaseID]moment{}})
			f.issue[care.IssueID(name)] = len(f.happened) - 1
		case care.IssueLinked:
			if i, ok := f.issue[care.IssueID(name)]; ok {
				f.happened[i].linked[e.Case] = at
			}
		case care.IssueUnlinked:
			if i, ok := f.issue[care.IssueID(name)]; ok {
				delete(f.happened[i].linked, e.Case)
			}
		}
	}
}

// worthTelling is from how many linked cases on a known issue is told of.
const worthTelling = 5

// reasons are the happenings of a span, in sentences that the log supports.
func (f *Fold) reasons(from, to moment, queue string) (blind, issues []string) {
	spells := map[string]moment{}
	for i := range f.happened {
		h := &f.happened[i]
		switch {
		case h.source != "":
			until := cmp.Or(h.to, f.at)
			if overlap := min(until, to) - max(h.from, from); overlap > 0 {
				spells[h.source] += overlap
			}
		case h.issue != 0:
			n := 0
			for id, at := range h.linked {
				c, known := f.byID[id]
				if at >= from && at < to && known && (queue == "" || f.words.name(f.cases[c].queue) == queue) {
					n++
				}
			}
			if n >= worthTelling {
				about := ""
				if h.topic != "" {
					about = " (" + h.topic + ")"
				}
				issues = append(issues, fmt.Sprintf("%d cases were linked to known issue %d%s.", n, h.issue, about))
			}
		}
	}
	for _, source := range slices.Sorted(maps.Keys(spells)) {
		if spells[source] >= moment(10*60*1000) {
			blind = append(blind, fmt.Sprintf("Source %s read nothing for %s.", source, lengthText(float64(spells[source]/1000))))
		}
	}
	return blind, issues
}

package care

import "slices"

// A Disposition is a way in which a case can end.
type Disposition struct {
	Code   string
	Queues []string // where it can be chosen; empty: everywhere
	Fields []string // what has to be told with it, by name
}

// DefaultDispositions are how a case can end where nothing is configured.
func DefaultDispositions() []string {
	return []string{"solved", "explained", "refunded", "replaced", "passed_on", "no_answer_needed"}
}

// DefaultOutside is who a case can wait for where nothing is configured.
func DefaultOutside() []string {
	return []string{"warehouse", "carrier", "bank", "supplier", "technical", "other"}
}

// In says whether it can be chosen in a queue.
func (d *Disposition) In(queue string) bool {
	return len(d.Queues) == 0 || slices.Contains(d.Queues, queue)
}

// Missing is the first field that is not told; "": none.
func (d *Disposition) Missing(told map[string]string) string {
	for _, f := range d.Fields {
		if told[f] == "" {
			return f
		}
	}
	return ""
}

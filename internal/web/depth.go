package web

// Depth is what a closer look at a flagged mention found. Its parts are cleaned
// for display.
type Depth struct {
	Line    string   `json:"line,omitempty" doc:"The sentence that weighs most in the verdict."`
	Names   []string `json:"names" doc:"Whom and what it names."`
	Phrases []string `json:"phrases" doc:"What it is about."`
}

// cleaned is a depth as it may be shown.
func (d Depth) cleaned() *Depth {
	d.Line = clean(d.Line)
	for _, list := range [][]string{d.Names, d.Phrases} {
		for i := range list {
			list[i] = cleanLine(list[i])
		}
	}
	d.Names, d.Phrases = list(d.Names), list(d.Phrases)
	return &d
}

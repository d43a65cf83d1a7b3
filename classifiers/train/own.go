package train

import (
	_ "embed" // own.txt
	"strings"
)

//go:embed own.txt
var ownText string

// ownCost is what a post of our own counts beside one of the data.
const ownCost = 1.5

// own are English posts that we wrote, of kinds that the data sets hardly have:
// praise before the complaint, threats without reproach, danger told calmly,
// what others said. The complaint head is always trained on them and never
// measured by them.
func own() []Example {
	var out []Example
	for line := range strings.Lines(ownText) {
		truth, text, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue // a remark
		}
		out = append(out, Example{Text: text, Source: "own", Lang: "en", Complaint: label(truth == "c")})
	}
	return out
}

package train

import (
	_ "embed" // plain.txt
	"strings"
)

//go:embed plain.txt
var plainText string

// plain are requests and questions in many languages, none of them negative or
// positive: outside German no data set here has such.
func plain() []Example {
	var out []Example
	for line := range strings.Lines(plainText) {
		lang, rest, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok {
			continue // a remark
		}
		for text := range strings.SplitSeq(rest, "|") {
			for _, form := range [2]string{text, text + "?"} {
				out = append(out, Example{Text: form, Source: "plain", Lang: lang, Negative: No, Positive: No})
			}
		}
	}
	return out
}

package linear

import (
	"os"
	"strings"
	"testing"

	"github.com/amends-care/amends/classifiers"
)

// TestPostsOfOurOwn judges posts written for Amends in twenty languages, the odd
// ones included, and names those it gets wrong.
func TestPostsOfOurOwn(t *testing.T) {
	b, err := os.ReadFile("testdata/posts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	n, wrong := 0, 0
	for line := range strings.Lines(string(b)) {
		truth, text, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if !ok || truth == "?" {
			continue
		}
		n++
		v := verdict(t, classifiers.Text{Body: text})
		if v.Complaint != (truth == "c") {
			wrong++
			t.Logf("%.2f, want %s (%s): %s", v.Probability, truth, v.Language.Tag, text)
		}
	}
	t.Logf("%d of %d wrong", wrong, n)
	if n < 140 || wrong*100 > n*18 {
		t.Errorf("%d of %d posts are judged wrong", wrong, n)
	}
}

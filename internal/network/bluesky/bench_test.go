package bluesky

import (
	"fmt"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/network"
)

// BenchmarkPoll reads pages of a hundred mentions from memory: what the driver
// itself costs. Divide by a hundred for one mention.
func BenchmarkPoll(b *testing.B) {
	var posts []string
	for i := range pageSize {
		posts = append(posts, strings.ReplaceAll(viewJSON(`,"reason":"mention"`,
			`,"langs":["en"],"facets":[{"index":{"byteStart":0,"byteEnd":5},"features":[{"$type":"app.bsky.richtext.facet#mention","did":"did:plc:acme"}]}]`),
			"3kana", fmt.Sprintf("3kana%03d", i)))
	}
	page := saying(`{"did":"did:plc:acme","accessJwt":"a.b.c","notifications":[` + strings.Join(posts, ",") + `],"profiles":[]}`)
	a, err := open(&Settings{Host: "https://pds.example", Handle: "acme.example", AppPassword: "hush", What: Mentions, Back: maxBack},
		network.NewClient(network.Options{Base: page}), newSessions())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		got, err := a.Poll(b.Context(), "")
		if err != nil || len(got.Items) != pageSize {
			b.Fatal(len(got.Items), err)
		}
	}
}

package mastodon

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPoll reads pages of forty posts from memory: what the driver itself
// costs. Multiply by 25 for a thousand mentions.
func BenchmarkPoll(b *testing.B) {
	var posts []string
	for i := range pageSize {
		posts = append(posts, strings.NewReplacer(`"id":"42"`, fmt.Sprintf(`"id":"%d"`, 1042-i), `"in_reply_to_id":"41"`, `"in_reply_to_id":null`).Replace(statusJSON))
	}
	body := "[" + strings.Join(posts, ",") + "]"
	a := asked(b, saying{"tag/acme": body}, keyless)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		got, err := a.Poll(b.Context(), "")
		if err != nil || len(got.Items) != pageSize {
			b.Fatal(len(got.Items), err)
		}
	}
}

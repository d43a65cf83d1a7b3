package x

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkPoll reads pages of a hundred mentions from memory, over the bridge
// and without it: what the driver itself costs, decoding, carrying over and
// signing included. per-1000 is the time of a thousand mentions.
func BenchmarkPoll(b *testing.B) {
	var posts, old []string
	for i := range 100 {
		id := idBefore(time.Now().Add(-time.Duration(i)*time.Second)) + 1
		posts = append(posts, fmt.Sprintf(`{"id":"%d","text":"@acme my parcel %d has not come for two weeks and nobody answers, see https://t.co/%08d","author_id":"%d",
			"created_at":"2026-11-22T10:00:00.000Z","conversation_id":"%d","lang":"en","edit_history_post_ids":["%d"],"in_reply_to_user_id":"4242","referenced_posts":[{"type":"replied_to","id":"%d"}],
			"entities":{"mentions":[{"start":0,"end":5,"username":"acme","id":"4242"}],"urls":[{"start":70,"end":93,"url":"https://t.co/%08d","expanded_url":"https://shop.example/%d"}]},
			"public_metrics":{"repost_count":1,"reply_count":2,"like_count":3,"quote_count":1,"bookmark_count":0,"impression_count":99}}`, id, i, i, 7000+i, id-1, id, id-1, i, i))
		old = append(old, fmt.Sprintf(`{"id":%d,"id_str":"%d","created_at":"Sun Nov 22 10:00:00 +0000 2026","full_text":"@acme my parcel %d has not come for two weeks and nobody answers, see https://t.co/%08d","lang":"en",
			"user":{"id":%d,"id_str":"%d","screen_name":"user%d","name":"User","followers_count":5},"entities":{"urls":[{"indices":[70,93],"url":"https://t.co/%08d","expanded_url":"https://shop.example/%d"}],"user_mentions":[{"indices":[0,5],"id":4242,"screen_name":"acme"}]}}`,
			id, id, i, i, 7000+i, 7000+i, i, i, i))
	}
	var users []string
	for i := range 100 {
		users = append(users, fmt.Sprintf(`{"id":"%d","name":"User %d","username":"user%d","public_metrics":{"followers_count":%d,"following_count":1,"post_count":1,"listed_count":0}}`, 7000+i, i, i, i))
	}
	bodies := map[string]string{
		V2: `{"data":[` + strings.Join(posts, ",") + `],"includes":{"users":[` + strings.Join(users, ",") + `]},"meta":{"result_count":100}}`,
		V1: `[` + strings.Join(old, ",") + `]`,
	}
	for _, mode := range []string{V2, V1} {
		b.Run(mode, func(b *testing.B) {
			var a *Account
			calls := 0
			b.SetBytes(int64(len(bodies[mode])))
			b.ReportAllocs()
			for b.Loop() {
				if calls%20 == 0 { // else our own limit of calls ends it
					a = against(b, 200, []byte(bodies[mode]), func(s *Settings) { s.Mode = mode })
				}
				calls++
				p, err := a.Poll(b.Context(), "")
				if err != nil || len(p.Items) != 100 {
					b.Fatal(len(p.Items), err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)*10/1000, "ms/1000")
		})
	}
}

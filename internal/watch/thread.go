package watch

import (
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// maxThreads and maxTold bound what is remembered of threads.
const (
	maxThreads = 20_000
	maxTold    = 500
)

// threads counts who writes where within the last hour.
type threads struct {
	posts map[care.ThreadKey][]told
}

type told struct {
	id care.MentionID
	at time.Time
}

func newThreads() *threads { return &threads{posts: map[care.ThreadKey][]told{}} }

func (t *threads) add(m *care.Mention) {
	list, known := t.posts[m.Thread]
	if !known && len(t.posts) >= maxThreads || len(list) >= maxTold || slices.ContainsFunc(list, func(o told) bool { return o.id == m.ID }) {
		return
	}
	t.posts[m.Thread] = append(list, told{m.ID, m.Post.PostedAt})
}

func (t *threads) forget(now time.Time) {
	for k, list := range t.posts {
		list = slices.DeleteFunc(list, func(o told) bool { return now.Sub(o.at) > time.Hour })
		if len(list) == 0 {
			delete(t.posts, k)
			continue
		}
		t.posts[k] = list
	}
}

// busy are the threads with at least so many posts within the last hour; none
// for 0.
func (t *threads) busy(now time.Time, least int) map[care.ThreadKey]int {
	out := map[care.ThreadKey]int{}
	if least <= 0 {
		return out
	}
	for k, list := range t.posts {
		n := 0
		for _, o := range list {
			if now.Sub(o.at) <= time.Hour {
				n++
			}
		}
		if n >= least {
			out[k] = n
		}
	}
	return out
}

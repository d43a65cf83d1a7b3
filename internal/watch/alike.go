package watch

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

const (
	// window is how far back complaints can belong to one group.
	window = 3 * time.Hour
	// background is how far back words are counted to know what is usual.
	background = 14 * 24 * time.Hour
	// maxPosts bounds what is remembered of the window.
	maxPosts = 6000
	// leastGroup is how many people, in as many threads, make a group.
	leastGroup = 5
	// rare is how improbable a word's frequency has to be for it to be the sign
	// of a group. What is gathered around such a word has to be alike besides:
	// docs/known-issues.md has what that comes to.
	rare = 1e-6
	// settled is from how many posts on the background can be believed.
	settled = 150
)

// A Crowd is the complaints of some hours, and what is usual in complaints.
type Crowd struct {
	posts  []*post // within the window and a little before, by time
	known  map[care.CaseID]care.MentionID
	firsts []care.CaseID // of known, oldest first
	days   map[int64]*sketch
	active []*active
	pace   func(at time.Time) float64 // as [Options] has it
}

// An active group is one that is proposed, so that it keeps its name while it
// grows.
type active struct {
	id   string
	from int64
	last int64
	in   map[care.CaseID]care.MentionID
}

// NewCrowd returns an empty one. The pace is what [Options] has.
func NewCrowd(pace func(at time.Time) float64) *Crowd {
	return &Crowd{pace: pace, known: map[care.CaseID]care.MentionID{}, days: map[int64]*sketch{}}
}

// maxKnown bounds how many cases are remembered by their first mention.
const maxKnown = 100_000

// Add takes in a mention. Only complaints that opened a case count, each case
// once.
func (c *Crowd) Add(m *care.Mention) {
	if !m.Verdict.Complaint || m.Case == "" || m.Late || m.Post.Text == "" {
		return
	}
	if _, again := c.known[m.Case]; again {
		return
	}
	c.known[m.Case] = m.ID
	c.firsts = append(c.firsts, m.Case)
	if len(c.firsts) > maxKnown {
		delete(c.known, c.firsts[0])
		c.firsts = c.firsts[1:]
	}
	p := newPost(m)
	day := c.days[p.at/86400]
	if day == nil {
		day = &sketch{}
		c.days[p.at/86400] = day
		for d := range c.days {
			if d < p.at/86400-int64(background/(24*time.Hour)) {
				delete(c.days, d)
			}
		}
	}
	day.posts++
	for _, s := range p.single {
		day.add(s)
	}
	for _, s := range p.pairs {
		day.add(s)
	}
	c.posts = append(c.posts, p)
	if len(c.posts) > 1 && c.posts[len(c.posts)-2].at > p.at {
		slices.SortStableFunc(c.posts, func(a, b *post) int { return cmp.Compare(a.at, b.at) })
	}
	floor := c.posts[len(c.posts)-1].at - int64((window+time.Hour)/time.Second)
	drop := max(0, len(c.posts)-maxPosts)
	for drop < len(c.posts) && c.posts[drop].at < floor {
		drop++
	}
	c.posts = slices.Delete(c.posts, 0, drop)
}

func (c *Crowd) firstOf(id care.CaseID) care.MentionID { return c.known[id] }

// usual is how often a sign is in a complaint, by those of the last two weeks
// but for some that are looked at now.
func (c *Crowd) usual(s sign, pair bool, now []*post, count int) float64 {
	n, of := -count, -len(now)
	for _, d := range c.days {
		n += d.count(s)
		of += d.posts
	}
	n, of = max(n, 0), max(of, 0)
	prior := 0.02 // of a word that was never seen
	switch {
	case of < settled && pair:
		prior = 0.05
	case of < settled:
		prior = 0.3
	case pair:
		prior = 0.004
	}
	return (float64(n) + prior*100) / (float64(of) + 100)
}

// within are the posts of the window that ends now.
func (c *Crowd) within(now time.Time, span time.Duration) []*post {
	floor := now.Add(-span).Unix()
	i, _ := slices.BinarySearchFunc(c.posts, floor, func(p *post, at int64) int { return cmp.Compare(p.at, at) })
	j := len(c.posts)
	for j > i && c.posts[j-1].at > now.Unix() {
		j--
	}
	return c.posts[i:j]
}

// A burst is a sign that far more people use than is usual.
type burst struct {
	sign   sign
	posts  []int // of the window
	chance float64
}

// spans are the windows that are looked at: a short one finds a cause soon, a
// long one finds a slow one.
var spans = []time.Duration{30 * time.Minute, window}

// Groups proposes what may have one cause now. Cases that are taken belong to a
// known issue already.
func (c *Crowd) Groups(now time.Time, taken map[care.CaseID]bool) []care.Alike {
	var found []*group
	for _, span := range spans {
		all := c.within(now, span)
		posts := slices.DeleteFunc(slices.Clone(all), func(p *post) bool { return taken[p.cased] })
		for _, g := range c.cluster(posts, all, c.plausible(posts, now, span)) {
			found = c.keep(found, g)
		}
	}
	return c.propose(found, now, taken)
}

// busy is how much more than on average there can be in a busy hour.
const busy = 2.5

// plausible is how many complaints the span until now can have in a busy hour: no
// more than there are. Where there are far more, their number is a sign too.
func (c *Crowd) plausible(posts []*post, now time.Time, span time.Duration) float64 {
	first, last, n := int64(math.MaxInt64), int64(0), 0
	for d, s := range c.days {
		first, last, n = min(first, d), max(last, d), n+s.posts
	}
	if n < settled || last-first < 3 {
		return float64(len(posts))
	}
	hourly := float64(n) / float64(24*(last-first+1))
	if c.pace != nil {
		hourly *= c.pace(now)
	}
	return min(float64(len(posts)), max(busy*hourly*span.Hours(), 0.5))
}

// bursts finds the signs that are too frequent to be chance.
func (c *Crowd) bursts(posts, all []*post, plausible float64) (out []burst) {
	in := [2]map[sign][]int{{}, {}}
	for i, p := range posts {
		topic := signOf(topicSign + p.topic) // two causes can have one: no group begins with it
		for _, s := range p.single {
			if s != topic {
				in[0][s] = append(in[0][s], i)
			}
		}
		for _, s := range p.pairs {
			in[1][s] = append(in[1][s], i)
		}
	}
	for k, m := range in {
		for s, at := range m {
			if len(at) < leastGroup {
				continue
			}
			n := threadsIn(posts, at)
			if n < leastGroup {
				continue
			}
			usual := c.usual(s, k == 1, all, len(at))
			if chance := tail(n, usual*plausible, 0); chance < rare {
				out = append(out, burst{s, at, chance})
			}
		}
	}
	slices.SortFunc(out, func(a, b burst) int {
		return cmp.Or(cmp.Compare(a.chance, b.chance), cmp.Compare(a.sign, b.sign))
	})
	return out
}

// threadsIn counts posts of different threads: a quarrel under one post is one.
func threadsIn(posts []*post, at []int) int {
	seen := map[care.ThreadKey]bool{}
	for _, i := range at {
		seen[posts[i].thread] = true
	}
	return len(seen)
}

// A group is posts that say much the same.
type group struct {
	posts  []*post
	scores []float64
	model  *Model
}

// cluster gathers around the rarest sign the posts that have it, learns what
// they have in common, and takes all that is like that; then goes on with the
// rest.
func (c *Crowd) cluster(posts, all []*post, plausible float64) (out []*group) {
	left := posts
	for range 8 {
		bs := c.bursts(left, all, plausible)
		if len(bs) == 0 {
			return out
		}
		seeds := make([]*post, len(bs[0].posts))
		for i, at := range bs[0].posts {
			seeds[i] = left[at]
		}
		g := &group{posts: seeds}
		for range rounds { // what is like the seeds, and then like all that is
			g.model = c.modelOf(g.posts, all)
			g.posts, g.scores = g.model.members(left)
		}
		if distinct(g.posts) >= leastGroup {
			out = append(out, g)
		}
		gone := map[*post]bool{}
		for _, p := range slices.Concat(seeds, g.posts) { // whether they are like the rest or not: on with others
			gone[p] = true
		}
		left = slices.DeleteFunc(slices.Clone(left), func(p *post) bool { return gone[p] })
	}
	return out
}

// rounds is how often a group is drawn anew around what it holds.
const rounds = 3

// members are the posts that are like a model.
func (m *Model) members(posts []*post) (in []*post, scores []float64) {
	for _, p := range posts {
		if score, ok := m.Like(p); ok {
			in, scores = append(in, p), append(scores, score)
		}
	}
	return in, scores
}

func distinct(posts []*post) int {
	at := make([]int, len(posts))
	for i := range at {
		at[i] = i
	}
	return threadsIn(posts, at)
}

// A Model is what some posts have in common and others have not.
type Model struct {
	weight map[sign]float64
	lang   string
	// What a post of its own has to be judged without itself.
	of    map[*post]bool
	count map[sign]int
	usual map[sign]float64
	pair  map[sign]bool
}

const (
	// leastShare is the part of the posts that a sign must be in to count.
	leastShare = 0.12
	// like is from which probability on a post belongs to a model, and odds the
	// log odds that any post does, before it is read.
	like = 0.9
	odds = -3.5
)

func (c *Crowd) model(posts []*post) *Model { return c.modelOf(posts, nil) }

// modelOf learns signs from posts. all are those of the window, which the usual
// is to be without.
func (c *Crowd) modelOf(posts, all []*post) *Model {
	m := &Model{weight: map[sign]float64{}, of: map[*post]bool{}, usual: map[sign]float64{}}
	if len(posts) == 0 {
		return m
	}
	langs := map[string]int{}
	count, pair, now := map[sign]int{}, map[sign]bool{}, map[sign]int{}
	m.count, m.pair = count, pair
	for _, p := range posts {
		m.of[p] = true
		langs[p.lang]++
		for _, s := range p.single {
			count[s]++
		}
		for _, s := range p.pairs {
			count[s]++
			pair[s] = true
		}
	}
	for _, p := range all {
		for _, list := range [][]sign{p.single, p.pairs} {
			for _, s := range list {
				if count[s] > 0 {
					now[s]++
				}
			}
		}
	}
	for l, n := range langs {
		if 2*n > len(posts) {
			m.lang = l
		}
	}
	for s, k := range count {
		if k < 2 && len(posts) > 2 {
			continue
		}
		m.usual[s] = c.usual(s, pair[s], all, now[s])
		if w := m.weigh(s, k, len(posts)); w > 0 {
			m.weight[s] = w
		}
	}
	return m
}

// weigh is what a sign says for a post that has it, in log odds, when k of n
// have it; 0 where it says little.
func (m *Model) weigh(s sign, k, n int) float64 {
	share := float64(k) / float64(n+1)
	w := math.Log(share / m.usual[s])
	switch {
	case share < leastShare, w < 0.7:
		return 0
	case m.pair[s]:
		w /= 2 // its words count too
	}
	return min(w, 4)
}

// Like says how probably a post belongs, and whether that is enough. One that
// the model was learnt from is judged by the others.
func (m *Model) Like(p *post) (probability float64, ok bool) {
	if len(m.weight) == 0 || m.lang != "" && p.lang != "" && p.lang != m.lang {
		return 0, false
	}
	score, signs := odds, 0
	for _, list := range [][]sign{p.single, p.pairs} {
		for _, s := range list {
			w, ok := m.weight[s]
			if ok && m.of[p] && len(m.of) > 2 {
				w = m.weigh(s, m.count[s]-1, len(m.of)-1)
			}
			if w > 0 {
				score += w
				signs++
			}
		}
	}
	probability = 1 / (1 + math.Exp(-score))
	return probability, probability >= like && signs >= 2
}

// A Match is a post that is like a model.
type Match struct {
	Case    care.CaseID
	Mention care.MentionID
	Score   float64
}

// Alike are the posts since an instant that are like a model, as far as they are
// remembered.
func (c *Crowd) Alike(m *Model, since, now time.Time) (out []Match) {
	for _, p := range c.within(now, window) {
		if p.at < since.Unix() {
			continue
		}
		if score, ok := m.Like(p); ok {
			out = append(out, Match{p.cased, p.mention, score})
		}
	}
	return out
}

// keep adds a group, unless it is one that is there already, seen through
// another window: then the larger stays.
func (c *Crowd) keep(found []*group, g *group) []*group {
	for i, f := range found {
		if overlaps(f.posts, g.posts) {
			if len(g.posts) > len(f.posts) {
				found[i] = g
			}
			return found
		}
	}
	return append(found, g)
}

func overlaps(a, b []*post) bool {
	in := map[*post]bool{}
	for _, p := range a {
		in[p] = true
	}
	n := 0
	for _, p := range b {
		if in[p] {
			n++
		}
	}
	return 2*n >= min(len(a), len(b))
}

// propose names the groups. One that shares cases with one proposed before is
// that, and keeps what it had.
func (c *Crowd) propose(found []*group, now time.Time, taken map[care.CaseID]bool) []care.Alike {
	out := []care.Alike{}
	claimed := map[*active]bool{}
	for _, g := range found {
		a := c.activeOf(g, claimed)
		claimed[a] = true
		for _, p := range g.posts {
			a.in[p.cased] = p.mention
			a.from, a.last = min(a.from, p.at), max(a.last, p.at)
		}
		out = append(out, c.alike(g, a, taken))
	}
	c.active = slices.DeleteFunc(c.active, func(a *active) bool { return now.Unix()-a.last > int64(window/time.Second) })
	slices.SortFunc(out, func(a, b care.Alike) int {
		return cmp.Or(cmp.Compare(len(b.Cases), len(a.Cases)), strings.Compare(a.ID, b.ID))
	})
	return out
}

func (c *Crowd) activeOf(g *group, claimed map[*active]bool) *active {
	for _, a := range c.active {
		n := 0
		for _, p := range g.posts {
			if _, ok := a.in[p.cased]; ok {
				n++
			}
		}
		if 2*n >= min(len(a.in), len(g.posts)) && !claimed[a] {
			return a
		}
	}
	first := g.posts[0]
	a := &active{id: "g-" + string(first.mention), from: first.at, last: first.at, in: map[care.CaseID]care.MentionID{}}
	c.active = append(c.active, a)
	return a
}

// alike is a group as it is shown.
func (c *Crowd) alike(g *group, a *active, taken map[care.CaseID]bool) care.Alike {
	out := care.Alike{ID: a.id, From: time.Unix(a.from, 0).UTC(), To: time.Unix(a.last, 0).UTC(), Phrases: g.phrases()}
	for _, id := range slices.SortedFunc(maps.Keys(a.in), func(x, y care.CaseID) int { return strings.Compare(string(a.in[x]), string(a.in[y])) }) {
		if !taken[id] {
			out.Cases, out.Mentions = append(out.Cases, id), append(out.Mentions, a.in[id])
		}
	}
	for _, s := range g.scores {
		out.Purity += s / float64(len(g.scores))
	}
	brands, topics, langs := map[string]int{}, map[string]int{}, map[string]int{}
	for _, p := range g.posts {
		brands[p.brand]++
		topics[p.topic]++
		langs[p.lang]++
	}
	out.Brand, out.Topic, out.Language = most(brands), most(topics), most(langs)
	return out
}

func most(m map[string]int) (best string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if m[k] > m[best] {
			best = k
		}
	}
	return best
}

// groupPhrases is how many phrases of a group are shown.
const groupPhrases = 4

// phrases are the words that tell the group from others, as most write them.
func (g *group) phrases() []string {
	written := map[string]int{}
	weight := map[string]float64{}
	for _, p := range g.posts {
		seen := map[string]bool{}
		before := ""
		for _, w := range p.words {
			for _, text := range []string{w, strings.TrimSpace(before + " " + w)} {
				key := stemOf(w)
				if text != w {
					key = stemOf(before) + " " + key
				}
				if x, ok := g.model.weight[signOf(key)]; ok && !seen[text] {
					seen[text] = true
					written[text]++
					if text != w {
						x *= 2.2 // two words say more
					}
					weight[text] = x
				}
			}
			before = w
		}
	}
	value := func(t string) float64 { return weight[t] * float64(written[t]) }
	all := slices.SortedFunc(maps.Keys(written), func(a, b string) int { return cmp.Or(cmp.Compare(value(b), value(a)), strings.Compare(a, b)) })
	var out []string
	for _, t := range all {
		if len(out) < groupPhrases && written[t] > 1 && !slices.ContainsFunc(out, func(o string) bool { return strings.Contains(o, t) || strings.Contains(t, o) }) {
			out = append(out, t)
		}
	}
	return out
}

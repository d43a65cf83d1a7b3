package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A conversation is one thread of the story with what everybody does in it.
type conversation struct {
	class  int
	n      uint64
	lang   string
	kind   string // what the first post is: complaint, praise, question …
	topic  string
	area   string
	venue  *venue
	author care.Author
	at     time.Time
	beats  []beat
	agent  care.AgentID // of the live stream: who of the team takes it; empty: nobody
}

// A beat is one moment of a conversation: something on the network, or a move.
type beat struct {
	num    uint64
	at     time.Time
	item   network.Item // Kind is empty when it is a move
	move   Move
	unless bool // happens only while nobody has answered the thread
}

// A writer makes up conversations.
type writer struct {
	c    *content
	seed uint64
	team roster
}

func newWriter(seed uint64) (*writer, error) {
	c, err := load(files)
	if err != nil {
		return nil, err
	}
	team, err := newRoster()
	if err != nil {
		return nil, err
	}
	return &writer{c: c, seed: seed, team: team}, nil
}

// A scene is a conversation while it is being made up.
type scene struct {
	w      *writer
	r      *rand.Rand
	c      *conversation
	t      *tongue
	say    *speech
	manner manner
	own    string // the customer's first name, which the network may not show
	step   int
	post   care.Post // the customer's last post, which an answer would answer
	tail   care.Remote
	thread care.Remote
	past   bool // a reply has its outcome already
	heard  bool // the thread addresses our account

	hurried bool // so much is going on that the team is behind
}

// casting is what is known of a conversation before it is made up.
type casting struct {
	class  int
	n      uint64
	at     time.Time
	lang   string
	kind   string
	entry  entry
	known  *care.Author // somebody who was there before; nil: somebody new
	venue  *venue       // nil: any that fits
	area   string       // the town whose outage it is about
	inside care.Remote  // the post of ours that it is written under
}

// begin writes the first post.
func (w *writer) begin(k casting) *scene {
	r := chance(w.seed, "conversation", number(k.class, k.n, 0))
	t := w.c.tongues[k.lang]
	if k.kind == "hostile" {
		t = w.c.hostile
	}
	_, topic, _ := strings.Cut(k.entry.section, " ")
	switch k.kind {
	case "double":
		topic = "billing"
	case "surge":
		topic = "outage"
	}
	s := &scene{w: w, r: r, t: t, say: newSpeech(t, r), manner: mannerOf(r), past: k.class == classPast,
		c: &conversation{class: k.class, n: k.n, lang: k.lang, kind: k.kind, topic: topic, area: k.area, at: k.at}}
	v := k.venue
	if v == nil {
		v = pickVenue(r, k.kind)
	}
	text, links, summoned := s.first(v, k)
	if v.post > 0 && utf8.RuneCountInString(text) > v.post {
		v = venueOf("reddit")
	}
	s.c.venue = v
	s.cast(k, v)
	s.tail, s.thread = k.inside, k.inside
	p := s.write(s.c.author, text, links, k.at)
	p.Summoned = summoned || k.inside != ""
	s.heard = p.Summoned
	if v.review {
		p.Rating = stars(r, k.kind)
	}
	if k.kind == "critical" && strings.HasSuffix(k.entry.section, "viral") {
		p.Author.Followers += 30_000 + r.IntN(200_000)
	}
	s.add(k.at, network.Item{Kind: network.Seen, Post: p})
	s.c.author, s.post = p.Author, p
	return s
}

// first is the first text, in the author's manner.
func (s *scene) first(v *venue, k casting) (string, []care.Link, bool) {
	name, summoned := v.call(s.r)
	s.say.set("brand", name)
	text, links := s.say.entry(k.entry, k.at)
	switch k.entry.section {
	case "zalgo":
		return zalgo(text, s.r), links, summoned
	case "long":
		var all []string
		for i := range 40 + s.r.IntN(40) {
			l := s.t.sections["long"][i%len(s.t.sections["long"])]
			all = append(all, s.say.say(l, k.at))
		}
		return strings.Join(all, " "), links, summoned
	case "hostile":
		return text, links, summoned
	}
	if !unhappy[k.kind] && strings.HasPrefix(k.kind, "surge ") || k.kind == "post" {
		return text, links, false
	}
	if k.kind == "complaint" && s.r.IntN(100) < 38 {
		tail := s.t.sections["tail"]
		if more := s.say.say(tail[s.r.IntN(len(tail))], k.at); v.post == 0 || utf8.RuneCountInString(text+more) < v.post {
			text += " " + more
		}
	}
	return s.manner.write(text, k.lang, s.r, unhappy[k.kind]), links, summoned && strings.Contains(text, name)
}

// unhappy are the kinds of posts by people who are.
var unhappy = map[string]bool{"complaint": true, "critical": true, "surge": true, "double": true, "sarcasm": true, "bad review": true}

func (s *scene) cast(k casting, v *venue) {
	if k.known != nil {
		s.c.author = *k.known
	} else {
		t := s.w.c.tongues[k.lang]
		s.c.author = s.w.c.newAuthor(t, v, s.r, number(k.class, k.n, 0)%1_000_003+7)
	}
	s.own = firstName(s.c.author.Name)
	s.say.set("name", s.own)
	if s.own == "" && s.t.slots["given"] != nil {
		s.own = s.say.pick("given")
	}
}

func stars(r *rand.Rand, kind string) int {
	if kind == "good review" {
		return 4 + r.IntN(2)
	}
	return 1 + r.IntN(2)
}

func pickVenue(r *rand.Rand, kind string) *venue {
	switch kind {
	case "bad review", "good review":
		return venueOf([]string{"play", "play", "play", "appstore", "appstore"}[r.IntN(5)])
	case "surge", "hostile", "post", "surge post", "surge end":
		return venueOf([]string{"x", "x", "bluesky", "mastodon"}[r.IntN(4)])
	}
	n := r.IntN(100)
	for i := range venues {
		v := &venues[i]
		if n -= v.share; n < 0 {
			if v.kind == care.PostDirect && kind != "complaint" && kind != "question" && kind != "double" {
				return venueOf("x")
			}
			return v
		}
	}
	return venueOf("x")
}

// write makes a post that follows the thread's last one.
func (s *scene) write(by care.Author, text string, links []care.Link, at time.Time) care.Post {
	v := s.c.venue
	id := v.remote(number(s.c.class, s.c.n, s.step), by.ID)
	p := care.Post{Network: v.name, Remote: id, Kind: v.kind, Author: by, Text: text, Language: s.claimed(), PostedAt: at,
		URL: v.url(by.Handle, id), InReplyTo: s.tail, Thread: s.thread, Summoned: s.heard}
	if s.thread == "" {
		p.Thread, s.thread = id, id
	}
	for i, l := range links {
		l.URL = "https://media.example/" + string(l.Kind) + "/" + strings.Trim(strings.ReplaceAll(string(id), "/", "-"), ":") + "-" + string(rune('a'+i))
		p.Links = append(p.Links, l)
	}
	return p
}

// claimed is the language that the network says: some say none, and some are
// wrong now and then.
func (s *scene) claimed() string {
	if s.c.venue.name == "reddit" || s.c.venue.name == "facebook" || s.t == s.w.c.hostile {
		return ""
	}
	if s.c.lang != "en" && s.r.IntN(12) == 0 {
		return "en"
	}
	return s.c.lang
}

func (s *scene) add(at time.Time, i network.Item) *beat {
	b := beat{num: number(s.c.class, s.c.n, s.step), at: at, item: i}
	s.step++
	s.c.beats = append(s.c.beats, b)
	if i.Kind == network.Seen {
		s.tail = i.Post.Remote
	}
	return &s.c.beats[len(s.c.beats)-1]
}

// move adds what somebody of the team does.
func (s *scene) move(at time.Time, by *worker, m Move) {
	m.At, m.By, m.Network = at, by.ID, s.c.venue.name
	if m.Remote == "" {
		m.Remote = s.post.Remote
	}
	s.c.beats = append(s.c.beats, beat{num: number(s.c.class, s.c.n, s.step), at: at, move: m})
	s.step++
}

// line is any line of a section. Sections of one's topic come first.
func (s *scene) line(section string) line {
	t := s.w.c.tongues[s.c.lang]
	all := append([]line(nil), t.sections[section+" "+s.c.topic]...)
	if len(all) == 0 || s.r.IntN(4) == 0 {
		all = append(all, t.sections[section]...)
	}
	return all[s.r.IntN(len(all))]
}

// customer has the author write again in the thread. Where there are no
// threads, as with reviews, nobody does.
func (s *scene) customer(at time.Time, section string) bool {
	if s.c.venue.review {
		return false
	}
	l := s.line(section)
	known := s.say.fixed["name"]
	s.say.set("name", s.own)
	text := s.say.say(l, at)
	s.say.set("name", known)
	switch section {
	case "more", "nudge", "angrier", "slipped", "still", "lost":
		text = s.manner.write(text, s.c.lang, s.r, true)
	case "thanks", "recovered":
		text = s.manner.write(text, s.c.lang, s.r, false)
	default:
		if s.manner != emotive {
			text = s.manner.write(text, s.c.lang, s.r, false)
		}
	}
	p := s.write(s.c.author, text, l.links, at)
	s.add(at, network.Item{Kind: network.Seen, Post: p})
	s.post = p
	return true
}

// bystander has somebody else write in the thread.
func (s *scene) bystander(at time.Time, section string, salt uint64) care.Post {
	t := s.w.c.tongues[s.c.lang]
	r := chance(s.w.seed, "bystander", number(s.c.class, s.c.n, s.step)+salt)
	by := s.w.c.newAuthor(t, s.c.venue, r, number(s.c.class, s.c.n, s.step)%999_983+11)
	say := newSpeech(t, r)
	name, _ := s.c.venue.call(r)
	say.set("brand", name)
	lines := t.sections[section]
	if section == "spam helper" {
		lines = s.w.c.tongues["en"].sections[section]
		by.Name, by.Handle, by.Followers = "Lindаvo Hеlp", fmt.Sprintf("lindavo-help-%d", salt+s.c.n%997), 3
	}
	l := lines[r.IntN(len(lines))]
	text := say.say(l, at)
	if section != "spam helper" {
		text = mannerOf(r).write(text, s.c.lang, r, true)
	}
	was := s.tail
	s.tail = s.thread
	p := s.write(by, text, l.links, at)
	p.Summoned = strings.Contains(text, "@")
	s.add(at, network.Item{Kind: network.Seen, Post: p})
	s.tail = was
	return p
}

// newThread has the author write a post of its own, later on.
func (s *scene) newThread(at time.Time, section string) {
	s.tail, s.thread, s.heard = "", "", s.c.venue.tag && strings.HasPrefix(s.say.fixed["brand"], "@")
	s.customer(at, section)
}

// edit has the author change the last post.
func (s *scene) edit(at time.Time, text string, rating int) {
	p := s.post
	p.Text, p.EditedAt = text, at
	if rating > 0 {
		p.Rating = rating
	}
	s.add(at, network.Item{Kind: network.Edited, Post: p})
	s.post = p
}

// remove has the author delete the last post.
func (s *scene) remove(at time.Time) *beat {
	return s.add(at, network.Item{Kind: network.Deleted, Post: care.Post{Network: s.post.Network, Remote: s.post.Remote}})
}

// answer is an answer in the customer's language that fits the network.
func (s *scene) answer(section string, by *worker, at, due time.Time) string {
	s.say.set("agent", firstName(by.Name))
	if !due.IsZero() {
		s.say.set("due", s.say.due(due))
	}
	shortest := ""
	for range 6 {
		text := s.say.say(s.line(section), at)
		if s.c.venue.fits(text) {
			return text
		}
		if shortest == "" || len(text) < len(shortest) {
			shortest = text
		}
	}
	cut := []rune(shortest)
	return string(cut[:min(len(cut), s.c.venue.length.Max)])
}

// reply answers the customer's last post, by the API or by hand as the network
// wants it; false: it may not be answered at all.
func (s *scene) reply(at time.Time, by *worker, section, then, disposition string, due time.Time) bool {
	perm := s.c.venue.may(s.post, at)
	if perm.How == care.ByNone {
		return false
	}
	text := s.answer(section, by, at, due)
	s.heard = true
	if perm.How == care.ByHand {
		s.byHand(at, by, text, then, disposition)
		return true
	}
	m := Move{Kind: Reply, Text: text, Then: then, Disposition: disposition}
	if s.past {
		id := s.c.venue.remote(number(s.c.class, s.c.n, s.step), us(s.c.venue).ID)
		m.Sent = network.Sent{Remote: id, URL: s.c.venue.url(us(s.c.venue).Handle, id), At: at.Add(between(s.r, 11*time.Second, 15*time.Second))}
		s.move(at, by, m)
		s.tail = id
		return true
	}
	s.move(at, by, m)
	return true
}

// byHand is an answer that somebody writes on the network itself: what the
// account's poll reports as our own.
func (s *scene) byHand(at time.Time, by *worker, text, then, disposition string) {
	at = at.Add(between(s.r, 20*time.Second, 2*time.Minute))
	tail := s.tail
	s.tail = s.post.Remote
	p := s.write(us(s.c.venue), text, nil, at)
	p.Summoned = false
	s.tail = tail
	s.add(at, network.Item{Kind: network.Seen, Post: p, Own: true})
	after := at.Add(between(s.r, 40*time.Second, 3*time.Minute))
	switch then {
	case care.ThenResolve:
		s.move(after, by, Move{Kind: Resolve, Disposition: disposition})
	case care.ThenAwait:
		s.move(after, by, Move{Kind: Await})
	}
}

package demo

import (
	"slices"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

const (
	// liveSpan is the longest that a live conversation goes on by itself.
	liveSpan = 2 * time.Hour
	// echoSpan is the longest that a customer takes to react to an answer.
	echoSpan = 12 * time.Minute
	// quietOf is how many live conversations there are for each one that takes
	// place although nobody watches.
	quietOf = 160
	// firstWave after the start an outage begins somewhere, and one each waveEvery:
	// large enough to be more than chance in a stream as quick as this.
	firstWave = 7 * time.Minute
	waveEvery = 12 * time.Hour
	waveSize  = 72
)

// opening is what the first minute brings, beside the stream.
var opening = []struct {
	after      time.Duration
	lang, kind string
	section    string
}{
	{1500 * time.Millisecond, "en", "complaint", "complaint billing"},
	{4 * time.Second, "de", "complaint", "complaint visit"},
	{7 * time.Second, "es", "complaint", "complaint outage"},
	{11 * time.Second, "en", "praise", "praise"},
	{16 * time.Second, "fr", "complaint", "complaint billing"},
	{22 * time.Second, "ar", "complaint", "complaint outage"},
	{29 * time.Second, "en", "question", "question"},
	{37 * time.Second, "tr", "complaint", "complaint visit"},
	{46 * time.Second, "pt", "complaint", "complaint refund"},
	{55 * time.Second, "en", "critical", "critical vulnerable"},
}

// waveTongues are where the live outages are, in turn.
var waveTongues = []string{"de", "es", "fr", "pt", "it", "nl", "tr", "ar"}

// stream makes up the live conversations. Each is a function of the seed and
// its number alone, so none needs to be kept.
type stream struct {
	*writer
	start time.Time
	pace  time.Duration
	past  []*conversation
}

// liveAt is when a conversation of the stream begins: one in each stretch of
// the pace, somewhere in its middle, so that none comes much too early or late.
func (l *stream) liveAt(n uint64) time.Time {
	r := chance(l.seed, "live at", n)
	return l.start.Add(time.Duration(n)*l.pace + l.pace/4 + time.Duration(r.Int64N(int64(l.pace/2)+1))).Truncate(time.Millisecond)
}

func (l *stream) waveAt(n uint64) time.Time {
	wave, i := n/waveSize, n%waveSize
	r := chance(l.seed, "wave at", n)
	at := l.start.Add(firstWave + time.Duration(wave)*waveEvery)
	if at.Minute() > 35 { // it would fall into two hours, and a surge is found by the hour
		at = at.Truncate(time.Hour).Add(time.Hour + 2*time.Minute)
	}
	return at.Add(time.Duration(i)*8*time.Second + between(r, 0, 7*time.Second))
}

// quiet says whether a conversation takes place also when nobody watches.
func (l *stream) quiet(n uint64) bool { return chance(l.seed, "quiet", n).IntN(quietOf) == 0 }

// conversation makes up one.
func (l *stream) conversation(class int, n uint64) *conversation {
	var k casting
	switch class {
	case classLive:
		k = l.dealt(n)
	case classOpening:
		o := opening[n]
		k = casting{at: l.start.Add(o.after), lang: o.lang, kind: o.kind}
		lines := l.c.tongues[o.lang].lines(o.section)
		k.entry = lines[deal(l.seed, "opening", int(n), len(lines))]
	case classWave:
		lang := waveTongues[n/waveSize%uint64(len(waveTongues))]
		t := l.c.tongues[lang]
		lines := t.lines("surge")
		k = casting{at: l.waveAt(n), lang: lang, kind: "surge", area: t.town(), entry: lines[deal(l.seed, "wave", int(n), len(lines))]}
	}
	k.class, k.n = class, n
	if class == classOpening && k.kind != "question" {
		k.venue = venueOf([]string{"x", "bluesky", "mastodon"}[n%3])
	}
	l.again(&k)
	s := l.begin(k)
	s.live()
	s.c.order()
	return s.c
}

func (l *stream) dealt(n uint64) casting {
	k := casting{at: l.liveAt(n)}
	var turn int
	k.lang, turn = dealt(l.seed, "live tongues", int(n), liveTongues)
	k.kind, turn = dealt(l.seed, "live kinds "+k.lang, turn, kindDeck)
	t := l.c.tongues[k.lang]
	lines := t.lines(k.kind)
	if k.lang == "en" && chance(l.seed, "hostile", n).IntN(12) == 0 {
		k.kind, turn = "hostile", int(n)
		lines = slices.Concat(l.c.hostile.lines("hostile"), l.c.hostile.lines("zalgo"), l.c.hostile.lines("long")[:1])
	}
	k.entry = lines[deal(l.seed, "live "+k.lang+k.kind, turn, len(lines))]
	return k
}

// again has somebody come who is known from the history, now and then.
func (l *stream) again(k *casting) {
	r := chance(l.seed, "live again", number(k.class, k.n, 0))
	if len(l.past) == 0 || r.IntN(100) >= 16 || k.kind == "spam" || strings.HasSuffix(k.kind, "review") {
		return
	}
	for range 20 {
		c := l.past[r.IntN(len(l.past))]
		if c.lang == k.lang && c.venue.kind == care.PostPublic && unhappy[c.kind] {
			k.known, k.venue = &c.author, c.venue
			return
		}
	}
}

// live makes up what follows by itself: what the customer adds while nobody
// answers, and what a colleague would do.
func (s *scene) live() {
	root := s.c.at
	if unhappy[s.c.kind] {
		switch n := s.r.IntN(100); {
		case n < 9:
			s.customer(root.Add(between(s.r, 45*time.Second, 2*time.Minute)), "more")
		case n < 12 && s.c.venue.edits:
			at := root.Add(between(s.r, time.Minute, 6*time.Minute))
			s.edit(at, s.post.Text+"\n"+s.say.say(s.line("edit"), at), 0)
		case n < 15:
			s.remove(root.Add(between(s.r, 3*time.Minute, 25*time.Minute)))
			return
		case n < 18 && s.c.venue.kind == care.PostPublic:
			s.bystander(root.Add(between(s.r, time.Minute, 9*time.Minute)), "same", 2)
		case n < 20 && s.c.venue.kind == care.PostPublic:
			s.helper(root.Add(between(s.r, time.Minute, 5*time.Minute)))
		}
		s.waiting(root.Add(between(s.r, 13*time.Minute, 25*time.Minute)), "nudge", 24)
		s.waiting(root.Add(between(s.r, 40*time.Minute, 70*time.Minute)), "angrier", 12)
	}
	s.colleague()
}

// waiting has the customer write again if nobody has answered by then.
func (s *scene) waiting(at time.Time, section string, percent int) {
	if s.r.IntN(100) < percent && s.customer(at, section) {
		s.c.beats[len(s.c.beats)-1].unless = true
	}
}

// colleague has somebody of the team deal with it, for a little more than half
// of what comes. The rest is for whoever watches.
func (s *scene) colleague() {
	if s.r.IntN(100) >= 56 {
		return
	}
	s.post, s.tail = s.c.beats[0].item.Post, s.c.beats[0].item.Post.Remote
	by, _ := s.w.team.live(s.c.at, s.c.lang, int(s.c.n))
	s.c.agent = by.ID
	at := s.c.at.Add(between(s.r, 25*time.Second, 5*time.Minute))
	switch s.c.kind {
	case "question":
		s.move(at, by, Move{Kind: Open})
		s.reply(at.Add(between(s.r, time.Minute, 3*time.Minute)), by, "answer", care.ThenResolve, "explained", time.Time{})
		return
	case "critical":
		at = s.c.at.Add(between(s.r, 20*time.Second, 90*time.Second))
		s.move(at, by, Move{Kind: Claim})
		s.note(at.Add(15*time.Second), by, "critical note", 80)
		s.reply(at.Add(between(s.r, 30*time.Second, 2*time.Minute)), by, "urgent reply", care.ThenKeep, "", time.Time{})
		return
	}
	if !unhappy[s.c.kind] {
		s.dismiss(at.Add(4*time.Minute), by)
		return
	}
	s.move(at, by, Move{Kind: Claim})
	s.note(at.Add(30*time.Second), by, "note", 20)
	at = at.Add(between(s.r, time.Minute, 4*time.Minute))
	if s.c.kind == "surge" {
		s.reply(at, by, "surge reply", care.ThenAwait, "", time.Time{})
		return
	}
	switch n := s.r.IntN(100); {
	case n < 24 && !s.c.venue.review:
		s.reply(at, by, "ask", care.ThenAwait, "", time.Time{})
	case n < 38 && !s.c.venue.review:
		due := s.dueTime(by, at)
		if s.reply(at, by, "promise", care.ThenKeep, "", due) {
			s.promised(at.Add(20*time.Second), by, due)
		}
	default:
		s.reply(at, by, "reply", care.ThenAwait, "", time.Time{})
	}
}

func (s *scene) dismiss(at time.Time, by *worker) {
	reason := map[string]string{"spam": "spam", "other": "not_about_us"}[s.c.kind]
	if reason == "" {
		reason = care.NotAComplaint
	}
	s.move(at, by, Move{Kind: Dismiss, Reason: reason})
}

// live is who takes a case of the live stream: one who speaks the language and
// works at the time, else one who speaks it and stays on for the demo.
func (t roster) live(at time.Time, language string, turn int) (by *worker, onShift bool) {
	var on, off []*worker
	for _, w := range t {
		switch {
		case !slices.Contains(w.Languages, language):
		case w.working(at):
			on = append(on, w)
		default:
			off = append(off, w)
		}
	}
	if len(on) > 0 {
		return on[turn%len(on)], true
	}
	return off[turn%len(off)], false
}

// An echo is what a customer says to an answer that was sent for real: by
// somebody who tries the demo, or by a colleague.
func (l *stream) echo(i int, sent sentAnswer, to care.Post, c *conversation, round int) *conversation {
	r := chance(l.seed, "echo "+sent.Key, uint64(i))
	t := l.c.tongues[c.lang]
	s := &scene{w: l.writer, r: r, t: t, say: newSpeech(t, r), manner: mannerOf(r),
		c:    &conversation{class: classEcho, n: uint64(i), lang: c.lang, kind: c.kind, topic: c.topic, venue: c.venue, author: to.Author, at: sent.At, agent: c.agent},
		post: to, tail: sent.remote(i), thread: to.Thread, heard: true}
	name, _ := s.c.venue.call(r)
	s.say.set("brand", name)
	if s.own = firstName(to.Author.Name); s.own == "" {
		s.own = s.say.pick("given")
	}
	s.say.set("agent", l.team.knownAs(strings.TrimRight(sent.Text, " .!")))
	if !unhappy[c.kind] && c.kind != "question" || round > 3 {
		return s.c
	}
	at := sent.At.Add(between(r, 18*time.Second, 100*time.Second))
	if r.IntN(5) == 0 {
		at = sent.At.Add(between(r, 2*time.Minute, echoSpan-2*time.Minute))
	}
	s.react(at, strings.ContainsAny(sent.Text, "?؟"), round)
	s.c.order()
	return s.c
}

// react is what the customer says, and what the colleague who has the case
// would do then.
func (s *scene) react(at time.Time, asked bool, round int) {
	if s.c.venue.review {
		if s.r.IntN(100) < 45 {
			s.edit(at, s.say.say(s.line("better review"), at)+"\n\n"+s.post.Text, 4+s.r.IntN(2))
		}
		return
	}
	n := s.r.IntN(100)
	by := s.agent()
	switch {
	case asked && n < 85:
		s.customer(at, "details")
		if by != nil {
			s.reply(at.Add(between(s.r, time.Minute, 4*time.Minute)), by, "reply", care.ThenResolve, s.ending(), time.Time{})
		}
	case n < 56 || round > 1 && n < 70:
		s.customer(at, "thanks")
		if by != nil {
			s.move(at.Add(between(s.r, time.Minute, 3*time.Minute)), by, Move{Kind: Resolve, Disposition: s.ending()})
		}
	case round == 1 && n < 72:
		s.customer(at, "doubt")
		if by != nil {
			s.reply(at.Add(between(s.r, time.Minute, 4*time.Minute)), by, "answer", care.ThenResolve, s.ending(), time.Time{})
		}
	case round == 1 && n < 82:
		s.customer(at, "still")
	}
}

// agent is who of the team has the conversation in hand.
func (s *scene) agent() *worker {
	i := slices.IndexFunc(s.w.team, func(w *worker) bool { return w.ID == s.c.agent })
	if i < 0 {
		return nil
	}
	return s.w.team[i]
}

// happens says whether a beat is something on the network.
func (b *beat) happens() bool {
	return b.item.Kind == network.Seen || b.item.Kind == network.Edited || b.item.Kind == network.Deleted
}

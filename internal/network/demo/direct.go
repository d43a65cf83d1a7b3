package demo

import (
	"slices"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// endings are the dispositions with which a case of a topic ends well.
var endings = map[string]string{
	"billing": "credited", "refund": "refunded", "outage": "fixed", "speed": "fixed", "quality": "fixed",
	"visit": "rebooked", "delivery": "resent", "cancel": "cancelled",
}

func (s *scene) ending() string {
	if e := endings[s.c.topic]; e != "" {
		return e
	}
	return "solved"
}

// direct makes up what becomes of a first post in the history: what the team
// does with it, and what the customer says to that.
func (s *scene) direct() {
	switch s.c.kind {
	case "complaint", "sarcasm":
		s.complaint()
	case "critical":
		s.critical()
	case "surge":
		s.surge()
	case "double":
		s.double()
	case "bad review":
		s.review()
	case "question":
		s.question()
	default:
		s.idle()
	}
}

// idle is a post that needs nobody. Should the classifier have flagged it,
// somebody dismisses it.
func (s *scene) idle() {
	reason := care.NotAComplaint
	switch s.c.kind {
	case "spam":
		reason = "spam"
	case "other":
		reason = "not_about_us"
	}
	by, at := s.w.team.take(s.c.at, s.c.lang, false)
	if s.c.kind == "praise" && s.r.IntN(100) < 10 && !s.c.venue.review {
		if at := by.next(at.Add(around(s.r, 15*time.Minute, 0.8))); s.c.venue.may(s.post, at).How == care.ByAPI {
			s.move(at, by, Move{Kind: Open})
			s.reply(at.Add(time.Minute), by, "cheers", care.ThenResolve, "thanked", time.Time{})
			return
		}
	}
	s.move(by.next(at.Add(around(s.r, 14*time.Minute, 0.9))), by, Move{Kind: Dismiss, Reason: reason})
}

func (s *scene) question() {
	by, at := s.w.team.take(s.c.at, s.c.lang, false)
	at = by.next(at.Add(around(s.r, 12*time.Minute, 0.9)))
	if s.r.IntN(100) >= 22 {
		s.move(at, by, Move{Kind: Dismiss, Reason: care.NotAComplaint})
		return
	}
	s.move(at, by, Move{Kind: Open})
	s.move(at, by, Move{Kind: Claim})
	at = at.Add(between(s.r, time.Minute, 5*time.Minute))
	if !s.reply(at, by, "answer", care.ThenResolve, "explained", time.Time{}) {
		s.unreachable(by, at)
	} else if s.r.IntN(3) == 0 {
		at = at.Add(around(s.r, 30*time.Minute, 1))
		if s.customer(at, "thanks") {
			s.resolve(by, at, "explained")
		}
	}
}

// taken has somebody take the case, and returns who and when the first answer
// can be written. Customers who wait long say so.
func (s *scene) taken(median, effort time.Duration) (*worker, time.Time) {
	seen := s.c.at.Add(between(s.r, 20*time.Second, 90*time.Second))
	by, at := s.w.team.take(seen, s.c.lang, s.c.kind == "critical")
	if at.Sub(seen) > 40*time.Minute && s.r.IntN(100) < 85 { // better a translation than silence
		by, at = s.w.team.take(seen, s.c.lang, true)
	}
	if s.hurried {
		median *= 4
	}
	at = by.next(at.Add(around(s.r, median, 0.9)))
	by.free = at.Add(around(s.r, effort, 0.4))
	s.impatience(at)
	if s.r.IntN(100) < 70 {
		s.move(at, by, Move{Kind: Open})
	}
	s.move(at, by, Move{Kind: Claim})
	return by, at.Add(between(s.r, effort/3, effort))
}

// impatience has the customer write again while nobody has taken the case.
func (s *scene) impatience(taken time.Time) {
	wait := taken.Sub(s.c.at)
	if at := s.c.at.Add(between(s.r, 40*time.Second, 4*time.Minute)); at.Before(taken) && s.r.IntN(100) < 13 {
		s.customer(at, "more")
	}
	if at := s.c.at.Add(between(s.r, 70*time.Minute, 3*time.Hour)); at.Before(taken) && s.r.IntN(100) < 30 {
		s.customer(at, "nudge")
	}
	if at := s.c.at.Add(between(s.r, 4*time.Hour, 9*time.Hour)); wait > 4*time.Hour && at.Before(taken) && s.r.IntN(100) < 28 {
		s.customer(at, "angrier")
	}
}

// note has somebody leave a remark now and then.
func (s *scene) note(at time.Time, by *worker, section string, percent int) {
	if s.r.IntN(100) >= percent {
		return
	}
	t := s.w.c.team
	all := append(slices.Clone(t.sections[section+" "+s.c.topic]), t.sections[section]...)
	if len(all) == 0 {
		return
	}
	say := newSpeech(t, s.r)
	s.move(at, by, Move{Kind: Note, Text: say.say(all[s.r.IntN(len(all))], at)})
}

func (s *scene) complaint() {
	if s.interrupted() {
		return
	}
	by, at := s.taken(6*time.Minute, 5*time.Minute)
	s.note(at.Add(-30*time.Second), by, "note", 22)
	s.sideshow(at)
	switch n := s.r.IntN(100); {
	case n < 46:
		s.put(by, at, "reply")
	case n < 70:
		s.ask(by, at)
	case n < 85:
		s.promise(by, at)
	case n < 90:
		s.handOff(by, at)
	case n < 98:
		s.snooze(by, at)
	default:
		s.move(at, by, Move{Kind: Dismiss, Reason: []string{"duplicate", "not_about_us"}[s.r.IntN(2)]})
	}
}

// interrupted is when the post is edited, taken back, or never answered.
func (s *scene) interrupted() bool {
	n := s.r.IntN(200)
	switch {
	case n < 6 && s.c.venue.edits:
		at := s.c.at.Add(between(s.r, time.Minute, 20*time.Minute))
		s.edit(at, s.post.Text+"\n"+s.say.say(s.line("edit"), at), 0)
	case n < 11:
		s.remove(s.c.at.Add(around(s.r, 50*time.Minute, 1)))
		by, at := s.w.team.take(s.c.at.Add(4*time.Hour), s.c.lang, false)
		s.note(at, by, "unanswered", 100)
		s.move(at.Add(time.Minute), by, Move{Kind: Resolve, Disposition: "withdrawn"})
		return true
	case n < 14:
		s.impatience(s.c.at.Add(30 * time.Hour))
		by, at := s.w.team.take(s.c.at.Add(30*time.Hour), s.c.lang, false)
		s.note(at, by, "unanswered", 100)
		s.move(at.Add(time.Minute), by, Move{Kind: Resolve, Disposition: "no_reply_needed"})
		return true
	}
	return false
}

// sideshow is what others write in the thread.
func (s *scene) sideshow(until time.Time) {
	if s.c.venue.kind != care.PostPublic {
		return
	}
	switch n := s.r.IntN(100); {
	case n < 3:
		s.helper(s.c.at.Add(between(s.r, 2*time.Minute, 25*time.Minute)))
	case n < 7:
		p := s.bystander(s.c.at.Add(between(s.r, 5*time.Minute, 2*time.Hour)), "same", 2)
		s.serve(p, until.Add(between(s.r, 5*time.Minute, 40*time.Minute)))
	}
}

// helper is somebody who poses as us, and soon dismissed.
func (s *scene) helper(at time.Time) {
	p := s.bystander(at, "spam helper", 1)
	by, when := s.w.team.take(at, "en", false)
	if when = by.next(when.Add(around(s.r, 10*time.Minute, 0.7))); !s.past {
		by, _ = s.w.team.live(at, "en", int(s.c.n))
		when = at.Add(between(s.r, 2*time.Minute, 6*time.Minute))
	}
	s.move(when, by, Move{Kind: Dismiss, Remote: p.Remote, Reason: "spam"})
}

// serve answers somebody else in the thread.
func (s *scene) serve(p care.Post, at time.Time) {
	if soon := p.PostedAt.Add(between(s.r, 3*time.Minute, 30*time.Minute)); at.Before(soon) {
		at = soon
	}
	by, at := s.w.team.take(at, s.c.lang, false)
	was, tail := s.post, s.tail
	s.post, s.tail = p, p.Remote
	s.say.set("name", firstName(p.Author.Name))
	s.move(at, by, Move{Kind: Claim})
	s.reply(at.Add(between(s.r, time.Minute, 4*time.Minute)), by, "reply", care.ThenResolve, s.ending(), time.Time{})
	s.say.set("name", firstName(s.c.author.Name))
	s.post, s.tail = was, tail
}

// put answers with what was done about it, and sees what the customer says.
func (s *scene) put(by *worker, at time.Time, section string) {
	then, disposition := care.ThenAwait, ""
	if s.r.IntN(100) < 30 {
		then, disposition = care.ThenResolve, s.ending()
	}
	if !s.reply(at, by, section, then, disposition, time.Time{}) {
		s.unreachable(by, at)
		return
	}
	if s.r.IntN(100) < 8 {
		s.move(at.Add(time.Minute), by, Move{Kind: Tag, Tags: []string{[]string{"goodwill", "second contact", "check invoice", "loyal customer"}[s.r.IntN(4)]}})
	}
	s.outcome(by, at, then == care.ThenResolve)
}

func (s *scene) unreachable(by *worker, at time.Time) {
	s.note(at, by, "unanswered", 30)
	s.move(at.Add(time.Minute), by, Move{Kind: Resolve, Disposition: "unreachable"})
}

// outcome is what the customer says to an answer, and how the case ends.
func (s *scene) outcome(by *worker, at time.Time, closed bool) {
	if s.c.venue.review {
		s.afterReview(by, at)
		return
	}
	back := at.Add(around(s.r, 50*time.Minute, 1.2))
	switch n := s.r.IntN(100); {
	case n < 48:
		s.customer(back, "thanks")
		s.resolve(by, back, s.ending())
		s.afterwards(by, back)
	case n < 58 && !closed:
		s.customer(back, "doubt")
		again := by.next(back.Add(around(s.r, 15*time.Minute, 0.8)))
		if !s.reply(again, by, "answer", care.ThenResolve, s.ending(), time.Time{}) {
			s.unreachable(by, again)
		} else if s.r.IntN(100) < 40 {
			back = again.Add(around(s.r, 40*time.Minute, 1))
			s.customer(back, "thanks")
			s.resolve(by, back, s.ending())
		}
	case n < 68 && !closed:
		s.customer(back, "still")
		s.promise(by, by.next(back.Add(around(s.r, 20*time.Minute, 0.8))))
	case !closed:
		s.move(by.next(at.Add(between(s.r, 40*time.Hour, 76*time.Hour))), by, Move{Kind: Resolve, Disposition: s.ending()})
		s.afterwards(by, at.Add(76*time.Hour))
	}
}

// resolve ends the case some minutes after the customer's last word, sometimes
// with a word of our own.
func (s *scene) resolve(by *worker, after time.Time, disposition string) {
	at := by.next(after.Add(around(s.r, 8*time.Minute, 0.9)))
	if s.r.IntN(100) < 18 && s.reply(at, by, "welcome", care.ThenResolve, disposition, time.Time{}) {
		return
	}
	s.move(at, by, Move{Kind: Resolve, Disposition: disposition})
}

// afterwards is what some say in public days later.
func (s *scene) afterwards(by *worker, ended time.Time) {
	if s.c.venue.kind != care.PostPublic {
		return
	}
	at := ended.Add(between(s.r, 30*time.Hour, 16*24*time.Hour))
	s.say.set("agent", firstName(by.Name))
	name, _ := s.c.venue.call(s.r)
	s.say.set("brand", name)
	switch n := s.r.IntN(100); {
	case n < 8:
		s.newThread(at, "recovered")
		s.move(by.next(at.Add(time.Hour)), by, Move{Kind: Dismiss, Reason: care.NotAComplaint})
	case n < 11:
		s.newThread(at, "lost")
		s.move(by.next(at.Add(time.Hour)), by, Move{Kind: Resolve, Disposition: "lost"})
	}
}

// ask wants to know more first.
func (s *scene) ask(by *worker, at time.Time) {
	if s.c.venue.review {
		s.put(by, at, "reply")
		return
	}
	if !s.reply(at, by, "ask", care.ThenAwait, "", time.Time{}) {
		s.unreachable(by, at)
		return
	}
	if s.r.IntN(100) < 18 {
		s.move(by.next(at.Add(between(s.r, 40*time.Hour, 72*time.Hour))), by, Move{Kind: Resolve, Disposition: "no_answer"})
		return
	}
	back := at.Add(around(s.r, 35*time.Minute, 1.2))
	s.customer(back, "details")
	s.put(by, by.next(back.Add(around(s.r, 12*time.Minute, 0.9))), "reply")
}

// promise says what will happen by when, and keeps it, moves it in time, or
// lets it slip.
func (s *scene) promise(by *worker, at time.Time) {
	if s.c.venue.review {
		s.put(by, at, "reply")
		return
	}
	due := s.dueTime(by, at)
	if !s.reply(at, by, "promise", care.ThenKeep, "", due) {
		s.unreachable(by, at)
		return
	}
	noted := at.Add(20 * time.Second)
	s.promised(noted, by, due)
	switch n := s.r.IntN(100); {
	case n < 74:
		s.keep(by, by.next(due.Add(-between(s.r, time.Hour, 9*time.Hour))), due)
	case n < 86:
		tell := by.next(due.Add(-between(s.r, 2*time.Hour, 10*time.Hour)))
		later := s.dueTime(by, due)
		if !tell.Before(due) || !s.reply(tell, by, "late", care.ThenKeep, "", later) {
			s.slip(by, due)
			return
		}
		s.move(tell.Add(time.Minute), by, Move{Kind: Renegotiate, Until: later, Told: true})
		s.keep(by, by.next(later.Add(-between(s.r, time.Hour, 6*time.Hour))), later)
	default:
		s.slip(by, due)
	}
}

// dueTime is noon or five, one to four days on, on a day that somebody works.
func (s *scene) dueTime(by *worker, at time.Time) time.Time {
	local := at.In(s.t.zone)
	day := local.AddDate(0, 0, 1+s.r.IntN(4))
	due := time.Date(day.Year(), day.Month(), day.Day(), 12+5*s.r.IntN(2), 0, 0, 0, s.t.zone)
	for !slices.Contains(by.Days, due.In(by.zone).Weekday()) {
		due = due.AddDate(0, 0, 1)
	}
	return due.UTC()
}

func (s *scene) promised(at time.Time, by *worker, due time.Time) {
	t := s.w.c.team
	say := newSpeech(t, s.r)
	say.set("due", say.due(due))
	text := say.say(t.sections["promise note"][s.r.IntN(len(t.sections["promise note"]))], at)
	what := map[string]string{"billing": "refund", "refund": "refund", "visit": "repair", "outage": "repair", "speed": "repair"}[s.c.topic]
	if what == "" {
		what = "write"
	}
	s.move(at, by, Move{Kind: Promise, Text: text, What: what, Until: due})
}

func (s *scene) keep(by *worker, at, due time.Time) {
	if !at.Before(due) { // they were off until then
		at = due.Add(-between(s.r, 5*time.Minute, 50*time.Minute))
	}
	if at.Before(s.post.PostedAt) {
		at = s.post.PostedAt.Add(time.Minute)
	}
	ok := s.reply(at, by, "kept", care.ThenAwait, "", time.Time{})
	s.move(at.Add(30*time.Second), by, Move{Kind: Keep})
	if !ok {
		s.unreachable(by, at)
		return
	}
	s.outcome(by, at, false)
}

// slip lets a promise pass: the customer complains, and a new one is made.
func (s *scene) slip(by *worker, due time.Time) {
	at := due.Add(between(s.r, 2*time.Hour, 20*time.Hour))
	if s.r.IntN(100) < 70 {
		s.say.set("day", s.say.weekday(due.In(s.t.zone)))
		s.customer(at, "slipped")
	}
	at = by.next(at.Add(around(s.r, 30*time.Minute, 0.8)))
	later := s.dueTime(by, at)
	if s.reply(at, by, "late", care.ThenKeep, "", later) {
		s.move(at.Add(time.Minute), by, Move{Kind: Renegotiate, Until: later})
	}
	s.keep(by, by.next(later.Add(-between(s.r, time.Hour, 5*time.Hour))), later)
}

func (s *scene) handOff(by *worker, at time.Time) {
	other := s.w.team.other(by, s.c.lang, at)
	if other == nil {
		other = s.w.team.lead()
	}
	if other == by {
		s.put(by, at, "reply")
		return
	}
	t := s.w.c.team
	say := newSpeech(t, s.r)
	say.set("colleague", firstName(other.Name))
	s.move(at, by, Move{Kind: HandOff, To: other.ID, Text: say.say(t.sections["handoff"][s.r.IntN(len(t.sections["handoff"]))], at)})
	s.put(other, other.next(at.Add(around(s.r, 18*time.Minute, 0.8))), "reply")
}

// snooze answers, hides the case until the next day, and comes back to it.
func (s *scene) snooze(by *worker, at time.Time) {
	due := s.dueTime(by, at)
	until := due.Add(-between(s.r, 3*time.Hour, 7*time.Hour)).Truncate(time.Hour)
	if s.c.venue.review || !until.After(at.Add(time.Hour)) || !s.reply(at, by, "promise", care.ThenKeep, "", due) {
		s.put(by, at, "reply")
		return
	}
	s.promised(at.Add(15*time.Second), by, due)
	s.move(at.Add(time.Minute), by, Move{Kind: Snooze, Until: until})
	s.keep(by, by.next(until.Add(between(s.r, 10*time.Minute, 2*time.Hour))), due)
}

// critical goes first: whoever is there takes it, the lead is told.
func (s *scene) critical() {
	by, at := s.taken(2*time.Minute, 3*time.Minute)
	s.note(at, by, "critical note", 80)
	if s.c.topic == "viral" || s.c.topic == "press" {
		for i := range 2 + s.r.IntN(5) {
			p := s.bystander(s.c.at.Add(around(s.r, 25*time.Minute, 0.9)), "same", uint64(10+i))
			s.serve(p, at.Add(between(s.r, 10*time.Minute, 2*time.Hour)))
		}
	}
	if lead := s.w.team.lead(); by != lead && lead.working(at) && s.r.IntN(2) == 0 {
		s.move(at.Add(20*time.Second), by, Move{Kind: HandOff, To: lead.ID, Text: "Critical, please take it from here. I've told the customer nothing yet."})
		by = lead
	}
	if !s.reply(at.Add(time.Minute), by, "urgent reply", care.ThenKeep, "", time.Time{}) {
		s.unreachable(by, at)
		return
	}
	s.promise(by, at.Add(around(s.r, 30*time.Minute, 0.5)))
}

// surge is one of many about the same outage: short work.
func (s *scene) surge() {
	by, at := s.taken(3*time.Minute, 90*time.Second)
	s.move(at, by, Move{Kind: Tag, Tags: []string{"outage greater manchester"}})
	if !s.reply(at.Add(20*time.Second), by, "surge reply", care.ThenAwait, "", time.Time{}) {
		s.unreachable(by, at)
		return
	}
	back := at.Add(around(s.r, 40*time.Minute, 0.9))
	if s.r.IntN(100) < 35 {
		s.customer(back, "thanks")
	}
	s.move(by.next(back.Add(between(s.r, 4*time.Hour, 19*time.Hour))), by, Move{Kind: Resolve, Disposition: "known_issue"})
}

// double is the billing mistake: most get a promise of their money back.
func (s *scene) double() {
	by, at := s.taken(15*time.Minute, 4*time.Minute)
	s.move(at, by, Move{Kind: Tag, Tags: []string{"double payment"}})
	if s.r.IntN(100) < 65 {
		s.promise(by, at)
		return
	}
	s.put(by, at, "reply")
}

// review is a bad review in a shop: one answer, and at best better stars.
func (s *scene) review() {
	by, at := s.taken(12*time.Minute, 5*time.Minute)
	s.put(by, at, "reply")
}

func (s *scene) afterReview(by *worker, at time.Time) {
	s.move(by.next(at.Add(20*time.Minute)), by, Move{Kind: Resolve, Disposition: s.ending()})
	if s.r.IntN(100) < 34 {
		then := at.Add(between(s.r, 2*time.Hour, 60*time.Hour))
		s.edit(then, s.say.say(s.line("better review"), then)+"\n\n"+s.post.Text, 4+s.r.IntN(2))
		s.move(by.next(then.Add(around(s.r, 20*time.Minute, 0.8))), by, Move{Kind: Dismiss, Reason: care.NotAComplaint}) // if it opened another case
	}
}

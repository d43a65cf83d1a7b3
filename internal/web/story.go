package web

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/view"
)

// An Entry is one record of a case's story: what one actor did at one instant.
type Entry struct {
	Seq    uint64     `json:"seq"`
	At     time.Time  `json:"at"`
	By     care.Actor `json:"by"`
	Events []Happened `json:"events"`
}

// A Happened is one event of an entry.
type Happened struct {
	Kind care.Kind       `json:"kind"`
	Data json.RawMessage `json:"data" doc:"The event's fields, as amends export prints them."`
	Says string          `json:"says" doc:"The same as a sentence."`
}

func (t teller) story(p *view.CasePage) []Entry {
	out := make([]Entry, 0, len(p.Story))
	unsaid := map[int]bool{} // replies that were never sent, and promised something
	for _, r := range p.Story {
		e := Entry{Seq: r.Seq, At: r.At, By: r.By, Events: make([]Happened, 0, len(r.Events))}
		for _, ev := range r.Events {
			data, err := json.Marshal(ev)
			if err != nil {
				data = []byte("{}") // a float that is no number, by a broken record
			}
			sentence := t.says(r.By, ev)
			if made, ok := ev.(care.PromiseMade); ok && p.Case.Promise(made.Promise) == nil {
				unsaid[made.Reply] = true
			} else if n, ok := care.NeverSent(ev); ok && unsaid[n] {
				sentence += " " + t.Say("story.not_promised")
			}
			e.Events = append(e.Events, Happened{Kind: ev.Kind(), Data: data, Says: sentence})
		}
		out = append(out, e)
	}
	return out
}

// actor is how a sentence names who did something.
func (t teller) actor(by care.Actor) string {
	switch by {
	case care.ByIntake:
		return t.Say("actor.intake")
	case care.ByClock:
		return t.Say("actor.clock")
	case care.ByOutbox:
		return t.Say("actor.outbox")
	case care.ByCustomer:
		return t.Say("actor.customer")
	}
	if a := by.Agent(); a != "" {
		return string(a)
	}
	_, name, _ := strings.Cut(string(by), "/")
	if name == "" {
		return string(by)
	}
	return name
}

// says tells an event as a sentence, without an instant: the entry has it.
func (t teller) says(by care.Actor, e care.Event) string {
	who := t.actor(by)
	for _, tell := range []func(string, care.Event) string{t.saysWork, t.saysEnd, t.saysMention, t.saysReply, t.saysTogether, t.saysSurvey, t.saysClock} {
		if s := tell(who, e); s != "" {
			return s
		}
	}
	return t.Say("story.unknown")
}

func (t teller) saysWork(who string, e care.Event) string {
	switch e := e.(type) {
	case care.Routed:
		if e.Lane == care.Critical {
			return t.Say("story.routed_critical", "queue", e.Queue)
		}
		return t.Say("story.routed", "queue", e.Queue)
	case care.Assigned:
		switch {
		case string(e.To) != who:
			return t.Say("story.gave", "who", who, "to", e.To)
		case e.Why == "next":
			return t.Say("story.took_next", "who", who)
		case strings.HasPrefix(e.Why, "rule: "):
			return t.Say("story.given_by_rule", "to", e.To, "why", e.Why[len("rule: "):])
		case e.Why == "escalation":
			return t.Say("story.given_by_escalation", "to", e.To)
		}
		return t.Say("story.took", "who", who)
	case care.Unmatched:
		return t.Say("story.unmatched", "why", e.Why)
	case care.Released:
		if e.Why == "untouched" {
			return t.Say("story.released_untouched")
		}
		if e.Why == "left" {
			return t.Say("story.released_left")
		}
		return t.Say("story.released", "who", who)
	case care.HandedOff:
		if e.To == "" {
			return t.Say("story.handed_back", "who", who)
		}
		return t.Say("story.handed", "who", who, "to", e.To)
	case care.Awaiting:
		return t.Say("story.awaiting")
	case care.Noted:
		return t.Say("story.noted", "who", who)
	case care.Tagged:
		return t.tagged(who, e)
	case care.Snoozed:
		return t.Say("story.snoozed", "who", who)
	case care.Woken:
		return t.because("story.woken", e.Why)
	case care.Escalated:
		return t.escalated(e)
	case care.Acknowledged:
		return t.Say("story.acknowledged", "who", who)
	case care.Planned:
		if e.At.IsZero() {
			return t.Say("story.unplanned")
		}
		return t.Say("story.planned")
	case care.AuthorBlocked:
		if e.Blocked {
			return t.Say("story.blocked", "who", who)
		}
		return t.Say("story.unblocked", "who", who)
	case care.Linked:
		return t.Say("story.linked")
	case care.CaseRaised:
		lane := t.Code(string(e.Lane))
		switch e.Why {
		case "reach":
			return t.Say("story.lane_reach", "lane", lane, "count", e.Reach)
		case "shares":
			return t.Say("story.lane_shares", "lane", lane, "count", e.Shares)
		}
		return t.Say("story.lane_speed", "lane", lane, "count", e.PerHour)
	}
	return ""
}

// because is a sentence that a reason may have changed into one of its own.
func (t teller) because(key, why string) string {
	if t.Has(key + "." + why) {
		return t.Say(key + "." + why)
	}
	return t.Say(key)
}

// escalated tells who raised a case how far, and for what.
func (t teller) escalated(e care.Escalated) string {
	key := "story.escalated"
	if e.Level > 0 {
		key += "_level"
	}
	if e.To != "" {
		key += "_to"
	}
	says := t.Say(key, "level", e.Level, "to", e.To)
	if why := "raised." + e.Why; e.Step != "" && t.Has(why) {
		return t.Say("story.because", "what", strings.TrimSuffix(says, "."), "why", t.Say(why))
	}
	return says
}

func (t teller) tagged(who string, e care.Tagged) string {
	add, remove := cleanLine(strings.Join(e.Add, ", ")), cleanLine(strings.Join(e.Remove, ", "))
	switch {
	case len(e.Remove) == 0:
		return t.Say("story.tagged", "who", who, "add", add)
	case len(e.Add) == 0:
		return t.Say("story.untagged", "who", who, "remove", remove)
	}
	return t.Say("story.retagged", "who", who, "add", add, "remove", remove)
}

func (t teller) saysEnd(who string, e care.Event) string {
	switch e := e.(type) {
	case care.Resolved:
		return t.Say("story.resolved", "who", who, "how", t.Code(e.Disposition))
	case care.Reopened:
		if e.Mention != "" {
			return t.Say("story.reopened_by_customer")
		}
		return t.Say("story.reopened", "who", who)
	case care.Dismissed:
		return t.Say("story.dismissed", "who", who, "why", t.Code(e.Reason))
	case care.Merged:
		return t.Say("story.merged", "who", who)
	case care.Absorbed:
		return t.Say("story.absorbed", "who", who)
	case care.Unmerged:
		return t.Say("story.unmerged", "who", who)
	case care.Parted:
		return t.Say("story.parted", "who", who)
	case care.SplitOff:
		return t.Say("story.split", "who", who)
	}
	return ""
}

func (t teller) saysMention(who string, e care.Event) string {
	switch e := e.(type) {
	case care.Opened:
		switch {
		case e.ByHand:
			return t.Say("story.opened_by_hand", "who", who)
		case e.Late:
			return t.Say("story.opened_late", "percent", t.Percent(e.Probability))
		}
		return t.Say("story.opened", "span", t.Span(e.SeenAt.Sub(e.PostedAt)), "percent", t.Percent(e.Probability))
	case care.MentionAdded:
		return t.Say("story.wrote_again")
	case care.MentionEdited:
		return t.Say("story.edited")
	case care.MentionDeleted:
		return t.Say("story.deleted")
	case care.Reviewed:
		if e.Complaint {
			return t.Say("story.complaint", "who", who)
		}
		return t.Say("story.no_complaint", "who", who)
	case care.Erased, care.Expired:
		return t.Say("story.erased")
	}
	return ""
}

func (t teller) saysReply(who string, e care.Event) string {
	switch e := e.(type) {
	case care.ReplyRequested:
		switch {
		case e.Automatic && strings.HasPrefix(e.Key, care.SurveyKeys):
			return t.Say("story.question_out")
		case e.Automatic:
			return t.Say("story.automatic")
		case e.Direct:
			return t.Say("story.wrote_direct", "who", who)
		}
		return t.Say("story.wrote_public", "who", who)
	case care.ReplyUndone:
		return t.Say("story.reply_undone", "who", who)
	case care.ReplyAttempted:
		return t.Say("story.reply_attempted", "try", e.Try)
	case care.ReplySent:
		if e.Found {
			return t.Say("story.reply_found")
		}
		return t.Say("story.reply_sent")
	case care.ReplyFailed:
		return t.Say("story.reply_failed", "why", t.Code(e.Why))
	case care.ReplyDelayed:
		return t.Say("story.reply_delayed", "why", t.Code(e.Why))
	case care.ReplyUnknown:
		return t.Say("story.reply_unknown", "why", t.Code(e.Why))
	case care.ReplySought:
		return t.Say("story.reply_sought", "try", e.Looks)
	case care.ReplySeen:
		return t.Say("story.reply_seen")
	case care.PromiseMade:
		return t.Say("story.promised", "who", who)
	case care.PromiseKept:
		return t.Say("story.promise_kept")
	case care.PromiseSlipped:
		return t.Say("story.promise_slipped")
	case care.PromiseAtRisk:
		return t.Say("story.promise_due")
	case care.PromisePassed:
		return t.Say("story.promise_passed", "to", e.To)
	case care.PromiseRenegotiated:
		return t.Say("story.promise_later", "who", who)
	}
	return ""
}

func (t teller) saysClock(_ string, e care.Event) string {
	switch e := e.(type) {
	case care.TargetSet:
		return t.Say("story.target_set", "what", t.Code(string(e.Target)), "span", t.Span(e.Promised), "policy", e.Policy)
	case care.TargetPaused:
		return t.Say("story.target_paused", "what", t.Code(string(e.Target)))
	case care.TargetMet:
		return t.Say("story.target_met", "what", t.Code(string(e.Target)))
	case care.TargetBreached:
		return t.Say("story.target_breached", "what", t.Code(string(e.Target)))
	case care.TargetCorrected:
		return t.Say("story.target_corrected", "what", t.Code(string(e.Target)))
	case care.TargetEnded:
		return t.Say("story.target_ended", "what", t.Code(string(e.Target)), "how", t.Code(string(e.How)))
	case care.NoticeRequested:
		return t.Say("story.notice_requested", "why", t.Code(e.Why))
	case care.NoticeAttempted:
		return t.Say("story.notice_attempted", "try", e.Try)
	case care.NoticeSent:
		return t.Say("story.notice_sent")
	case care.NoticeFailed:
		return t.Say("story.notice_failed", "why", t.Code(e.Why))
	case care.NoticeUnknown:
		return t.Say("story.notice_unknown")
	case care.NoticeStands:
		return t.Say("story.notice_" + string(e.Standing))
	}
	return ""
}

package web

import (
	"encoding/json"
	"fmt"
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

func story(p *view.CasePage) []Entry {
	out := make([]Entry, 0, len(p.Story))
	unsaid := map[int]bool{} // replies that were never sent, and promised something
	for _, r := range p.Story {
		e := Entry{Seq: r.Seq, At: r.At, By: r.By, Events: make([]Happened, 0, len(r.Events))}
		for _, ev := range r.Events {
			data, err := json.Marshal(ev)
			if err != nil {
				data = []byte("{}") // a float that is no number, by a broken record
			}
			sentence := says(r.By, ev)
			if made, ok := ev.(care.PromiseMade); ok && p.Case.Promise(made.Promise) == nil {
				unsaid[made.Reply] = true
			} else if n, ok := care.NeverSent(ev); ok && unsaid[n] {
				sentence += " So what it promised was not promised."
			}
			e.Events = append(e.Events, Happened{Kind: ev.Kind(), Data: data, Says: sentence})
		}
		out = append(out, e)
	}
	return out
}

// actor is how a sentence names who did something.
func actor(by care.Actor) string {
	switch by {
	case care.ByIntake:
		return "Intake"
	case care.ByClock:
		return "The clock"
	case care.ByOutbox:
		return "The outbox"
	case care.ByCustomer:
		return "The customer"
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
func says(by care.Actor, e care.Event) string {
	who := actor(by)
	for _, tell := range []func(string, care.Event) string{saysWork, saysEnd, saysMention, saysReply, saysTogether, saysSurvey, saysClock} {
		if s := tell(who, e); s != "" {
			return s
		}
	}
	return "Something happened that this version of Amends does not know."
}

func saysWork(who string, e care.Event) string {
	switch e := e.(type) {
	case care.Routed:
		if e.Lane == care.Critical {
			return fmt.Sprintf("Sent to %s, critical lane.", e.Queue)
		}
		return fmt.Sprintf("Sent to %s.", e.Queue)
	case care.Assigned:
		switch {
		case string(e.To) != who:
			return fmt.Sprintf("%s gave it to %s.", who, e.To)
		case e.Why == "next":
			return who + " took it as the next one."
		case strings.HasPrefix(e.Why, "rule: "):
			return fmt.Sprintf("Given to %s: %s.", e.To, e.Why[len("rule: "):])
		case e.Why == "escalation":
			return fmt.Sprintf("Given to %s by the escalation.", e.To)
		}
		return who + " took it."
	case care.Unmatched:
		return fmt.Sprintf("Given to nobody: %s.", e.Why)
	case care.Released:
		if e.Why == "untouched" {
			return "Back in its queue: nobody had touched it for long."
		}
		if e.Why == "left" {
			return "Back in its queue: whoever had it has left."
		}
		return who + " put it back into its queue."
	case care.HandedOff:
		if e.To == "" {
			return who + " handed it back to the queue, with a note."
		}
		return fmt.Sprintf("%s handed it to %s, with a note.", who, e.To)
	case care.Awaiting:
		return "Waiting for the customer."
	case care.Noted:
		return who + " left a note."
	case care.Tagged:
		return tagged(who, e)
	case care.Snoozed:
		return who + " put it to sleep."
	case care.Woken:
		return "Awake again" + map[string]string{"time": ": the time has come.", "mention": ": the customer wrote.", "hand": "."}[e.Why]
	case care.Escalated:
		return escalated(e)
	case care.Acknowledged:
		return who + " knows of the escalation."
	case care.Planned:
		if e.At.IsZero() {
			return "Nothing happens by itself any more."
		}
		return "The clock looks at it again later."
	case care.AuthorBlocked:
		if e.Blocked {
			return fmt.Sprintf("%s blocked the author on the network.", who)
		}
		return fmt.Sprintf("%s lifted the block of the author on the network.", who)
	case care.Linked:
		return "Linked to another case."
	case care.CaseRaised:
		switch e.Why {
		case "reach":
			return fmt.Sprintf("Raised to the %s lane: %d follow the author.", e.Lane, e.Reach)
		case "shares":
			return fmt.Sprintf("Raised to the %s lane: the post was passed on %d times.", e.Lane, e.Shares)
		}
		return fmt.Sprintf("Raised to the %s lane: %d posts in the thread within an hour.", e.Lane, e.PerHour)
	}
	return ""
}

// escalated tells who raised a case how far, and for what.
func escalated(e care.Escalated) string {
	says := "Escalated"
	if e.Level > 0 {
		says += fmt.Sprintf(" to level %d", e.Level)
	}
	if e.To != "" {
		says += fmt.Sprintf(", to %s", e.To)
	}
	if e.Step != "" {
		says += ": " + map[string]string{
			"at_risk": "a deadline is near", "breached": "a deadline has passed", "unclaimed": "nobody took it",
			"promise_due": "a promise is due soon", "promise_slipped": "a promise was not kept in time",
			"severe": "it got worse", "angrier": "the customer got angrier", "viral": "it is spreading",
			care.BadScore: "the customer was not satisfied",
		}[e.Why]
	}
	return says + "."
}

func tagged(who string, e care.Tagged) string {
	var parts []string
	if len(e.Add) > 0 {
		parts = append(parts, "tagged it "+strings.Join(e.Add, ", "))
	}
	if len(e.Remove) > 0 {
		parts = append(parts, "took off the tag "+strings.Join(e.Remove, ", "))
	}
	return who + " " + cleanLine(strings.Join(parts, " and ")) + "."
}

func saysEnd(who string, e care.Event) string {
	switch e := e.(type) {
	case care.Resolved:
		return fmt.Sprintf("%s resolved it: %s.", who, words(e.Disposition))
	case care.Reopened:
		if e.Mention != "" {
			return "Open again: the customer wrote."
		}
		return who + " opened it again."
	case care.Dismissed:
		return fmt.Sprintf("%s dismissed it: %s.", who, words(e.Reason))
	case care.Merged:
		return who + " merged it into another case."
	case care.Absorbed:
		return who + " merged another case into this one."
	case care.Unmerged:
		return who + " took it out of the other case again."
	case care.Parted:
		return who + " moved a part of it to a case of its own."
	case care.SplitOff:
		return who + " split it off from another case."
	}
	return ""
}

func saysMention(who string, e care.Event) string {
	switch e := e.(type) {
	case care.Opened:
		switch {
		case e.ByHand:
			return who + " opened the case by hand."
		case e.Late:
			return fmt.Sprintf("An old post was found; %.0f %% sure it is a complaint.", 100*e.Probability)
		}
		return fmt.Sprintf("Seen after %s; %.0f %% sure it is a complaint.", length(e.SeenAt.Sub(e.PostedAt)), 100*e.Probability)
	case care.MentionAdded:
		return "The customer wrote again."
	case care.MentionEdited:
		return "The customer changed a post."
	case care.MentionDeleted:
		return "The customer took a post back."
	case care.Reviewed:
		if e.Complaint {
			return who + " says: a complaint."
		}
		return who + " says: not a complaint."
	case care.Erased, care.Expired:
		return "Texts were erased."
	}
	return ""
}

func saysReply(who string, e care.Event) string {
	switch e := e.(type) {
	case care.ReplyRequested:
		switch {
		case e.Automatic && strings.HasPrefix(e.Key, care.SurveyKeys):
			return "The question goes out as an answer of its own. It ends no wait."
		case e.Automatic:
			return "Nobody is there: the customer is to hear that by itself. It counts as no answer."
		case e.Direct:
			return who + " wrote a direct message."
		}
		return who + " wrote a public reply."
	case care.ReplyUndone:
		return who + " took the reply back before it was sent."
	case care.ReplyAttempted:
		return fmt.Sprintf("Sending the reply, attempt %d.", e.Try)
	case care.ReplySent:
		if e.Found {
			return "The reply is on the network; it was found there."
		}
		return "The reply is on the network."
	case care.ReplyFailed:
		return "The reply was not sent: " + words(e.Why) + "."
	case care.ReplyDelayed:
		return "The reply did not leave; trying again: " + words(e.Why) + "."
	case care.ReplyUnknown:
		return "Nobody knows yet whether the reply arrived: " + words(e.Why) + "."
	case care.ReplySought:
		return fmt.Sprintf("Looked for the reply on the network, time %d: not there.", e.Looks)
	case care.ReplySeen:
		return "Somebody of ours answered on the network itself."
	case care.PromiseMade:
		return who + " promised something."
	case care.PromiseKept:
		return "The promise was kept."
	case care.PromiseSlipped:
		return "A promise was not kept in time."
	case care.PromiseAtRisk:
		return "A promise is due soon."
	case care.PromisePassed:
		return fmt.Sprintf("The promise is %s's now.", e.To)
	case care.PromiseRenegotiated:
		return who + " gave a promise a new time."
	}
	return ""
}

func saysClock(_ string, e care.Event) string {
	switch e := e.(type) {
	case care.TargetSet:
		return fmt.Sprintf("Promise set: %s within %s, by %s.", words(string(e.Target)), length(e.Promised), e.Policy)
	case care.TargetPaused:
		return "Promise paused: " + words(string(e.Target)) + "."
	case care.TargetMet:
		return "Promise met: " + words(string(e.Target)) + "."
	case care.TargetBreached:
		return "Promise broken: " + words(string(e.Target)) + "."
	case care.TargetCorrected:
		return "Promise met after all: " + words(string(e.Target)) + "."
	case care.TargetEnded:
		return fmt.Sprintf("Promise ended: %s, %s.", words(string(e.Target)), words(string(e.How)))
	case care.NoticeRequested:
		return "A notice is to be sent: " + words(e.Why) + "."
	case care.NoticeAttempted:
		return fmt.Sprintf("Sending a notice, attempt %d.", e.Try)
	case care.NoticeSent:
		return "The notice was sent."
	case care.NoticeFailed:
		return "The notice was not sent: " + words(e.Why) + "."
	case care.NoticeUnknown:
		return "The notice may or may not have arrived."
	case care.NoticeStands:
		return words("stands_" + string(e.Standing))
	}
	return ""
}

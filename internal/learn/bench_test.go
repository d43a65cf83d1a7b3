package learn

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// BenchmarkChallenger makes one of a thousand reviewed posts of usual length.
func BenchmarkChallenger(b *testing.B) {
	var examples []Example
	for i := range 1000 {
		examples = append(examples, Example{Label: Label{By: care.AgentID(fmt.Sprint(i % 5)), Complaint: i%3 > 0}, Z: float64(i%7) - 3, Teaches: true,
			Text: fmt.Sprintf("Order %d from %d days ago has still not arrived and nobody at the shop answers my mails, what is going on with number %d?", i*7919%1000, i%40, i)})
	}
	for b.Loop() {
		if _, ok := Challenger("b", examples); !ok {
			b.Fatal("none was made")
		}
	}
}

// BenchmarkFold applies what happens to a case from its opening to its end: four
// records.
func BenchmarkFold(b *testing.B) {
	var l Labels
	i := 0
	for b.Loop() {
		id, at := strconv.Itoa(i), start.Add(time.Duration(i)*time.Second)
		for _, e := range []care.Event{care.Opened{MentionRef: care.MentionRef{Mention: care.MentionID(id)}}, care.Assigned{To: "ada"},
			care.ReplyRequested{Reply: 1}, care.Resolved{Disposition: "refunded"}} {
			l.Apply("case", id, care.Record{At: at, By: "agent/ada", Events: []care.Event{e}})
		}
		i++
	}
}

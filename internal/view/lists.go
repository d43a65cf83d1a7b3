package view

import (
	"encoding/binary"
	"math"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A list is a range of keys in one bucket: its name, NUL, what it is ordered
// by, the case id. The names:
const (
	listAll      = "all"       // newest first
	listNeeds    = "needs"     // what we have to do now, in queue order
	listQueue    = "queue/"    // the same of one queue
	listHead     = "head/"     // of one queue, only what nobody has
	listMine     = "mine/"     // of one agent, open, in queue order
	listState    = "state/"    // awaiting, resolved, dismissed, merged: latest first
	listSnoozed  = "snoozed"   // by when they wake
	listOutside  = "outside"   // what somebody outside has to act on, by when we look again
	listApprove  = "approve"   // what somebody has to say yes to, newest first
	listFriction = "friction"  // what stood in the way and is not mended, newest first
	listHeld     = "held"      // kept for a court, newest first
	listFor      = "for/"      // of one agent: what they follow or are called to, latest first
	listPromises = "promises"  // by the first open promise
	listAuthor   = "author/"   // newest first
	listThread   = "thread/"   // newest first
	listAlarm    = "~alarm"    // by Row.Alarm
	listSend     = "~send"     // by Row.SendAt
	listNotice   = "~notice"   // by Row.Notice
	listPaged    = "~paged"    // somebody's pager keeps it open, newest first
	listSurvey   = "~survey"   // by Row.AskAt
	listBreached = "~breached" // overdue, in queue order
	listFailed   = "~failed"   // not over, and the newest reply failed: newest first
)

// places returns the keys of all lists that a case is in.
func places(r *care.Row) []string {
	order := r.Order()
	byOrder := string(order[:])
	newest := descending(r.Number)
	var keys []string
	in := func(list, by string) { keys = append(keys, list+"\x00"+by+string(r.ID)) }

	in(listAll, newest)
	in(listAuthor+string(r.Author), newest)
	in(listThread+string(r.Thread), newest)
	if r.NeedsUs() {
		in(listNeeds, byOrder)
		in(listQueue+r.Queue, byOrder)
		if r.Assignee == "" {
			in(listHead+r.Queue, byOrder)
		}
		if r.Breached {
			in(listBreached, byOrder)
		}
	}
	if !r.State.Over() && r.Assignee != "" {
		in(listMine+string(r.Assignee), byOrder)
	}
	switch {
	case r.State.Over():
		in(listState+string(r.State), descending(uint64(r.ResolvedAt.UnixMilli())))
	case r.State == care.StateAwaiting:
		in(listState+string(r.State), descending(uint64(r.LastAt.UnixMilli())))
	}
	if !r.SnoozedUntil.IsZero() && !r.State.Over() {
		in(listSnoozed, ascending(r.SnoozedUntil))
	}
	if r.WaitsOn != "" && !r.State.Over() {
		in(listOutside, ascending(r.WaitsUntil))
	}
	if r.ToApprove {
		in(listApprove, newest)
	}
	if r.Friction > 0 {
		in(listFriction, newest)
	}
	if r.OnHold {
		in(listHeld, newest)
	}
	for _, who := range r.For {
		in(listFor+string(who), descending(uint64(r.LastAt.UnixMilli())))
	}
	if r.Promises > 0 {
		in(listPromises, ascending(r.Promise))
	}
	if !r.Alarm.IsZero() {
		in(listAlarm, ascending(r.Alarm))
	}
	if !r.SendAt.IsZero() {
		in(listSend, ascending(r.SendAt))
	}
	if r.Reply == care.ReplyIsFailed && !r.State.Over() {
		in(listFailed, newest)
	}
	if !r.Notice.IsZero() {
		in(listNotice, ascending(r.Notice))
	}
	if r.Paged {
		in(listPaged, newest)
	}
	if !r.AskAt.IsZero() {
		in(listSurvey, ascending(r.AskAt))
	}
	return keys
}

func ascending(t time.Time) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(max(t.UnixMilli(), 0))))
}

func descending(n uint64) string {
	return string(binary.BigEndian.AppendUint64(nil, math.MaxUint64-n))
}

// listOf is the name of the list that a key belongs to.
func listOf(key string) string {
	name, _, _ := strings.Cut(key, "\x00")
	return name
}

// counted says whether how many there are is kept for a list.
func counted(list string) bool {
	return !strings.HasPrefix(list, listAuthor) && !strings.HasPrefix(list, listThread)
}

// caseIn is the case that a key leads to: what stands behind the order.
func caseIn(key []byte) care.CaseID {
	return care.CaseID(key[len(key)-idLength:])
}

// idLength is that of every case id.
var idLength = len(care.TimeFloor(time.Time{}))

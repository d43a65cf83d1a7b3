package care_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// What was written once must be read for ever. The golden files only grow:
// -update adds a line for what has none, and never touches one that is there.
// When an event gets a new field, add a sample of a new name; the old line stays
// and shows that records without the field still decode.
var update = flag.Bool("update", false, "add missing lines to the golden files")

const (
	recordsFile   = "testdata/records.golden.jsonl"
	documentsFile = "testdata/documents.golden.jsonl"
	wordsFile     = "testdata/words.golden.json"
)

// A golden is a line: what was written, as people read it and as it is on disk.
type golden struct {
	Name    string          `json:"name"`
	Printed json.RawMessage `json:"printed"`
	Compact []byte          `json:"compact"` // base64
}

func readGolden(t *testing.T, file string) map[string]golden {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil && !*update {
		t.Fatal(err)
	}
	out := map[string]golden{}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var g golden
		if err := json.Unmarshal(s.Bytes(), &g); err != nil {
			t.Fatalf("%s: %v\n%s", file, err, s.Bytes())
		}
		if _, twice := out[g.Name]; twice {
			t.Errorf("%s: %q is there twice", file, g.Name)
		}
		out[g.Name] = g
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// addGolden appends lines; it never rewrites.
func addGolden(t *testing.T, file string, lines []golden) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range lines {
		b, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(append(b, '\n')); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestGoldenRecords(t *testing.T) {
	have := readGolden(t, recordsFile)
	var missing []golden
	kinds := map[care.Kind]bool{}
	for _, s := range samples() {
		if g, ok := have[s.name]; ok {
			var was care.Record
			if err := json.Unmarshal(g.Printed, &was); err != nil {
				t.Errorf("%s: %v", s.name, err)
			} else if !reflect.DeepEqual(was, s.rec) {
				t.Errorf("the sample %q changed: its line stays for ever; give the new form a new name\n got %s\nwant %s", s.name, show(s.rec.Events), show(was.Events))
			}
			continue
		}
		printed, err := json.Marshal(s.rec)
		if err != nil {
			t.Fatal(err)
		}
		missing = append(missing, golden{Name: s.name, Printed: printed, Compact: s.rec.Encode()})
	}
	if *update {
		addGolden(t, recordsFile, missing)
		have = readGolden(t, recordsFile)
	} else if len(missing) > 0 {
		t.Errorf("%s has no line for %q; run the test with -update, and never change a line that is there", recordsFile, missing[0].Name)
	}
	for name, g := range have {
		var want care.Record
		if err := json.Unmarshal(g.Printed, &want); err != nil {
			t.Errorf("%s: printed form: %v", name, err)
			continue
		}
		got, err := care.DecodeRecord(g.Compact)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: compact form: %v\n got %s\nwant %s", name, err, show(got.Events), show(want.Events))
		}
		for _, e := range got.Events {
			kinds[e.Kind()] = true
		}
	}
	for _, k := range care.KindTable() {
		if !kinds[k.Kind] {
			t.Errorf("%s has no line for %s", recordsFile, k.Kind)
		}
	}
}

func TestGoldenDocuments(t *testing.T) {
	have := readGolden(t, documentsFile)
	var missing []golden
	for _, d := range documents() {
		if _, ok := have[d.name]; ok {
			continue
		}
		printed, err := json.Marshal(d.value)
		if err != nil {
			t.Fatal(err)
		}
		missing = append(missing, golden{Name: d.name, Printed: printed, Compact: d.bytes})
	}
	if *update {
		addGolden(t, documentsFile, missing)
		have = readGolden(t, documentsFile)
	} else if len(missing) > 0 {
		t.Errorf("%s has no line for %q; run the test with -update, and never change a line that is there", documentsFile, missing[0].Name)
	}
	for name, g := range have {
		var read any
		var err error
		kind, _, _ := bytes.Cut([]byte(name), []byte(","))
		switch string(kind) {
		case "mention":
			read, err = care.DecodeMention(g.Compact)
		case "text":
			read, err = care.DecodeText(g.Compact)
		case "claims":
			read, err = care.DecodeClaims(g.Compact)
		case "thread":
			read, err = care.DecodeLoose(g.Compact)
		case "trait":
			read, err = care.DecodeTraitOwners(g.Compact)
		default:
			t.Fatalf("%s: %q is no document", documentsFile, name)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := reflect.New(reflect.TypeOf(read))
		dec := json.NewDecoder(bytes.NewReader(g.Printed))
		if err := dec.Decode(want.Interface()); err != nil {
			t.Errorf("%s: printed form: %v", name, err)
		} else if !reflect.DeepEqual(read, want.Elem().Interface()) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, read, want.Elem().Interface())
		}
	}
}

// A word's place in its table is on disk: tables only grow, at the end.
func TestWordsOnlyGrow(t *testing.T) {
	was := map[string][]string{}
	b, err := os.ReadFile(wordsFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	if len(b) > 0 {
		if err := json.Unmarshal(b, &was); err != nil {
			t.Fatal(err)
		}
	}
	grew := false
	now := care.WordTables()
	for name, words := range now {
		old := was[name]
		if len(old) > len(words) || !slices.Equal(old, words[:len(old)]) {
			t.Fatalf("%s\n was %q\n now %q", name, old, words)
		}
		grew = grew || len(words) > len(old)
		for i, w := range words {
			if w == "" || slices.Contains(words[:i], w) {
				t.Errorf("%s: %q is empty or there twice", name, w)
			}
		}
	}
	for name := range was {
		if _, ok := now[name]; !ok {
			t.Errorf("the table %s is gone", name)
		}
	}
	switch {
	case grew && !*update:
		t.Errorf("a table of words grew: run the test with -update")
	case grew && !t.Failed():
		b, err := json.MarshalIndent(now, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(wordsFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A sample is a record of the golden file: a kind in one of its forms.
type sample struct {
	name string
	rec  care.Record
}

// when is the hour at which all samples happen.
var when = time.Date(2026, 11, 21, 14, 3, 5, 678_000_000, time.UTC)

func then(minutes int) time.Time { return when.Add(time.Duration(minutes) * time.Minute) }

func samples() []sample {
	m := care.MentionRef{
		Mention: "01kaj8g2v0000000000000m1", Author: "a1f9", Thread: "77c0", PostedAt: then(-3), SeenAt: then(-1), Flagged: true,
		Late: true, Source: "bluesky-mentions", Wants: "complaint", Labels: care.Labels{
			Network: "bluesky", Language: "de", Topic: "delivery", Severity: care.High, Mood: care.Angry,
			Urgency: []care.Urgency{care.Safety, "flood"}, Reach: 12_345, Lists: []string{"vip", "press"}, Brand: "acme", At: then(-3),
		},
	}
	bare := care.MentionRef{Mention: "m2", Author: "b", Thread: "t", PostedAt: then(-3), SeenAt: then(-1)}
	target := care.TargetSet{
		Target: care.FirstResponse, Clock: "customer", StartAt: then(-3), AtRiskAt: then(12), DueAt: then(27),
		Promised: 30 * time.Minute, Policy: "normal", Version: "9f2c", Calendar: "77aa", Mention: "m2",
	}
	next := target
	next.Target, next.Mention = care.NextResponse, ""
	var out []sample
	add := func(name string, events ...care.Event) {
		for i, e := range events {
			n := string(e.Kind())
			if name != "" {
				n = fmt.Sprintf("%s, %s", n, name)
			}
			if i > 0 {
				n = fmt.Sprintf("%s %d", n, i+1)
			}
			out = append(out, sample{n, care.Record{At: when, By: care.ByAgent("ada"), Events: []care.Event{e}}})
		}
	}
	add("", care.Opened{MentionRef: m, Probability: 0.875, Model: "linear@51bc", Previous: "c0"},
		care.Routed{Queue: "billing", Lane: care.Critical, Priority: 2, Policy: "fast", Tree: "31d0", Path: []string{"all", "de", "billing"}},
		care.MentionAdded{MentionRef: bare}, care.MentionEdited{Mention: "m2", At: then(1), Flagged: true, Labels: m.Labels},
		care.MentionDeleted{Mention: "m2"}, care.Reviewed{Mention: "m2", Complaint: true},
		care.Assigned{To: "bob", Why: "next"}, care.Released{Why: "hand"}, care.HandedOff{To: "bob", Queue: "billing", Note: 3},
		care.Awaiting{Reply: 2}, care.Noted{Note: 4}, care.Tagged{Add: []string{"größe"}, Remove: []string{"old"}},
		care.Snoozed{Until: then(60)}, care.Woken{Why: "time"}, care.Escalated{Level: 1, To: "lea", Queue: "billing", Why: "at risk"},
		care.Linked{To: "c9", Why: "thread"}, care.Resolved{Disposition: "refunded", Reply: 2}, care.Reopened{Mention: "m2"},
		care.Dismissed{Reason: "spam"}, care.Merged{Into: "c9"},
		care.Absorbed{From: "c9", Mentions: []care.MentionRef{m, bare}, Had: []care.TargetSet{target, next}, Answered: []care.MentionID{"m2"}, Deleted: []care.MentionID{"m2"}, Took: []care.TargetKind{care.FirstResponse, care.NextResponse}},
		care.Unmerged{From: "c9", State: care.StateClaimed, Replied: []time.Time{then(1), then(2)}, Deleted: []care.MentionID{"m2"}},
		care.Parted{To: "c9", Mentions: []care.MentionID{"m1", "m2"}},
		care.SplitOff{From: "c9", Mentions: []care.MentionRef{bare, m}, Answered: []care.MentionID{"m2"}, Deleted: []care.MentionID{"m1"}},
		care.ReplyRequested{Reply: 2, To: "m2", Key: "c1/2", Direct: true, As: "acme_help", NotBefore: then(1), Then: care.ThenResolve, Disposition: "refunded"},
		care.ReplyUndone{Reply: 2}, care.ReplyAttempted{Reply: 2, Try: 1, Deadline: then(2)}, care.ReplySent{Reply: 2, VisibleAt: then(1), Found: true},
		care.ReplyFailed{Reply: 2, Why: "refused"}, care.ReplyUnknown{Reply: 2, Why: "timeout"}, care.ReplySought{Reply: 2, Looks: 3},
		care.ReplySeen{Mention: "own1", To: "m2", VisibleAt: then(1)}, care.ReplyDelayed{Reply: 2, Until: then(9), Why: "limited"},
		care.PromiseMade{Promise: 5, DueAt: then(600), Owner: "ada", What: "call"}, care.PromiseKept{Promise: 5},
		care.PromiseSlipped{Promise: 5, At: then(600)}, care.PromiseRenegotiated{Promise: 5, DueAt: then(900), Told: true},
		target, care.TargetPaused{Target: care.Resolution, Left: 90 * time.Minute}, care.TargetMet{Target: care.FirstResponse, At: then(1)},
		care.TargetBreached{Target: care.NextResponse, At: then(27)}, care.TargetCorrected{Target: care.FirstResponse, At: then(26)},
		care.TargetEnded{Target: care.FirstResponse, How: care.Withdrawn},
		care.NoticeRequested{Key: "c1/first/1", Channel: "email", To: "lea", Why: "at risk"}, care.NoticeAttempted{Key: "c1/first/1", Try: 1},
		care.NoticeSent{Key: "c1/first/1"}, care.NoticeFailed{Key: "c1/first/1", Why: "refused"}, care.NoticeUnknown{Key: "c1/first/1"},
		care.SourceRead{Read: 100, New: 9, Known: 91, Flagged: 4, Opened: 3, Late: 1, Own: 2, Edited: 1, Deleted: 1, Bad: 1, Repaired: 1, First: "m1", Last: "m9", Newest: then(-1)},
		care.SourceGap{From: then(-90), To: then(-60), Why: "limit", Recovered: 2}, care.SourceStopped{Fault: "refused", Why: "key"}, care.SourceRecovered{},
		care.Erased{Author: "a1f9", Mentions: []care.MentionID{"m1"}, Cases: []care.CaseID{"c1"}}, care.Expired{Mentions: []care.MentionID{"m1"}, Case: "c1"},
		care.AccountChanged{What: "added", Role: "agent"}, care.DeskHeld{Why: "restored"}, care.DeskReleased{},
		care.ModelChanged{To: "5f0a", From: "11c2", Why: "promoted", Threshold: 0.45, Aim: "miss_at_most 5", Reviews: 310, Held: 120,
			RecallWas: 0.875, Recall: 0.9, PrecisionWas: 0.625, Precision: 0.75},
	)
	add("", contactSamples()...)
	add("", issueSamples()...)
	add("", surveySamples()...)
	add("", chartSamples()...)
	add("", surgeSamples()...)
	add("by hand", care.Opened{MentionRef: bare, ByHand: true})
	add("nothing but its kind", care.Assigned{}, care.Routed{}, care.TargetSet{}, care.Absorbed{}, care.Unmerged{}, care.Tagged{}, care.Reviewed{},
		care.HandedOff{}, care.Reopened{}, care.SourceRead{}, care.TargetEnded{}, care.Opened{})
	add("corrected by a dismissal", care.Reviewed{Mention: "m2", Why: care.NotAComplaint})
	add("overdue", care.TargetPaused{Target: care.Resolution, Left: -time.Minute})
	for _, k := range []care.TargetKind{care.NextResponse, care.Resolution, "a kind of tomorrow"} {
		add(string(k), care.TargetMet{Target: k, At: then(1)})
	}
	for _, how := range []care.Ending{care.Unanswered, care.EndDismissed, care.EndMerged, "an ending of tomorrow"} {
		add(string(how), care.TargetEnded{Target: care.FirstResponse, How: how})
	}
	add("of a source", care.SourceRecovered{Since: then(-40), Came: 37}, care.SourcePaused{}, care.SourceResumed{},
		care.SourceQuiet{Since: then(-180), Expected: 41.5, Came: 2}, care.SourceHeard{}, care.SourceRead{Read: 3, New: 3, Missed: 2})
	add("of a policy", care.Escalated{Level: 2, To: "lea", Queue: "urgent", Why: "breached", Step: "standard/1/first_response/1763733600000/0"},
		care.Acknowledged{}, care.Planned{At: then(15)}, care.Planned{})
	add("of the team", care.Unmatched{Why: "nobody of this queue speaks de"}, care.AgentAway{Until: then(90), Cover: "bob"}, care.AgentAway{}, care.AgentBack{}, care.PromisePassed{Promise: 5, To: "bob"},
		care.NoticeDelayed{Key: "standard/1/x/0/leads", Until: then(3), Why: "limited"})
	add("of a pager", care.NoticeAttempted{Key: "standard/1/x/0/pager", Try: 1, Incident: "incident/5f0a"},
		care.NoticeStands{Key: "standard/1/x/0/pager", Standing: care.StandsKnown}, care.NoticeStands{Key: "standard/1/x/0/pager", Standing: care.StandsOver})
	add("of setting up", care.SetupChanged{What: "changed", Section: "sources", Entry: "forum", Settings: []string{"every", "settings.url"}, Version: 7}, care.SetupChanged{What: "put_back", Version: 8})
	add("of promises", care.PromiseAtRisk{Promise: 5, At: then(450)})
	add("in a reply", care.PromiseMade{Promise: 5, DueAt: then(600), Owner: "ada", What: "call", Reply: 4})
	add("of working together", togetherSamples()...)
	add("of many cases", bulkSamples(target, next)...)
	add("of changing a reply", changeSamples()...)
	add("of an author", care.AuthorBlocked{Mention: "m1", Blocked: true})
	add("of 1969", care.Snoozed{Until: time.UnixMilli(-1).UTC()})
	add("of 1970", care.Snoozed{Until: time.UnixMilli(0).UTC()})
	return append(out,
		sample{"a record of three", care.Record{At: when, By: care.ByIntake, Events: []care.Event{care.Opened{MentionRef: bare}, care.Routed{Queue: "billing", Lane: care.Ordinary}, target}}},
		sample{"a record of none", care.Record{At: when, By: care.ByClock}},
		sample{"a kind of tomorrow", care.Record{At: when, By: care.ByOutbox, Events: []care.Event{care.Unknown{Number: 4_000, Bytes: []byte{7, 0, 255}}, care.DeskReleased{}}}},
	)
}

func togetherSamples() []care.Event {
	return []care.Event{
		care.WaitingOn{On: "warehouse", Until: then(90)}, care.WaitOver{Why: "mention"},
		care.ReplyApproved{Reply: 2}, care.ReplyRefused{Reply: 2, Note: 6}, care.GoodwillGiven{Goodwill: 7, Amount: 2_050, Currency: "EUR", What: "voucher"},
		care.GoodwillAsked{GoodwillGiven: care.GoodwillGiven{Goodwill: 7, Amount: 9_000, Currency: "EUR", What: "refund"}}, care.GoodwillDecided{Goodwill: 7, Approved: true},
		care.GoodwillDecided{Goodwill: 7, Note: 8}, care.InBulk{Bulk: "b1", Undo: true}, care.Followed{By: "bob"}, care.Unfollowed{By: "bob"}, care.Heard{By: "bob"},
		care.Unlinked{To: "c9"}, care.FrictionMet{Friction: 9, What: "refund_limit"}, care.FrictionMended{Friction: 9}, care.LegalHold{Note: 10}, care.LegalHoldLifted{},
		care.AgentTook{Case: "c1"}, care.ReplyMended{Reply: 2, Wording: 11}, care.ReplyWithdrawn{Reply: 2}, care.Noted{Note: 4, For: []care.AgentID{"bob", "cy"}},
		care.Resolved{Disposition: "refunded", Reply: 2, Details: 12},
		care.ReplyRequested{Reply: 2, To: "m2", Key: "c1/2", NotBefore: then(1), Approval: "money", Details: 12, Automatic: true},
	}
}

func bulkSamples(target, next care.TargetSet) []care.Event {
	return []care.Event{
		care.InBulk{Bulk: "b1", Cases: 41}, care.Undone{At: then(-1), State: care.StateClaimed, Assignee: "bob", Given: "next", Unmatched: "everybody who could is away",
			QueuedAt: then(-3), ClosedAt: then(-900), Waits: []care.MentionID{"m1", "m2"}, Flagged: []care.MentionID{"m1"}, Targets: []care.TargetSet{target, next}}, care.Undone{},
		care.BulkBegun{Do: "snooze", Cases: 41, Undoes: "b0"}, care.BulkEnded{Done: 38, Same: 1, Refused: 2},
	}
}

func changeSamples() []care.Event {
	return []care.Event{
		care.ReplyChangeAsked{Reply: 2, What: care.Mend, Wording: 13, NotBefore: then(1)},
		care.ReplyChangeAsked{Reply: 2, What: care.Withdraw, NotBefore: then(1)}, care.ReplyChangeWent{Reply: 2, State: care.ReplyIsAttempted, Try: 1, Until: then(2)},
		care.ReplyChangeWent{Reply: 2, State: care.ReplyIsUnknown, Looks: 3, Why: "interrupted"},
	}
}

// A document is a line of the other golden file.
type document struct {
	name  string // its kind, and what is special
	value any
	bytes []byte
}

func documents() []document {
	m := care.Mention{
		ID: "m1", Source: "bluesky", SeenAt: when, Deleted: true, Author: "a1", Thread: "t1", Case: "c1",
		Post: care.Post{
			Network: "bluesky", Remote: "at://did:plc:x/app.bsky.feed.post/1", Revision: "r2", Kind: care.PostReview,
			Author: care.Author{ID: "did:plc:x", Handle: "ana.example", Name: "Ana 大", Followers: 12}, Text: "Nobody answers. 🙁\n", Language: "en",
			PostedAt: then(-3), EditedAt: then(-2), URL: "https://example.org/1", InReplyTo: "at://0", Thread: "at://00", Summoned: true, Rating: 1,
			Links: []care.Link{{URL: "https://example.org/p.png", Kind: "image", Alt: "a broken box"}, {URL: "https://example.org/2"}},
		},
		Verdict: care.Verdict{
			Complaint: true, Probability: 0.875, Model: "linear@51bc", Sentiment: "negative", Wants: "complaint",
			Labels: care.Labels{Network: "bluesky", Language: "en", Severity: care.Low, Mood: care.Annoyed, Urgency: []care.Urgency{care.Legal}, At: then(-3)},
			Why:    []care.Reason{{From: 0, To: 6, Weight: 1.25}, {From: 7, To: 14, Weight: -0.5}},
		},
	}
	own := care.Mention{ID: "m2", Source: "file", SeenAt: when, Own: true, Post: care.Post{Network: "a network of tomorrow", Remote: "2", PostedAt: then(-3), Text: "Hello"}}
	text := care.Text{Body: "We are on it.", To: "at://1", Sent: "at://2", URL: "https://example.org/2"}
	claims := care.Claims{Entries: []care.ClaimEntry{{Thread: "t1", Case: "c1"}, {Thread: "t2", Case: "c2"}}}
	loose := care.Loose{Mentions: []care.LooseMention{{Ref: mention("m1", 1), To: "at://1"}, {Ref: mention("m2", 2), Own: true}}}
	late := own
	late.Own, late.Late = false, true
	trait := care.TraitOwners{Authors: []care.AuthorRef{{Network: "bluesky", Author: "a1"}, {Network: "x", Author: "a2"}}, At: 20_000}
	var none care.Mention
	return []document{
		{"mention", m, m.Encode()}, {"mention, our own", own, own.Encode()}, {"mention, late", late, late.Encode()}, {"mention, nothing", none, none.Encode()},
		{"text", text, text.Encode()}, {"claims", claims, claims.Encode()}, {"thread", loose, loose.Encode()},
		{"trait", trait, trait.Encode()},
	}
}

package care_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// fill puts random values into everything that v points to. Texts come from a
// small pool, so that ids meet.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		if r.IntN(4) > 0 {
			v.Set(reflect.ValueOf(time.UnixMilli(start.UnixMilli() + r.Int64N(1e9) - 5e8).UTC()))
		}
		return
	case time.Duration:
		v.SetInt(int64(time.Duration(r.IntN(2000)-1000) * time.Millisecond))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(r, field)
		}
	case reflect.Slice:
		if n := r.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(r, v.Index(i))
			}
		}
	case reflect.String:
		v.SetString(pick(r, []string{"", "c1", "c2", "m1", "m2", "ada", "waiting", "awaiting", "first_response", "next_response",
			"resolution", "high", "billing", "merged", "Größe 大 \x00", "resolve", string(rune('a' + r.IntN(26)))}))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(pick(r, []int{0, 1, 1, 2, 3, -1, 70_000, 1 << 40})))
	case reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(256)))
	case reflect.Float64:
		v.SetFloat(float64(r.IntN(64)) / 64)
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	default:
		panic("a field of type " + v.Type().String() + " is new to this test")
	}
}

// event is an event of a kind with random fields.
func event(r *rand.Rand, k care.KindRow) care.Event {
	v := reflect.New(reflect.TypeOf(k.Zero)).Elem()
	fill(r, v)
	return v.Interface().(care.Event)
}

func random[T any](r *rand.Rand) T {
	var v T
	fill(r, reflect.ValueOf(&v).Elem())
	return v
}

func TestEveryKindRoundTrips(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, k := range care.KindTable() {
		for range 50 {
			rec := care.Record{At: minute(r.IntN(1000)), By: "agent/ada", Events: []care.Event{event(r, k), event(r, k)}}
			b := rec.Encode()
			back, err := care.DecodeRecord(b)
			if err != nil || !reflect.DeepEqual(back, rec) {
				t.Fatalf("%s: compact: %v\n got %s\nwant %s", k.Kind, err, show(back.Events), show(rec.Events))
			}
			printed, err := json.Marshal(rec)
			if err != nil {
				t.Fatalf("%s: print: %v", k.Kind, err)
			}
			back = care.Record{}
			if err := json.Unmarshal(printed, &back); err != nil || !reflect.DeepEqual(back, rec) {
				t.Fatalf("%s: printed: %v\n%s\n got %s\nwant %s", k.Kind, err, printed, show(back.Events), show(rec.Events))
			}
			for n := range b { // what breaks off is an error or less of the same, never a panic
				if cut, err := care.DecodeRecord(b[:n]); err == nil && len(cut.Events) == 2 {
					t.Fatalf("%s: %d of %d bytes give both events", k.Kind, n, len(b))
				}
			}
		}
	}
}

func TestDocumentsRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		m := random[care.Mention](r)
		if back, err := care.DecodeMention(m.Encode()); err != nil || !reflect.DeepEqual(back, m) {
			t.Fatalf("mention: %v\n got %+v\nwant %+v", err, back, m)
		}
		x := random[care.Text](r)
		if back, err := care.DecodeText(x.Encode()); err != nil || !reflect.DeepEqual(back, x) {
			t.Fatalf("text: %v\n got %+v\nwant %+v", err, back, x)
		}
		k := random[care.Claims](r)
		if back, err := care.DecodeClaims(k.Encode()); err != nil || !reflect.DeepEqual(back, k) {
			t.Fatalf("claims: %v\n got %+v\nwant %+v", err, back, k)
		}
		l := random[care.Loose](r)
		if back, err := care.DecodeLoose(l.Encode()); err != nil || !reflect.DeepEqual(back, l) {
			t.Fatalf("loose: %v\n got %+v\nwant %+v", err, back, l)
		}
		o := random[care.TraitOwners](r)
		if back, err := care.DecodeTraitOwners(o.Encode()); err != nil || !reflect.DeepEqual(back, o) {
			t.Fatalf("trait: %v\n got %+v\nwant %+v", err, back, o)
		}
		w := random[care.Row](r)
		if back, err := care.DecodeRow(w.Encode()); err != nil || !reflect.DeepEqual(back, w) {
			t.Fatalf("row: %v\n got %+v\nwant %+v", err, back, w)
		}
	}
}

// Garbage that decodes is a history like any other: nothing panics, and what
// rings stops ringing.
func TestGarbageHistories(t *testing.T) {
	table := care.KindTable()
	for seed := range uint64(*histories) {
		r := rand.New(rand.NewPCG(seed, 3))
		c, other := &care.Case{ID: "c1"}, &care.Case{ID: "c2"}
		for i := range 30 {
			x := c
			if r.IntN(3) == 0 {
				x = other
			}
			var events []care.Event
			for range 1 + r.IntN(3) {
				events = append(events, event(r, pick(r, table)))
			}
			before := x.Clone()
			x.Apply(uint64(i+1), care.Record{At: random[time.Time](r), By: "agent/ada", Events: events})
			now := minute(r.IntN(3000))
			x.Apply(uint64(i+1), care.Record{At: now, Events: x.Settle(before, now, normal)})
			x.Row()
			everyDecision(r, x, other)
		}
		for _, x := range []*care.Case{c, other} {
			now := minute(0)
			for rings := 0; ; rings++ {
				at, ok := x.NextAlarm()
				if !ok {
					break
				}
				if rings > 200 {
					t.Fatalf("seed %d: %s rings for ever, at %s\n%+v", seed, x.ID, clock(at), x)
				}
				if at.After(now) {
					now = at
				}
				x.Apply(x.Seq, care.Record{At: now, Events: x.Settle(x, now, normal)})
			}
		}
	}
}

// everyDecision asks for all that can be decided; only panics count.
func everyDecision(r *rand.Rand, c, other *care.Case) {
	now := minute(r.IntN(3000))
	m, n := random[care.MentionRef](r), r.IntN(4)
	_, _ = c.Claim("ada", "claim")
	_, _ = c.Assign("bob")
	_, _ = c.Release("ada")
	_, _ = c.HandOff("ada", "bob", n)
	_, _ = c.Note(n)
	_, _ = c.Tag([]string{"a"}, []string{"b"})
	_, _ = c.Snooze("ada", now, now.Add(time.Hour))
	_, _ = c.Wake("ada")
	_, _ = c.Await("ada")
	_, _ = c.Escalate("lea", "x")
	_, _ = c.Requeue(care.Routed{Queue: "x"})
	_, _ = c.Resolve("ada", "x")
	_, _ = c.Dismiss("ada", "spam")
	_, _ = c.Reopen()
	_, _ = c.Review(m.Mention, true)
	_, _ = c.RequestReply("ada", random[care.ReplyRequested](r))
	_, _ = c.UndoReply("ada", n)
	_, _ = c.SettleReply(n, now, true)
	_, _ = c.MakePromise("ada", n, now, now.Add(time.Hour), "x")
	_, _ = c.KeepPromise(n)
	_, _ = c.Renegotiate(n, now, now.Add(time.Hour), true)
	_, _ = care.Merge(c, other, "ada")
	_, _ = care.Unmerge(c, other, "ada")
	_, _ = care.Split(c, "ada", []care.MentionID{m.Mention, "m1"}, "c3")
	c.AttemptReply(n, now, now)
	c.ReplyWasSent(n, now, now, true)
	c.ReplyDidFail(n, "x")
	c.DelayReply(n, now, "x")
	c.ReplyMayBeSent(n, "x")
	c.SoughtReply(n)
	c.ReplyWasSeen(random[care.ReplySeen](r))
	c.TakeIn(m)
	c.EditMention(random[care.MentionEdited](r))
	c.DeleteMention(m.Mention)
	c.Due()
	c.Overdue()
	cases := func(id care.CaseID) *care.Case {
		if id == c.ID {
			return c
		}
		return other
	}
	care.Place(m, random[care.Claims](r), cases, now, time.Hour)
}

func TestUnknownKindsSurvive(t *testing.T) {
	rec := care.Record{At: minute(1), By: "agent/ada", Events: []care.Event{
		care.Unknown{Number: 9_999, Bytes: []byte{1, 2, 3}}, care.Noted{Note: 1}, care.Unknown{Number: 10_000, Bytes: []byte{}},
	}}
	back, err := care.DecodeRecord(rec.Encode())
	if err != nil || !reflect.DeepEqual(back, rec) {
		t.Errorf("compact: %v, %+v", err, back)
	}
	printed, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	var again care.Record
	if err := json.Unmarshal(printed, &again); err != nil || !reflect.DeepEqual(again, rec) {
		t.Errorf("printed: %v, %+v\n%s", err, again, printed)
	}
	c := fold(t, "c1", opened())
	was := c.Clone()
	c.Apply(c.Seq, care.Record{At: c.LastAt, Events: []care.Event{rec.Events[0]}})
	if !reflect.DeepEqual(c, was) {
		t.Error("an unknown event changes the case")
	}
	if err := json.Unmarshal([]byte(`{"at":"2026-03-02T09:00:00Z","by":"x","ev":[{"k":"case.oepned","d":{}}]}`), &again); err == nil {
		t.Error("a kind that is not in the table is read from print")
	}
	if err := json.Unmarshal([]byte(`{"at":"2026-03-02T09:00:00Z","by":"x","ev":[{"k":"case.noted","d":{"note":1,"text":"x"}}]}`), &again); err == nil {
		t.Error("a field that an event does not have is read from print")
	}
}

var snake = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// Every field of an event has a name in print, and holds nothing personal: no
// text, no handle, no id of a network's.
func TestFieldsOfEvents(t *testing.T) {
	for _, k := range care.KindTable() {
		if name := string(k.Kind); !regexp.MustCompile(`^[a-z]+(\.[a-z]+(_[a-z]+)*)?$`).MatchString(name) {
			t.Errorf("kind %q is not of the form noun.verbed", name)
		}
		checkFields(t, string(k.Kind), reflect.TypeOf(k.Zero))
	}
}

func checkFields(t *testing.T, path string, typ reflect.Type) {
	t.Helper()
	switch typ {
	case reflect.TypeFor[care.Remote](), reflect.TypeFor[care.Post](), reflect.TypeFor[care.Author](), reflect.TypeFor[care.Text](), reflect.TypeFor[care.Mention]():
		t.Errorf("%s: %s may name a person: it belongs into a document", path, typ)
		return
	case reflect.TypeFor[time.Time]():
		return
	}
	switch typ.Kind() {
	case reflect.Slice:
		checkFields(t, path, typ.Elem())
	case reflect.Struct:
		for f := range typ.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			where := path + "." + f.Name
			if !f.Anonymous && !snake.MatchString(name) {
				t.Errorf("%s is printed as %q", where, name)
			}
			switch name {
			case "text", "body", "handle", "name", "url", "display_name", "email":
				t.Errorf("%s: %q sounds personal", where, name)
			}
			checkFields(t, where, f.Type)
		}
	}
}

func TestKindsAreUnique(t *testing.T) {
	numbers, names := map[uint64]bool{}, map[care.Kind]bool{}
	for _, k := range care.KindTable() {
		if numbers[k.Number] || names[k.Kind] || k.Number == 0 {
			t.Errorf("%s (%d) is in the table twice, or has no number", k.Kind, k.Number)
		}
		numbers[k.Number], names[k.Kind] = true, true
		if k.Zero.Kind() != k.Kind {
			t.Errorf("%s is the place of %s", k.Kind, k.Zero.Kind())
		}
	}
	if names[care.Unknown{}.Kind()] {
		t.Error("there is a kind called unknown")
	}
}

func TestPrintedPlaceOfARecord(t *testing.T) {
	in := care.SeqRecord{Seq: 7, Record: care.Record{At: minute(1), By: "agent/ada", Events: []care.Event{care.Noted{Note: 1}}}}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out care.SeqRecord
	if err := json.Unmarshal(b, &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("%v\n got %+v\nwant %+v\n%s", err, out, in, b)
	}
}

func ExampleRecord_MarshalJSON() {
	r := care.Record{At: start, By: care.ByAgent("ada"), Events: []care.Event{care.Assigned{To: "ada", Why: "claim"}}}
	b, err := json.Marshal(r)
	fmt.Println(string(b), err)
	// Output: {"at":"2026-03-02T09:00:00Z","by":"agent/ada","ev":[{"k":"case.assigned","d":{"to":"ada","why":"claim"}}]} <nil>
}

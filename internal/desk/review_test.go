package desk_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
)

// reviewed are the reviews in a stream.
func (b *bench) reviewed(stream string) (all []care.Reviewed) {
	b.t.Helper()
	for r := range caretest.Records(b.t, b.st.Stream(b.t.Context(), stream, 0)) {
		for _, e := range r.Events {
			if v, ok := e.(care.Reviewed); ok {
				all = append(all, v)
			}
		}
	}
	return all
}

func TestReviewOfAMention(t *testing.T) {
	b := newBench(t)
	b.seen(post("ana", "1", "broken", start), post("bea", "2", "lovely day", start), post("us", "3", "hello", start))
	var ids []care.MentionID
	for _, remote := range []string{"1", "2", "3"} {
		m, ok := b.kept(remote)
		if !ok {
			t.Fatalf("mention %s is not there", remote)
		}
		ids = append(ids, m.ID)
	}
	id, seq, err := b.desk.Review(t.Context(), care.ByAgent("lea"), "op", ids[0], true)
	if err != nil || id == "" || seq == 0 {
		t.Fatalf("in a case: %q %d %v", id, seq, err)
	}
	if got := b.reviewed("case/" + string(id)); !slices.Equal(got, []care.Reviewed{{Mention: ids[0], Complaint: true}}) {
		t.Errorf("its case says %v", got)
	}
	if id, _, err := b.desk.Review(t.Context(), care.ByAgent("lea"), "", ids[1], true); err != nil || id != "" {
		t.Fatalf("in no case: %q %v", id, err)
	}
	if got := b.reviewed("review"); !slices.Equal(got, []care.Reviewed{{Mention: ids[1], Complaint: true}}) {
		t.Errorf("the stream of reviews says %v", got)
	}
	for what, id := range map[string]care.MentionID{"our own": ids[2], "none": care.MentionID(care.TimeFloor(start))} {
		var e *care.Error
		if _, _, err := b.desk.Review(t.Context(), care.ByAgent("lea"), "", id, true); !errors.As(err, &e) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

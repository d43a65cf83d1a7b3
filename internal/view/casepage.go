package view

import (
	"context"
	"fmt"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// A CasePage is everything about one case: what its records tell, and the
// documents that its texts are in. A document that is missing was erased.
type CasePage struct {
	Case     *care.Case                      `json:"case,omitempty"`
	Story    []care.SeqRecord                `json:"story,omitempty"` // every record, oldest first
	Mentions map[care.MentionID]care.Mention `json:"mentions,omitempty"`
	Texts    map[int]care.Text               `json:"texts,omitempty"`
}

// Case reads one case from the log and the documents: never older than what
// any list shows. A case that was never opened is a care.NotFound error.
func (v *View) Case(ctx context.Context, id care.CaseID) (*CasePage, error) {
	p := &CasePage{Mentions: map[care.MentionID]care.Mention{}, Texts: map[int]care.Text{}}
	for r, err := range v.st.Stream(ctx, "case/"+string(id), 0) {
		if err != nil {
			return nil, fmt.Errorf("case %s: %w", id, err)
		}
		rec, err := care.DecodeRecord(r.Data)
		if err != nil {
			return nil, fmt.Errorf("case %s: record %d: %w", id, r.Seq, err)
		}
		p.Story = append(p.Story, care.SeqRecord{Seq: uint64(r.Seq), Record: rec})
	}
	p.Case = care.Fold(id, p.Story)
	if !p.Case.Exists() {
		return nil, &care.Error{Code: care.NotFound, Msg: "There is no such case."}
	}
	return p, p.documents(ctx, v.st)
}

func (p *CasePage) documents(ctx context.Context, st store.Store) error {
	var keys []string
	for _, m := range p.Case.Mentions {
		keys = append(keys, "mention/"+string(m.Mention))
	}
	for _, r := range p.Case.Replies {
		if r.Mention != "" {
			keys = append(keys, "mention/"+string(r.Mention))
		}
	}
	mentions := len(keys)
	for n := 1; n <= p.Case.Texts; n++ {
		keys = append(keys, fmt.Sprintf("text/%s/%d", p.Case.ID, n))
	}
	docs, err := st.Get(ctx, keys...)
	if err != nil {
		return fmt.Errorf("case %s: %w", p.Case.ID, err)
	}
	for i, d := range docs {
		switch {
		case d.Rev == 0:
		case i < mentions:
			m, err := care.DecodeMention(d.Data)
			if err != nil {
				return fmt.Errorf("%s: %w", d.Key, err)
			}
			p.Mentions[m.ID] = m
		default:
			t, err := care.DecodeText(d.Data)
			if err != nil {
				return fmt.Errorf("%s: %w", d.Key, err)
			}
			p.Texts[i-mentions+1] = t
		}
	}
	return nil
}

// Mentions reads the documents of some mentions, in order. One that is gone
// comes back with nothing but its id.
func (v *View) Mentions(ctx context.Context, ids ...care.MentionID) ([]care.Mention, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = "mention/" + string(id)
	}
	docs, err := v.st.Get(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("read mentions: %w", err)
	}
	ms := make([]care.Mention, len(ids))
	for i, d := range docs {
		if ms[i].ID = ids[i]; d.Rev == 0 {
			continue
		}
		if ms[i], err = care.DecodeMention(d.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", d.Key, err)
		}
	}
	return ms, nil
}

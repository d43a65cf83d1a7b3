package learn

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/amends-care/amends/classifiers/adapt"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
)

// The documents and the stream that this package owns.
const (
	stateKey    = "model/state"
	versionKey  = "model/version/"  // + id: the bytes that judge
	evidenceKey = "model/evidence/" // + id of the version that was promoted: an Evidence
	stream      = "model"
)

// maxPast is how many changes can be rolled back.
const maxPast = 10

// A State is what is in force and what runs beside it: the document model/state.
type State struct {
	Version   string    `json:"version,omitempty"`   // empty: the model that ships, as it is
	Threshold float64   `json:"threshold,omitempty"` // 0: the one of the model that ships, or of the configuration
	Aim       Aim       `json:"aim,omitzero"`        // as chosen in the console; the file's goes first
	Since     time.Time `json:"since,omitzero"`      // when the version was made
	Past      []Past    `json:"past,omitempty"`      // what was in force before, the latest last

	Challenger string    `json:"challenger,omitempty"` // version that runs in the shadow
	Made       time.Time `json:"made,omitzero"`        // when it was: what came in later it can't know
	Look       int       `json:"look,omitempty"`       // how many of the looks are behind it
	Seen       Evidence  `json:"seen,omitzero"`        // at the last look
	Shadow     Shadow    `json:"shadow,omitzero"`      // what both said of what came in since

	// Pause is from how many labels on anything moves again by itself: somebody
	// rolled back, and the same reviews would only bring the same again.
	Pause int `json:"pause,omitempty"`
}

// A Past is what was in force.
type Past struct {
	Version   string    `json:"version,omitempty"`
	Threshold float64   `json:"threshold,omitempty"`
	Aim       Aim       `json:"aim,omitzero"`
	Since     time.Time `json:"since,omitzero"`
}

// A Shadow counts what the model in force and the challenger flagged.
type Shadow struct {
	Both       int64 `json:"both"`
	Champion   int64 `json:"champion"`   // only the one in force
	Challenger int64 `json:"challenger"` // only the challenger
	Neither    int64 `json:"neither"`
}

// changed is the state with another version or threshold in force.
func (s State) changed(version string, threshold float64, since time.Time) State {
	past := append([]Past{}, s.Past...)
	past = append(past, Past{s.Version, s.Threshold, s.Aim, s.Since})
	s.Past = past[max(0, len(past)-maxPast):]
	s.Version, s.Threshold, s.Since = version, threshold, since
	return s
}

// rolledBack is the state as it was before the last change. Nothing moves by
// itself until half a hundred more labels have come.
func (s State) rolledBack(labels int) (State, error) {
	if len(s.Past) == 0 {
		return s, &care.Error{Code: care.Conflict, Msg: "There is nothing to go back to: the model that ships judges."}
	}
	was := s.Past[len(s.Past)-1]
	s.Past = s.Past[: len(s.Past)-1 : len(s.Past)-1]
	s.Version, s.Threshold, s.Aim, s.Since = was.Version, was.Threshold, was.Aim, was.Since
	s.Pause = labels + LeastReviews
	return s.alone(), nil
}

// alone is the state without a challenger.
func (s State) alone() State {
	s.Challenger, s.Made, s.Look, s.Seen, s.Shadow = "", time.Time{}, 0, Evidence{}, Shadow{}
	return s
}

// kept reads the state and the versions it names.
func kept(ctx context.Context, st store.Store) (s State, doc store.Doc, versions map[string]*adapt.Adaptation, err error) {
	docs, err := st.Get(ctx, stateKey)
	if err != nil {
		return s, doc, nil, fmt.Errorf("read the model's state: %w", err)
	}
	if doc = docs[0]; doc.Rev > 0 {
		if err := json.Unmarshal(doc.Data, &s); err != nil {
			return s, doc, nil, fmt.Errorf("%s: %w", stateKey, err)
		}
	}
	versions = map[string]*adapt.Adaptation{}
	for _, id := range []string{s.Version, s.Challenger} {
		if id == "" {
			continue
		}
		docs, err := st.Get(ctx, versionKey+id)
		if err != nil {
			return s, doc, nil, fmt.Errorf("read a version of the model: %w", err)
		}
		a, err := adapt.Decode(docs[0].Data)
		if err == nil && a.ID() != id {
			err = adapt.ErrDamaged
		}
		if err != nil {
			return s, doc, nil, fmt.Errorf("%s%s: %w", versionKey, id, err)
		}
		versions[id] = a
	}
	return s, doc, versions, nil
}

// A write is one commit of this package.
type write struct {
	by      care.Actor
	op      string
	was     store.Doc // model/state as it was read
	state   State
	version *adapt.Adaptation // new; nil: none is
	proof   *Evidence         // for state.Version
	event   *care.ModelChanged
}

// commit makes a write durable, with its record. A *store.Conflict says that
// somebody else was faster.
func (w *write) commit(ctx context.Context, st store.Store, now time.Time) (store.Seq, error) {
	b := store.Batch{Op: w.op, Puts: []store.Put{{Key: stateKey, Was: w.was.Rev, Data: marshal(w.state)}}}
	extra := map[string][]byte{}
	if w.version != nil {
		extra[versionKey+w.version.ID()] = w.version.Encode()
	}
	if w.proof != nil {
		extra[evidenceKey+w.state.Version] = marshal(w.proof)
	}
	for key, data := range extra {
		docs, err := st.Get(ctx, key)
		if err != nil {
			return 0, err
		}
		if string(docs[0].Data) != string(data) { // a version's bytes never change
			b.Puts = append(b.Puts, store.Put{Key: key, Was: docs[0].Rev, Data: data})
		}
	}
	if w.event != nil {
		rec := care.Record{At: now.UTC().Truncate(time.Millisecond), By: w.by, Events: []care.Event{*w.event}}
		b.Appends = append(b.Appends, store.Append{Stream: stream, After: store.Any, Data: rec.Encode()})
	}
	seq, err := st.Commit(ctx, b)
	if err != nil {
		return 0, fmt.Errorf("keep the model's state: %w", err)
	}
	return seq, nil
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("learn: " + err.Error()) // numbers and texts; no figure is kept that is none
	}
	return b
}

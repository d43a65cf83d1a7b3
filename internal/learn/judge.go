package learn

import (
	"context"
	"sync/atomic"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/adapt"
)

// A Judge is the classifier in force: the model that ships, with what the
// reviews taught on top. A challenger runs beside it, is counted, and never
// shows. It is safe for concurrent use.
type Judge struct {
	panel  atomic.Pointer[panel]
	counts [4]atomic.Int64 // by what champion and challenger said
}

var _ classifiers.Classifier = (*Judge)(nil)

// A panel is who judges now. No champion: the base alone; no challenger: nobody
// runs in the shadow.
type panel struct {
	base                 classifiers.Classifier
	champion, challenger *adapt.Classifier
}

// use puts others in force, and begins to count anew when there is another
// challenger.
func (j *Judge) use(base classifiers.Classifier, champion, challenger *adapt.Classifier) {
	was := j.panel.Swap(&panel{base, champion, challenger})
	if was == nil || was.challenger == nil || challenger == nil || was.challenger.ID() != challenger.ID() {
		for i := range j.counts {
			j.counts[i].Store(0)
		}
	}
}

// Classify implements [classifiers.Classifier].
func (j *Judge) Classify(ctx context.Context, texts []classifiers.Text) ([]classifiers.Verdict, error) {
	p := j.panel.Load()
	out, err := p.base.Classify(ctx, texts)
	if err != nil {
		return nil, err
	}
	var shadow []bool
	if p.challenger != nil {
		shadow = make([]bool, len(out))
		for i := range out {
			shadow[i] = p.challenger.Flags(out[i].Probability, texts[i].Body)
		}
	}
	if p.champion != nil {
		if err := p.champion.Apply(ctx, out, texts); err != nil {
			return nil, err
		}
	}
	for i, flagged := range shadow {
		j.counts[outcome(out[i].Complaint, flagged)].Add(1)
	}
	return out, nil
}

func outcome(champion, challenger bool) (i int) {
	if champion {
		i++
	}
	if challenger {
		i += 2
	}
	return i
}

// shadow is what was counted since the challenger began, on this node.
func (j *Judge) shadow() Shadow {
	return Shadow{Neither: j.counts[0].Load(), Champion: j.counts[1].Load(), Challenger: j.counts[2].Load(), Both: j.counts[3].Load()}
}

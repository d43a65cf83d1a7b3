package intake

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
)

// apart is from how many mentions on a page is judged on several processors.
const apart = 128

// Judge gives mentions their verdicts by a classifier.
func Judge(by classifiers.Classifier) func(ctx context.Context, ms []*care.Mention) error {
	return func(ctx context.Context, ms []*care.Mention) error {
		workers := min(runtime.GOMAXPROCS(0), 1+len(ms)/apart)
		errs := make([]error, workers)
		var wg sync.WaitGroup
		for w := range workers {
			part := ms[w*len(ms)/workers : (w+1)*len(ms)/workers]
			wg.Go(func() { errs[w] = judge(ctx, by, part) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func judge(ctx context.Context, by classifiers.Classifier, ms []*care.Mention) error {
	texts := make([]classifiers.Text, len(ms))
	for i, m := range ms {
		texts[i] = classifiers.Text{Body: m.Post.Text, Lang: m.Post.Language, Followers: m.Post.Author.Followers, Shares: m.Post.Shares}
	}
	verdicts, err := by.Classify(ctx, texts)
	if err != nil {
		return fmt.Errorf("classify: %w", err)
	}
	if len(verdicts) != len(ms) {
		return fmt.Errorf("classify: %d verdicts of %d texts", len(verdicts), len(ms))
	}
	for i, m := range ms {
		m.Verdict = opinion(&verdicts[i])
	}
	return nil
}

// JudgeAhead gives arrivals their verdicts before anybody knows which of them
// are new: worth it where most will be, as in an import.
func JudgeAhead(ctx context.Context, by classifiers.Classifier, items []desk.Arrival) error {
	ms := make([]*care.Mention, 0, len(items))
	at := make([]int, 0, len(items))
	for i, a := range items {
		if a.What != desk.WasDeleted && !a.Own {
			ms, at = append(ms, &care.Mention{Post: a.Post}), append(at, i)
		}
	}
	if err := Judge(by)(ctx, ms); err != nil {
		return err
	}
	for i, m := range ms {
		items[at[i]].Verdict = &m.Verdict
	}
	return nil
}

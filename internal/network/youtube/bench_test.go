package youtube

import (
	"testing"

	"github.com/amends-care/amends/internal/network/networktest"
)

// BenchmarkPoll reads pages of a hundred comments from the simulator's answer.
// Divide by a hundred for one.
func BenchmarkPoll(b *testing.B) {
	w := newWorld(b, true)
	w.page = pageSize
	for range pageSize {
		w.Post(networktest.Post{Text: "My parcel never came and nobody answers. Order 4711, paid on Monday."})
	}
	w.Wire = networktest.NewWireOver(b, networktest.Replay(b, w.Wire))
	a := w.Account()
	for b.Loop() {
		if p, err := a.Poll(b.Context(), ""); err != nil || len(p.Items) != pageSize {
			b.Fatal(len(p.Items), err)
		}
	}
}

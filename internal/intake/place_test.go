package intake

import (
	"testing"
	"time"

	"github.com/amends-care/amends/internal/network"
)

func TestPlaceKeepsWhatItIsGiven(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, p := range []place{
		{}, {Cursor: "abc"}, {Cursor: "\x01\x02"}, {Cursor: `{"v":1}`, Whole: at}, {Cursor: "x", Began: at}, {Whole: at, Began: at.Add(time.Millisecond)},
		{Whole: time.UnixMilli(-5).UTC()},
	} {
		if got := decodePlace(p.encode()); got != p {
			t.Errorf("%+v comes back as %+v", p, got)
		}
	}
	if got := decodePlace([]byte("3.1.1")); got != (place{Cursor: "3.1.1"}) {
		t.Errorf("a cursor alone is read as %+v", got)
	}
}

// A scan of several pages is whole only with its last page, and then up to when
// it began.
func TestPlaceBehindAPage(t *testing.T) {
	at := func(min int) time.Time { return time.Date(2026, 3, 2, 9, min, 0, 0, time.UTC) }
	p := place{}
	for i, step := range []struct {
		page   network.Page
		polled int
		want   place
	}{
		{network.Page{Next: "a", More: true}, 1, place{Cursor: "a", Began: at(1)}},
		{network.Page{Next: "b", More: true}, 2, place{Cursor: "b", Began: at(1)}},
		{network.Page{Next: "c"}, 3, place{Cursor: "c", Whole: at(1)}},
		{network.Page{Next: "c"}, 4, place{Cursor: "c", Whole: at(4)}},
		{network.Page{Next: "d", More: true}, 5, place{Cursor: "d", Whole: at(4), Began: at(5)}},
		{network.Page{Next: "e"}, 9, place{Cursor: "e", Whole: at(5)}},
	} {
		if p = p.after(&step.page, at(step.polled)); p != step.want {
			t.Errorf("step %d: %+v, want %+v", i, p, step.want)
		}
	}
}

func FuzzPlace(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{placeVersion})
	f.Add([]byte{placeVersion, 0x80})
	f.Add(place{Cursor: "x", Whole: time.UnixMilli(1).UTC()}.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		p := decodePlace(b)
		if again := decodePlace(p.encode()); again != p {
			t.Errorf("%+v comes back as %+v", p, again)
		}
	})
}

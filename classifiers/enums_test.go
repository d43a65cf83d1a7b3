package classifiers

import (
	"encoding"
	"fmt"
	"testing"
)

func TestEnumsRoundTrip(t *testing.T) {
	roundTrip[Severity](t, 3)
	roundTrip[Sentiment](t, 4)
	roundTrip[Mood](t, 5)
	roundTrip[Level](t, 4)
	roundTrip[Urgency](t, 9)
	roundTrip[Wants](t, 7)
	roundTrip[Aspect](t, 8)
}

// roundTrip holds that an enum has n values, zero included, that each prints
// differently and reads back, and that one more is refused.
func roundTrip[E enum, P interface {
	*E
	encoding.TextUnmarshaler
	encoding.TextMarshaler
}](t *testing.T, n int) {
	t.Helper()
	seen := map[string]bool{}
	for i := range n {
		e := E(i)
		b, err := P(&e).MarshalText()
		if err != nil {
			t.Fatalf("%T %d: %v", e, i, err)
		}
		if fmt.Sprint(e) != string(b) {
			t.Errorf("%T %d prints as %q, marshals as %q", e, i, fmt.Sprint(e), b)
		}
		if seen[string(b)] {
			t.Errorf("%T: %q twice", e, b)
		}
		seen[string(b)] = true
		var back E
		if err := P(&back).UnmarshalText(b); err != nil || back != e {
			t.Errorf("%T: %q reads back as %v, %v", e, b, back, err)
		}
	}
	over := E(n)
	if b, err := P(&over).MarshalText(); err == nil {
		t.Errorf("%T(%d) marshals as %q, want an error", over, n, b)
	}
	if err := P(&over).UnmarshalText([]byte("nonesuch")); err == nil {
		t.Errorf("%T reads nonesuch", over)
	}
}

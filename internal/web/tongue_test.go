package web

import "testing"

func TestTongue(t *testing.T) {
	for tag, want := range map[string]string{"en": "English", "pt-BR": "Brazilian Portuguese", "hi-Latn": "Hindi (Latin)", "x!": "x!", "": ""} {
		if got := tongue(tag); got != want {
			t.Errorf("%q is %q, not %q", tag, got, want)
		}
	}
}

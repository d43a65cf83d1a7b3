package tonguetest

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/amends-care/amends/internal/web/tongue"
)

func TestForeign(t *testing.T) {
	c, err := tongue.Load(fstest.MapFS{
		"a/en.json": {Data: []byte(`{"save": "Save", "ok": "Okay", "left": "{span} are left", "at": "{who} at {host}"}`)},
		"a/de.json": {Data: []byte(`{"save": "Speichern", "ok": "Okay", "left": "Noch {span}", "at": "{who} bei {host}"}`)},
	}, nil, "a")
	if err != nil {
		t.Fatal(err)
	}
	page := `<p>Speichern</p> <b title="Save"><bdi>Save</bdi> 3 h are left</b> <i>Okay</i> <code>Save</code> <i>me at home</i>`
	got, err := Foreign([]byte(page), c["en"], c["de"])
	named, more := Foreign([]byte(page), c["en"], c["de"], "Save")
	if errors.Join(err, more) != nil || !slices.Equal(got, []string{"3 h are left", "Save"}) || len(named) != 1 {
		t.Errorf("%q %q %v", got, named, err)
	}
}

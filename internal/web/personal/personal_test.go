package personal

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store/boltstore"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func open(t *testing.T) *Keeper {
	t.Helper()
	s, err := boltstore.Open(filepath.Join(t.TempDir(), "log.db"), boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return New(s)
}

func TestSettingsAreOnePersons(t *testing.T) {
	k, ctx := open(t), t.Context()
	set := Settings{Zone: "Asia/Tokyo", Language: "fr", Theme: "dark", KeysOff: true, Alerts: Alerts{Sound: true, Mine: true, QuietFrom: "22:00", QuietTo: "07:00"}}
	if got, err := k.Set(ctx, "ada", func(s *Settings) { *s = set }); err != nil || got != set {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := k.Set(ctx, "ada", func(s *Settings) { s.Zone = "" }); err != nil || got.Zone != "" || got.Alerts != set.Alerts {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := k.Settings(ctx, "bob"); err != nil || got != (Settings{}) {
		t.Fatalf("bob has %+v, %v", got, err)
	}
}

func TestWhatCantBeSetChangesNothing(t *testing.T) {
	k, ctx := open(t), t.Context()
	for field, s := range map[string]Settings{
		"zone": {Zone: "Europe/Atlantis"}, "language": {Language: "tlh"}, "theme": {Theme: "neon"}, "quiet_from": {Alerts: Alerts{QuietFrom: "25:00", QuietTo: "07:00"}},
	} {
		_, err := k.Set(ctx, "ada", func(to *Settings) { *to = s })
		if e, ok := errors.AsType[*care.Error](err); !ok || e.Code != care.Invalid || e.Field != field {
			t.Errorf("%+v: %v, want %s to be invalid", s, err, field)
		}
	}
	for _, s := range []Settings{{Zone: "Local"}, {Zone: "../../etc/passwd"}, {Alerts: Alerts{QuietFrom: "22:00"}}, {Alerts: Alerts{QuietFrom: "7:00", QuietTo: "09:00"}}} {
		if s.Check() == nil {
			t.Errorf("%+v is taken", s)
		}
	}
	if got, err := k.Settings(ctx, "ada"); err != nil || got != (Settings{}) {
		t.Fatalf("%+v, %v", got, err)
	}
}

// Two windows look at once, and an older look comes late: the latest counts.
func TestTheLatestLookCounts(t *testing.T) {
	k, ctx := open(t), t.Context()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := k.Look(ctx, "ada", Looks{"a": at.Add(time.Duration(i) * time.Minute), care.CaseID(fmt.Sprint("only", i)): at}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := k.Looked(ctx, "ada")
	if err != nil || len(got) != 9 || !got["a"].Equal(at.Add(7*time.Minute)) {
		t.Fatalf("%v, %v", got, err)
	}
	if other, err := k.Looked(ctx, "bob"); err != nil || len(other) != 0 {
		t.Fatalf("bob: %v, %v", other, err)
	}
}

func TestLooksAreBounded(t *testing.T) {
	k, ctx := open(t), t.Context()
	for page := range 5 {
		seen := Looks{}
		for i := range 100 {
			n := 100*page + i
			seen[care.CaseID(fmt.Sprintf("case%03d", n))] = at.Add(time.Duration(n) * time.Second)
		}
		if err := k.Look(ctx, "ada", seen); err != nil {
			t.Fatal(err)
		}
	}
	got, err := k.Looked(ctx, "ada")
	if err != nil || len(got) != MaxLooks || !got["case200"].Equal(at.Add(200*time.Second)) || !got["case199"].IsZero() {
		t.Fatalf("%d looks, the oldest %v %v, %v", len(got), got["case199"], got["case200"], err)
	}
}

package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/setup"
	"github.com/amends-care/amends/internal/store/boltstore"
)

// backedUp is the backup of a desk that was set up in the console: a source with a
// key, a list and a channel; and the file of its key.
func backedUp(t *testing.T) (copied []byte, keyOf string) {
	o := newOffice(t, "")
	admin := o.in(auth.Admin)
	for section, form := range map[string]url.Values{
		"sources":  filled("kind", "telegram", "name", "bot", "settings.token", key),
		"channels": filled("kind", "chat", "name", "leads", "settings.kind", "slack", "settings.url", "https://hooks.example.org/secret-part"),
		"lists":    filled("name", "vip", "authors", "x/ana"),
	} {
		form.Set("do", "untested")
		o.want(303, admin, "/setup/edit/"+section, form)
	}
	var out bytes.Buffer
	if err := o.perform(t.Context(), "backup", call{by: "cli/test", out: &out}); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{key, "secret-part"} {
		if bytes.Contains(out.Bytes(), []byte(secret)) {
			t.Error("a key can be read in the backup")
		}
	}
	if !bytes.Contains(out.Bytes(), []byte("vip")) {
		t.Error("the backup has nothing of what was set up")
	}
	keyOf = filepath.Join(t.TempDir(), "key")
	b, err := os.ReadFile(filepath.Join(o.dir, "key"))
	if err = errors.Join(err, os.WriteFile(keyOf, b, 0o600)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), keyOf
}

// starts runs the whole program on a folder until its console can be opened.
func starts(t *testing.T, dir string) *config.Config {
	t.Helper()
	cfg, err := config.LoadLayers("", setup.Path(dir), Kinds())
	if err != nil {
		t.Fatal(err)
	}
	own, err := setup.Open(dir, "", Kinds())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opened := untilSaid{said: "http://", then: cancel}
	err = Serve(ctx, ServeOptions{Dir: dir, Config: cfg, Setup: own, Listen: "127.0.0.1:0", Version: "test", Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Out: &opened})
	if err != nil && !errors.Is(err, context.Canceled) || !opened.done {
		t.Fatalf("it does not start: %v", err)
	}
	return cfg
}

// An untilSaid does something once something is written.
type untilSaid struct {
	said string
	then func()
	done bool
}

func (u *untilSaid) Write(b []byte) (int, error) {
	if strings.Contains(string(b), u.said) {
		u.done = true
		u.then()
	}
	return len(b), nil
}

// A restored folder has all that was set up, its keys too, and starts.
func TestRestoreWithTheKey(t *testing.T) {
	copied, keyFile := backedUp(t)
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := Restore(t.Context(), bytes.NewReader(copied), dir, keyFile, "cli/test"); err != nil {
		t.Fatal(err)
	}
	c := starts(t, dir)
	if len(c.Sources) != 1 || len(c.Channels) != 1 || len(c.Lists) != 1 || len(c.Keyless()) != 0 {
		t.Errorf("%v %v %v %v", c.Sources, c.Channels, c.Lists, c.Keyless())
	}
	f, err := setup.Open(dir, "", Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := f.Versions(); err != nil || len(kept) != 3 {
		t.Errorf("versions %v, %v", kept, err)
	}
}

// The key may be put back later; until then the folder says so, and what is
// sealed stays.
func TestRestoreAndTheKeyLater(t *testing.T) {
	copied, keyFile := backedUp(t)
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := Restore(t.Context(), bytes.NewReader(copied), dir, "", "cli/test"); err != nil {
		t.Fatal(err)
	}
	if err := Unseal(dir); err == nil || !strings.Contains(err.Error(), "sealed") {
		t.Fatalf("with a key of its own: %v", err)
	}
	b, err := os.ReadFile(keyFile)
	if err = errors.Join(err, os.WriteFile(filepath.Join(dir, "key"), b, 0o600), Unseal(dir), Unseal(dir)); err != nil {
		t.Fatal(err)
	}
	if c := starts(t, dir); len(c.Keyless()) != 0 {
		t.Errorf("%v", c.Keyless())
	}
}

// Without the key everything starts but what needs those that were pasted: that
// says so.
func TestRestoreWithoutTheKey(t *testing.T) {
	copied, _ := backedUp(t)
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := Restore(t.Context(), bytes.NewReader(copied), dir, "", "cli/test"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "secrets", "sealed")); err != nil {
		t.Fatal(err)
	}
	if c := starts(t, dir); len(c.Keyless()) != 2 || len(c.Lists) != 1 {
		t.Errorf("%v", c.Keyless())
	}
	o := openOffice(t, dir, "")
	admin := o.in(auth.Admin)
	o.want(200, admin, "/setup", nil, "sources.bot", "channels.leads", "their keys are not in this folder")
	if _, err := o.accounts()["bot"].Poll(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "paste it again") {
		t.Error(err)
	}
	o.want(303, admin, "/setup/edit/sources", filled("do", "untested", "kind", "telegram", "entry", "bot", "name", "bot", "settings.token", key))
	if left := o.config().Keyless(); len(left) != 1 || left[0] != "channels.leads" {
		t.Errorf("%v", left)
	}
}

// A backup of before still restores, and a damaged one does not.
func TestRestoreOthers(t *testing.T) {
	copied, keyFile := backedUp(t)
	for name, b := range map[string][]byte{
		"cut in what was set up": copied[:100], "cut in its length": copied[:20], "altered": append(append(append([]byte{}, copied[:200]...), copied[200]^1), copied[201:]...),
	} {
		dir := filepath.Join(t.TempDir(), "new")
		if _, err := Restore(t.Context(), bytes.NewReader(b), dir, keyFile, "cli/test"); err == nil {
			t.Errorf("%s: it was taken", name)
		}
		if _, err := os.Stat(setup.Path(dir)); err == nil {
			t.Errorf("%s: something is left", name)
		}
	}
	st, err := boltstore.Open(filepath.Join(t.TempDir(), "log.db"), boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var plain bytes.Buffer
	_, err = st.Snapshot(t.Context(), &plain)
	if err = errors.Join(err, st.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), &plain, filepath.Join(t.TempDir(), "new"), "", "cli/test"); err != nil {
		t.Errorf("a backup of before: %v", err)
	}
}

package setup_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/setup"
)

// What the console set up goes from one folder to another, and its keys only with
// the key of the first.
func TestPack(t *testing.T) {
	d := open(t, "")
	if pack, err := setup.Pack(d.dir, []byte("k")); err != nil || pack != nil {
		t.Fatalf("an empty folder packs %d bytes, %v", len(pack), err)
	}
	d.mustMake(feed("forum", "https://forum.example.org/rss"))
	d.mustMake(bot(token))
	key := []byte("the key of this folder")
	pack, err := setup.Pack(d.dir, key)
	if err != nil || bytes.Contains(pack, []byte(token)) {
		t.Fatalf("the token is there to be read, or %v", err)
	}
	dir := t.TempDir()
	if err := setup.Unpack(dir, pack); err != nil || !setup.Sealed(dir) {
		t.Fatal(err)
	}
	if err := setup.Unseal(dir, []byte("another key")); !errors.Is(err, setup.ErrSealed) || !setup.Sealed(dir) {
		t.Errorf("another key: %v", err)
	}
	if err := setup.Unseal(dir, key); err != nil || setup.Sealed(dir) {
		t.Fatal(err)
	}
	c, err := config.LoadLayers("", setup.Path(dir), app.Kinds())
	if err != nil || len(c.Sources) != 2 {
		t.Fatalf("%v %v", c, err)
	}
	f, err := setup.Open(dir, "", app.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if all, err := f.Versions(); err != nil || len(all) != 2 {
		t.Errorf("versions %v %v", all, err)
	}
}

// A backup that somebody made up writes nowhere else.
func TestUnpackWritesOnlyOurs(t *testing.T) {
	for _, name := range []string{"../key", "key", "console/../../x.yaml", "secrets/console-../x", "/etc/passwd", "console.yaml/x", "log.db"} {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: 1}), func() error { _, err := w.Write([]byte("x")); return err }(), w.Close()); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := setup.Unpack(dir, out.Bytes()); err == nil {
			t.Errorf("%s was taken", name)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s left %v", name, left)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "x*")); len(left) > 0 {
			t.Errorf("%s left %v", name, left)
		}
	}
	if err := setup.Unpack(t.TempDir(), []byte("no such thing")); err == nil {
		t.Error("nonsense was taken")
	}
}

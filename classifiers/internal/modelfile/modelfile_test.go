package modelfile_test

import (
	"bytes"
	"testing"

	"github.com/amends-care/amends/classifiers/internal/modelfile"
)

func TestWholeOrRefused(t *testing.T) {
	type header struct{ Name string }
	plain, err := modelfile.Join(header{"kettles"}, []byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := modelfile.Write(&file, "KIND1", plain); err != nil {
		t.Fatal(err)
	}
	got, err := modelfile.Read(bytes.NewReader(file.Bytes()), "KIND1", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	var h header
	weights, err := modelfile.Part(got, &h)
	if err != nil || h.Name != "kettles" || !bytes.Equal(weights, []byte{1, 2, 3}) {
		t.Errorf("%+v, %v, %v", h, weights, err)
	}
	for at := range file.Bytes() { // one wrong bit anywhere
		bad := bytes.Clone(file.Bytes())
		bad[at] ^= 4
		if got, err := modelfile.Read(bytes.NewReader(bad), "KIND1", 1<<20); err == nil && !bytes.Equal(got, plain) {
			t.Errorf("byte %d changed: read as whole", at)
		}
		if _, err := modelfile.Read(bytes.NewReader(file.Bytes()[:at]), "KIND1", 1<<20); err == nil {
			t.Errorf("cut at %d: read as whole", at)
		}
	}
	if _, err := modelfile.Read(bytes.NewReader(file.Bytes()), "KIND2", 1<<20); err == nil {
		t.Error("another kind was read")
	}
	if _, err := modelfile.Read(bytes.NewReader(file.Bytes()), "KIND1", int64(len(plain)-1)); err == nil {
		t.Error("one that is too long was read")
	}
	for _, bad := range [][]byte{nil, {0, 0, 0}, {0, 0, 0, 9, '{', '}'}, {0, 0, 0, 2, '{', '{'}} {
		if _, err := modelfile.Part(bad, &h); err == nil {
			t.Errorf("%v: taken for a model", bad)
		}
	}
}

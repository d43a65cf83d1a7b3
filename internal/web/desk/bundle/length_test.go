package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

// The desk measures a text as the server does: both are held against the same
// examples. It is run by Node, as no browser is needed for it.
func TestLengthsAgreeWithTheServer(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("Node is missing: only the server's side is tested")
	}
	script := filepath.Join(t.TempDir(), "length.mjs")
	built := api.Build(api.BuildOptions{EntryPoints: []string{"../case/length.ts"}, Bundle: true, Format: api.FormatESModule, Charset: api.CharsetUTF8, Outfile: script, Write: true})
	if len(built.Errors) > 0 {
		t.Fatal(built.Errors)
	}
	examples, err := os.ReadFile("../../../care/testdata/lengths.json")
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(node, "--input-type=module", "-e", `import { measured } from "`+script+`"
let s = ""
process.stdin.on("data", d => s += d).on("end", () => console.log(JSON.stringify(JSON.parse(s).map(c => measured(c.text, c.unit)))))`)
	run.Stdin = strings.NewReader(string(examples))
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var want []struct {
		Unit, Text string
		Length     int
	}
	var got []int
	if err := json.Unmarshal(examples, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &got); err != nil || len(got) != len(want) {
		t.Fatalf("%v: %s", err, out)
	}
	for i, c := range want {
		if got[i] != c.Length {
			t.Errorf("%q in %q: %d, want %d", c.Text, c.Unit, got[i], c.Length)
		}
	}
}

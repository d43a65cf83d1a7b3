package configs_test

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
)

const exampleFile = "example.yaml"

// The example is good as it is, on any machine.
func TestExample(t *testing.T) {
	if _, err := config.Load(exampleFile, app.Kinds()); err != nil {
		t.Error(err)
	}
}

var off = regexp.MustCompile(`(?m)^( *)#([^ #\n])`)

// switchedOn is the example with every setting that is switched off in force,
// in a folder that has the files which it names.
func switchedOn(t *testing.T) (file string, text []byte) {
	t.Helper()
	text, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	text = off.ReplaceAll(text, []byte("$1$2"))
	dir := t.TempDir()
	file = filepath.Join(dir, "amends.yaml")
	holidays, err := os.ReadFile(filepath.Join(filepath.Dir(exampleFile), "calendars/example.ics"))
	if err != nil {
		t.Fatal(err)
	}
	topics, err := os.ReadFile(filepath.Join(filepath.Dir(exampleFile), "taxonomy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	macros, err := os.ReadFile(filepath.Join(filepath.Dir(exampleFile), "macros/basics.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"macros/basics.yaml": macros, "taxonomy.yaml": topics, "amends.yaml": text, "calendars/example.ics": holidays}
	for _, m := range secretFile.FindAllSubmatch(text, -1) {
		files[string(m[1])] = secretIn(t, string(m[1]))
	}
	for _, m := range variable.FindAllSubmatch(text, -1) {
		t.Setenv(string(m[1]), string(secretIn(t, string(m[1]))))
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, text
}

var (
	secretFile = regexp.MustCompile(`file:(secrets/[a-z0-9_.-]+)`)
	variable   = regexp.MustCompile(`\$\{([A-Z0-9_]+)\}`)
)

// secretIn is a secret of the kind that the name of its file or variable says.
func secretIn(t *testing.T, name string) []byte {
	switch {
	case strings.HasSuffix(name, ".p8"):
		return applesKey(t)
	case strings.HasSuffix(name, ".json"):
		return googlesKey(t)
	case strings.HasSuffix(name, "_URL"):
		return []byte("https://hooks.acme.example/T0/B1")
	case name == "ACME_HOOK_SECRET":
		return []byte("c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0ISE=")
	case name == "ACME_TELEGRAM_TOKEN":
		return []byte("4242:" + strings.Repeat("aB-_9", 7))
	}
	return []byte("4242-abcd-efgh-ijkl-mnop-qrst")
}

// googlesKey is a service account's key file as Google gives them.
func googlesKey(t *testing.T) []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	account, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "care@acme.iam.gserviceaccount.com", "private_key_id": "1",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b})), "token_uri": "https://oauth2.googleapis.com/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// applesKey is a key as Apple gives them.
func applesKey(t *testing.T) []byte {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b})
}

// What is switched off in the example is good too once it is switched on.
func TestExampleSwitchedOn(t *testing.T) {
	file, _ := switchedOn(t)
	c, err := config.Load(file, app.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range app.Drivers() {
		if !slices.ContainsFunc(c.Sources, func(s config.Source) bool { return s.Network == d.Name }) {
			t.Errorf("the example has no source on %s", d.Name)
		}
	}
	for _, d := range app.Channels() {
		if !slices.ContainsFunc(c.Channels, func(h config.Channel) bool { return h.Kind == d.Name }) {
			t.Errorf("the example has no channel of kind %s", d.Name)
		}
	}
}

var (
	nodes  = regexp.MustCompile(`^routing\.tree(\.routes\[\d+\])+`)
	places = regexp.MustCompile(`\[\d+\]`)
)

// comments tells what the example says of each setting: behind it, or in the
// lines above it. Every place in a list is the same, and every node. It is what
// TestSchema fails by when a setting is not there.
func comments(t *testing.T) map[string]string {
	file, text := switchedOn(t)
	c, err := config.Load(file, app.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	settings(root(t, text), "", lines)
	said := map[string]string{}
	written := strings.Split(string(text), "\n")
	for _, path := range slices.SortedFunc(maps.Keys(lines), func(a, b string) int { return cmp.Or(lines[a]-lines[b], cmp.Compare(a, b)) }) {
		comment := commentOn(written, lines[path], path)
		for i, s := range c.Sources {
			path = strings.Replace(path, fmt.Sprintf("sources[%d].settings.", i), "sources["+s.Network+"].settings.", 1)
		}
		for i, h := range c.Channels {
			path = strings.Replace(path, fmt.Sprintf("channels[%d].settings.", i), "channels["+h.Kind+"].settings.", 1)
		}
		path = places.ReplaceAllString(nodes.ReplaceAllString(path, "routing.tree"), "")
		if said[path] == "" {
			said[path] = comment
		}
	}
	return said
}

// settings finds the line of each setting below n.
func settings(n *yaml.Node, path string, lines map[string]int) {
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			settings(c, fmt.Sprintf("%s[%d]", path, i), lines)
		case i%2 == 0:
			at := strings.TrimPrefix(path+"."+c.Value, ".")
			lines[at] = c.Line
			settings(n.Content[i+1], at, lines)
		}
	}
}

// commentOn is what is said of a setting that is the first in its line.
func commentOn(written []string, line int, path string) string {
	text := written[line-1]
	setting, entry := strings.CutPrefix(strings.TrimLeft(text, " "), "- ")
	if !strings.HasPrefix(setting, path[strings.LastIndexByte(path, '.')+1:]+":") {
		return ""
	}
	if _, behind, ok := strings.Cut(text, " # "); ok {
		return behind
	}
	var above []string
	for i := line - 2; i >= 0 && !entry; i-- {
		said, ok := strings.CutPrefix(strings.TrimLeft(written[i], " "), "# ")
		if !ok {
			break
		}
		above = append(above, said)
	}
	slices.Reverse(above)
	return strings.Join(above, " ")
}

package topic

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/classifiers"
)

var update = flag.Bool("update", false, "write configs/taxonomy.yaml anew")

// TestTheFileIsTheBuiltInTaxonomy holds that a brand which starts from
// configs/taxonomy.yaml starts from what is built in.
func TestTheFileIsTheBuiltInTaxonomy(t *testing.T) {
	path := filepath.Join("..", "..", "configs", "taxonomy.yaml")
	if *update {
		var b bytes.Buffer
		b.WriteString("# The topics that mentions are sorted by. Edit freely: names and words are yours, a star at the end of a\n" +
			"# word stands for any ending, and of two topics that fit equally well the first is taken.\n")
		fmt.Fprintln(&b, "topics:")
		for _, e := range Default() {
			fmt.Fprintf(&b, "  - name: %s\n    about: %q\n    words:\n", e.Name, e.About)
			for _, lang := range langs(e) {
				list, err := json.Marshal(e.Words[lang])
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "      %q: %s\n", lang, strings.ReplaceAll(string(list), `","`, `", "`))
			}
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Topics Taxonomy `yaml:"topics"`
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(file.Topics, Default()) {
		t.Error("configs/taxonomy.yaml is not the built-in taxonomy: go test ./classifiers/topic -update")
	}
}

// langs are the languages of an entry, in the order of the built-in file.
func langs(e Entry) []string {
	var out []string
	for l := range strings.FieldsSeq("en de fr es pt it nl tr ru ar hi hi-Latn zh ja th id vi ko") {
		if _, ok := e.Words[l]; ok {
			out = append(out, l)
		}
	}
	return out
}

func builtinTopics(t *testing.T) *Tagger {
	t.Helper()
	tagger, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return tagger
}

func TestTopicsAreTold(t *testing.T) {
	tagger := builtinTopics(t)
	for _, test := range []struct {
		lang, text string
		want       classifiers.Topic
	}{
		{"en", "You charged me twice for the same invoice", "billing"},
		{"en", "I want a refund, give me my money back", "refund"},
		{"en", "my parcel never arrived, tracking says delivered", "delivery"},
		{"en", "internet is down again, no signal since noon", "outage"},
		{"en", "your staff were so rude to my mother", "staff"},
		{"en", "the battery caught fire and burned my desk", "safety"},
		{"en", "the app keeps crashing after the update", "app"},
		{"en", "my account is suspended and I can't log in", "account"},
		{"en", "forgot my password, no verification code comes", "account"},
		{"en", "the printer won't turn on and the screen is black", "device"},
		{"en", "why was the last episode of the series taken off", "content"},
		{"en", "the voucher is refused at checkout", "purchase"},
		{"de", "Passwort vergessen, kann mich nicht anmelden", "account"},
		{"de", "die App stürzt ab", "app"},
		{"es", "el código de descuento no entra en el carrito", "purchase"},
		{"de", "Ich will meinen Vertrag kündigen", "cancellation"},
		{"fr", "le livreur a perdu mon colis", "delivery"},
		{"es", "no hay señal ni internet, sin servicio desde ayer", "outage"},
		{"pt", "quero o estorno, devolução do dinheiro", "refund"},
		{"zh", "客服打不通，没人理", "support"},
		{"ru", "нет интернета, опять сбой", "outage"},
		{"en", "what a lovely evening", ""},
		{"en", "", ""},
	} {
		if got := tagger.Tag(test.text, test.lang); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
}

// TestRealThreadsAreSpreadOverTopics counts the topics of what real customers
// wrote first: few may be left without one, and none is where all the others go.
func TestRealThreadsAreSpreadOverTopics(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data", "ibm_twitter_care")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI=true, but the threads are not there: %v", err)
		}
		t.Skipf("needs the threads beside the checkout: %v", err)
	}
	tagger, n, counts := builtinTopics(t), 0, map[classifiers.Topic]int{}
	for _, part := range []string{"dev.json", "test.json"} {
		b, err := os.ReadFile(filepath.Join(dir, part))
		if err != nil {
			t.Fatal(err)
		}
		var threads []struct {
			Turns []map[string]any `json:"dialogContent"`
		}
		if err := json.Unmarshal(b, &threads); err != nil {
			t.Fatal(err)
		}
		for _, thread := range threads {
			for _, turn := range thread.Turns {
				if text, ok := turn["message"].(string); ok && turn["client"] != nil {
					n++
					counts[tagger.Tag(text, "en")]++
					break
				}
			}
		}
	}
	t.Logf("%d threads: %v", n, counts)
	for topic, k := range counts {
		if k*4 > n {
			t.Errorf("%q takes %d of %d threads", topic, k, n)
		}
	}
}

func TestAHeadLearnsWhatTheSeedsDontKnow(t *testing.T) {
	tax := Taxonomy{
		{Name: "boats", Words: map[string][]string{"en": {"boat"}}},
		{Name: "huts", Words: map[string][]string{"en": {"hut"}}},
	}
	var samples []Sample
	for i := range 60 {
		samples = append(samples, Sample{fmt.Sprintf("the rudder and the sail of number %d are torn", i), "boats"},
			Sample{fmt.Sprintf("the stove and the roof of number %d are leaking", i), "huts"}, Sample{"ignored", "nonesuch"})
	}
	tagger, err := New(tax, Train(tax, samples))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]classifiers.Topic{"my rudder is torn": "boats", "a leaking stove": "huts", "the boat": "boats", "nothing of the kind": ""} {
		if got := tagger.Tag(text, "en"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if _, err := New(Default(), Train(tax, samples)); err == nil {
		t.Error("a head for other topics was accepted")
	}
}

func TestBadTaxonomiesAreRefused(t *testing.T) {
	for name, tax := range map[string]Taxonomy{
		"empty":    {},
		"no name":  {{Words: map[string][]string{"en": {"x"}}}},
		"twice":    {{Name: "a"}, {Name: "a"}},
		"bad word": {{Name: "a", Words: map[string][]string{"en": {"x * y"}}}},
		"too many": make(Taxonomy, MaxTopics+1),
	} {
		if _, err := New(tax, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

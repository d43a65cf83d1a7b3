package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/config"
)

// Set up says plainly what leaves the house to be translated, and never a key.
func TestTranslationIsToldPlainly(t *testing.T) {
	t.Setenv("DEEPL_KEY", "hush-hush-1:fx")
	c, err := config.Parse("amends.yaml", []byte(`queues: [{name: legal}]
translation:
  provider: deepl
  languages: [en, pt-BR]
  daily_characters: 5000
  price: 20
  withhold: {queues: [legal]}
  settings: {key: "${DEEPL_KEY}"}
`), Kinds())
	if err != nil {
		t.Fatal(err)
	}
	o, err := newServing(ServeOptions{}).office(c)
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprint((&teller{c, asWritten}).translation(o, 1200, 250_000))
	for _, want := range []string{"sent to DeepL at api-free.deepl.com", "en, pt-BR", "never sent", "queue legal", "1200 characters, of 5000", "250000 characters, 5.00 US dollars", "amends.yaml:2"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not told: %s", want, told)
		}
	}
	if strings.Contains(told, "hush") {
		t.Error("the key is told")
	}
	if o, err := newServing(ServeOptions{}).office(config.Default()); err != nil || o != nil {
		t.Errorf("without a provider: %v %v", o, err)
	}
	if told := fmt.Sprint((&teller{config.Default(), asWritten}).translation(nil, 0, 0)); !strings.Contains(told, "no text leaves") {
		t.Error(told)
	}
}

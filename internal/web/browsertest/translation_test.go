package browsertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/network/mastodon/mastodontest"
)

// A translator is a server that speaks as LibreTranslate does.
type translator struct {
	mu   sync.Mutex
	got  []string
	full bool // it has had enough
}

func (s *translator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ Q, Source, Target, Format string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/translate" || in.Source != "auto" || in.Format != "text" {
		http.Error(w, `{"error":"bad"}`, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	s.got = append(s.got, in.Q)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"translatedText": "In " + in.Target + ": <b>the parcel</b> never came.", "detectedLanguage": map[string]any{"language": "fr", "confidence": 92}})
}

func (s *translator) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

// A translation stands below the original by the key T, says whose machine made
// it, and goes by the same key. Nothing is sent before, nor a second time.
func TestTranslationBesideTheOriginal(t *testing.T) {
	machine := &translator{}
	at := httptest.NewServer(machine)
	t.Cleanup(at.Close)
	w, social := connected(t, fmt.Sprintf("translation: {provider: libretranslate, languages: [en], settings: {url: %q}}\n", at.URL))
	social.Post(mastodontest.Post{By: "zoe", Text: "@acme mon colis n'est jamais arrivé, personne ne répond depuis trois semaines, c'est inadmissible, je veux être remboursée"})
	p := enter(t, w, "Tra Ns", "agent", "/queue", 1440, 900)
	p.until(`document.querySelectorAll('.row').length === 2`)
	id := value[string](p, `[...document.querySelectorAll('.row')].find(r => r.innerText.includes('colis')).dataset.case`)
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.post .pt')`)
	if got := machine.asked(); len(got) != 0 {
		t.Errorf("sent before anybody asked: %q", got)
	}
	p.press("t")
	p.says(".trn .pt", "In en: <b>the parcel</b> never came.")
	p.says(".trn .mk", "machine's translation, by LibreTranslate at "+strings.TrimPrefix(at.URL, "http://"))
	p.says(".post > .pt", "jamais arrivé")
	for _, theme := range []string{"light", "dark"} {
		p.theme(theme)
		p.check("translation-" + theme)
	}
	p.press("t")
	p.until(`!document.querySelector('.trn')`)
	p.eval(`[...document.querySelectorAll('.post .link')].find(b => b.innerText.includes('Translate')).click()`)
	p.says(".trn .pt", "never came")
	if got := machine.asked(); len(got) != 1 || !strings.Contains(got[0], "jamais arrivé") || strings.Contains(got[0], "zoe") {
		t.Errorf("sent: %q", got)
	}
	p.show("/cases/" + value[string](p, `fetch('/api/v1/cases?state=needs').then(r => r.json()).then(l => l.cases.find(c => c.id !== '`+id+`').id)`))
	p.until(`!!document.querySelector('.post .pt')`)
	p.press("t")
	p.toast("another language")

	machine.mu.Lock()
	machine.full = true
	machine.mu.Unlock()
	social.Post(mastodontest.Post{By: "zoe", Text: "@acme toujours rien reçu, votre service client est une honte, répondez-moi enfin"})
	p.show("/cases/" + id)
	p.until(`document.querySelectorAll('.post .pt').length === 2`)
	p.mayComplain("502")
	p.press("t")
	p.toast("asked too often")
	p.until(`!document.querySelector('.thread .quiet')`)
}

// The same on a phone, where the button is all there is.
func TestTranslationOnAPhone(t *testing.T) {
	at := httptest.NewServer(&translator{})
	t.Cleanup(at.Close)
	w, social := connected(t, fmt.Sprintf("translation: {provider: libretranslate, languages: [en], settings: {url: %q}}\n", at.URL))
	social.Post(mastodontest.Post{By: "zoe", Text: "@acme mon colis n'est jamais arrivé, personne ne répond depuis trois semaines, c'est inadmissible"})
	p := enter(t, w, "Pho Ne", "agent", "/queue", 390, 844)
	p.until(`document.querySelectorAll('.row').length === 2`)
	p.show("/cases/" + value[string](p, `[...document.querySelectorAll('.row')].find(r => r.innerText.includes('colis')).dataset.case`))
	p.until(`[...document.querySelectorAll('.post .link')].some(b => b.innerText.includes('Translate'))`)
	p.eval(`[...document.querySelectorAll('.post .link')].find(b => b.innerText.includes('Translate')).click()`)
	p.says(".trn .pt", "never came")
	p.check("translation-390")
}

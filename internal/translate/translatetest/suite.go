// Package translatetest says what a correct translation service does: one suite
// that every one runs, against a simulator made from its vendor's documents.
//
// It never opens a socket and never sleeps; a [World] may.
package translatetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/translate"
)

// Key is the account's that every simulator takes; no other.
const Key = "hush-hush-key"

// A Simulator is the other side of a service: it answers with Render(text, to)
// and says that the text was in [From].
type Simulator struct {
	*networktest.Wire
	t      testing.TB
	answer func(r *http.Request, asked func(text, to string) string) (status int, body any)

	mu  sync.Mutex
	got []Asked
}

// Asked is one text as the service got it.
type Asked struct{ Text, To string }

// From is the language that every simulator takes every text for.
const From = "sv"

// Render is what every simulator makes of a text. to is the language as the
// vendor writes it.
func Render(text, to string) string { return "«" + to + "» " + text }

// Simulate makes a simulator. answer checks a request as the vendor's document
// describes it, calls asked with what it holds, and returns the answer. Its
// test fails by [Simulator.Wrong].
func Simulate(t testing.TB, answer func(s *Simulator, r *http.Request, asked func(text, to string) string) (status int, body any)) *Simulator {
	s := &Simulator{t: t}
	s.answer = func(r *http.Request, asked func(text, to string) string) (int, any) { return answer(s, r, asked) }
	s.Wire = networktest.NewWire(t, s)
	return s
}

// Wrong tells what a request should have been.
func (s *Simulator) Wrong(format string, args ...any) { s.t.Helper(); s.t.Errorf(format, args...) }

// Read takes a request's body apart: JSON, and no field that into has not.
func (s *Simulator) Read(r *http.Request, into any) {
	s.t.Helper()
	if kind := r.Header.Get("Content-Type"); kind != "application/json" || r.Method != http.MethodPost {
		s.t.Errorf("%s of %q, want POST of JSON", r.Method, kind)
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		s.t.Errorf("the body: %v", err)
	}
}

// ServeHTTP implements [http.Handler].
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.String(), Key) {
		s.t.Errorf("the key stands in an address")
	}
	status, body := s.answer(r, func(text, to string) string {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got = append(s.got, Asked{text, to})
		return Render(text, to)
	})
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// Got is what was asked, in order.
func (s *Simulator) Got() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Asked(nil), s.got...)
}

// Client is a guarded client that reaches nothing but the simulator.
func (s *Simulator) Client() *http.Client {
	return network.NewClient(network.Options{Base: s.Wire, MaxBody: 1 << 20})
}

// Traits say how a service writes things.
type Traits struct {
	Host    string
	Targets map[string]string // how it writes our languages; others as they are
}

// Open opens the service anew by a client and a key.
type Open func(c *http.Client, key string) (translate.Service, error)

// Run checks a service against the contract of package translate.
func Run(t *testing.T, traits Traits, world func(t testing.TB) *Simulator, open Open) {
	cases := 0
	run := func(name string, f func(*suite)) {
		cases++
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // so that no time-out takes time
				w := world(t)
				service, err := open(w.Client(), Key)
				if err != nil {
					t.Fatal(err)
				}
				f(&suite{T: t, traits: traits, world: w, service: service, open: open})
			})
		})
	}
	run("it says where texts go", func(s *suite) {
		if got := s.service.Host(); got != s.traits.Host {
			s.Errorf("host %q, want %q", got, s.traits.Host)
		}
	})
	for _, to := range []string{"en", "de", "es", "fr", "pt", "pt-BR", "zh", "ja"} {
		run("into/"+to, func(s *suite) { s.gives("Det kom aldrig fram.", to) })
	}
	for i, text := range hostile {
		run(fmt.Sprintf("hostile text/%d", i), func(s *suite) { s.gives(text, "de") })
	}
	run("as long as can be", func(s *suite) { s.gives(strings.Repeat("åäö漢 ", translate.MaxText/5), "fr") })
	run("many at once", manyAtOnce)
	run("cancelled before it began", func(s *suite) {
		ctx, end := context.WithCancel(s.Context())
		end()
		_, err := s.service.Translate(ctx, "x", "de")
		if e := s.typed(err); !e.Unsent || len(s.world.Got()) != 0 {
			s.Errorf("%d arrived; told as unsent: %v", len(s.world.Got()), e.Unsent)
		}
	})
	run("a wrong key", func(s *suite) {
		service, err := s.open(s.world.Client(), "not-"+Key)
		if err != nil {
			s.Fatal(err)
		}
		_, err = service.Translate(s.Context(), secretText, "de")
		if e := s.typed(err); e.Fault != network.Refused {
			s.Errorf("told as %s", e.Fault)
		}
	})
	for _, f := range networktest.HTTPFaults() {
		run("through/"+string(f), func(s *suite) { s.through(f) })
	}
	t.Logf("%d cases", cases)
}

type suite struct {
	*testing.T
	traits  Traits
	world   *Simulator
	service translate.Service
	open    Open
}

// hostile is what strangers write.
var hostile = []string{
	"<script>alert(1)</script><b>bold</b> & &amp; &lt;",
	"%s %d {{.Key}} ${HOME} $(id) \\n \\u0000",
	"zwölf Äpfel, русский, 日本語, עברית, 👨‍👩‍👧‍👦",
	`"quotes" 'single' \back\slash {"q": 1}`,
	"one\r\ntwo\n\n\tthree\x00",
	"a\u202eesrever\u2066 and back",
	"&q=x&target=fr&api_key=y",
}

// gives checks that a text arrives as it is, in the vendor's words, and that
// what comes back is the answer.
func (s *suite) gives(text, to string) {
	s.Helper()
	got, err := s.service.Translate(s.Context(), text, to)
	if err != nil {
		s.Fatal(err)
	}
	as := to
	if t, ok := s.traits.Targets[to]; ok {
		as = t
	}
	if want := (translate.Translated{Text: Render(text, as), From: From}); got != want {
		s.Errorf("%.60q from %q, want %.60q from %q", got.Text, got.From, want.Text, want.From)
	}
	if asked := s.world.Got(); len(asked) != 1 || asked[0] != (Asked{text, as}) {
		s.Errorf("asked %.200q", asked)
	}
}

func manyAtOnce(s *suite) {
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			text := fmt.Sprint("text ", i)
			got, err := s.service.Translate(s.Context(), text, "fr")
			if err != nil || !strings.HasSuffix(got.Text, text) {
				s.Errorf("%q became %q: %v", text, got.Text, err)
			}
		})
	}
	all.Wait()
}

const secretText = "what only the customer may know"

// through translates while the other side fails: it is asked at most once, the
// error is typed and tells nothing, and all is well again once it is mended.
func (s *suite) through(f networktest.Fault) {
	s.world.Break(f)
	_, err := s.service.Translate(s.Context(), secretText, "de")
	s.world.Break(networktest.Mended)
	e := s.typed(err)
	if n := s.world.Calls(); n > 1 {
		s.Errorf("it was asked %d times", n)
	}
	arrived := len(s.world.Got())
	if e.Settled() && arrived != 0 {
		s.Errorf("told as not taken, but it arrived: %v", e)
	}
	if _, err := s.service.Translate(s.Context(), "again", "de"); err != nil {
		s.Errorf("once mended: %v", err)
	}
}

// typed checks that an error is what a service may return.
func (s *suite) typed(err error) *network.Error {
	s.Helper()
	if err == nil {
		s.Fatal("no error")
	}
	e, ok := errors.AsType[*network.Error](err)
	if !ok || error(e) != err {
		s.Fatalf("%T is no *network.Error: %v", err, err)
	}
	for _, secret := range []string{Key, secretText} {
		if strings.Contains(fmt.Sprintf("%v %+v", e, e.Err), secret) {
			s.Errorf("the error tells %q: %v", secret, e)
		}
	}
	return e
}

package x_test

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/x"
	"github.com/amends-care/amends/internal/network/x/xtest"
)

// specs are X's specifications, read once; nil when they are not there.
var specs = map[string]func(testing.TB) *xtest.Spec{x.FieldsPost: once(x.FieldsPost), x.FieldsTweet: once(x.FieldsTweet)}

func once(fields string) func(testing.TB) *xtest.Spec {
	var do sync.Once
	var spec *xtest.Spec
	return func(t testing.TB) *xtest.Spec {
		do.Do(func() { spec = xtest.Load(t, fields) })
		return spec
	}
}

func TestTheSpecificationsAreThere(t *testing.T) {
	if xtest.Fixtures() != "" {
		return
	}
	const why = "X's specifications and recordings are not beside the project: the simulator runs without being held against them"
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// settings are those of a source on the simulator.
func settings(what string) *x.Settings {
	s := x.Driver().Settings().(*x.Settings)
	s.ConsumerKey, s.ConsumerSecret = xtest.ConsumerKey, xtest.ConsumerSecret
	s.AccessToken, s.AccessSecret = xtest.AccessToken, xtest.AccessSecret
	s.What = what
	if what == x.Search {
		s.Query = "kettle OR from:" + xtest.Handle
	}
	return s
}

var secrets = []string{xtest.ConsumerKey, xtest.ConsumerSecret, xtest.AccessToken, xtest.AccessSecret, xtest.Bearer}

// A world is the simulator with a wire in front of it that can break.
type world struct {
	*networktest.Wire
	t      testing.TB
	net    *xtest.Network
	set    *x.Settings
	driver network.Driver
	breaks int
}

func newWorld(t testing.TB, set *x.Settings, o xtest.Options) *world {
	o.Fields = set.Fields
	o.Spec = specs[set.Fields](t)
	n := xtest.New(t, o)
	return &world{Wire: networktest.NewWireOver(t, n), t: t, net: n, set: set, driver: x.Driver()}
}

func (w *world) Account() network.Account { return w.open(w.set) }

func (w *world) open(set *x.Settings) network.Account {
	w.t.Helper()
	a, err := w.driver.Open(set, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) Skew(d time.Duration) { w.net.Skew(d); w.Wire.Skew(d) }

// text addresses our account, which is what lets it answer.
func (w *world) text(s string) string {
	if w.set.What == x.Search {
		return "@" + xtest.Handle + " my kettle: " + s
	}
	return "@" + xtest.Handle + " " + s
}

func (w *world) Post(p networktest.Post) care.Remote {
	parent, _ := strconv.ParseInt(string(p.InReplyTo), 10, 64)
	post := xtest.Post{Author: p.Author, Text: w.text(p.Text), At: p.At, InReplyTo: parent}
	if p.Own {
		post.Author, post.Text = xtest.Handle, p.Text
	}
	return remote(w.net.Post(post))
}

func remote(id int64) care.Remote { return care.Remote(strconv.FormatInt(id, 10)) }

func number(t testing.TB, id care.Remote) int64 {
	t.Helper()
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) Edit(id care.Remote, text string) { w.net.Edit(number(w.t, id), w.text(text)) }
func (w *world) Delete(id care.Remote)            { w.net.Delete(number(w.t, id)) }

func (w *world) Sent() []care.Answer {
	var all []care.Answer
	for _, s := range w.net.Sent() {
		all = append(all, care.Answer{To: care.Post{Remote: remote(s.To)}, Text: s.Text})
	}
	return all
}

func (w *world) Listening() {
	w.t.Helper()
	ctx, end := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer end()
	w.net.Listening(ctx)
}

// HangUp breaks the stream in all ways but silence, which takes half a minute
// to notice: see TestSilence.
func (w *world) HangUp() {
	ways := slices.DeleteFunc(xtest.Breaks(), func(how string) bool { return how == xtest.Silent })
	w.net.HangUp(ways[w.breaks%len(ways)])
	w.breaks++
}

// The suite over what a source reads, both generations of names, and v1.1.
func TestDriver(t *testing.T) {
	for name, set := range map[string]*x.Settings{
		"mentions":                settings(x.Mentions),
		"mentions, older names":   older(settings(x.Mentions)),
		"search":                  settings(x.Search),
		"search, older names":     older(settings(x.Search)),
		"mentions without bridge": v1(settings(x.Mentions)),
		"search without bridge":   v1(settings(x.Search)),
		"stream":                  streaming(settings(x.Search)),
		"stream, older names":     streaming(older(settings(x.Search))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			traits := networktest.Traits{
				Page: 3, Edits: networktest.OnPoll, Deletes: networktest.OnLook, Late: 2 * time.Minute, Own: set.What == x.Search,
				Secrets: secrets,
				// A silent network is met in TestASilentNetwork, where no clock decides.
				Faults: slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
					return f == networktest.Silent || f == networktest.Stalled
				}),
			}
			if set.Mode == x.V1 {
				traits.Edits = networktest.Never // v1.1 tells an edit as another post
			}
			networktest.Run(t, traits, func(t *testing.T) networktest.World {
				return newWorld(t, set, xtest.Options{Page: traits.Page})
			})
		})
	}
}

func older(s *x.Settings) *x.Settings { s.Fields = x.FieldsTweet; return s }
func v1(s *x.Settings) *x.Settings    { s.Mode = x.V1; return s }

func streaming(s *x.Settings) *x.Settings { s.Stream, s.BearerToken = true, xtest.Bearer; return s }

var _ http.RoundTripper = (*xtest.Network)(nil)

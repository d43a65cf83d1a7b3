package bluesky

import (
	"cmp"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/bluesky/atprototest"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

var shared atprototest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// A world is the real network with a brand of its own on it. Between the
// driver and the network is a wire that can break.
type world struct {
	*networktest.Wire
	t      testing.TB
	net    *atprototest.Network
	brand  *atprototest.Account
	people *people
	driver network.Driver
	what   string
	word   string // what a search looks for
	page   int

	mu        sync.Mutex
	refs      map[care.Remote]atprototest.Ref
	authors   map[care.Remote]*atprototest.Account
	unsettled bool // something was written since the network was last waited for
}

// people are the accounts that the worlds of a test share: a new one takes the
// network half a second.
type people struct {
	mu    sync.Mutex
	all   map[string]*atprototest.Account
	brand *world // for cases that only answer: what they leave behind is removed
}

func (p *people) named(t testing.TB, net *atprototest.Network, name string) *atprototest.Account {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]*atprototest.Account{}
	}
	if p.all[name] == nil {
		p.all[name] = net.Account(t, name)
	}
	return p.all[name]
}

// newWorld signs up a brand. Accounts that it opens read what.
func newWorld(t testing.TB, what string, page int, crowd *people) *world {
	net := shared.Network(t)
	w := &world{
		t: t, net: net, people: crowd, what: what, page: page,
		refs: map[care.Remote]atprototest.Ref{}, authors: map[care.Remote]*atprototest.Account{},
	}
	w.Wire = networktest.NewWireOver(t, settling{w})
	if old := crowd.brand; old != nil && strings.Contains(t.Name(), "/answer/") {
		w.brand, w.driver = old.brand, old.driver
		t.Cleanup(func() {
			for _, r := range w.records() {
				w.brand.Delete(t, r.Ref)
			}
		})
	} else {
		w.brand, w.driver = net.Account(t, "brand"), Driver()
		crowd.brand = w
	}
	if what == Search {
		w.word = strings.TrimSuffix(w.brand.Handle, ".test")
	}
	return w
}

func (w *world) Account() network.Account { return w.account() }

func (w *world) account() *Account {
	w.t.Helper()
	d := w.driver
	settings := d.Settings().(*Settings)
	settings.Host, settings.Handle, settings.AppPassword = w.net.URL, w.brand.Handle, network.Secret(w.brand.Password)
	settings.What, settings.Query = w.what, w.word
	opened, err := d.Open(settings, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		w.t.Fatal(err)
	}
	account := opened.(*Account)
	account.page = w.page
	return account
}

// settling carries a call once everything that was written shows.
type settling struct{ w *world }

func (s settling) RoundTrip(r *http.Request) (*http.Response, error) {
	s.w.settle()
	return http.DefaultTransport.RoundTrip(r)
}

func (w *world) settle() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unsettled {
		w.net.Settle(w.t)
	}
	w.unsettled = false
}

// Break waits first: under a fault time may be short.
func (w *world) Break(f networktest.Fault) {
	w.settle()
	w.Wire.Break(f)
}

func (w *world) BreakWrites(f networktest.Fault) {
	w.settle()
	w.Wire.BreakWrites(f)
}

func (w *world) text(s string) string {
	if w.what == Search {
		return w.word + " " + s
	}
	return "@" + w.brand.Handle + " " + s
}

func (w *world) Post(p networktest.Post) care.Remote {
	w.t.Helper()
	author, text := w.brand, p.Text
	if !p.Own {
		author, text = w.people.named(w.t, w.net, cmp.Or(p.Author, "ana")), w.text(p.Text)
	}
	var opts []atprototest.Option
	if !p.At.IsZero() {
		opts = append(opts, atprototest.Written(p.At))
	}
	if p.InReplyTo != "" {
		opts = append(opts, atprototest.Replying(w.refs[p.InReplyTo]))
	}
	return w.wrote(author, author.Post(w.t, text, opts...))
}

func (w *world) wrote(author *atprototest.Account, ref atprototest.Ref) care.Remote {
	id := care.Remote(ref.URI)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refs[id], w.authors[id], w.unsettled = ref, author, true
	return id
}

func (w *world) Edit(id care.Remote, text string) {
	w.t.Helper()
	w.wrote(w.authors[id], w.authors[id].Edit(w.t, w.refs[id], w.text(text)))
}

func (w *world) Delete(id care.Remote) {
	w.t.Helper()
	w.authors[id].Delete(w.t, w.refs[id])
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.refs, id)
	w.unsettled = true
}

type stored struct {
	atprototest.Ref
	Value struct {
		Text  string
		Reply *struct{ Parent struct{ URI string } }
	}
}

// records are the brand's posts as its own server has them.
func (w *world) records() []stored {
	w.t.Helper()
	var page struct{ Records []stored }
	w.brand.Call(w.t, http.MethodGet, "com.atproto.repo.listRecords",
		url.Values{"repo": {w.brand.DID}, "collection": {postType}, "limit": {"100"}}, nil, &page)
	return page.Records
}

// Sent are the brand's posts but those written by hand. It waits until they show.
func (w *world) Sent() []care.Answer {
	w.t.Helper()
	w.net.Settle(w.t)
	var sent []care.Answer
	for _, r := range w.records() {
		if _, byHand := w.refs[care.Remote(r.URI)]; byHand {
			continue
		}
		a := care.Answer{Text: r.Value.Text}
		if r.Value.Reply != nil {
			a.To.Remote = care.Remote(r.Value.Reply.Parent.URI)
		}
		sent = append(sent, a)
	}
	return sent
}

func TestDriver(t *testing.T) {
	for _, what := range []string{Mentions, Search} {
		t.Run(what, func(t *testing.T) {
			crowd := new(people)
			secrets := []string{"eyJ", "Bearer", ""} // every token begins so
			traits := networktest.Traits{
				Page: 3, Edits: networktest.OnLook, Deletes: networktest.OnLook, Late: newest.Overlap, Keyed: true,
				Secrets: secrets,
				// A silent network is met in TestAnswerThatHangs, where no clock decides.
				Faults: slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
					return f == networktest.Silent || f == networktest.Stalled
				}),
			}
			if what == Search { // how calls fail is no matter of the list
				traits.Faults = nil
			}
			secrets[2] = "no password yet"
			networktest.Run(t, traits, func(t *testing.T) networktest.World {
				w := newWorld(t, what, traits.Page, crowd)
				secrets[2] = w.brand.Password
				return w
			})
		})
	}
}

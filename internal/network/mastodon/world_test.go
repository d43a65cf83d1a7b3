package mastodon

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/mastodon/mastodontest"
	"github.com/amends-care/amends/internal/network/networktest"
	"github.com/amends-care/amends/internal/network/newest"
)

// A world is a server with our account on it, and a wire to it that can break.
type world struct {
	*networktest.Wire
	t        testing.TB
	server   *mastodontest.Server
	settings Settings
	page     int64
	client   network.Options
}

func newWorld(t testing.TB, what string) *world {
	w := &world{t: t, page: 3}
	w.server = mastodontest.New(t, nil)
	w.Wire = networktest.NewWire(t, w.server)
	w.client.Base = w.Wire
	w.settings = Settings{Server: mastodontest.Host, Token: network.Secret(w.server.SignUp("acme")), What: what, Visibility: visibilityUnlisted}
	switch what {
	case Hashtag:
		w.settings.Hashtag = "acme"
	case Search:
		w.settings.Query = "acme"
	}
	return w
}

func (w *world) Account() network.Account { return w.account() }

func (w *world) account() *Account {
	w.t.Helper()
	set := w.settings
	a, err := Driver().Open(&set, network.NewClient(w.client))
	if err != nil {
		w.t.Fatal(err)
	}
	a.(*Account).page = w.page
	return a.(*Account)
}

// text makes something that the source reads of somebody's words.
func (w *world) text(s string) string {
	if w.settings.What == Mentions {
		return "@acme " + s
	}
	return s + " #acme"
}

func (w *world) remote(id string) care.Remote { return care.Remote(mastodontest.Host + "/" + id) }

func (w *world) local(id care.Remote) string { return string(id)[len(mastodontest.Host)+1:] }

func (w *world) Post(p networktest.Post) care.Remote {
	made := mastodontest.Post{By: cmp.Or(p.Author, "ana"), Text: w.text(p.Text), At: p.At}
	if p.Author == "ben" {
		made.By = "ben@far.example"
	}
	if p.InReplyTo != "" {
		made.InReplyTo = w.local(p.InReplyTo)
	}
	return w.remote(w.server.Post(made))
}

func (w *world) Edit(id care.Remote, text string) { w.server.Edit(w.local(id), w.text(text)) }

func (w *world) Delete(id care.Remote) { w.server.Delete(w.local(id)) }

func (w *world) Sent() (all []care.Answer) {
	for _, s := range w.server.Sent("acme") {
		all = append(all, care.Answer{To: care.Post{Remote: w.remote(s.InReplyTo)}, Text: s.Text, Direct: s.Visibility == "direct"})
	}
	return all
}

func TestDriver(t *testing.T) {
	for _, c := range []struct {
		what    string
		ignores bool // the server knows no Idempotency-Key
	}{{Mentions, true}, {Hashtag, false}, {Search, true}} {
		t.Run(c.what, func(t *testing.T) {
			secrets := []string{"tok-", "Bearer"}
			networktest.Run(t, networktest.Traits{
				Page: 3, Edits: networktest.OnPoll, Deletes: networktest.OnLook, Late: newest.Overlap, Keyed: !c.ignores, Direct: true,
				Faults: faults(), Secrets: secrets,
			}, func(t *testing.T) networktest.World {
				w := newWorld(t, c.what)
				w.server.Ignores = c.ignores
				return w
			})
		})
	}
}

// TestDriverWithoutKey: a hashtag read by nobody in particular.
func TestDriverWithoutKey(t *testing.T) {
	networktest.Run(t, networktest.Traits{
		Page: 3, Edits: networktest.OnPoll, Deletes: networktest.OnLook, Late: newest.Overlap, Faults: faults(),
	}, func(t *testing.T) networktest.World {
		w := newWorld(t, Hashtag)
		w.settings.Token = ""
		return mute{w}
	})
}

// A mute world's account can't answer: whoever reads without a key can't.
type mute struct{ *world }

func (m mute) Account() network.Account {
	return struct {
		network.Account
		network.Looker
		network.Threader
	}{m.account(), m.account(), m.account()}
}

// faults are those of the suite but silence, which is met in a bubble, where no
// clock of this machine decides.
func faults() []networktest.Fault {
	return slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
		return f == networktest.Silent || f == networktest.Stalled
	})
}

func TestAServerThatSaysNothing(t *testing.T) {
	for _, f := range []networktest.Fault{networktest.Silent, networktest.Stalled} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, Mentions)
			a := w.account()
			to := w.complaint(mastodontest.Post{By: "ana", Text: "@acme broken"})
			ctx, end := context.WithTimeout(t.Context(), 5*time.Second)
			defer end()
			w.BreakWrites(f)
			if _, err := a.Send(ctx, care.Answer{To: to, Text: "sorry", Key: "k"}); networktest.Failure(t, err).Settled() || networktest.Failure(t, err).Fault != network.Transient {
				t.Errorf("%s: an answer that may have arrived: %v", f, err)
			}
			w.Break(f)
			if _, err := a.Poll(t.Context(), ""); networktest.Failure(t, err).Fault != network.Transient { // ends by the transport's own patience
				t.Errorf("%s: %v", f, err)
			}
			w.Break(networktest.Mended)
			_, found, err := a.Find(t.Context(), care.Answer{To: to, Text: "sorry", At: time.Now().Add(-40 * time.Second)})
			if want := f == networktest.Stalled; err != nil || found != want {
				t.Errorf("%s: found %v, %v", f, found, err)
			}
		})
	}
}

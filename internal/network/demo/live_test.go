package demo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// A watcher polls a network whose clock it turns.
type watcher struct {
	*testing.T
	net    *Network
	at     time.Time
	cursor string
	seen   []network.Item
}

func watch(t *testing.T, change func(*Settings)) *watcher {
	t.Helper()
	w := &watcher{T: t, at: someday}
	s := settings(someday)
	s.Days, s.Clock = 2, func() time.Time { return w.at }
	if change != nil {
		change(&s)
	}
	w.net = opened(t, s)
	return w
}

// poll reads all that there is now.
func (w *watcher) poll() []network.Item {
	w.Helper()
	var all []network.Item
	for {
		p, err := w.net.Poll(w.Context(), w.cursor)
		if err != nil {
			w.Fatal(err)
		}
		if len(p.Items) > pageSize {
			w.Fatalf("a page of %d", len(p.Items))
		}
		all = append(all, p.Items...)
		if w.cursor = p.Next; !p.More {
			w.seen = append(w.seen, all...)
			return all
		}
	}
}

// on polls every two seconds, as the demo does.
func (w *watcher) on(d time.Duration) []network.Item {
	w.Helper()
	var all []network.Item
	for end := w.at.Add(d); w.at.Before(end); {
		w.at = w.at.Add(min(2*time.Second, end.Sub(w.at)))
		all = append(all, w.poll()...)
	}
	return all
}

func TestSomebodyComplainsAtOnce(t *testing.T) {
	w := watch(t, nil)
	first := w.on(10 * time.Second)
	if !slices.ContainsFunc(first, func(i network.Item) bool { a, _ := w.net.About(i.Post.Remote); return a.Complaint() }) {
		t.Errorf("nobody complains within ten seconds: %d items", len(first))
	}
	if minute := len(first) + len(w.on(50*time.Second)); minute < 10 {
		t.Errorf("only %d posts in the first minute", minute)
	}
}

// TestTheStreamIsAlive: for three hours there is a post every few seconds, and
// all nine languages within any ten minutes.
func TestTheStreamIsAlive(t *testing.T) {
	w := watch(t, nil)
	w.on(3 * time.Hour)
	last := someday
	var when []time.Time
	var tongues []string
	for _, i := range w.seen {
		if gap := i.Post.PostedAt.Sub(last); i.Kind == network.Seen && gap > 20*time.Second {
			t.Errorf("nothing for %v at %v", gap, last)
		}
		if i.Kind == network.Seen {
			last = i.Post.PostedAt
			a, _ := w.net.About(i.Post.Remote)
			when, tongues = append(when, i.Post.PostedAt), append(tongues, a.Language)
		}
	}
	for from := range when {
		there := map[string]bool{}
		to := from
		for ; to < len(when) && when[to].Sub(when[from]) < 10*time.Minute; to++ {
			there[tongues[to]] = true
		}
		if to < len(when) && len(there) != 9 {
			t.Fatalf("%d languages in the ten minutes after %v", len(there), when[from].Sub(someday))
		}
	}
	if n := len(w.seen); n < 900 || n > 1600 {
		t.Errorf("%d items in three hours", n)
	}
}

func TestLiveOutage(t *testing.T) {
	w := watch(t, nil)
	count := map[string]int{}
	for _, i := range w.on(17 * time.Minute) {
		if a, _ := w.net.About(i.Post.Remote); a.Area != "" && i.Kind == network.Seen {
			count[a.Area]++
		}
	}
	if len(count) != 1 || count["Leipzig"] < waveSize {
		t.Errorf("outages after seventeen minutes: %v", count)
	}
}

// complaint is one of the live stream that stands and may be answered.
func (w *watcher) complaint(nth int) care.Post {
	w.Helper()
	for range 500 {
		left := nth
		for _, i := range w.seen {
			a, _ := w.net.About(i.Post.Remote)
			if i.Kind != network.Seen || i.Own || a.Kind != "complaint" || i.Post.InReplyTo != "" || i.Post.Kind != care.PostPublic {
				continue
			}
			if _, stands := w.net.stands(i.Post.Remote, w.at); !stands || w.net.May(i.Post, w.at).How != care.ByAPI {
				continue
			}
			if left--; left < 0 {
				return i.Post
			}
		}
		w.on(10 * time.Second)
	}
	w.Fatal("nobody complains")
	return care.Post{}
}

func (w *watcher) send(p care.Post, text, key string) network.Sent {
	w.Helper()
	sent, err := w.net.Send(w.Context(), care.Answer{To: p, Text: text, Key: key, At: w.at})
	if err != nil {
		w.Fatal(err)
	}
	return sent
}

// TestCustomersAnswerBack: most say something to an answer, in the thread and
// in their language; to a question they answer with details.
func TestCustomersAnswerBack(t *testing.T) {
	w := watch(t, nil)
	w.on(30 * time.Minute)
	answered := map[care.Remote]care.Post{}
	var sent []network.Sent
	w.complaint(39)
	for i := range 40 {
		p := w.complaint(i)
		text := "That is put right now. Mara"
		if i%2 == 1 {
			text = "Could you tell me since when? Mara"
		}
		s := w.send(p, text, string(p.Remote))
		answered[s.Remote] = p
		sent = append(sent, s)
	}
	back := map[care.Remote]network.Item{}
	own := 0
	for _, i := range w.on(echoSpan) {
		if _, ours := answered[i.Post.Remote]; ours && i.Own {
			own++
		}
		if to, ours := answered[i.Post.InReplyTo]; ours && !i.Own {
			back[i.Post.InReplyTo] = i
			a, _ := w.net.About(i.Post.Remote)
			was, _ := w.net.About(to.Remote)
			if i.Post.Author.ID != to.Author.ID || i.Post.Thread != to.Thread || a.Language != was.Language {
				t.Errorf("to %s by %s says %s %q", to.Remote, to.Author.ID, i.Post.Author.ID, i.Post.Text)
			}
		}
	}
	if own != len(sent) {
		t.Errorf("%d of %d answers were told as our own", own, len(sent))
	}
	if len(back) < 20 || len(back) == len(sent) {
		t.Errorf("%d of %d customers answer back", len(back), len(sent))
	}
	for id, i := range back {
		posts, err := w.net.Thread(t.Context(), i.Post.Remote)
		if err != nil {
			t.Fatal(err)
		}
		var order []care.Remote
		for _, p := range posts {
			order = append(order, p.Remote)
		}
		if a, b, c := slices.Index(order, answered[id].Remote), slices.Index(order, id), slices.Index(order, i.Post.Remote); a != 0 || b < 0 || c < b {
			t.Errorf("the thread of %s has complaint, answer and answer at %d, %d, %d of %d", id, a, b, c, len(order))
		}
	}
}

// TestOnlyTheUnansweredAskAgain: who got an answer does not ask whether anybody
// is there.
func TestOnlyTheUnansweredAskAgain(t *testing.T) {
	w := watch(t, nil)
	w.on(20 * time.Minute)
	for range 200 {
		p := w.complaint(0)
		conv := w.net.conversationOf(p.Remote)
		i := slices.IndexFunc(conv.beats, func(b beat) bool { return b.unless && b.at.After(w.at) })
		if i >= 0 {
			nudged := conv.beats[i].item.Post.Remote
			if !happens(t, w, nudged, "") {
				t.Errorf("nobody answered %s, but they did not ask again", p.Remote)
			}
			if happens(t, w, nudged, p.Remote) {
				t.Errorf("%s was answered, and asks again", p.Remote)
			}
			return
		}
		w.seen = slices.DeleteFunc(w.seen, func(i network.Item) bool { return i.Post.Remote == p.Remote })
	}
	t.Fatal("nobody would ask again")
}

// happens says whether a post is told within an hour and a half, on a network
// like w's on which answer was answered at the time.
func happens(t *testing.T, w *watcher, post, answer care.Remote) bool {
	t.Helper()
	twin := watch(t, func(s *Settings) { s.Days = 2 })
	twin.on(w.at.Sub(twin.at))
	if answer != "" {
		p, ok := twin.net.stands(answer, twin.at)
		if !ok {
			t.Fatalf("%s is not there", answer)
		}
		twin.send(p.Post, "We are on it. Mara", "k")
	}
	return slices.ContainsFunc(twin.on(90*time.Minute), func(i network.Item) bool { return i.Post.Remote == post })
}

// TestTheStoryGoesOnAfterARestart: with the file, another account tells the
// same, answers included; and a line that a crash cut short does no harm.
func TestTheStoryGoesOnAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "network.jsonl")
	w := watch(t, func(s *Settings) { s.Keep, s.Start = path, someday })
	w.on(3 * time.Minute)
	p := w.complaint(0)
	sent := w.send(p, "We are on it. Mara", "k1")
	w.on(20 * time.Minute)

	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"sent":{"key":"half`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	again := &watcher{T: t, at: w.at}
	s := settings(time.Time{}) // the file knows when it began
	s.Days, s.Keep, s.Clock = 2, path, func() time.Time { return again.at }
	again.net = opened(t, s)
	if !again.net.Start().Equal(someday) {
		t.Errorf("it begins anew at %v", again.net.Start())
	}
	again.poll()
	if len(again.seen) != len(w.seen) {
		t.Fatalf("%d items, then %d", len(w.seen), len(again.seen))
	}
	for i := range w.seen {
		if w.seen[i].Post.Remote != again.seen[i].Post.Remote || w.seen[i].Post.Text != again.seen[i].Post.Text {
			t.Fatalf("item %d was %q, and is %q", i, w.seen[i].Post.Text, again.seen[i].Post.Text)
		}
	}
	if found, ok, err := again.net.Find(t.Context(), care.Answer{To: p, Text: "We are on it. Mara", Key: "k1"}); err != nil || !ok || found != sent {
		t.Errorf("the answer was %+v, and is %+v, %v, %v", sent, found, ok, err)
	}
	again.send(p, "And once more. Mara", "k2")
	w.on(time.Minute) // the account that is still open sees it too
	if !slices.ContainsFunc(w.seen, func(i network.Item) bool { return i.Own && i.Post.Text == "And once more. Mara" }) {
		t.Error("another account on the same file does not see the answer")
	}

	s.Seed = 7
	if _, err := New(s); err == nil || !strings.Contains(err.Error(), "seed 1") {
		t.Errorf("a file of another seed: %v", err)
	}
	if err := os.WriteFile(path, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(s); err == nil {
		t.Error("a file of something else is taken")
	}
}

// TestNobodyWatched: what waits after a night without the demo is what a night
// brings, not thousands of posts; and it is the same for whoever asks again.
func TestNobodyWatched(t *testing.T) {
	w := watch(t, nil)
	w.on(20 * time.Minute)
	old := w.cursor
	w.at = w.at.Add(14 * time.Hour)
	night := w.poll()
	if len(night) < 5 || len(night) > 120 {
		t.Errorf("%d items after fourteen hours", len(night))
	}
	w.cursor = old
	if again := w.poll(); len(again) != len(night) {
		t.Errorf("%d items, then %d from the same cursor", len(night), len(again))
	}
	if n := len(w.on(10 * time.Minute)); n < 30 {
		t.Errorf("%d items in the ten minutes after", n)
	}
}

// TestColleaguesWork: the team takes some of what comes and leaves some, and
// goes on with customers who answer it.
func TestColleaguesWork(t *testing.T) {
	w := watch(t, nil)
	complaints, taken := map[care.Remote]bool{}, map[care.Remote]bool{}
	kinds := map[MoveKind]int{}
	from := w.at
	for range 40 {
		for _, i := range w.on(time.Minute) {
			if a, _ := w.net.About(i.Post.Remote); a.Complaint() && i.Kind == network.Seen && i.Post.InReplyTo == "" && !i.Own {
				complaints[i.Post.Remote] = true
			}
		}
		for _, m := range w.net.Colleagues(from, w.at) {
			kinds[m.Kind]++
			if m.At.Before(from) || m.At.After(w.at) {
				t.Errorf("asked for %v to %v, got %v", from, w.at, m.At)
			}
			if complaints[m.Remote] && m.Kind == Claim {
				taken[m.Remote] = true
			}
			if m.Kind != Reply {
				continue
			}
			to, ok := w.net.stands(m.Remote, w.at)
			if !ok || w.net.May(to.Post, w.at).How != care.ByAPI {
				continue
			}
			w.send(to.Post, m.Text, string(m.Remote)+m.Text)
		}
		from = w.at
	}
	if share := 100 * len(taken) / len(complaints); share < 30 || share > 75 {
		t.Errorf("%d of %d complaints are taken", len(taken), len(complaints))
	}
	for _, kind := range []MoveKind{Claim, Reply, Note, Resolve, Dismiss} {
		if kinds[kind] < 3 {
			t.Errorf("%d moves %q in forty minutes: %v", kinds[kind], kind, kinds)
		}
	}
}

func TestBadCursors(t *testing.T) {
	w := watch(t, nil)
	w.on(time.Minute)
	other := watch(t, func(s *Settings) { s.Seed = 9 })
	for _, cursor := range []string{"x", "1 2 3", other.net.Cursor(someday), w.cursor + " 1", "1 1 1 -1 x"} {
		_, err := w.net.Poll(t.Context(), cursor)
		e, ok := errors.AsType[*network.Error](err)
		if !ok || e.Fault != network.Malformed || !e.Again {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
	if p, err := w.net.Poll(t.Context(), w.net.Cursor(someday.AddDate(0, 0, -1))); err != nil || !p.More || p.Items[0].Post.PostedAt.After(someday) {
		t.Errorf("reading the past: %v, %d items", err, len(p.Items))
	}
	if p, err := w.net.Poll(t.Context(), w.net.Cursor(someday.AddDate(1, 0, 0))); err != nil || len(p.Items) != 0 || p.More {
		t.Errorf("reading the future: %v, %d items", err, len(p.Items))
	}
}

func TestDriver(t *testing.T) {
	d := Driver()
	s := d.Settings()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	account, err := d.Open(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := account.Poll(context.Background(), ""); err != nil {
		t.Error(err)
	}
	for _, bad := range []Settings{{Pace: time.Second, Days: -1}, {Pace: 2 * time.Hour}, {Pace: 12 * time.Second, Days: 9999}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	if _, err := d.Open(nil, nil); err == nil {
		t.Error("no settings are taken")
	}
}

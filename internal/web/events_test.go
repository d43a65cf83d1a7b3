package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
)

// A tap is a browser that keeps a stream open.
type tap struct {
	t      *testing.T
	header http.Header
	code   int
	stop   context.CancelFunc
	done   chan struct{}

	mu   sync.Mutex
	got  bytes.Buffer
	hold chan struct{} // not nil: writing waits until it is closed
}

func (p *tap) Header() http.Header  { return p.header }
func (p *tap) WriteHeader(code int) { p.code = code }
func (p *tap) Flush()               {}

func (p *tap) Write(b []byte) (int, error) {
	p.mu.Lock()
	hold := p.hold
	p.mu.Unlock()
	if hold != nil {
		<-hold
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got.Write(b)
}

// listen opens a stream. It must run in a bubble.
func (b *bench) listen(t *testing.T, query string, headers ...string) *tap {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	p := &tap{t: t, header: http.Header{}, stop: stop, done: make(chan struct{})}
	r := httptest.NewRequestWithContext(ctx, "GET", "http://localhost"+eventsPath+query, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	go func() {
		defer close(p.done)
		b.ServeHTTP(p, r)
	}()
	synctest.Wait()
	return p
}

// A message is one event as a browser sees it.
type message struct{ id, kind, data string }

// heard is what came since the last time, once nothing moves any more.
func (p *tap) heard() (out []message) {
	p.t.Helper()
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for block := range strings.SplitSeq(p.got.String(), "\n\n") {
		m := message{}
		for line := range strings.SplitSeq(block, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "id":
				m.id = value
			case "event":
				m.kind = value
			case "data":
				m.data = value
			}
			if strings.HasPrefix(line, ":") {
				m.kind = "comment"
			}
		}
		if m.kind != "" {
			out = append(out, m)
		}
	}
	p.got.Reset()
	return out
}

func (p *tap) wantKinds(kinds ...string) []message {
	p.t.Helper()
	ms := p.heard()
	var got []string
	for _, m := range ms {
		if m.kind != "comment" {
			got = append(got, m.kind)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(kinds) {
		p.t.Fatalf("heard %q, want %q", got, kinds)
	}
	return ms
}

func (p *tap) ended() bool {
	synctest.Wait()
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// bubble runs a test with a bench in which time passes only when all wait.
func bubble(t *testing.T, f func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := staffed(t)
		b.timeless = true
		f(t, b)
	})
}

func TestEventsGoOnWhereTheyStopped(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		token := "Bearer " + b.tokens[auth.Viewer]
		from := b.view.Position()
		p := b.listen(t, fmt.Sprint("?after=", from), "Authorization", token)
		b.says("ana", "1", "my bill is broken")
		ms := p.wantKinds("case")
		if p.header.Get("Content-Type") != "text/event-stream" || ms[0].id == "" {
			t.Fatalf("%v %+v", p.header, ms)
		}
		var e CaseEvent
		if err := json.Unmarshal([]byte(ms[0].data), &e); err != nil || !e.New || e.Queue != "billing" || !e.Needs || e.Was != nil {
			t.Fatalf("event %+v, %v", e, err)
		}
		if strings.Contains(ms[0].data, "broken") || strings.Contains(ms[0].data, "ana") {
			t.Fatalf("an event tells what was written: %s", ms[0].data)
		}
		b.post(auth.Agent, "/cases/"+string(e.Case)+"/claim", nil).want(200)
		claimed := p.wantKinds("case")[0]
		if err := json.Unmarshal([]byte(claimed.data), &e); err != nil || e.Assignee != "agent" || e.By != "agent/agent" || e.Was == nil || e.Was.State != "waiting" {
			t.Fatalf("event %+v, %v", e, err)
		}
		p.stop()
		if !p.ended() {
			t.Fatal("the stream outlives its reader")
		}
		b.post(auth.Agent, "/cases/"+string(e.Case)+"/note", NewNote{Text: "meanwhile"}).want(200)
		// By the header, as browsers do, or by the address: nothing is lost or told twice.
		for _, again := range []*tap{
			b.listen(t, "", "Authorization", token, "Last-Event-ID", claimed.id),
			b.listen(t, "?after="+claimed.id, "Authorization", token),
		} {
			ms := again.wantKinds("case")
			if err := json.Unmarshal([]byte(ms[0].data), &e); err != nil || e.Kinds[0] != "case.noted" {
				t.Fatalf("event %+v, %v", e, err)
			}
			again.stop()
		}
		fresh := b.listen(t, "", "Authorization", token) // who asks for nothing gets only what comes
		fresh.wantKinds()
		fresh.stop()
		if b.Live.Readers(); !fresh.ended() || b.Live.Readers() != 0 {
			t.Fatalf("%d readers are left", b.Live.Readers())
		}
	})
}

func TestAReaderThatMissedTooMuchStartsAnew(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		token := "Bearer " + b.tokens[auth.Viewer]
		b.says("ana", "1", "it is broken")
		before := b.view.Position()
		for i := range 70 { // the bench's ring has 64
			b.says("ana", fmt.Sprint("more", i), "still broken")
		}
		p := b.listen(t, fmt.Sprint("?after=", before), "Authorization", token)
		ms := p.wantKinds("reset")
		if want := fmt.Sprint(b.view.Position()); ms[0].id != want || !strings.Contains(ms[0].data, want) {
			t.Fatalf("reset %+v, want %s", ms[0], want)
		}
		b.says("bo", "2", "it is broken")
		p.wantKinds("case") // and it goes on
		p.stop()
		near := b.listen(t, fmt.Sprint("?after=", b.Live.ring[len(b.Live.ring)-4].id), "Authorization", token)
		near.wantKinds("case", "case", "case")
		near.stop()
	})
}

func TestASlowReaderIsDropped(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		p := b.listen(t, "", "Authorization", "Bearer "+b.tokens[auth.Viewer])
		quick := b.listen(t, "", "Authorization", "Bearer "+b.tokens[auth.Lead])
		p.mu.Lock()
		p.hold = make(chan struct{})
		p.mu.Unlock()
		for i := range readerQueue + 10 {
			b.Live.Applied([]view.Applied{{Seq: store.Seq(100_000 + i), Row: care.Row{ID: "x"}}})
			synctest.Wait()
		}
		if n := b.Live.Readers(); n != 1 {
			t.Fatalf("%d readers, want the quick one alone", n)
		}
		close(p.hold)
		ms := p.heard()
		if last := ms[len(ms)-1]; last.kind != "reset" || !p.ended() {
			t.Fatalf("the last a slow reader hears is %+v", last)
		}
		if n := len(quick.heard()); n < readerQueue+10 {
			t.Fatalf("the quick reader heard %d", n)
		}
		quick.stop()
	})
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		cookie := b.in(auth.Agent)
		p := b.listen(t, "", "Cookie", cookie)
		token := b.listen(t, "", "Authorization", "Bearer "+b.tokens[auth.Agent])
		p.heard()
		time.Sleep(heartbeat + time.Second)
		if ms := p.heard(); len(ms) != 1 || ms[0].kind != "comment" {
			t.Fatalf("after 20 seconds: %+v", ms)
		}
		yes := true
		if _, err := b.People.Change(t.Context(), "agent/admin", "agent", auth.Edit{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(heartbeat)
		p.wantKinds("signed_out")
		token.wantKinds("signed_out")
		if !p.ended() || !token.ended() {
			t.Fatal("the stream of somebody who is out goes on")
		}
	})
}

func TestStreamsEndOnShutdown(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		p := b.listen(t, "", "Authorization", "Bearer "+b.tokens[auth.Agent])
		p.heard()
		b.Live.Close()
		b.Live.Close()
		p.wantKinds("bye")
		if !p.ended() {
			t.Fatal("a stream outlives the server")
		}
		late := b.listen(t, "", "Authorization", "Bearer "+b.tokens[auth.Agent])
		if !late.ended() {
			t.Fatal("a stream opens after the end")
		}
	})
}

func TestPresence(t *testing.T) {
	bubble(t, func(t *testing.T, b *bench) {
		b.says("ana", "1", "it is broken")
		at := "/cases/" + string(b.cases()[0].ID)
		p := b.listen(t, "", "Authorization", "Bearer "+b.tokens[auth.Viewer])
		p.wantKinds()
		be := func(r auth.Role, doing string) {
			b.as(r, "POST", at+"/presence", Doing{Doing: doing}).want(200)
		}
		be(auth.Agent, "viewing")
		if m := p.wantKinds("presence")[0]; m.id != "" || !strings.Contains(m.data, `"The agent"`) {
			t.Fatalf("presence %+v", m)
		}
		be(auth.Agent, "viewing")
		p.wantKinds() // no news
		be(auth.Lead, "typing")
		p.wantKinds("presence")
		if there := b.only().Present; len(there) != 2 || there[0].Doing != "viewing" || there[1].Doing != "typing" {
			t.Fatalf("present %+v", there)
		}
		be(auth.Lead, "gone")
		p.wantKinds("presence")
		b.advance(presentFor)
		if there := b.only().Present; len(there) != 0 {
			t.Fatalf("present after a while %+v", there)
		}
		b.as(auth.Agent, "POST", at+"/presence", Doing{Doing: "sleeping"}).wantProblem(422, "invalid")
		p.stop()
	})
}

func TestPresenceIsBounded(t *testing.T) {
	now := start
	p := newPresence(func() time.Time { return now })
	for i := range maxPresence + 100 {
		p.set(care.CaseID(fmt.Sprint(i)), Present{Name: "ada", Doing: "viewing"})
	}
	if p.size != maxPresence {
		t.Fatalf("%d are kept", p.size)
	}
	now = now.Add(presentFor)
	p.set("new", Present{Name: "ada", Doing: "viewing"})
	if p.size != 1 || len(p.cases) != 1 {
		t.Fatalf("%d are kept after a while", p.size)
	}
}

func TestEventsRefuseNonsense(t *testing.T) {
	b := staffed(t)
	b.ask("GET", eventsPath, nil).wantProblem(401, "signed_out")
	b.get(auth.Viewer, "/events?after=soon").wantProblem(422, "invalid")
	b.get(auth.Viewer, "/events?after=-1").wantProblem(422, "invalid")
}

func BenchmarkLiveToAThousandReaders(b *testing.B) {
	l := NewLive(8192)
	var wg sync.WaitGroup
	for range 1000 {
		r, _, _ := l.open(0)
		wg.Go(func() {
			for range r.ch {
			}
		})
	}
	row := care.Row{ID: "06eavhmtg0000002sck93w1y", Number: 7, State: care.StateWaiting, Queue: "billing"}
	seq := store.Seq(0)
	for b.Loop() {
		seq++
		l.Applied([]view.Applied{{Seq: seq, Kinds: []care.Kind{"case.opened"}, Row: row}})
	}
	b.StopTimer()
	l.mu.Lock()
	for r := range l.readers {
		close(r.ch)
	}
	l.mu.Unlock()
	wg.Wait()
}

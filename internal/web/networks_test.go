package web

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/care/caretest"
)

// TestSourceRests: whoever sets up queues lets a source rest, once.
func TestSourceRests(t *testing.T) {
	b := staffed(t)
	state := func() string {
		var l SourceList
		b.get(auth.Viewer, "/sources").want(200).into(&l)
		return l.Sources[0].State
	}
	for _, step := range []struct{ path, want string }{
		{"/sources/test/pause", "paused"}, {"/sources/test/pause", "paused"}, {"/sources/test/resume", "reading"}, {"/sources/test/resume", "reading"},
	} {
		var w Written
		b.post(auth.Lead, step.path, nil).want(200).into(&w)
		b.shown(w.Seq)
		if got := state(); got != step.want {
			t.Errorf("%s: %s, want %s", step.path, got, step.want)
		}
	}
	told := 0
	for r := range caretest.Records(t, b.st.Stream(t.Context(), "source/test", 0)) {
		for _, e := range r.Events {
			switch e.(type) {
			case care.SourcePaused, care.SourceResumed:
				told++
			}
		}
	}
	if told != 2 {
		t.Errorf("%d decisions in the log, want 2", told)
	}
	b.post(auth.Lead, "/sources/nowhere/pause", nil).wantProblem(404, "not_found")
	to := b.browse(b.in(auth.Lead), "POST", "/sources/test/pause", nil).want(303).leadsTo()
	b.browse(b.in(auth.Lead), "GET", to, nil).want(200).contains("Resume")
}

// TestBlindSourceIsABanner on every page beside the desk, for everybody.
func TestBlindSourceIsABanner(t *testing.T) {
	b := staffed(t)
	page := b.in(auth.Viewer)
	b.browse(page, "GET", "/mentions", nil).want(200).lacks("is stopped")
	seq, err := b.desk.TellSource(t.Context(), care.ByIntake, "test", care.SourceStopped{Fault: "refused", Why: `<b>401</b>`})
	if err != nil {
		t.Fatal(err)
	}
	b.shown(seq)
	for _, path := range []string{"/issues", "/mentions", "/sources"} {
		b.browse(page, "GET", path, nil).want(200).contains("test is stopped").contains("&lt;b&gt;401&lt;/b&gt;")
	}
	var l SourceList
	b.get(auth.Viewer, "/sources").want(200).into(&l)
	if tr := l.Sources[0].Troubles; len(tr) != 1 || tr[0].Kind != care.TroubleStopped {
		t.Errorf("troubles %+v", tr)
	}
}

func TestReloadSaysWhatIsWrong(t *testing.T) {
	b := staffed(t)
	b.post(auth.Admin, "/desk/reload", nil).want(204)
	b.reload = errors.New("amends.yaml:7: there is no network “blusky”")
	b.post(auth.Admin, "/desk/reload", nil).wantProblem(422, "invalid").contains("amends.yaml:7", "stays in force")
}

func TestThreadAroundAMention(t *testing.T) {
	b := staffed(t)
	b.says("ana", "7", "it is broken")
	id := b.full(b.cases()[0].ID).MentionList[0].ID
	b.thread = []care.Post{
		{Remote: "1", Author: care.Author{Handle: "acme"}, Text: "We open tomorrow.", PostedAt: start.Add(-time.Hour)},
		{Remote: "7", Author: care.Author{Handle: "ana"}, Text: "it is broken", InReplyTo: "1"},
	}
	var th Thread
	b.get(auth.Viewer, "/mentions/"+string(id)+"/thread").want(200).into(&th)
	if len(th.Posts) != 2 || th.Posts[0].This || !th.Posts[1].This || th.Posts[1].Answers != "1" {
		t.Errorf("%+v", th.Posts)
	}
	b.network = &care.Error{Code: care.Unavailable, Msg: "The thread can't be read just now: we have asked it too often for now."}
	b.get(auth.Viewer, "/mentions/"+string(id)+"/thread").wantProblem(502, "unavailable")
	b.get(auth.Viewer, "/mentions/nonsense/thread").wantProblem(404, "not_found")
}

// TestBlock: the network is told first, and only then the log.
func TestBlock(t *testing.T) {
	b := staffed(t)
	b.says("ana", "7", "it is broken")
	c := b.full(b.cases()[0].ID)
	path, body := "/cases/"+string(c.ID)+"/block", NewBlock{Mention: c.MentionList[0].ID}
	b.network = &care.Error{Code: care.Unavailable, Msg: "The network did not do it."}
	b.post(auth.Lead, path, body).wantProblem(502, "unavailable")
	b.network = nil
	b.post(auth.Lead, path, body).want(200)
	body.Lift = true
	var w Written
	b.post(auth.Lead, path, body).want(200).into(&w)
	b.shown(w.Seq)
	if got := strings.Join(b.blocked, ", "); got != "ana true, ana true, ana false" {
		t.Errorf("the network was told %s", got)
	}
	blocks := 0
	for _, e := range b.full(c.ID).Story {
		for _, h := range e.Events {
			if h.Kind == "case.author_blocked" {
				blocks++
			}
		}
	}
	if blocks != 2 {
		t.Errorf("%d blocks in the story, want 2", blocks)
	}
	b.post(auth.Lead, path, NewBlock{Mention: "m-else"}).wantProblem(404, "not_found")
}

// TestAnswerWithPictures: they are drawn anew, kept with the text, and no more
// than the network takes.
func TestAnswerWithPictures(t *testing.T) {
	b := staffed(t)
	b.says("ana", "7", "it is broken")
	id := b.cases()[0].ID
	b.post(auth.Agent, "/cases/"+string(id)+"/claim", nil).want(200)
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	picture := NewPicture{Type: "image/png", Alt: "a thumb on the latch", Bytes: append(drawn.Bytes(), "and a secret place"...)}
	reply := NewReply{Text: "Like this.", Pictures: []NewPicture{picture}}
	path := "/cases/" + string(id) + "/reply"
	b.post(auth.Agent, path, reply).wantProblem(422, "invalid").contains("takes 0 pictures")
	b.may.Pictures = 1
	for _, wrong := range []NewPicture{{Type: "image/png", Alt: "x", Bytes: []byte("GIF89a")}, {Type: "image/png", Bytes: picture.Bytes}, {Type: "image/svg+xml", Alt: "x", Bytes: picture.Bytes}} {
		reply.Pictures = []NewPicture{wrong}
		b.post(auth.Agent, path, reply).wantProblem(422, "invalid")
	}
	reply.Pictures = []NewPicture{picture}
	var w Written
	b.post(auth.Agent, path, reply).want(200).into(&w)
	docs, err := b.st.Get(t.Context(), fmt.Sprintf("text/%s/%d", id, w.N))
	if err != nil {
		t.Fatal(err)
	}
	text, err := care.DecodeText(docs[0].Data)
	if err != nil || len(text.Pictures) != 1 || text.Pictures[0].Alt != picture.Alt || !bytes.HasPrefix(text.Pictures[0].Bytes, []byte("\x89PNG")) ||
		bytes.Contains(text.Pictures[0].Bytes, []byte("secret")) {
		t.Errorf("kept %+v, %v", text.Pictures, err)
	}
}

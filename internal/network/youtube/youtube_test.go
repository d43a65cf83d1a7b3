package youtube

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

func TestSettings(t *testing.T) {
	networktest.Settings(t, func() *Settings {
		s := Driver().Settings().(*Settings)
		s.Channel, s.Key = brand, apiKey
		return s
	}, networktest.Changes[*Settings]{
		"a key":             {func(*Settings) {}, ""},
		"a video":           {func(s *Settings) { s.Video = video }, ""},
		"keys to answer":    {func(s *Settings) { s.Key, s.ClientID, s.ClientSecret, s.RefreshToken = "", "a", "b", "c" }, ""},
		"both":              {func(s *Settings) { s.ClientID, s.ClientSecret, s.RefreshToken = "a", "b", "c" }, ""},
		"no channel":        {func(s *Settings) { s.Channel = "" }, "channel:"},
		"a name":            {func(s *Settings) { s.Channel = "@acme" }, "channel:"},
		"an address":        {func(s *Settings) { s.Video = "https://youtu.be/dQw4w9WgXcQ" }, "video:"},
		"no key":            {func(s *Settings) { s.Key = "" }, "key: missing"},
		"half the keys":     {func(s *Settings) { s.ClientID = "a" }, "client_id"},
		"the future":        {func(s *Settings) { s.Back = -1 }, "back:"},
		"no time to answer": {func(s *Settings) { s.Answers = 0 }, "answers:"},
		"no units":          {func(s *Settings) { s.Quota = 0 }, "quota:"},
	}, "AIza")
	if _, err := Driver().Open(nil, nil); err == nil {
		t.Error("opened with another driver's settings")
	}
}

func TestAllAnswersOfALongThread(t *testing.T) {
	w := newWorld(t, true)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	first := w.Post(networktest.Post{Text: "where is my order?"})
	var ids []care.Remote
	for i := range 130 {
		ids = append(ids, w.Post(networktest.Post{Author: "ben", Text: fmt.Sprint("same here ", i), InReplyTo: first}))
	}
	got, _ := networktest.Drain(t, a, page.Next)
	for _, id := range ids {
		if _, ok := got[id]; !ok {
			t.Fatalf("%s was lost; %d came", id, len(got))
		}
	}
}

// An answer to an old comment shows nowhere but under it.
func TestAnswersToOldCommentsAreFoundWithinAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		a := w.Account()
		_, page := networktest.Drain(t, a, "")
		first := w.Post(networktest.Post{Text: "where is my order?"})
		_, page = networktest.Drain(t, a, page.Next)
		time.Sleep(48 * time.Hour)
		for range 2 * w.page {
			w.Post(networktest.Post{Text: "another matter"})
		}
		_, page = networktest.Drain(t, a, page.Next)
		late := w.Post(networktest.Post{Author: "ben", Text: "still nothing", InReplyTo: first})
		time.Sleep(time.Hour)
		got, _ := networktest.Drain(t, a, page.Next)
		if it, ok := got[late]; !ok || it.Post.InReplyTo != first {
			t.Errorf("the answer was lost: %+v", it)
		}
	})
}

func TestAnEditIsToldWhileItIsRead(t *testing.T) {
	w := newWorld(t, true)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	id := w.Post(networktest.Post{Text: "where is my order?"})
	_, page = networktest.Drain(t, a, page.Next)
	w.Edit(id, "it came")
	got, _ := networktest.Drain(t, a, page.Next)
	if it := got[id]; it.Kind != network.Edited || it.Post.Text != "it came" || it.Post.EditedAt.IsZero() {
		t.Errorf("%+v", it)
	}
}

func TestWhatACommentTells(t *testing.T) {
	w := newWorld(t, true)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	id := w.Post(networktest.Post{Text: "where is my order?"})
	got, _ := networktest.Drain(t, a, page.Next)
	p := got[id].Post
	if p.Author.ID != channelOf("ana") || p.Author.Handle != "ana" || p.Author.Name != "ana" || !p.Summoned || p.Kind != care.PostPublic ||
		p.URL != "https://www.youtube.com/watch?v="+video+"&lc="+string(id) || len(p.Links) != 1 || p.Links[0].Kind != "video" {
		t.Errorf("%+v", p)
	}
}

func TestRefusalsAreToldForWhatTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for reason, want := range map[string]network.Fault{
			"quotaExceeded": network.Limited, "rateLimitExceeded": network.Limited, "commentsDisabled": network.Gone,
			"videoNotFound": network.Gone, "accessNotConfigured": network.Refused, "forbidden": network.Refused, "please don't": network.Refused,
		} {
			w := newWorld(t, true)
			w.refuse = reason
			_, err := w.Account().Poll(t.Context(), "")
			e := networktest.Failure(t, err)
			if e.Fault != want || strings.Contains(e.Error(), "repeat me") {
				t.Errorf("%s: %v", reason, e)
			}
			if reason == "quotaExceeded" { // the bubble begins at midnight UTC, 4 p.m. in California
				if e.After != 8*time.Hour {
					t.Errorf("wait %v", e.After)
				}
				calls := w.Calls()
				if e := networktest.Failure(t, networktest.ErrOf(w.Account().Poll(t.Context(), ""))); e.Fault != network.Limited || w.Calls() != calls {
					t.Errorf("asked again: %v", e)
				}
				w.refuse = ""
				time.Sleep(8 * time.Hour)
				networktest.Drain(t, w.Account(), "")
			}
		}
	})
}

// Reading stops while there are units to answer with.
func TestUnitsAreKeptForAnswers(t *testing.T) {
	w := newWorld(t, false)
	to := w.Post(networktest.Post{Text: "where is my order?"})
	s := w.driver.Settings().(*Settings)
	s.Channel, s.ClientID, s.ClientSecret, s.RefreshToken, s.Quota = brand, "4711.apps", clientSecret, refreshToken, 500
	a, err := w.driver.Open(s, network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		t.Fatal(err)
	}
	polled := 0
	for ; ; polled++ {
		p, err := a.Poll(t.Context(), "")
		if err != nil {
			if e := networktest.Failure(t, err); e.Fault != network.Limited || !e.Unsent {
				t.Fatal(e)
			}
			break
		}
		if want := 500 - polled - 1; p.Meter.Left != want || !p.Meter.LeftKnown || p.Meter.Reset.IsZero() {
			t.Fatalf("%+v, want %d left", p.Meter, want)
		}
	}
	if polled != 400 {
		t.Errorf("polled %d times", polled)
	}
	answer := care.Answer{To: care.Post{Network: name, Remote: to}, Text: "soon", Key: "k"}
	for range 2 {
		if _, err := a.(network.Replier).Send(t.Context(), answer); err != nil {
			t.Fatal(err)
		}
	}
	if e := networktest.Failure(t, networktest.ErrOf(a.(network.Replier).Send(t.Context(), answer))); e.Fault != network.Limited || !e.Unsent {
		t.Error(e)
	}
}

func TestAnExpiredTokenIsRenewedOnce(t *testing.T) {
	w := newWorld(t, false)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	w.expired = true
	networktest.Drain(t, a, page.Next)
	if w.tokens != 2 {
		t.Errorf("asked for %d tokens", w.tokens)
	}
}

// What can't be read is told once, although the overlap is read at each poll.
func TestABadCommentIsToldOnce(t *testing.T) {
	w := newWorld(t, true)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	good := w.Post(networktest.Post{Text: "where is my order?"})
	w.find(string(w.Post(networktest.Post{Text: "x"}))).published = time.Time{}
	told := 0
	for range 3 {
		var err error
		page, err = a.Poll(t.Context(), page.Next)
		if p := page; err != nil || len(p.Items) != 1 || p.Items[0].Post.Remote != good {
			t.Fatalf("%v: %+v", err, p.Items)
		}
		told += len(page.Bad)
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func TestAForgottenPlaceBeginsAgain(t *testing.T) {
	w := newWorld(t, true)
	a := w.Account()
	_, page := networktest.Drain(t, a, "")
	var ids []care.Remote
	for range 3 * w.page {
		ids = append(ids, w.Post(networktest.Post{Text: "where is my order?"}))
	}
	p, err := a.Poll(t.Context(), page.Next)
	if err != nil || !p.More {
		t.Fatal(err)
	}
	got, _ := networktest.Drain(t, a, strings.Replace(p.Next, "after-", "before-", 1))
	for _, id := range ids {
		if _, ok := got[id]; !ok {
			t.Errorf("%s was lost", id)
		}
	}
}

func TestWithdrawAndMend(t *testing.T) {
	w := newWorld(t, true)
	a := w.account()
	to := w.Post(networktest.Post{Text: "where is my order?"})
	sent, err := a.Send(t.Context(), care.Answer{To: care.Post{Network: name, Remote: to}, Text: "soon", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Mend(t.Context(), sent.Remote, "tomorrow"); err != nil || w.Sent()[0].Text != "tomorrow" {
		t.Errorf("%v: %+v", err, w.Sent())
	}
	for range 2 { // what is gone already is no error
		if err := a.Withdraw(t.Context(), sent.Remote); err != nil || len(w.Sent()) != 0 {
			t.Errorf("%v: %+v", err, w.Sent())
		}
	}
	if e := networktest.Failure(t, a.Mend(t.Context(), sent.Remote, "tomorrow")); e.Fault != network.Gone {
		t.Error(e)
	}
}

func TestByKeyAlonePeopleAnswerByHand(t *testing.T) {
	s := Driver().Settings().(*Settings)
	s.Channel, s.Key = brand, apiKey
	opened, err := Driver().Open(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := opened.(*Account)
	post := care.Post{Network: name, Remote: "Ug1"}
	if p := a.May(post, time.Now()); p.How != care.ByHand {
		t.Errorf("%+v", p)
	}
	if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), care.Answer{To: post, Text: "soon", Key: "k"}))); e.Fault != network.Refused || !e.Unsent {
		t.Error(e)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	w := newWorld(t, true)
	a := w.account()
	good := care.Answer{To: care.Post{Network: name, Remote: w.Post(networktest.Post{Text: "x"})}, Text: "soon", Key: "k"}
	for what, change := range map[string]func(*care.Answer){
		"a message":      func(a *care.Answer) { a.Direct = true },
		"to nothing":     func(a *care.Answer) { a.To.Remote = "at://x" },
		"no text":        func(a *care.Answer) { a.Text = "\n" },
		"no UTF-8":       func(a *care.Answer) { a.Text = "\xff" },
		"with a picture": func(a *care.Answer) { a.Pictures = []care.Picture{{}} },
	} {
		bad := good
		change(&bad)
		if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), bad))); !e.Unsent {
			t.Errorf("%s: %v", what, e)
		}
	}
	if w.Calls() != 0 {
		t.Errorf("%d calls", w.Calls())
	}
	w.Delete(good.To.Remote)
	if e := networktest.Failure(t, networktest.ErrOf(a.Send(t.Context(), good))); e.Fault != network.Gone || !e.Settled() {
		t.Error(e)
	}
}

func FuzzItem(f *testing.F) {
	w := newWorld(f, true)
	a := w.account()
	f.Add([]byte(`{"id":"Ug1.2","snippet":{"authorDisplayName":"@ana","textDisplay":"x","publishedAt":"2026-11-20T09:30:00Z"}}`), video)
	f.Add([]byte("{\"id\":\"Ug1\",\"snippet\":{\"textDisplay\":\"\xff\",\"publishedAt\":\"2026-11-20T09:30:00Z\"}}"), "")
	f.Fuzz(func(t *testing.T, raw []byte, video string) {
		it, _, err := a.item(raw, video)
		if err == nil && (it.Post.Author.ID == "" || it.Post.Thread == "" || it.Post.PostedAt.IsZero() || strings.HasPrefix(it.Post.Author.Handle, "@")) {
			t.Fatalf("%+v", it)
		}
	})
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/store"
)

// surveyed is a bench whose customer was answered, helped and asked: the case's
// address in the API, and the path of the link.
func surveyed(t *testing.T, ask care.SurveyKind, language string) (b *bench, at, link string) {
	t.Helper()
	in := rules(t)
	in.SurveyOpen, in.LetAlone, in.LowScore = 14*24*time.Hour, 30*24*time.Hour, care.LowScore{AtMost: 2, Notify: []string{"leads"}, Reopen: true}
	b = staffed(t, func(d *Deps) {
		d.Ask = func(ctx context.Context, by care.Actor, op string, id care.CaseID, ask care.SurveyKind) (store.Seq, error) {
			return b.desk.AskSurvey(ctx, by, op, id, desk.Asking{Ask: ask, Language: language, Body: func(token string) string {
				link = "/s/" + token
				return "How did we do? https://care.example.org" + link + " Thanks."
			}})
		}
	})
	b.desk.Use(in)
	b.says("ana", "1", "my bill is broken, and has been for days")
	at = "/cases/" + string(b.cases()[0].ID)
	b.post(auth.Agent, at+"/survey", AskSurvey{Ask: ask}).want(http.StatusConflict) // nobody has answered yet
	b.post(auth.Agent, at+"/reply", NewReply{Text: "Mended.", Then: "resolve", Disposition: "solved"}).want(200)
	b.sent(at)
	b.post(auth.Agent, at+"/survey", AskSurvey{Ask: ask}).want(200)
	b.sent(at)
	return b, at, link
}

func TestSurveyFromQuestionToStory(t *testing.T) {
	b, at, link := surveyed(t, care.CSAT, "de")
	page := b.browse("", "GET", link, nil).want(200).contains(`<html lang="de" dir="ltr">`, "Wie zufrieden sind Sie", "Larkfield", `value="5" aria-label="5, Sehr zufrieden"`).lacks("<script", "ana", "bill")
	page.lawful()
	if c := page.Header["Set-Cookie"]; c != nil {
		t.Errorf("a cookie: %v", c)
	}
	if b.full(care.CaseID(strings.TrimPrefix(at, "/cases/"))).Surveys[0].Score != nil {
		t.Error("looking answered it")
	}
	to := b.browse("", "POST", link, url.Values{"score": {"4"}}).want(http.StatusSeeOther).leadsTo()
	b.browse("", "GET", to, nil).want(200).contains("Vielen Dank", "Ihre Antwort: 4", "<textarea")
	to = b.browse("", "POST", link, url.Values{"comment": {"Schnell <b>und</b> nett."}}).want(http.StatusSeeOther).leadsTo()
	b.browse("", "GET", to, nil).want(200).contains("Ihre Antwort ist angekommen", "2026-03-16").lacks("Schnell")
	b.browse("", "GET", link+"?step=score", nil).want(200).contains(`value="4" aria-label="4" aria-current="true"`)
	b.browse("", "POST", link, url.Values{"score": {"5"}}).want(http.StatusSeeOther)
	b.shown(b.last())
	f := b.only()
	s := f.Surveys[0]
	if s.Score == nil || *s.Score != 5 || s.Comment != "Schnell <b>und</b> nett." || s.Answers != 3 || s.AnsweredAt.IsZero() {
		t.Errorf("%+v", s)
	}
	var says []string
	for _, e := range f.Story {
		for _, h := range e.Events {
			if strings.HasPrefix(string(h.Kind), "survey.") {
				says = append(says, h.Says)
			}
			if strings.Contains(string(h.Data), "Schnell") {
				t.Error("the log has what they wrote")
			}
		}
	}
	want := []string{"agent asked the customer how it went (CSAT).", "The customer gave a score of 4.", "The customer gave a score of 4, with a comment.", "The customer gave a score of 5, with a comment."}
	if strings.Join(says, "|") != strings.Join(want, "|") {
		t.Errorf("%q", says)
	}
	if reply := f.ReplyList[1]; strings.Contains(reply.Text, link) || !strings.Contains(reply.Text, "/s/… Thanks.") || !reply.Automatic {
		t.Errorf("the team sees the link: %q", reply.Text)
	}
	if f.State != care.StateResolved {
		t.Errorf("a good score left the case %s", f.State)
	}
	b.post(auth.Agent, at+"/survey", AskSurvey{Ask: care.NPS}).want(http.StatusConflict).contains("was asked a short while ago")
}

func TestALowScoreBringsTheCaseBack(t *testing.T) {
	b, _, link := surveyed(t, care.CES, "en")
	b.browse("", "POST", link, url.Values{"score": {"1"}}).want(http.StatusSeeOther)
	b.browse("", "POST", link, url.Values{"score": {"2"}}).want(http.StatusSeeOther)
	b.shown(b.last())
	f := b.only()
	if f.State.Over() || len(f.Notices) != 1 || f.Notices[0].Channel != "leads" {
		t.Errorf("%s, %+v", f.State, f.Notices)
	}
	b.get(auth.Viewer, "/cases/"+string(f.ID)).want(200).contains("the customer was not satisfied")
}

func TestLinksThatLeadNowhere(t *testing.T) {
	b, _, link := surveyed(t, care.NPS, "ar")
	b.browse("", "GET", link, nil).want(200).contains(`lang="ar" dir="rtl"`, `value="10"`)
	for _, forged := range []string{"/s/x", "/s/" + strings.Repeat("A", 28), link[:len(link)-1] + "A", link + "A"} {
		if forged == link {
			continue
		}
		b.ask("GET", forged, nil, "Accept-Language", "fr-CH, fr;q=0.9").want(http.StatusNotFound).contains(`lang="fr"`, "Ce lien ne mène nulle part")
		b.browse("", "POST", forged, url.Values{"score": {"9"}}).want(http.StatusNotFound)
	}
	for _, score := range []string{"11", "-1", "many", "9e9"} {
		b.browse("", "POST", link, url.Values{"score": {score}}).want(http.StatusUnprocessableEntity)
	}
	b.ask("POST", link, url.Values{"score": {"9"}}, "Sec-Fetch-Site", "cross-site").want(http.StatusForbidden)
	b.advance(15 * 24 * time.Hour)
	b.browse("", "GET", link, nil).want(http.StatusGone).lacks("<form")
	b.browse("", "POST", link, url.Values{"score": {"9"}}).want(http.StatusGone)
	if s := b.only().Surveys[0]; s.Score != nil {
		t.Errorf("it was answered: %+v", s)
	}
}

// What was asked goes with an erased customer; an old link brings nothing back.
func TestAnErasedCustomerCanNotAnswer(t *testing.T) {
	b, at, link := surveyed(t, care.CSAT, "en")
	b.browse("", "POST", link, url.Values{"score": {"5"}}).want(http.StatusSeeOther)
	b.browse("", "POST", link, url.Values{"comment": {"It is me, Ana."}}).want(http.StatusSeeOther)
	if _, err := b.desk.Erase(t.Context(), "cli/root", "file", "ana", nil); err != nil {
		t.Fatal(err)
	}
	b.shown(b.last())
	b.browse("", "GET", link, nil).want(http.StatusNotFound)
	b.browse("", "POST", link, url.Values{"score": {"1"}}).want(http.StatusNotFound)
	f := b.full(care.CaseID(strings.TrimPrefix(at, "/cases/")))
	if s := f.Surveys[0]; s.Score == nil || *s.Score != 5 || s.Comment != "" || !s.Erased {
		t.Errorf("%+v", s)
	}
}

func TestAnsweringHasAPace(t *testing.T) {
	b, _, link := surveyed(t, care.CSAT, "en")
	status := 0
	for range 100 {
		if status = b.browse("", "GET", link, nil).StatusCode; status != 200 {
			break
		}
	}
	if status != http.StatusTooManyRequests {
		t.Fatalf("a hundred at once: %d", status)
	}
	b.browse("", "POST", link, url.Values{"score": {"5"}}).want(http.StatusTooManyRequests).contains("try again in a minute")
	b.advance(time.Minute)
	b.browse("", "GET", link, nil).want(200)
}

func TestALongCommentIsCut(t *testing.T) {
	if s := tidy("  " + strings.Repeat("ä", 2_000) + "\r\n"); len(s) > maxComment || !strings.HasSuffix(s, "ä") {
		t.Errorf("%d bytes", len(s))
	}
	if s := tidy("a\r\nb\xff"); s != "a\nb\uFFFD" {
		t.Errorf("%q", s)
	}
}

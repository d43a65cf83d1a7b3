package web

import (
	"context"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A mention is translated for whoever may read it; the case's queue is known to
// what decides, and what a machine makes of hostile text is cleaned.
func TestTranslation(t *testing.T) {
	var asked []string
	b := staffed(t, func(d *Deps) {
		d.Translate = func(_ context.Context, m *care.Mention, queue, to string) (Translation, error) {
			asked = append(asked, strings.Join([]string{m.Post.Text, queue, to}, "|"))
			if to == "xx" {
				return Translation{}, &care.Error{Code: care.Denied, Msg: "Cases of the queue billing are not sent to the translation service."}
			}
			return Translation{Text: "es ist kaputt\u202e", From: "en", Service: "Test", Host: "translate.acme.example"}, nil
		}
	})
	b.setup.Translator = &Translator{Service: "Test", Host: "translate.acme.example", Languages: []string{"de"}}
	b.says("ana", "7", "my bill is broken")
	m := b.full(b.cases()[0].ID).MentionList[0].ID
	at := "/mentions/" + string(m) + "/translation?to="
	var got Translation
	b.post(auth.Viewer, at+"de", nil).want(200).into(&got)
	if want := (Translation{"es ist kaputt", "en", "de", "Test", "translate.acme.example"}); got != want {
		t.Errorf("%+v", got)
	}
	b.post(auth.Agent, at+"xx", nil).wantProblem(403, "denied").contains("billing")
	if want := "my bill is broken|billing|de my bill is broken|billing|xx"; strings.Join(asked, " ") != want {
		t.Errorf("asked %q", asked)
	}
	b.post(auth.Viewer, "/mentions/nonsense/translation?to=de", nil).wantProblem(404, "not_found")
	b.post(auth.Viewer, "/mentions/"+string(m)+"/translation", nil).want(422)
	var me Me
	b.get(auth.Viewer, "/me").want(200).into(&me)
	if me.Translation == nil || me.Translation.Host != "translate.acme.example" {
		t.Errorf("%+v", me.Translation)
	}
	if strings.Contains(b.log.String(), "broken") || strings.Contains(b.log.String(), "kaputt") {
		t.Error("a text is in the log")
	}
}

// What was taken back or erased is sent to nobody.
func TestNothingGoneIsTranslated(t *testing.T) {
	asked := 0
	b := staffed(t, func(d *Deps) {
		d.Translate = func(context.Context, *care.Mention, string, string) (Translation, error) {
			asked++
			return Translation{}, nil
		}
	})
	b.says("ana", "7", "my bill is broken")
	m := b.full(b.cases()[0].ID).MentionList[0]
	if _, err := b.desk.Erase(t.Context(), "cli/test", "file", "ana", nil); err != nil {
		t.Fatal(err)
	}
	b.post(auth.Viewer, "/mentions/"+string(m.ID)+"/translation?to=de", nil).wantProblem(404, "not_found")
	if asked != 0 {
		t.Error("it was sent")
	}
}

func TestNoTranslationService(t *testing.T) {
	b := staffed(t)
	b.says("ana", "7", "my bill is broken")
	m := b.full(b.cases()[0].ID).MentionList[0].ID
	b.post(auth.Viewer, "/mentions/"+string(m)+"/translation?to=de", nil).wantProblem(404, "not_found").contains("No translation service")
}

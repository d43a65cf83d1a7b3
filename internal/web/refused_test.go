package web

import (
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// Whoever is refused something reads why in their language, from the API and on
// pages; a program does only where it asks for one.
func TestRefusalsSpeakTheReadersLanguage(t *testing.T) {
	b := crowded(t, 2)
	ids := b.list("?queue=billing").Cases
	at, taken := "/cases/"+string(ids[1].ID), "/cases/"+string(ids[0].ID)
	b.post(auth.Lead, taken+"/claim", nil).want(200)
	b.may = care.Permission{How: care.ByNone, Why: "They asked us not to contact them, on {since}. Lift that first if they want an answer now.", Since: b.now}
	me := b.in(auth.Agent)
	b.ask("PATCH", apiPath+"/me/settings", `{"language":"de"}`, "Cookie", me).want(200)
	for _, tt := range []struct {
		path, body string
		status     int
		de, en     string
	}{
		{"/cases/none/claim", ``, 404, "Diesen Fall gibt es nicht.", "There is no such case."},
		{taken + "/claim", ``, 409, "lead hat diesen Fall schon.", "lead already has this case."},
		{at + "/snooze", `{"until":"2020-01-01T00:00:00Z"}`, 422, "Wählen Sie einen Zeitpunkt, der noch kommt.", "Choose a time that is still to come."},
		{at + "/requeue", `{"queue":"` + strings.Repeat("x", 101) + `"}`, 422, "Warteschlange: Das ist nicht, was es sein soll: höchstens 100 Zeichen.", "expected length <= 100"},
		{at + "/requeue", `{"queue":"no {n} such"}`, 422, "Es gibt keine Warteschlange „no {n} such“.", `There is no queue \"no {n} such\".`},
		{at + "/reply", `{"text":"Hello."}`, 409,
			"Hierauf kann nicht geantwortet werden: Seit 2. März 2026, 09:", "This can't be answered: They asked us not to contact them, on 2 Mar 2026 09:"},
	} {
		b.ask("POST", apiPath+tt.path, tt.body, "Cookie", me, "Sec-Fetch-Site", "same-origin", "Accept-Language", "fr").want(tt.status).contains(tt.de)
		b.as(auth.Agent, "POST", tt.path, tt.body).want(tt.status).contains(tt.en)
		b.as(auth.Agent, "POST", tt.path, tt.body, "Accept-Language", "de-AT").want(tt.status).contains(tt.de)
	}
	b.browse(me, "GET", "/issues/none", nil).want(404).contains("Diese bekannte Störung gibt es nicht.")
	b.ask("POST", "/sign-in", values("name", "lead", "password", "wrong"), "Sec-Fetch-Site", "same-origin", "Accept-Language", "es").want(401).contains("Este nombre y esta contraseña no se corresponden.")
	boss := b.in(auth.Admin)
	b.ask("PATCH", apiPath+"/me/settings", `{"language":"fr"}`, "Cookie", boss).want(200)
	b.browse(boss, "POST", "/people", values("name", "A B", "display", "Eve", "role", "agent")).want(422).contains("Un nom de connexion a de 1 à 32 lettres")
	b.browse(boss, "POST", "/people", values("name", "eve", "display", "Eve", "role", "")).want(422).contains("Choisissez un rôle")
	b.browse(boss, "POST", "/issues", values()).want(422).contains("Il manque\u00a0: Titre.")
	b.browse(boss, "POST", "/issues", values("title", strings.Repeat("x", 201))).want(422).contains("Titre\u00a0: ce n’est pas ce qu’il faut\u00a0: 200 caractères au plus.")
}

// What a decision about many cases kept of its refusals is told to each reader
// in their language, later too.
func TestKeptRefusalsSpeakTheReadersLanguage(t *testing.T) {
	b := crowded(t, 2)
	ids := b.list("?queue=billing").Cases
	b.post(auth.Lead, "/cases/"+string(ids[0].ID)+"/claim", nil).want(200)
	done := b.bulk(auth.Agent, BulkOrder{Matching: &CaseFilter{Queue: "billing"}, Do: "dismiss", Reason: "spam"})
	b.as(auth.Agent, "GET", "/bulks/"+done.ID, nil).want(200).contains(`"why":"lead has this case."`)
	b.as(auth.Agent, "GET", "/bulks/"+done.ID, nil, "Accept-Language", "de").want(200).contains(`"why":"lead hat diesen Fall."`)
}

// What is wrong with a source, and what a network's own words are of it.
func TestTroublesSpeakTheReadersLanguage(t *testing.T) {
	b := staffed(t)
	me := b.in(auth.Admin)
	b.ask("PATCH", apiPath+"/me/settings", `{"language":"de"}`, "Cookie", me).want(200)
	seq, err := b.desk.TellSource(t.Context(), care.ByIntake, "test", care.SourceStopped{Fault: "refused", Why: "401 {why}"})
	if err != nil {
		t.Fatal(err)
	}
	b.shown(seq)
	const says = "Das Netzwerk lehnt unsere Schlüssel ab: 401 {why}. Erneuern Sie sie und laden Sie die Konfiguration neu."
	b.browse(me, "GET", "/mentions", nil).want(200).contains(says)
	b.ask("GET", apiPath+"/sources", nil, "Cookie", me).want(200).contains(says)
	b.as(auth.Admin, "GET", "/sources", nil).want(200).contains("The network refuses our keys: 401 {why}. Renew them")
}

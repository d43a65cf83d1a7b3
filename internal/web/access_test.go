package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/auth"
)

// The table of who may use what: v viewer, a agent, l lead, d administrator;
// * is for whoever asks. A new route fails here until somebody decides.
const access = `
GET  /api/v1/cases                                     v
GET  /api/v1/cases/{id}                                v
GET  /api/v1/reports/{name}                            v
GET  /api/v1/reports/{name}/file                       v
GET  /api/v1/reports/{name}/cases                      v
GET  /api/v1/chart-notes                               v
POST /api/v1/chart-notes                               l
DELETE /api/v1/chart-notes/{n}                         l
POST /chart-notes                                      l
POST /chart-notes/{n}/drop                             l
POST /reports/kept                                     v
POST /reports/kept/{id}/drop                           v
GET  /reports/now                                      v
GET  /reports/promises                                 v
GET  /reports/people                                   a
GET  /reports/response                                 l
GET  /reports/volume                                   l
GET  /reports/topics                                   l
GET  /reports/quality                                  l
GET  /reports/voice                                    l
GET  /api/v1/queues                                    v
GET  /api/v1/search                                    v
GET  /api/v1/views                                     v
POST /api/v1/views                                     v
PATCH /api/v1/views/{id}                               v
DELETE /api/v1/views/{id}                              v
GET  /api/v1/mentions                                  v
GET  /api/v1/sources                                   v
GET  /api/v1/events                                    v
GET  /api/v1/openapi.json                              v
GET  /api/v1/me                                        v
GET  /api/v1/people                                    v
POST /api/v1/cases/{id}/presence                       v
POST /api/v1/queues/{name}/next                        a
GET  /api/v1/count                                     v
POST /api/v1/cases/bulk                                a
GET  /api/v1/bulks/{id}                                v
POST /api/v1/bulks/{id}/undo                           a
POST /api/v1/mentions/{id}/open                        a
GET  /api/v1/cases/{id}/contact                          v
POST /api/v1/cases/{id}/contact/opt-out                 a
POST /api/v1/cases/{id}/contact/lift                    a
POST /api/v1/cases/{id}/contact/know                    a
POST /api/v1/cases/{id}/contact/forget                  a
POST /api/v1/cases/{id}/contact/consent                 a
POST /api/v1/cases/{id}/contact/link                    a
POST /api/v1/cases/{id}/contact/unlink                  a
POST /api/v1/cases/{id}/contact/refuse                  a
GET  /api/v1/issues                                    v
POST /api/v1/issues                                    a
GET  /api/v1/issues/{id}                               v
GET  /issues                                           v
POST /issues                                           a
GET  /issues/{id}                                      v
POST /api/v1/issues/{id}/say                           a
POST /issues/{id}/say                                  a
POST /api/v1/issues/{id}/link                          a
POST /issues/{id}/link                                 a
POST /api/v1/issues/{id}/unlink                        a
POST /issues/{id}/unlink                               a
POST /api/v1/issues/{id}/drafts                        a
POST /issues/{id}/drafts                               a
POST /api/v1/issues/{id}/redraft                       a
POST /issues/{id}/redraft                              a
POST /api/v1/issues/{id}/skip                          a
POST /issues/{id}/skip                                 a
POST /api/v1/issues/{id}/approve                       l
POST /issues/{id}/approve                              l
POST /api/v1/issues/{id}/close                         l
POST /issues/{id}/close                                l
POST /api/v1/issues/{id}/reopen                        l
POST /issues/{id}/reopen                               l
POST /api/v1/cases/{id}/claim                          a
POST /api/v1/cases/{id}/survey                         a
POST /api/v1/cases/{id}/release                        a
POST /api/v1/cases/{id}/handoff                        a
POST /api/v1/cases/{id}/requeue                        a
GET  /api/v1/cases/{id}/policies                       l
POST /api/v1/cases/{id}/escalate                       a
POST /api/v1/cases/{id}/reply                          a
POST /api/v1/cases/{id}/reply/check                    a
POST /api/v1/cases/{id}/replies/{n}/undo               a
POST /api/v1/cases/{id}/replies/{n}/settle             a
POST /api/v1/cases/{id}/note                           a
POST /api/v1/cases/{id}/tag                            a
POST /api/v1/cases/{id}/snooze                         a
POST /api/v1/cases/{id}/wake                           a
POST /api/v1/cases/{id}/wait-on                       a
POST /api/v1/cases/{id}/stop-waiting                  a
POST /api/v1/cases/{id}/await                          a
POST /api/v1/cases/{id}/resolve                        a
POST /api/v1/cases/{id}/dismiss                        a
POST /api/v1/cases/{id}/reopen                         a
POST /api/v1/cases/{id}/merge                          a
POST /api/v1/cases/{id}/unmerge                        a
POST /api/v1/cases/{id}/split                          a
POST /api/v1/cases/{id}/promises                       a
POST /api/v1/cases/{id}/promises/find                  a
POST /api/v1/cases/{id}/promises/{n}/keep              a
POST /api/v1/cases/{id}/promises/{n}/renegotiate       a
GET  /api/v1/cases/{id}/draft                          a
PUT  /api/v1/cases/{id}/draft                          a
DELETE /api/v1/cases/{id}/draft                        a
POST /api/v1/cases/{id}/assign                         l
POST /api/v1/cases/{id}/review                         l
GET  /api/v1/reviews                                   l
POST /api/v1/mentions/{id}/review                      l
GET  /api/v1/model                                     l
POST /api/v1/model/aim                                 d
POST /api/v1/model/rollback                            d
POST /api/v1/desk/release                              d
POST /api/v1/people                                    d
PATCH /api/v1/people/{name}                            d
POST /api/v1/people/{name}/link                        d
DELETE /api/v1/people/{name}/sessions                  d
GET  /api/v1/tokens                                    d
POST /api/v1/me/away                                   a
POST /api/v1/me/back                                   a
POST /api/v1/people/{name}/away                        l
POST /api/v1/people/{name}/back                        l
POST /api/v1/people/{name}/pass-on                     l
POST /api/v1/cases/{id}/acknowledge                    a
POST /api/v1/desk/reload                               d
POST /api/v1/sources/{name}/pause                      l
POST /api/v1/sources/{name}/resume                     l
POST /api/v1/cases/{id}/block                          l
GET  /api/v1/mentions/{id}/thread                      v
POST /api/v1/mentions/{id}/translation                 v
DELETE /api/v1/tokens/{id}                             d
POST /api/v1/session                                   *
DELETE /api/v1/session                                 session
POST /api/v1/me/password                               session
GET  /api/v1/me/sessions                               session
DELETE /api/v1/me/sessions/{id}                        session
DELETE /api/v1/me/sessions                             session
GET  /api/v1/me/settings                               session
PATCH /api/v1/me/settings                              session
PUT  /api/v1/me/looked                                 session
GET  /api/v1/me/tokens                                 session
POST /api/v1/me/tokens                                 session
DELETE /api/v1/me/tokens/{id}                          session
GET  /{$}                                              v
GET  /queue                                            v
GET  /mine                                             v
GET  /awaiting                                         v
GET  /snoozed                                          v
GET  /api/v1/macros  v
GET  /api/v1/cases/{id}/macros/{name}  a
POST /api/v1/cases/{id}/replies/{n}/mend  a
POST /api/v1/cases/{id}/replies/{n}/withdraw  a
POST /api/v1/cases/{id}/replies/{n}/approve  l
POST /api/v1/cases/{id}/replies/{n}/refuse  l
POST /api/v1/cases/{id}/goodwill  a
POST /api/v1/cases/{id}/goodwill/{n}/approve  l
POST /api/v1/cases/{id}/goodwill/{n}/refuse  l
POST /api/v1/cases/{id}/follow  a
POST /api/v1/cases/{id}/unfollow  a
POST /api/v1/cases/{id}/link  a
POST /api/v1/cases/{id}/unlink  a
POST /api/v1/cases/{id}/friction  a
POST /api/v1/cases/{id}/friction/{n}/mend  l
POST /api/v1/cases/{id}/hold  l
POST /api/v1/cases/{id}/lift-hold  l
GET  /outside                                          v
GET  /approve                                          v
GET  /friction                                         v
GET  /held                                             v
GET  /following                                        v
GET  /promised                                         v
GET  /resolved                                         v
GET  /dismissed                                        v
GET  /cases/{id}                                       v
GET  /cases/{id}/export                                v
GET  /mentions                                         v
GET  /sources                                          v
GET  /start                                            v
GET  /start/heard                                      v
GET  /setup/edit/{section}                             l
POST /setup/edit/{section}                             l
GET  /setup/history                                    l
POST /setup/history/{n}/put-back                       d
POST /setup/channels/{name}/test                       d
GET  /api/v1/setup/{section}/{name}                    l
PUT  /api/v1/setup/{section}/{name}                    l
DELETE /api/v1/setup/{section}/{name}                  l
POST /api/v1/setup/{section}/{name}/try                d
GET  /api/v1/setup-history                             l
POST /api/v1/setup-history/{n}/put-back                d
POST /api/v1/channels/{name}/test                      d
GET  /setup                                            l
GET  /setup/routing                                    l
GET  /setup/deadlines                                  l
POST /mentions/{id}/open                               a
POST /sources/{name}/pause                             l
POST /sources/{name}/resume                            l
POST /desk/reload                                      d
GET  /reviews                                          l
POST /mentions/{id}/review                             l
GET  /model                                            l
POST /model/aim                                        d
POST /model/rollback                                   d
POST /desk/release                                     d
GET  /people                                           l
POST /people/{name}/away                               l
POST /people/{name}/back                               l
POST /people/{name}/pass-on                            l
POST /me/name                                          session
POST /me/away                                          a
POST /me/back                                          a
PATCH /api/v1/me                                       session
POST /people                                           d
POST /people/{name}                                    d
POST /people/{name}/link                               d
POST /people/{name}/sign-out                           d
GET  /sign-in                                          *
POST /sign-in                                          *
GET  /link/{secret}                                    *
POST /link/{secret}                                    *
POST /theme                                            *
POST /sign-out                                         session
GET  /password                                         session
POST /password                                         session
GET  /me                                               session
POST /me/settings                                      session
POST /me/sessions/end                                  session
POST /me/tokens                                        session
POST /me/tokens/{id}/revoke                            session
POST /me/sessions/{id}/end                             session
`

func table(t *testing.T) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for line := range strings.Lines(access) {
		if f := strings.Fields(line); len(f) == 3 {
			rows[f[0]+" "+f[1]] = f[2]
		}
	}
	return rows
}

func TestEveryRouteHasADecision(t *testing.T) {
	rows, b := table(t), newBench(t)
	var there []string
	for _, r := range b.routes {
		there = append(there, r.method+" "+r.path)
	}
	slices.Sort(there)
	decided := slices.Sorted(maps.Keys(rows))
	for _, r := range there {
		if rows[r] == "" {
			t.Errorf("nobody decided who may use %s", r)
		}
	}
	for _, r := range decided {
		if !slices.Contains(there, r) {
			t.Errorf("there is no route %s", r)
		}
	}
	if len(there) != len(slices.Compact(slices.Clone(there))) {
		t.Error("a route is registered twice")
	}
}

// Each route, asked for by nobody, by each role with a token and by each role
// with a session.
func TestRolesOnEveryRoute(t *testing.T) {
	b := staffed(t)
	b.says("ana", "1", "my bill is broken")
	id := string(b.cases()[0].ID)
	cookies := map[auth.Role]string{}
	for _, r := range auth.Roles() {
		cookies[r] = b.in(r)
	}
	for key, who := range table(t) {
		method, path, _ := strings.Cut(key, " ")
		isAPI := strings.HasPrefix(path, apiPath)
		at := strings.NewReplacer("{id}", id, "{n}", "1", "{name}", "nobody-here", "{secret}", "x", "{$}", "").Replace(path)
		var body any
		if method != "GET" && isAPI {
			body = "{}"
		} else if method != "GET" {
			body = url.Values{}
		}
		if path == apiPath+"/events" || path == "/sign-out" || key == "DELETE /api/v1/session" || strings.HasSuffix(path, "/password") {
			body = nil // tested by themselves; here only who is turned away
		}
		t.Run(key, func(t *testing.T) {
			b.t = t
			if who != "*" {
				turnedAway(t, b.ask(method, at, body, "Sec-Fetch-Site", "same-origin"), isAPI)
			}
			for i, r := range auth.Roles() {
				least := map[string]int{"v": 0, "a": 1, "l": 2, "d": 3, "*": 0, "session": 0}[who]
				if path == apiPath+"/events" && i >= least || path == "/sign-out" || key == "DELETE /api/v1/session" {
					continue
				}
				withToken := b.ask(method, at, body, "Authorization", "Bearer "+b.tokens[r])
				withSession := b.ask(method, at, body, "Cookie", cookies[r], "Sec-Fetch-Site", "same-origin")
				if who == "session" {
					if withToken.StatusCode != http.StatusForbidden && who == "session" {
						t.Errorf("%s with a token: %d, want 403", r, withToken.StatusCode)
					}
				} else if refused := withToken.StatusCode == http.StatusForbidden; refused != (i < least) {
					t.Errorf("%s with a token: %d", r, withToken.StatusCode)
				}
				if refused := withSession.StatusCode == http.StatusForbidden; refused != (i < least) {
					t.Errorf("%s with a session: %d %.200s", r, withSession.StatusCode, withSession.body)
				}
				if withSession.StatusCode >= 500 || withToken.StatusCode >= 500 {
					t.Errorf("%s: %d %d", r, withSession.StatusCode, withToken.StatusCode)
				}
			}
		})
	}
}

// turnedAway checks what somebody gets who is nobody.
func turnedAway(t *testing.T, a *answer, isAPI bool) {
	t.Helper()
	if isAPI {
		a.wantProblem(http.StatusUnauthorized, "signed_out")
		if a.Header.Get("WWW-Authenticate") == "" {
			t.Error("401 without WWW-Authenticate")
		}
		return
	}
	if a.want(http.StatusSeeOther); !strings.HasPrefix(a.leadsTo(), "/sign-in") {
		t.Errorf("leads to %s", a.leadsTo())
	}
}

// Whatever lies under the API answers nobody, also where nothing is.
func TestTheAPIAnswersNobody(t *testing.T) {
	b := staffed(t)
	for _, path := range []string{"/cases", "/nothing", "/cases/1/claim", "", "/", "/openapi.json", "/../queue"} {
		for _, auth := range []string{"", "Bearer ", "Bearer x", "Bearer amends_pat_" + strings.Repeat("A", 43), "Basic YTpi", b.tokens["admin"]} {
			a := b.ask("GET", apiPath+path, nil, "Authorization", auth)
			if a.StatusCode == http.StatusTemporaryRedirect || a.StatusCode == http.StatusMovedPermanently {
				continue // a path that is not clean
			}
			a.wantProblem(http.StatusUnauthorized, "signed_out")
		}
	}
	b.get(auth.Viewer, "/nothing").wantProblem(404, "not_found")
	a := b.as(auth.Viewer, "DELETE", "/cases", nil).wantProblem(405, "method")
	if a.Header.Get("Allow") != "GET" {
		t.Errorf("Allow: %s", a.Header.Get("Allow"))
	}
	b.as(auth.Viewer, "PUT", "/cases/1/draft", "{}").wantProblem(403, "denied")
}

// A person who has to choose a password can do nothing else, anywhere.
func TestAPasswordThatIsDueComesFirst(t *testing.T) {
	b := staffed(t)
	if err := b.People.SetPassword(t.Context(), "cli/test", "agent", password, true); err != nil {
		t.Fatal(err)
	}
	a := b.ask("POST", "/sign-in", url.Values{"name": {"agent"}, "password": {password}}).want(303)
	if a.leadsTo() != "/password" {
		t.Fatalf("leads to %s", a.leadsTo())
	}
	cookie := a.cookie(loopbackCookieName)
	if to := b.browse(cookie, "GET", "/queue", nil).want(303).leadsTo(); to != "/password" {
		t.Fatalf("the queue leads to %s", to)
	}
	b.ask("GET", apiPath+"/cases", nil, "Cookie", cookie).wantProblem(403, "password_due")
	b.browse(cookie, "GET", "/password", nil).want(200)
	b.browse(cookie, "POST", "/password", url.Values{"password": {"another long one"}, "again": {"a different one"}}).want(422).contains("not the same")
	done := b.browse(cookie, "POST", "/password", url.Values{"password": {"another long one"}, "again": {"another long one"}}).want(303)
	fresh := done.cookie(loopbackCookieName)
	b.browse(fresh, "GET", "/queue", nil).want(200)
	if to := b.browse(cookie, "GET", "/queue", nil).want(303).leadsTo(); to != "/sign-in?next=%2Fqueue" {
		t.Fatalf("the old session leads to %s", to)
	}
}

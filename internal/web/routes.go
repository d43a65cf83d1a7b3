package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/report"
)

// register is the table of everything that can be asked for, and by whom.
func (s *Server) register() {
	s.registerReads()
	s.registerCase()
	s.registerBulk()
	s.registerIssues()
	s.registerTeam()
	s.finishAPI()
	s.registerPages()
}

func (s *Server) registerReads() {
	get, post := http.MethodGet, http.MethodPost
	add(s, get, "/cases", auth.Read, "cases", "List cases", s.listCases)
	add(s, get, "/cases/{id}", auth.Read, "cases", "Everything about a case", s.oneCase)
	add(s, get, "/queues", auth.Read, "cases", "Count what waits where", s.queues)
	add(s, post, "/queues/{name}/next", auth.Work, "cases", "Take the next case; 204 when nobody waits", s.next, answers(http.StatusNoContent, "Nobody waits in this queue."))
	add(s, get, "/search", auth.Read, "cases", "Search cases, people and mentions", s.search)
	add(s, get, "/views", auth.Read, "cases", "Saved lists of cases, with how many are in each", s.listSaved)
	add(s, post, "/views", auth.Read, "cases", "Save a list under a name", s.addSaved, answers(http.StatusCreated, ""))
	add(s, http.MethodPatch, "/views/{id}", auth.Read, "cases", "Rename, change or move a saved list", s.changeSaved)
	add(s, http.MethodDelete, "/views/{id}", auth.Read, "cases", "Delete a saved list", s.deleteSaved, answers(http.StatusNoContent, ""))
	add(s, get, "/mentions", auth.Read, "mentions", "List all mentions, flagged or not", s.listMentions)
	add(s, post, "/mentions/{id}/open", auth.Work, "mentions", "Open a case by hand", s.open)
	add(s, get, "/mentions/{id}/thread", auth.Read, "mentions", "Read the thread around a mention from its network", s.thread)
	add(s, post, "/mentions/{id}/translation", auth.Read, "mentions", "Send a mention's text to the translation service", s.translation)
	add(s, post, "/mentions/{id}/review", auth.Review, "mentions", "Say whether a mention is a complaint", s.judge)
	add(s, get, "/reviews", auth.Review, "mentions", "What is offered for review", s.listReviews)
	add(s, get, "/model", auth.Review, "model", "What judges, how good it is, and what it may become", s.model)
	add(s, post, "/model/aim", auth.Teach, "model", "Choose what the threshold is for", s.setAim)
	add(s, post, "/model/rollback", auth.Teach, "model", "Put in force what was in force before", s.rollBack)
	add(s, get, "/sources", auth.Read, "sources", "How the sources are doing", s.listSources)
	add(s, post, "/sources/{name}/pause", auth.SetUp, "sources", "Let a source rest", s.pauseSource)
	add(s, post, "/sources/{name}/resume", auth.SetUp, "sources", "Let it read again", s.resumeSource)
	add(s, post, "/desk/reload", auth.Release, "sources", "Read the configuration and its keys again", s.reload, answers(http.StatusNoContent, ""))
	add(s, post, "/desk/release", auth.Release, "sources", "Let a held desk read and send again", s.releaseDesk, answers(http.StatusNoContent, ""))

	add(s, get, "/reports/{name}", auth.Read, "reports", "A report: now and promises for everybody, one's own row of people for agents, all for leads", s.oneReport)
	add(s, get, "/reports/{name}/file", auth.Read, "reports", "A report, or the digest, in the form that the command line prints", s.oneFile, inForms(reportForms()))
	add(s, get, "/reports/{name}/cases", auth.Read, "reports", "The cases that a number of a report is made of", s.oneNumber)
	add(s, get, "/chart-notes", auth.Read, "reports", "The dated notes that stand on charts", s.listChartNotes)
	add(s, post, "/chart-notes", auth.Report, "reports", "Put a dated note on all charts", s.noteChart)
	add(s, http.MethodDelete, "/chart-notes/{n}", auth.Report, "reports", "Take a note off, and erase its words", s.dropChartNote)

	s.mux.HandleFunc("GET "+eventsPath, s.failing(s.events))
	s.routes = append(s.routes, endpoint{get, eventsPath, auth.Read})
	s.api.OpenAPI().AddOperation(eventsOperation(s.api.OpenAPI().Components.Schemas))
	s.mux.HandleFunc("GET "+apiPath+"/openapi.json", s.failing(s.serveOpenAPI))
	s.routes = append(s.routes, endpoint{get, apiPath + "/openapi.json", auth.Read})
	s.mux.HandleFunc("/api/", s.failing(s.noSuchAPI))
}

func (s *Server) registerCase() {
	onBare(s, "claim", auth.Work, "Take a case", s.claim)
	onBare(s, "release", auth.Work, "Put a case back into its queue", s.release)
	on(s, "assign", auth.Assign, "Give a case to somebody", s.assign)
	on(s, "handoff", auth.Work, "Pass a case on with a note", s.handoff)
	on(s, "requeue", auth.Work, "Move a case to another queue, or to another policy", s.requeue)
	add(s, http.MethodGet, "/cases/{id}/policies", auth.Assign, "cases", "What the deadlines of a case would be by each policy; nothing is changed", s.policies)
	on(s, "escalate", auth.Work, "Raise a case by one level", s.escalate)
	on(s, "reply", auth.Work, "Answer the customer", s.reply)
	add(s, http.MethodPost, "/cases/{id}/reply/check", auth.Work, "cases", "Find what is worth a second look before a reply is sent; nothing is kept", s.checkReply)
	onBare(s, "acknowledge", auth.Work, "Say that one knows of an escalation", s.acknowledge)
	onBarePart(s, "replies/{n}/undo", auth.Work, "Take a reply back that is not sent yet, or a change of one", s.undoReply)
	onPart(s, "replies/{n}/mend", auth.Work, "Give a sent reply another text, where the network can", s.mendReply)
	onBarePart(s, "replies/{n}/withdraw", auth.Work, "Take a sent reply off the network, where it can", s.withdrawReply)
	onPart(s, "replies/{n}/settle", auth.Work, "Say what became of an unknown reply", s.settleReply)
	onBarePart(s, "replies/{n}/approve", auth.Assign, "Let a reply leave that waits for it", s.approveReply)
	onPart(s, "replies/{n}/refuse", auth.Assign, "Keep a reply from leaving, and say why", s.refuseReply)
	on(s, "goodwill", auth.Work, "Give a customer something for their trouble, or ask a lead", s.goodwill)
	onBarePart(s, "goodwill/{n}/approve", auth.Assign, "Say yes to goodwill above the limit", s.approveGoodwill)
	onPart(s, "goodwill/{n}/refuse", auth.Assign, "Say no to it, and why", s.refuseGoodwill)
	onBare(s, "follow", auth.Work, "Hear of a case", s.follow)
	onBare(s, "unfollow", auth.Work, "Hear no more of it; a note that calls whoever asks is read", s.unfollow)
	on(s, "link", auth.Work, "Tie two cases that belong together", s.link)
	on(s, "unlink", auth.Work, "Untie them", s.unlink)
	on(s, "friction", auth.Work, "Say what of ours stood in the way", s.friction)
	onBarePart(s, "friction/{n}/mend", auth.Assign, "Take it off the list", s.mendFriction)
	on(s, "hold", auth.Assign, "Keep a case for a court, whatever its term is", s.hold)
	onBare(s, "lift-hold", auth.Assign, "Let its term run again", s.liftHold)
	add(s, http.MethodGet, "/macros", auth.Read, "cases", "List the canned replies", s.listMacros)
	add(s, http.MethodGet, "/cases/{id}/macros/{name}", auth.Work, "cases", "Fill a canned reply in for a case; nothing is sent", s.renderMacro)
	on(s, "note", auth.Work, "Leave an internal remark", s.note)
	on(s, "tag", auth.Work, "Change the tags", s.tag)
	on(s, "snooze", auth.Work, "Hide a case for a while", s.snooze)
	onBare(s, "wake", auth.Work, "End a snooze", s.wake)
	on(s, "wait-on", auth.Work, "Say that somebody outside the team has to act first", s.waitOn)
	onBare(s, "stop-waiting", auth.Work, "Say that they have acted", s.stopWaiting)
	onBare(s, "await", auth.Work, "Say that the customer has to act", s.await)
	on(s, "resolve", auth.Work, "Finish a case", s.resolve)
	on(s, "dismiss", auth.Work, "Say that a case is no complaint of ours", s.dismiss)
	on(s, "survey", auth.Work, "Ask the customer how it went", s.askSurvey)
	onBare(s, "reopen", auth.Work, "Take a case up again", s.reopen)
	on(s, "review", auth.Review, "Confirm or correct a verdict", s.review)
	on(s, "block", auth.Assign, "Keep an author from addressing our account", s.block)
	on(s, "merge", auth.Work, "Let a case go on in another one", s.merge)
	onBare(s, "unmerge", auth.Work, "Take a merged case out again", s.unmerge)
	on(s, "split", auth.Work, "Make a part of a case one of its own", s.split)
	on(s, "promises", auth.Work, "Keep track of a promise", s.promise)
	add(s, http.MethodPost, "/cases/{id}/promises/find", auth.Work, "cases", "Find what a text of ours promises; nothing is kept", s.findPromises)
	onBarePart(s, "promises/{n}/keep", auth.Work, "Say that a promise was kept", s.keepPromise)
	onPart(s, "promises/{n}/renegotiate", auth.Work, "Give a promise another time", s.renegotiate)

	on(s, "contact/opt-out", auth.Work, "Note that the customer does not want to hear from us", s.optOut)
	on(s, "contact/lift", auth.Work, "End an opt-out", s.liftOptOut)
	on(s, "contact/know", auth.Work, "Note something about the customer", s.knowContact)
	on(s, "contact/forget", auth.Work, "Take back what was noted about the customer", s.forgetContact)
	on(s, "contact/consent", auth.Work, "Note whether the customer agreed to be matched with other accounts", s.consent)
	on(s, "contact/link", auth.Work, "Say that another account is the same person", s.linkContact)
	on(s, "contact/unlink", auth.Work, "Take such a link back", s.unlinkContact)
	on(s, "contact/refuse", auth.Work, "Say that another account is somebody else", s.refuseContact)
	add(s, http.MethodGet, "/cases/{id}/contact", auth.Read, "contacts", "The person behind a case, across networks", s.oneContact)

	add(s, http.MethodGet, "/cases/{id}/draft", auth.Work, "cases", "Read one's own draft", s.draft)
	add(s, http.MethodPut, "/cases/{id}/draft", auth.Work, "cases", "Keep one's own draft", s.keepDraft, answers(http.StatusNoContent, ""))
	add(s, http.MethodDelete, "/cases/{id}/draft", auth.Work, "cases", "Forget one's own draft", s.dropDraft, answers(http.StatusNoContent, ""))
	add(s, http.MethodPost, "/cases/{id}/presence", auth.Read, "cases", "Tell others that one looks at a case; again every 30 seconds", s.setPresence)
}

func (s *Server) registerIssues() {
	get, post := http.MethodGet, http.MethodPost
	add(s, get, "/issues", auth.Read, "issues", "Known issues, and what the watch proposes", s.listIssues)
	add(s, post, "/issues", auth.Work, "issues", "Open a known issue, from a proposed group or by hand", s.openIssue)
	add(s, get, "/issues/{id}", auth.Read, "issues", "Everything about a known issue", s.oneIssue)
	onIssue(s, "say", auth.Work, "Put what we know, what we do and when we say more", s.sayIssue)
	onIssue(s, "link", auth.Work, "Link a case", s.linkIssue)
	onIssue(s, "unlink", auth.Work, "Take a case out", s.unlinkIssue)
	onIssue(s, "drafts", auth.Work, "Write a personal draft for each customer", s.draftIssue)
	onIssue(s, "redraft", auth.Work, "Change the draft for one customer", s.redraftIssue)
	onIssue(s, "skip", auth.Work, "Leave one customer out", s.skipIssue)
	onIssue(s, "approve", auth.Assign, "Send drafts, some a minute", s.approveIssue)
	onIssue(s, "close", auth.Assign, "Close an issue; a fixed one once everybody was told", s.closeIssue)
	onBareIssue(s, "reopen", auth.Assign, "Take a closed issue up again", s.reopenIssue)
}

func (s *Server) registerTeam() {
	get, post, del := http.MethodGet, http.MethodPost, http.MethodDelete
	gone := answers(http.StatusNoContent, "")
	add(s, post, "/session", "", "me", "Sign in", s.signIn)
	add(s, del, "/session", auth.Password, "me", "Sign out", s.signOut, gone)
	add(s, get, "/me", auth.Read, "me", "Who asks, and what is in force", s.me)
	add(s, http.MethodPatch, "/me", auth.Self, "me", "Change how one is called", s.changeMe)
	add(s, post, "/me/password", auth.Password, "me", "Choose a new password", s.changePassword)
	add(s, get, "/me/sessions", auth.Self, "me", "One's own sessions", s.mySessions)
	add(s, del, "/me/sessions/{id}", auth.Self, "me", "End one of them", s.endSession, gone)
	add(s, del, "/me/sessions", auth.Self, "me", "End all of them but the one that asks", s.endOtherSessions, gone)
	add(s, get, "/me/settings", auth.Self, "me", "How one wants the console", s.mySettings)
	add(s, http.MethodPatch, "/me/settings", auth.Self, "me", "Change how one wants the console", s.changeSettings)
	add(s, http.MethodPut, "/me/looked", auth.Self, "me", "Tell what one has seen of cases, so that one finds what is new", s.looked, gone)
	add(s, get, "/me/tokens", auth.Self, "me", "One's own API tokens", s.myTokens)
	add(s, post, "/me/tokens", auth.Self, "me", "Make an API token", s.addToken, answers(http.StatusCreated, ""))
	add(s, del, "/me/tokens/{id}", auth.Self, "me", "Revoke one of them", s.revokeMyToken, gone)
	add(s, get, "/people", auth.Read, "people", "Everybody of the team", s.listPeople)
	add(s, post, "/people", auth.Team, "people", "Add a person", s.addPerson, answers(http.StatusCreated, ""))
	add(s, http.MethodPatch, "/people/{name}", auth.Team, "people", "Change a person", s.changePerson)
	add(s, post, "/me/away", auth.Work, "me", "Take no cases for a while", s.myAway)
	add(s, post, "/me/back", auth.Work, "me", "Take cases again", s.myBack)
	add(s, post, "/people/{name}/away", auth.Assign, "people", "Let a person take no cases for a while", s.away)
	add(s, post, "/people/{name}/back", auth.Assign, "people", "Let a person take cases again", s.back)
	add(s, post, "/people/{name}/pass-on", auth.Assign, "people", "Give all that a person has to another", s.passOn)
	add(s, post, "/people/{name}/link", auth.Team, "people", "Make a link that lets a person choose a password", s.makeLink, answers(http.StatusCreated, ""))
	add(s, del, "/people/{name}/sessions", auth.Team, "people", "Sign a person out everywhere", s.signOutPerson, gone)
	add(s, get, "/tokens", auth.Team, "people", "Everybody's API tokens", s.allTokens)
	add(s, del, "/tokens/{id}", auth.Team, "people", "Revoke one of them", s.revokeAnyToken, gone)
}

// registerPages are the desk and the pages beside it, with their forms.
func (s *Server) registerPages() {
	get, post := http.MethodGet, http.MethodPost
	s.handle(get, "/{$}", auth.Read, s.home)
	s.handle(get, "/sign-in", "", s.signInForm)
	s.handle(post, "/sign-in", "", s.signInPost)
	s.handle(post, "/sign-out", auth.Password, s.signOutPost)
	s.handle(get, "/link/{secret}", "", s.linkForm)
	s.handle(post, "/link/{secret}", "", s.linkPost)
	s.handle(get, "/password", auth.Password, s.passwordForm)
	s.handle(post, "/password", auth.Password, s.passwordPost)
	s.handle(post, "/theme", "", s.theme)

	for _, l := range lists() {
		s.handle(get, "/"+l, auth.Read, s.deskGet)
	}
	s.handle(get, "/cases/{id}", auth.Read, s.deskGet)
	s.handle(get, "/cases/{id}/export", auth.Read, s.exportGet)
	s.handle(get, "/mentions", auth.Read, s.mentionsGet)
	s.handle(post, "/mentions/{id}/open", auth.Work, s.openPost)
	s.handle(post, "/mentions/{id}/review", auth.Review, s.judgePost)
	s.handle(get, "/reviews", auth.Review, s.reviewsGet)
	s.handle(get, "/model", auth.Review, s.modelGet)
	s.handle(post, "/model/aim", auth.Teach, s.aimPost)
	s.handle(post, "/model/rollback", auth.Teach, s.rollBackPost)
	s.handle(get, "/issues", auth.Read, s.issuesGet)
	s.handle(post, "/issues", auth.Work, s.issuesPost)
	s.handle(get, "/issues/{id}", auth.Read, s.issueGet)
	s.handle(get, "/sources", auth.Read, s.sourcesGet)
	s.handle(post, "/sources/{name}/pause", auth.SetUp, s.pausePost)
	s.handle(post, "/sources/{name}/resume", auth.SetUp, s.resumePost)
	s.handle(post, "/desk/release", auth.Release, s.releasePost)
	s.handle(post, "/desk/reload", auth.Release, s.reloadPost)
	s.registerSetup()
	s.registerSettings()
	s.handle(post, "/chart-notes", auth.Report, s.chartNotePost)
	s.handle(post, "/chart-notes/{n}/drop", auth.Report, s.chartNoteDropPost)
	s.handle(post, reportsPath+"kept", auth.Read, s.keepReportPost)
	s.handle(post, reportsPath+"kept/{id}/drop", auth.Read, s.dropReportPost)
	for _, name := range report.Names() {
		s.handle(get, reportsPath+name, needsFor(name), s.reportGet(name))
	}

	s.handle(get, "/people", auth.Assign, s.peopleGet)
	s.handle(post, "/people/{name}/away", auth.Assign, s.personAwayPost)
	s.handle(post, "/people/{name}/back", auth.Assign, s.personBackPost)
	s.handle(post, "/people/{name}/pass-on", auth.Assign, s.personPassPost)
	s.handle(post, "/people", auth.Team, s.peoplePost)
	s.handle(post, "/people/{name}", auth.Team, s.personPost)
	s.handle(post, "/people/{name}/link", auth.Team, s.personLinkPost)
	s.handle(post, "/people/{name}/sign-out", auth.Team, s.personSignOutPost)
	s.handle(get, "/me", auth.Self, s.meGet)
	s.handle(post, "/me/tokens", auth.Self, s.tokenPost)
	s.handle(post, "/me/tokens/{id}/revoke", auth.Self, s.tokenRevokePost)
	s.handle(post, "/me/sessions/{id}/end", auth.Self, s.sessionEndPost)
	s.handle(post, "/me/sessions/end", auth.Self, s.sessionsEndPost)
	s.handle(post, "/me/settings", auth.Self, s.settingsPost)
	s.handle(post, "/me/name", auth.Self, s.namePost)
	s.handle(post, "/me/away", auth.Work, s.myAwayPost)
	s.handle(post, "/me/back", auth.Work, s.myBackPost)

	for method, h := range map[string]func(http.ResponseWriter, *http.Request) error{get: s.surveyGet, post: s.surveyPost} {
		s.openTo[method+" "+surveyPath] = true
		s.mux.HandleFunc(method+" "+surveyPath, s.failing(h))
	}
	s.openTo["GET "+assetsPath+"{file}"] = true
	s.mux.HandleFunc("GET "+assetsPath+"{file}", s.failing(s.assets.serve))
	s.mux.HandleFunc("/", s.failing(func(http.ResponseWriter, *http.Request) error { return errNoPage }))
}

// failing adapts a handler that returns its error.
func (s *Server) failing(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// answers says with which status an operation answers; with a reason, that it
// may also answer with this one.
func answers(status int, why string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		if why == "" {
			op.DefaultStatus = status
			return
		}
		op.Responses = map[string]*huma.Response{strconv.Itoa(status): {Description: why}}
	}
}

// inForms says which media types an answer may have.
func inForms(types map[string]string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		content := map[string]*huma.MediaType{}
		for _, t := range types {
			name, _, _ := strings.Cut(t, ";")
			content[name] = &huma.MediaType{Schema: &huma.Schema{}}
		}
		op.Responses = map[string]*huma.Response{"200": {Description: "In the form that was asked for", Content: content}}
	}
}

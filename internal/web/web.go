// Package web is what people and programs reach over HTTP: the console's pages,
// the JSON API under /api/v1 and the live events. Lists and cases are the desk,
// one page that a script fills by the API; all other pages work without script.
// The API is described by the document that it serves, and a test holds it to it.
//
// A handler asks [View] and its sisters what is, lets the rules of package care
// decide, and hands the decision to [Desk]; it holds no rule of its own and
// touches no storage. It returns its error: one adapter turns that into a
// status, and into a page or a problem document.
//
// It keeps in memory, for its own node only, who looks at which case and the
// latest live events. Nothing that matters is lost with it.
package web

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/sla"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/web/asking"
	"github.com/amends-care/amends/internal/web/tongue"
)

// A Desk changes cases.
type Desk interface {
	// Do takes a decision about some cases in one commit. decide must be pure:
	// it runs again after a conflict. The same op has no second effect.
	Do(ctx context.Context, by care.Actor, op string, ids []care.CaseID,
		decide func(now time.Time, cs []*care.Case) (care.Change, error)) (store.Seq, error)
	// Goodwill is Do for what a person is given: the first case is the one it is given
	// in, and the others that are handed to decide are what desk knows of the person.
	Goodwill(ctx context.Context, by care.Actor, op string, ids []care.CaseID,
		decide func(now time.Time, cs []*care.Case) (care.Change, error)) (store.Seq, error)
	// NextFor gives an agent the first case of a queue that nobody has.
	NextFor(ctx context.Context, by care.Actor, to care.AgentID, op, queue string) (care.CaseID, store.Seq, error)
	// OpenByHand opens a case from any mention, or finds the one it is in.
	OpenByHand(ctx context.Context, by care.Actor, op string, id care.MentionID) (care.CaseID, store.Seq, error)
	// TellAgent records something about somebody of the team.
	TellAgent(ctx context.Context, by care.Actor, agent care.AgentID, events ...care.Event) (store.Seq, error)
	// PassOn gives what somebody has in these cases to another.
	PassOn(ctx context.Context, by care.Actor, op string, from, to care.AgentID, cases []care.CaseID) (moved int, seq store.Seq, err error)
	// PromisedBy is what the deadlines of a case would be by another policy from now on.
	PromisedBy(c *care.Case, policy string) []care.Target
	// LetGo puts back all that somebody has who has left.
	LetGo(ctx context.Context, by care.Actor, who care.AgentID) (n int, seq store.Seq, err error)
	// Review records what a person says of a mention, in its case or in none.
	Review(ctx context.Context, by care.Actor, op string, id care.MentionID, complaint bool) (care.CaseID, store.Seq, error)
	// People takes a decision about the people behind some authors, like Do.
	People(ctx context.Context, by care.Actor, op string, who []care.AuthorRef,
		decide func(now time.Time, ps []*care.Person) (care.Change, error)) (store.Seq, error)
	// Issue takes a decision about a known issue and some cases, like Do.
	Issue(ctx context.Context, by care.Actor, op string, id care.IssueID, cases []care.CaseID,
		decide func(now time.Time, i *care.Issue, cs []*care.Case) (care.Change, error)) (store.Seq, error)
	// Among is Issue for a decision about cases that known issues follow.
	Among(ctx context.Context, by care.Actor, op string, issues []care.IssueID, cases []care.CaseID,
		decide func(now time.Time, is []*care.Issue, cs []*care.Case) (care.Change, error)) (store.Seq, error)
	// NoteChart and DropChartNote put dated notes on the charts of reports and take
	// them off; ChartNotes are those that stand, and their words by number.
	NoteChart(ctx context.Context, by care.Actor, op string, from, to time.Time, what care.NoteKind, words string) (store.Seq, error)
	DropChartNote(ctx context.Context, by care.Actor, op string, number int) (store.Seq, error)
	ChartNotes(ctx context.Context) ([]care.ChartNote, map[int]string, error)
}

// Issues reads known issues.
type Issues interface {
	Issues(ctx context.Context) ([]view.IssueRow, map[care.IssueID]string, error)
	IssueRows() ([]view.IssueRow, error)
	Issue(ctx context.Context, id care.IssueID) (*view.IssuePage, error)
	IssuesOf(id care.CaseID) ([]view.IssueRow, error)
}

// Persons reads what is known of the people behind authors, and of the team.
type Persons interface {
	Person(ctx context.Context, who care.AuthorRef) (*view.PersonPage, error)
	// Agents is what the log tells of everybody of the team, by name.
	Agents() (map[care.AgentID]view.Agent, error)
}

// Cases reads cases.
type Cases interface {
	Cases(ctx context.Context, q view.Query) (view.Page, error)
	Case(ctx context.Context, id care.CaseID) (*view.CasePage, error)
	ByNumber(n uint64) (care.CaseID, error)
	Row(id care.CaseID) (care.Row, error)
	// Choose returns all cases of a query, as of one moment.
	Choose(ctx context.Context, q view.Query, passes func(*care.Row) bool, limit int) (ids []care.CaseID, n int, at store.Seq, err error)
	Counts() (view.Counts, error)
	Wants(q *view.Query, r *care.Row) bool
	// Earlier counts, for each row, the author's complaints before it.
	Earlier(ctx context.Context, rows []care.Row) ([]int, error)
	Position() store.Seq
	Wait(ctx context.Context, seq store.Seq) error
}

// Mentions reads mentions and what the log tells of their sources.
type Mentions interface {
	Mentions(ctx context.Context, ids ...care.MentionID) ([]care.Mention, error)
	AllMentions(ctx context.Context, q view.MentionQuery) ([]care.Mention, care.MentionID, error)
	Sources() ([]view.Source, error)
}

// Drafts keep what somebody is writing, so that no reload, conflict or crash
// loses it. They belong to one person and one case and are in no view.
type Drafts interface {
	// Draft returns the text and when it was kept; a zero time: there is none.
	Draft(ctx context.Context, id care.CaseID, by care.AgentID) (text string, at time.Time, err error)
	Keep(ctx context.Context, id care.CaseID, by care.AgentID, text string) error
	Drop(ctx context.Context, id care.CaseID, by care.AgentID) error
}

// Surveys are what customers answer by a link.
type Surveys interface {
	// Survey is what a link leads to; a *care.Error where it leads nowhere.
	Survey(ctx context.Context, token string) (care.SurveyPage, error)
	// AnswerSurvey takes an answer in. comment is nil where it stays what it was.
	AnswerSurvey(ctx context.Context, token string, score int, comment *string) (store.Seq, error)
}

// A Setup is what is in force now and that screens have to know.
type Setup struct {
	Brand        string            // whose desk this is
	Queues       []string          // by name, in the order of the configuration
	Policies     []string          // by name
	Titles       map[string]string // what people call a queue, where that is not its name
	Dispositions []string          // how a case can end, as codes; empty: [care.DefaultDispositions]
	Outside      []string          // who outside the team a case can wait for; empty: [DefaultOutside]
	Macros       []care.Macro
	Fallbacks    care.Fallbacks
	Ends         []care.Disposition  // how a case can end, with what has to be told; empty: Dispositions
	Approvals    []care.ApprovalRule // replies that a lead has to look at
	Limit        care.Limit          // goodwill that needs no asking
	UndoFor      time.Duration
	Sources      []care.SourceHealth // configured ones
	Held         string              // why nothing is read or sent, as a [care.Phrase]; empty: the desk works
	Version      string              // of the program
	Demo         bool                // there is nothing but the demo
	Translator   *Translator         // nil: nothing is translated
}

// titled is what people call a queue.
func (s *Setup) titled(queue string) string { return cmp.Or(s.Titles[queue], queue) }

// Deps are what the console needs from the rest of the house. Optional ones are
// marked so.
type Deps struct {
	Desk     Desk
	Bulks    Bulks
	Cases    Cases
	Mentions Mentions
	Persons  Persons
	Issues   Issues
	People   *auth.People
	Drafts   Drafts
	Saved    Saved
	Personal Personal
	Finder   Finder
	Live     *Live
	Surveys  Surveys
	Learning Learning // optional: what the reviews taught
	Reports  Reports  // optional: figures

	// Ask sends a customer a survey; optional.
	Ask func(ctx context.Context, by care.Actor, op string, id care.CaseID, ask care.SurveyKind) (store.Seq, error)

	// Depth looks deeper into a flagged mention; optional. ok is false where there
	// is nothing to tell, or no time to look.
	Depth func(m *care.Mention) (d Depth, ok bool)
	// May says whether and how a mention may be answered.
	May func(m *care.Mention, now time.Time) care.Permission
	// Changes says whether the network of a source lets us change what we sent, or
	// take it off; as names the account that sent it.
	Changes func(source, as string) (mend, withdraw bool)
	// FindPromises finds what a text of ours tells a customer will happen.
	FindPromises func(text, language string, now time.Time, zone *time.Location) []care.ProposedPromise
	// Language tells in which language a text is, and how sure that is, 0 to 1;
	// optional.
	Language func(ctx context.Context, text string) (tag string, confidence float64)
	// Setup is asked for each request, so that a reload shows at once.
	Setup func() Setup
	// InForce is what is set up, to be read in a language; optional. Without one it
	// has no tables.
	InForce func(Say) (InForce, error)
	// Editor changes what is set up; optional.
	Editor Editor
	// TryNotice tells a channel that it works; optional.
	TryNotice func(ctx context.Context, channel string) error
	// TellSource records what somebody decides about a source.
	TellSource func(ctx context.Context, by care.Actor, source string, events ...care.Event) (store.Seq, error)
	// Reload reads the configuration again, and keys with it. A mistake in it
	// leaves everything as it is.
	Reload func(ctx context.Context) error
	// Thread reads the thread of a mention from its network, oldest first.
	Thread func(ctx context.Context, m *care.Mention) ([]care.Post, error)
	// Translate has the text of a mention translated, if it may leave the house;
	// queue is that of its case. Optional.
	Translate func(ctx context.Context, m *care.Mention, queue, to string) (Translation, error)
	// Explain is the whole arithmetic of each deadline of a case.
	Explain func(ctx context.Context, c *care.Case) (map[care.TargetKind]*sla.Explanation, error)
	// Block keeps an author from addressing our account, or lets them again.
	Block func(ctx context.Context, m *care.Mention, blocked bool) error
	// Watching is what the watch proposes now; nil: nothing is watched.
	Watching func() care.Watching
	// Release ends the hold of a desk that was restored.
	Release func(ctx context.Context, by care.Actor) error

	Now     func() time.Time
	Log     *slog.Logger
	Observe func(route string, status int, took time.Duration) // optional: figures of each request

	// PublicURL is where people reach the console; nil: as they ask for it.
	PublicURL *url.URL
	// TrustedProxies may say who asks and how.
	TrustedProxies []netip.Prefix
	// Public are further handlers by pattern, such as GET /healthz, that need
	// no sign-in.
	Public map[string]http.Handler
}

// A Server is the console and the API of one node.
type Server struct {
	Deps
	mux       *http.ServeMux
	api       huma.API
	routes    []endpoint
	openTo    map[string]bool                                          // patterns that need nobody to be somebody, nor the store
	pages     map[string]func() (map[string]*template.Template, error) // by language and name
	tongues   tongue.Catalogue
	assets    *assets
	presence  *presence
	counted   counts
	directory directory
	asking    asking.Catalogue // what customers are asked, in their languages
	pace      *auth.Pace       // of those who answer
	held      *heldKeys
	handler   http.Handler
}

// New builds the console. It opens nothing and starts nothing.
func New(d Deps) (*Server, error) {
	if d.Watching == nil {
		d.Watching = func() care.Watching { return care.Watching{} }
	}
	s := &Server{Deps: d, mux: http.NewServeMux(), openTo: map[string]bool{}, presence: newPresence(d.Now), held: &heldKeys{now: d.Now}}
	var err error
	if s.assets, err = builtin(); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if s.tongues, err = tongues(); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	if s.asking, err = asking.Load(); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	s.pace = auth.NewPace(60, 2*time.Second, d.Now)
	if _, err = parsed(); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	s.pages = map[string]func() (map[string]*template.Template, error){}
	for lang, t := range s.tongues {
		s.pages[lang] = sync.OnceValues(func() (map[string]*template.Template, error) { return s.spoken(teller{t}) })
	}
	d.Live.begin(d.Cases.Position())
	s.api = newAPI(s)
	s.register()
	for pattern, h := range d.Public {
		s.openTo[pattern] = true
		s.mux.Handle(pattern, h)
	}
	if s.handler, err = s.outer(s.mux); err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// HTTP wraps a handler in a server whose limits suit the console: slow readers
// and writers are cut off, except that live events may last for ever. On
// shutdown it ends those first.
func HTTP(h http.Handler, live *Live, log *slog.Logger) *http.Server {
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	srv.RegisterOnShutdown(live.Close)
	return srv
}

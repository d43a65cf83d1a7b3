package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/intake"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/outbox"
	"github.com/amends-care/amends/internal/setup"
	"github.com/amends-care/amends/internal/translate"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/watch"
	"github.com/amends-care/amends/internal/web"
)

// ServeOptions say what to serve.
type ServeOptions struct {
	Dir     string
	Config  *config.Config
	Reload  func() (*config.Config, error) // asked on SIGHUP; nil: there is nothing to reload
	Setup   *setup.File                    // what the console may change; nil: nothing
	Listen  string                         // in place of the configuration's; empty: as configured
	NoSend  bool                           // rehearse: nothing leaves
	Version string
	Log     *slog.Logger
	Out     io.Writer // for the line that begins with "open "
	Hangup  <-chan os.Signal
	Now     func() time.Time // nil: time.Now
	// Prepare runs once the folder is open and before anything is read or sent.
	Prepare func(ctx context.Context, e *Engine) error
	// Beside runs beside everything else once it has begun; nil: nothing does.
	Beside func(s Served) func(context.Context) error
	// Watch changes how surges and groups are looked for; nil: nothing of it.
	Watch func(s Served, o *watch.Options)
}

// Served is what runs, for who works beside it.
type Served struct {
	*Engine
	Account func(source string) network.Account
}

// Serve runs everything on one folder until ctx ends, and then stops it in
// order: what reads, what answers, what sends, and last what remembers.
func Serve(ctx context.Context, o ServeOptions) error {
	if o.Listen == "" {
		o.Listen = o.Config.Listen
	}
	s := newServing(o)
	e, err := OpenEngine(ctx, o.Dir, EngineOptions{Config: o.Config, Now: o.Now, Log: o.Log, Applied: s.live.Applied, Point: point})
	if err != nil {
		return err
	}
	s.Engine = e
	defer func() {
		if err := e.Close(); err != nil {
			o.Log.Error("the data folder did not close cleanly", "err", err)
		}
	}()
	if o.Prepare != nil {
		if err := o.Prepare(ctx, e); err != nil {
			return err
		}
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	stages, err := s.stages(l)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if err := s.greet(ctx, l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	return runStages(ctx, o.Log, stages)
}

// newServing is a server before its folder is open.
func newServing(o ServeOptions) *serving {
	s := &serving{o: o, live: web.NewLive(liveRing), budget: network.NewBudget()}
	s.threads = expirable.NewLRU[care.Remote, []care.Post](500, nil, 2*time.Minute)
	now := o.Now
	if now == nil {
		now = time.Now
	}
	s.depth = watch.NewReader(o.Log, now)
	return s
}

// begin makes what stands on the folder and the configuration; the view has to
// run from then on.
func (s *serving) begin(ctx context.Context) (err error) {
	if s.held, err = desk.Held(ctx, s.Store); err != nil {
		return err
	}
	if err := s.View.CatchUp(ctx); err != nil {
		return err
	}
	s.following = true
	return s.open()
}

// liveRing is how many changes a browser that was away can be told of.
const liveRing = 8192

// A serving is a server in the making.
type serving struct {
	*Engine
	o        ServeOptions
	live     *web.Live
	held     string
	intake   *intake.Intake
	reload   chan *running
	bulks    *desk.Bulks
	api      *web.Server
	watch    *watch.Watch
	budget   *network.Budget // one for all sources, whatever is reloaded
	released chan struct{}   // closed when the desk is not held (any more)
	running  atomic.Pointer[running]
	// reloading is held by whoever puts another configuration in force.
	reloading sync.Mutex
	threads   *expirable.LRU[care.Remote, []care.Post] // read from networks a moment ago
	depth     *watch.Reader
	bureau    *translate.Bureau
}

// running is what a reload replaces.
type running struct {
	config   *config.Config
	sources  []intake.Source
	accounts map[string]network.Account
	answerAs map[string]string // source → the one whose account answers
	ways     map[string]outbox.Way
	office   *translate.Office // nil: nothing is translated
}

func (s *serving) config() *config.Config { return s.running.Load().config }

func (s *serving) accounts() map[string]network.Account { return s.running.Load().accounts }

func (s *serving) account(source string) network.Account { return s.accounts()[source] }

// heldNow is why the desk is held, or "".
func (s *serving) heldNow() string {
	select {
	case <-s.released:
		return ""
	default:
		return s.held
	}
}

// open makes everything that stands on the configuration. A source that can't be
// opened is a mistake in it, and nothing starts.
func (s *serving) open() error {
	s.released, s.reload = make(chan struct{}), make(chan *running)
	s.onRelease = sync.OnceFunc(func() { close(s.released) })
	if s.held == "" {
		s.onRelease()
	}
	r, err := s.sourcesOf(s.Config)
	if err != nil {
		return err
	}
	s.running.Store(r)
	s.bulks = desk.NewBulks(s.Desk)
	s.bureau = translate.NewBureau(s.Store, s.Now)
	s.Engine.may = s.may
	s.intake = intake.New(intake.Options{
		Desk: s.Desk, Store: s.Store, Classifier: s.Classifier, Log: s.o.Log, Now: s.Now, Point: point,
		Stopped: s.stopped, Paused: s.paused,
	})
	return nil
}

// stopped says whether the log tells that a source stopped, and not that it
// reads again.
func (s *serving) stopped(source string) bool {
	return s.logged(source).Stopped != ""
}

// paused says whether somebody let a source rest.
func (s *serving) paused(source string) bool { return s.logged(source).Paused }

// logged is what the log tells of a source.
func (s *serving) logged(source string) view.Source {
	v, err := s.View.Source(source)
	if err != nil {
		s.o.Log.Error("what the log tells of a source can't be read", "source", source, "err", err)
	}
	return v
}

// sourcesOf opens the sources of a configuration.
func (s *serving) sourcesOf(c *config.Config) (*running, error) {
	r := &running{config: c, accounts: map[string]network.Account{}, answerAs: map[string]string{}}
	drivers := map[string]network.Driver{}
	for _, d := range Drivers() {
		drivers[d.Name] = d
	}
	client := network.NewClient(network.Options{UserAgent: "amends/" + s.o.Version, Inside: c.Inside, Budget: s.budget})
	var errs []error
	for _, src := range c.Sources {
		d := drivers[src.Network]
		a, err := d.Open(src.Settings, client)
		if slices.Contains(c.Keyless(), "sources."+src.Name) {
			a, err = keyless{}, nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", src.Name, err))
			continue
		}
		r.accounts[src.Name] = a
		r.sources = append(r.sources, intake.Source{
			Name: src.Name, Network: src.Network, Brand: src.Brand, Account: a, Every: src.Every, Cap: src.Cap,
			Recheck: src.Recheck, Priced: d.Priced, Lists: lists(c),
		})
		r.answerAs[src.Name] = src.AnswerAs
	}
	var err, none error
	r.ways, err = s.channels(c)
	r.office, none = s.office(c)
	return r, errors.Join(append(errs, err, none)...)
}

// stages are what runs, in the order of starting; stopping is the other way round.
func (s *serving) stages(l net.Listener) ([]stage, error) {
	s.watch = s.watcher()
	console, err := s.console()
	if err != nil {
		return nil, err
	}
	all := []stage{
		{"view", 10 * time.Second, s.View.Run},
		{"search", 10 * time.Second, s.Search.Run},
		{"socket", 10 * time.Second, func(ctx context.Context) error { return listenSocket(ctx, s.Dir, s.Engine, s.byOwner(), s.o.Log) }},
		{"people", time.Second, s.People.Run},
		{"clock", 5 * time.Second, s.clock},
		{"promises of known issues", 5 * time.Second, s.issueClock},
		{"distribute", 5 * time.Second, s.distribute},
		{"bulks", 5 * time.Second, s.bulks.Run},
		{"retention", 5 * time.Second, s.sweep},
		{"learning", 10 * time.Second, s.Learner.Run},
		{"depth", 5 * time.Second, s.depth.Run},
		{"watch", 5 * time.Second, s.watch.Run},
		{"known issues", 5 * time.Second, s.sendIssues},
		{"outbox", 30 * time.Second, s.outbox},
		{"console", 10 * time.Second, func(ctx context.Context) error { return serveHTTP(ctx, console, l) }},
		{"intake", 10 * time.Second, s.read},
		{"recheck", 5 * time.Second, s.recheck},
		{"notices", 30 * time.Second, s.notices},
		{"surveys", 5 * time.Second, s.surveys},
		{"bulletins", 30 * time.Second, s.bulletins},
		{"sources", 25 * time.Second, s.watchSources},
		{"translations", time.Second, s.translations},
		{"reload", time.Second, s.reloads},
	}
	if s.o.Beside != nil {
		all = append(all, stage{"beside", 5 * time.Second, s.o.Beside(Served{s.Engine, s.account})})
	}
	if s.o.NoSend {
		s.o.Log.Warn("nothing is sent: started with --no-send")
		all = slices.DeleteFunc(all, func(st stage) bool {
			return st.name == "outbox" || st.name == "notices" || st.name == "sources" || st.name == "bulletins"
		})
	}
	return all, nil
}

// whenReleased waits until the desk is not held.
func (s *serving) whenReleased(ctx context.Context) error {
	select {
	case <-s.released:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// read runs the sources that are configured, and others after a reload.
func (s *serving) read(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	for {
		own, cancel := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = s.intake.Run(own, s.running.Load().sources) // ends with own, and only then
		}()
		select {
		case next := <-s.reload:
			cancel()
			<-done
			s.running.Store(next)
		case <-ctx.Done():
			cancel()
			<-done
			return ctx.Err()
		}
	}
}

func (s *serving) outbox(ctx context.Context) error {
	if err := s.whenReleased(ctx); err != nil {
		return err
	}
	return outbox.New(outbox.Options{
		Desk: s.Desk, Store: s.Store, Pending: s.View, Log: s.o.Log, Now: s.Now, Point: point,
		Account: s.answering, Silent: s.silent, Told: s.toldByIssue,
	}).Run(ctx)
}

// sweep removes what has reached the end of its term.
func (s *serving) sweep(ctx context.Context) error {
	terms := s.config().Retention
	return s.Desk.Sweeper(desk.Terms{Mentions: terms.Mentions, Cases: terms.Cases}).Run(ctx)
}

// clock settles deadlines, while no replay does.
func (s *serving) clock(ctx context.Context) error {
	return s.Desk.Clock(ctx, s.View, &s.deadlines)
}

// greet prints where the console is, and signs the administrator in as long as
// nobody has ever signed in.
func (s *serving) greet(ctx context.Context, at net.Addr) error {
	base := s.Config.PublicURL
	if base == "" {
		base = "http://" + at.String()
	}
	secret, first, err := s.People.StartLink(ctx, "system")
	if err != nil {
		return fmt.Errorf("first link: %w", err)
	}
	if first {
		base, err = url.JoinPath(base, "link", secret)
		if err != nil {
			return err
		}
	}
	if len(s.Config.Sources) == 0 {
		fmt.Fprintln(s.o.Out, "No sources are set up yet: the console leads to the first.")
	}
	if s.held != "" {
		fmt.Fprintf(s.o.Out, "This desk is held (%s): nothing is read or sent until an administrator releases it.\n", s.held)
	}
	_, err = fmt.Fprintf(s.o.Out, "open %s\n", base)
	return err
}

// serveHTTP serves until ctx ends, and then lets requests under way finish.
func serveHTTP(ctx context.Context, srv *http.Server, l net.Listener) error {
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("console: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*time.Second)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		_ = srv.Close()
	}
	<-done
	return ctx.Err()
}

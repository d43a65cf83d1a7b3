package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/web"
)

// An API is the JSON API of a desk wherever that is open: in the server on a
// folder, on another machine, or in this process. It is the same everywhere, so
// a command that speaks it has no rule of its own.
type API struct {
	// Delivers says that somebody is there who sends what is asked for.
	Delivers bool

	client *http.Client
	base   string
	head   http.Header // who asks
	seq    string      // of our last write: what we read next shows it
	stop   func() error
}

// ReachOptions say which desk, and in whose name.
type ReachOptions struct {
	Dir    string // the folder; not used with Server
	Config *config.Config
	Server string // address of another machine
	Token  string // an API token: its person asks. Empty: the folder's administrator
	As     string // for whom the administrator acts; empty: nobody
	Log    *slog.Logger
}

// Reach returns the API of a desk: of the machine named by Server, or of the
// server that runs on the folder, or else of this process, which then has the
// folder until Close.
func Reach(ctx context.Context, o ReachOptions) (*API, error) {
	a := &API{head: http.Header{"Amends-By": {osUser()}}, stop: func() error { return nil }}
	switch {
	case o.Token != "" && o.As != "":
		return nil, &care.Error{Code: care.Invalid, Field: "as", Msg: "A token speaks for its own person: leave --as out."}
	case o.Token != "":
		a.head.Set("Authorization", "Bearer "+o.Token)
	case o.As != "":
		a.head.Set("Amends-As", o.As)
	}
	if o.Server != "" {
		return a, a.far(o)
	}
	if _, err := os.Stat(o.Dir); err != nil {
		return nil, &care.Error{Code: care.NotFound, Msg: "There is no data folder {dir}; name one with --data, or a machine with --server.", With: []any{"dir", o.Dir}, Err: err}
	}
	a.base = "http://amends"
	var held error
	for range 3 { // a server may be starting or stopping just now, as in Operate
		r, err := dial(ctx, o.Dir, osUser())
		if err != nil {
			return nil, err
		}
		if r != nil {
			a.client, a.stop, a.Delivers = r.client, r.Close, true
			return a, nil
		}
		if held = a.here(ctx, o); !errors.Is(held, store.ErrHeld) {
			return a, held
		}
	}
	return nil, held
}

// noRedirect keeps a token from following an answer to somewhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// far asks another machine, over TLS unless it is this one.
func (a *API) far(o ReachOptions) error {
	u, err := url.Parse(o.Server)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return &care.Error{Code: care.Invalid, Field: "server", Msg: "Name the server by its address, such as https://desk.example.org."}
	}
	addr, notAddr := netip.ParseAddr(u.Hostname())
	switch loopback := u.Hostname() == "localhost" || notAddr == nil && addr.IsLoopback(); {
	case o.Token == "":
		return &care.Error{Code: care.Denied, Msg: "Another machine needs a token: set AMENDS_TOKEN. An administrator makes one with amends token add."}
	case u.Scheme == "http" && !loopback:
		return &care.Error{Code: care.Invalid, Field: "server", Msg: "A token is only sent over https."}
	}
	a.base, a.Delivers = strings.TrimRight(u.Scheme+"://"+u.Host+u.Path, "/"), true
	a.client = &http.Client{CheckRedirect: noRedirect}
	return nil
}

// here opens the folder in this process.
func (a *API) here(ctx context.Context, o ReachOptions) error {
	s := newServing(ServeOptions{Dir: o.Dir, Config: o.Config, Log: o.Log, Now: nil})
	e, err := OpenEngine(ctx, o.Dir, EngineOptions{Config: o.Config, Log: o.Log, Applied: s.live.Applied})
	if err != nil {
		return err
	}
	s.Engine = e
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	followed := make(chan error, 1)
	a.stop = func() error {
		s.live.Close()
		cancel()
		err := <-followed
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return errors.Join(err, e.Close())
	}
	fail := func(err error) error {
		followed <- nil
		return errors.Join(err, a.stop())
	}
	if err := s.begin(ctx); err != nil {
		return fail(err)
	}
	s.watch = s.watcher()
	if _, err := s.console(); err != nil {
		return fail(err)
	}
	go func() { followed <- e.View.Run(run) }()
	a.client = &http.Client{Transport: inProcess{s.byOwner()}}
	return nil
}

// Close lets go of the folder, if this process has it.
func (a *API) Close() error {
	a.client.CloseIdleConnections()
	return a.stop()
}

// maxAnswer bounds what a server may answer with.
const maxAnswer = 64 << 20

// Call asks for path below /api/v1, with in as the body of a write unless it is
// nil, and decodes the answer into out unless that is nil. key names a write, so
// that it can be repeated; it may be empty. found is false when the answer is
// that there is nothing. An error is the API's own where it gives one.
func (a *API) Call(ctx context.Context, method, path, key string, in, out any) (found bool, err error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return false, err
		}
		body = bytes.NewReader(b)
	}
	resp, err := a.ask(ctx, method, path, key, body)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent || out == nil {
		return resp.StatusCode != http.StatusNoContent, nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		return false, fmt.Errorf("the server's answer makes no sense: %w", err)
	}
	return true, nil
}

// Copy writes the answer to a read as it is.
func (a *API) Copy(ctx context.Context, path string, w io.Writer) error {
	resp, err := a.ask(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, io.LimitReader(resp.Body, maxAnswer))
	return err
}

func (a *API) ask(ctx context.Context, method, path, key string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, a.base+"/api/v1"+path, body)
	if err != nil {
		return nil, err
	}
	maps.Copy(req.Header, a.head)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if a.seq != "" && method == http.MethodGet {
		req.Header.Set("Amends-Seq", a.seq)
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the desk: %w", err)
	}
	if seq := resp.Header.Get("Amends-Seq"); seq != "" && seq != "0" {
		a.seq = seq
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, problemOf(resp)
}

// problemOf is an answer that is a problem document, as the error it stands for.
func problemOf(resp *http.Response) error {
	var p struct {
		Type, Detail string
		Errors       []struct{ Message, Location string }
	}
	err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&p)
	code, ours := strings.CutPrefix(p.Type, "urn:amends:problem:")
	if err != nil || !ours {
		return fmt.Errorf("the server answered %s, which is not how a desk answers", resp.Status)
	}
	msg := p.Detail
	for _, e := range p.Errors {
		if e.Message != msg { // what the schema says is at fault
			msg += fmt.Sprintf(" %s: %s.", strings.TrimPrefix(e.Location, "body."), e.Message)
		}
	}
	return &care.Error{Code: care.Code(code), Msg: care.Phrase(cmp.Or(msg, resp.Status))}
}

// byOwner is the API for whoever may open the folder: its administrator, who may
// name the person that they act for, or somebody's token.
func (s *serving) byOwner() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := auth.Identity{Name: care.AgentID(r.Header.Get("Amends-As")), Role: auth.Admin, Via: care.Actor("cli/" + r.Header.Get("Amends-By"))}
		if who.Name != "" {
			person, err := s.People.Account(r.Context(), who.Name)
			if err == nil && person.Disabled {
				err = &care.Error{Code: care.Denied, Msg: "{who} does not work here any more.", With: []any{"who", who.Name}}
			}
			if err != nil {
				s.api.Refuse(w, r, err)
				return
			}
			who.Display, who.Languages = person.Display, person.Languages
		}
		s.api.ServeHTTP(w, r.WithContext(web.Trusted(r.Context(), who)))
	})
}

// inProcess answers requests by a handler of this process.
type inProcess struct{ h http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := &answer{head: http.Header{}}
	t.h.ServeHTTP(w, r)
	code := cmp.Or(w.code, http.StatusOK)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", code, http.StatusText(code)), StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.head, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// An answer is what a handler wrote.
type answer struct {
	head http.Header
	code int
	body bytes.Buffer
}

func (w *answer) Header() http.Header { return w.head }

func (w *answer) WriteHeader(code int) { w.code = cmp.Or(w.code, code) }

func (w *answer) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

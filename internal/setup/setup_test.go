package setup_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/form"
	"github.com/amends-care/amends/internal/setup"
)

// A desk is the console's file in a folder, beneath what people wrote.
type desk struct {
	*setup.File
	t   *testing.T
	dir string
}

func open(t *testing.T, hand string) *desk {
	t.Helper()
	dir, path := t.TempDir(), ""
	if hand != "" {
		path = filepath.Join(dir, "amends.yaml")
		if err := os.WriteFile(path, []byte(hand), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := setup.Open(dir, path, app.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	return &desk{f, t, dir}
}

// make makes a change, and returns what holds then.
func (d *desk) make(ch form.Change) (*config.Config, setup.Did, error) {
	var now *config.Config
	did, err := d.Make(ch, func(c *config.Config) (func(setup.Did) error, error) {
		return func(setup.Did) error { now = c; return nil }, nil
	})
	return now, did, err
}

func (d *desk) mustMake(ch form.Change) (*config.Config, setup.Did) {
	d.t.Helper()
	c, did, err := d.make(ch)
	if err != nil {
		d.t.Fatal(err)
	}
	return c, did
}

func (d *desk) file() string {
	d.t.Helper()
	b, err := os.ReadFile(setup.Path(d.dir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		d.t.Fatal(err)
	}
	return string(b)
}

func feed(name, url string) form.Change {
	return form.Change{Section: "sources", Kind: "feed", Name: name, Values: form.Values{"name": name, "every": "5m", "settings": form.Values{"url": url}}}
}

func bot(token string) form.Change {
	v := form.Values{"name": "bot", "settings": form.Values{}}
	if token != "" {
		v["settings"] = form.Values{"token": token}
	}
	return form.Change{Section: "sources", Kind: "telegram", Name: "bot", Values: v}
}

const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

func TestFirstSource(t *testing.T) {
	d := open(t, "")
	c, did := d.mustMake(feed("forum", "https://forum.example.org/rss"))
	if len(c.Sources) != 1 || c.Sources[0].Every.String() != "5m0s" || !c.ByConsole("sources", "forum") {
		t.Errorf("%v", c.Sources)
	}
	if did.What != "added" || did.Version != 1 || strings.Join(did.Settings, " ") != "name every settings.url" {
		t.Errorf("%+v", did)
	}
	loaded, err := config.LoadLayers("", setup.Path(d.dir), app.Kinds())
	if err != nil || len(loaded.Sources) != 1 {
		t.Fatalf("%v\n%s", err, d.file())
	}
}

// A key that was pasted is in a file of its own that only we can read, and nowhere else.
func TestSecretIsKeptApart(t *testing.T) {
	d := open(t, "")
	d.mustMake(bot(token))
	if strings.Contains(d.file(), token) || !strings.Contains(d.file(), "file:secrets/console-") {
		t.Errorf("the file says\n%s", d.file())
	}
	_, kept, _, ok, err := d.Entry("sources", "telegram", "bot", config.Default())
	if err != nil || !ok || len(kept) != 1 || kept[0] != "settings.token" {
		t.Errorf("%v %v %v", kept, ok, err)
	}
	secrets, _ := filepath.Glob(filepath.Join(d.dir, "secrets", "*"))
	if len(secrets) != 1 {
		t.Fatalf("secrets: %v", secrets)
	}
	if info, err := os.Stat(secrets[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	before := d.file()
	d.mustMake(bot("")) // left as it is
	if d.file() != before {
		t.Errorf("it was\n%s\nand is\n%s", before, d.file())
	}
	d.mustMake(bot(token + "X")) // renewed
	if d.file() == before {
		t.Error("the key was not renewed")
	}
}

// Whoever may set up can't learn a key by having it sent elsewhere.
func TestMovedSecretIsAskedAgain(t *testing.T) {
	d := open(t, "")
	d.mustMake(bot(token))
	ch := bot("")
	ch.Values["settings"] = form.Values{"host": "https://thief.example.org"}
	_, _, err := d.make(ch)
	w, ok := errors.AsType[*form.Wrong](err)
	if !ok || w.Fields["settings.token"] == "" {
		t.Errorf("%v", err)
	}
}

func TestRefused(t *testing.T) {
	const hand = "sources:\n  - {name: news, network: feed, settings: {url: 'https://news.example.org/rss'}}\nqueues: [{name: care}]\n"
	for name, tt := range map[string]struct {
		ch    form.Change
		field string // where it is told; empty: besides
		says  string
	}{
		"no address":              {feed("forum", "not an address"), "settings.url", "begins with https://"},
		"a name that is none":     {feed("Our Forum", "https://forum.example.org/rss"), "name", "our-forum"},
		"a length that is none":   {form.Change{Section: "sources", Kind: "feed", Name: "a", Values: form.Values{"name": "a", "every": "often", "settings": form.Values{"url": "https://a.example.org"}}}, "every", "no length of time"},
		"no such setting":         {form.Change{Section: "sources", Kind: "feed", Name: "a", Values: form.Values{"name": "a", "evry": "1m"}}, "evry", "no such setting"},
		"the environment":         {feed("forum", "${HOME}"), "settings.url", "by the console"},
		"an escalation not there": {form.Change{Section: "queues", Name: "billing", Values: form.Values{"name": "billing", "escalation": "loud"}}, "escalation", "no escalation"},
		"a step that does nothing": {form.Change{Section: "escalations", Name: "loud", Values: form.Values{"name": "loud", "steps": []any{form.Values{"when": "breached"}}}},
			"steps.0", "does nothing"},
		"a placeholder not known": {form.Change{Section: "macros", Name: "hi", Values: form.Values{"name": "hi", "texts": form.Values{"en": "Hi {customer.shoe}"}}}, "", "shoe"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, hand)
			_, _, err := d.make(tt.ch)
			w, ok := errors.AsType[*form.Wrong](err)
			if !ok {
				t.Fatalf("%v", err)
			}
			if said := w.Fields[tt.field] + strings.Join(w.Rest, ""); !strings.Contains(said, tt.says) {
				t.Errorf("said %+v", w)
			}
			if d.file() != "" {
				t.Errorf("it was written:\n%s", d.file())
			}
		})
	}
}

// What people wrote is theirs; nothing here can reach what only they may.
func TestNotTheConsoles(t *testing.T) {
	d := open(t, "sources:\n  - {name: news, network: feed, settings: {url: 'https://news.example.org/rss'}}\n")
	_, _, err := d.make(feed("news", "https://other.example.org/rss"))
	if e, ok := errors.AsType[*care.Error](err); !ok || e.Code != care.Conflict || !strings.Contains(e.Error(), "amends.yaml, line 2") {
		t.Errorf("%v", err)
	}
	for _, ch := range []form.Change{
		{Section: "listen", Values: form.Values{"listen": ":80"}},
		{Section: "inside", Values: form.Values{}},
		{Section: "sources", Kind: "file", Name: "a", Values: form.Values{"name": "a", "settings": form.Values{"path": "/etc/passwd"}}},
	} {
		if _, _, err := d.make(ch); err == nil {
			t.Errorf("%+v was taken", ch)
		}
	}
}

// The second of two who change the same is told.
func TestConcurrentChange(t *testing.T) {
	d := open(t, "")
	d.mustMake(feed("forum", "https://forum.example.org/rss"))
	_, _, was, _, err := d.Entry("sources", "feed", "forum", config.Default())
	if err != nil {
		t.Fatal(err)
	}
	one, other := feed("forum", "https://forum.example.org/1"), feed("forum", "https://forum.example.org/2")
	one.Was, other.Was = was, was
	d.mustMake(one)
	if _, _, err := d.make(other); err == nil {
		t.Error("the second was not told")
	} else if e, ok := errors.AsType[*care.Error](err); !ok || e.Code != care.Conflict {
		t.Error(err)
	}
	if !strings.Contains(d.file(), "org/1") {
		t.Error(d.file())
	}
}

func TestPutBack(t *testing.T) {
	d := open(t, "")
	d.mustMake(bot(token))
	_, did := d.mustMake(form.Change{Section: "sources", Kind: "telegram", Name: "bot", Gone: true})
	if did.What != "removed" || did.Version != 2 || strings.Contains(d.file(), "bot") {
		t.Errorf("%+v\n%s", did, d.file())
	}
	back, err := d.PutBack(1, func(c *config.Config) (func(setup.Did) error, error) {
		if len(c.Sources) != 1 {
			t.Errorf("%v", c.Sources)
		}
		return func(setup.Did) error { return nil }, nil
	})
	if err != nil || back.Version != 3 {
		t.Errorf("%+v %v", back, err)
	}
}

// When it can't be put in force, the file is what it was.
func TestNotInForce(t *testing.T) {
	d := open(t, "")
	d.mustMake(feed("forum", "https://forum.example.org/rss"))
	before := d.file()
	_, err := d.Make(bot(token), func(*config.Config) (func(setup.Did) error, error) {
		return func(setup.Did) error { return errors.New("the disk is full") }, nil
	})
	if err == nil || d.file() != before {
		t.Errorf("%v\n%s", err, d.file())
	}
	if secrets, _ := filepath.Glob(filepath.Join(d.dir, "secrets", "*")); len(secrets) != 0 {
		t.Errorf("left: %v", secrets)
	}
}

// The queue and the policy that are there where nobody wrote one stay, beside another.
func TestFirstBesideTheDefault(t *testing.T) {
	d := open(t, "")
	c, _ := d.mustMake(form.Change{Section: "queues", Name: "billing", Values: form.Values{"name": "billing"}})
	if len(c.Queues) != 2 || c.Queues[0].Name != "care" || c.Routing.Tree.Queue != "care" {
		t.Errorf("%+v", c.Queues)
	}
	c, _ = d.mustMake(form.Change{Section: "policies", Name: "fast", Values: form.Values{"name": "fast", "first_response": "5m"}})
	if len(c.Policies) != 2 || c.Policies[0].Normal() != config.Default().Policies[0].Normal() {
		t.Errorf("%+v", c.Policies)
	}
}

// Every setting that a form has comes out of the form as it went in.
func TestEveryFieldHasWords(t *testing.T) {
	f, err := setup.NewForms(app.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	var look func(path string, fields []form.Field)
	look = func(path string, fields []form.Field) {
		for _, f := range fields {
			if f.About == "" {
				t.Errorf("%s.%s has no words", path, f.Name)
			}
			look(path+"."+f.Name, f.Fields)
		}
	}
	for _, d := range app.Drivers() {
		if d.Offer.Title == "" {
			continue
		}
		fields, err := f.Fields("sources", d.Name, config.Default())
		if err != nil {
			t.Fatal(err)
		}
		look(d.Name, fields)
	}
	for _, s := range config.Editable() {
		if s == "sources" || s == "channels" {
			continue
		}
		fields, err := f.Fields(s, "", config.Default())
		if err != nil || len(fields) == 0 {
			t.Fatal(s, fields, err)
		}
		look(s, fields)
	}
}

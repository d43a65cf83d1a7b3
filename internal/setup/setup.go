// Package setup changes what the console set up: one YAML file in the data
// folder, which is read beneath the configuration that people write. It says which
// fields something has ([Forms]), makes of what was filled in what stands in the
// file, has the whole checked as `amends check` does, and writes it so that it is
// there whole or not at all.
//
// It owns console.yaml, console/ with its latest versions, and secrets/ with the
// keys that were pasted, each in a file of its own that is never written again, so
// that an old version still finds its keys. It never writes the file that people
// write, and shows no secret. What is set up comes into force by whoever asked.
package setup

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/config"
	"github.com/amends-care/amends/internal/form"
)

const (
	fileName    = "console.yaml"
	versionsIn  = "console"
	secretsIn   = "secrets"
	keptSecrets = "console-" // begins the names of ours: nobody else's file is touched
	maxVersions = 30
)

// Path is the console's file in a data folder.
func Path(dir string) string { return filepath.Join(dir, fileName) }

// A File is the console's file.
type File struct {
	*Forms
	dir  string
	hand string // what people write; empty: there is none
	mu   sync.Mutex
}

// Open opens the console's file in a data folder, beneath the file that people
// wrote, if there is one. It need not be there yet.
func Open(dir, hand string, kinds config.Kinds) (*File, error) {
	forms, err := NewForms(kinds)
	return &File{Forms: forms, dir: dir, hand: hand}, err
}

// A Did is a change that was made. It holds no secret.
type Did struct {
	Section, Name string
	What          string   // added | changed | removed | put_back
	Settings      []string // that changed, by their paths
	Version       int
}

// Entry is what the console set up by a name, without its secrets. ok is false if
// it set up nothing of that name.
func (f *File) Entry(section, kind, name string, c *config.Config) (v form.Values, kept []string, was string, ok bool, err error) {
	fields, err := f.Fields(section, kind, c)
	if err != nil {
		return nil, nil, "", false, err
	}
	b, err := f.read()
	if err != nil {
		return nil, nil, "", false, err
	}
	d, err := parse(b)
	if err != nil {
		return nil, nil, "", false, err
	}
	n := d.entry(section, name)
	if n != nil && n.Kind == yaml.ScalarNode {
		return form.Values{section: n.Value}, nil, sum(n), true, nil
	}
	v, kept = values(n, fields)
	return v, kept, sum(n), n != nil, nil
}

// read is what the file holds; nothing if it is not there.
func (f *File) read() ([]byte, error) {
	b, err := os.ReadFile(Path(f.dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// sum tells versions of an entry apart.
func sum(n *yaml.Node) string {
	h := sha256.Sum256([]byte(dumped(n)))
	return hex.EncodeToString(h[:8])
}

// Try checks a change as [File.Make] does and lets use have the configuration
// that it would make. Nothing is kept.
func (f *File) Try(ch form.Change, use func(*config.Config) error) error {
	f.mu.Lock()
	ch.Was = ""
	p, err := f.prepare(&ch)
	f.mu.Unlock()
	defer p.drop()
	if err != nil {
		return err
	}
	return use(p.config)
}

// Make makes a change. ready builds what the new configuration needs, before
// anything is written, and returns what puts it in force, after that. When this
// fails the file is what it was. A change of an older version is a
// *[care.Error], one that can't be is a *[form.Wrong].
func (f *File) Make(ch form.Change, ready func(*config.Config) (force func(Did) error, err error)) (Did, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, err := f.prepare(&ch)
	if err != nil {
		p.drop()
		return Did{}, err
	}
	return f.make(p, ready)
}

// PutBack makes the file what it was in a version.
func (f *File) PutBack(version int, ready func(*config.Config) (func(Did) error, error)) (Did, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	b, err := os.ReadFile(f.version(version))
	if errors.Is(err, fs.ErrNotExist) {
		return Did{}, absent("This version is not kept any more.")
	}
	if err != nil {
		return Did{}, err
	}
	p := &prepared{file: f, content: b, did: Did{What: "put_back"}}
	if p.before, err = f.read(); err != nil {
		return Did{}, err
	}
	if p.config, err = f.whole(b); err != nil {
		return Did{}, told(err)
	}
	return f.make(p, ready)
}

func (f *File) make(p *prepared, ready func(*config.Config) (func(Did) error, error)) (Did, error) {
	force, err := ready(p.config)
	if err != nil {
		p.drop()
		return Did{}, err
	}
	if p.did.Version, err = f.keep(p.before, p.content); err != nil {
		p.drop()
		return Did{}, fmt.Errorf("keep a version: %w", err)
	}
	if err := WriteWhole(Path(f.dir), p.content); err != nil {
		p.drop()
		return Did{}, fmt.Errorf("write the console's file: %w", err)
	}
	if err := force(p.did); err != nil {
		back := WriteWhole(Path(f.dir), p.before)
		p.drop()
		return Did{}, errors.Join(err, back)
	}
	return p.did, f.tidy()
}

// A prepared change is checked, and written nowhere but for its secrets.
type prepared struct {
	file            *File
	before, content []byte
	config          *config.Config
	did             Did
	secrets         []string // files
}

// drop removes what was written for nothing.
func (p *prepared) drop() {
	for _, name := range p.secrets {
		_ = os.Remove(filepath.Join(p.file.dir, secretsIn, name)) // tidy removes what is left
	}
}

// whole reads the configuration that this content would make.
func (f *File) whole(content []byte) (*config.Config, error) {
	hand := config.Layer{Name: f.hand}
	if f.hand != "" {
		var err error
		if hand.Content, err = os.ReadFile(f.hand); err != nil {
			return nil, fmt.Errorf("the configuration file can't be read: %w", err)
		}
	}
	return config.ParseLayers(hand, config.Layer{Name: Path(f.dir), Content: content}, f.kinds)
}

// prepare makes what a change comes to; what it returns is never nil.
func (f *File) prepare(ch *form.Change) (p *prepared, err error) {
	p = &prepared{file: f, did: Did{Section: ch.Section, Name: ch.Name, What: "changed"}}
	if p.before, err = f.read(); err != nil {
		return p, err
	}
	now, err := f.whole(p.before)
	if err != nil {
		return p, told(err)
	}
	fields, err := f.Fields(ch.Section, ch.Kind, now)
	if err != nil {
		return p, err
	}
	d, err := parse(p.before)
	if err != nil {
		return p, err
	}
	old := d.entry(ch.Section, ch.Name)
	if ch.Was != "" && ch.Was != sum(old) {
		return p, &care.Error{Code: care.Conflict, Msg: "Somebody changed this meanwhile, and nothing was saved: look at what holds now. To save again puts yours in its place."}
	}
	if err := f.mayChange(ch, now, old); err != nil {
		return p, err
	}
	if ch.Gone {
		p.did.What = "removed"
		if old == nil {
			first(d, ch.Section, now)
		}
		d.put(ch.Section, ch.Name, nil)
	} else if err := f.write(ch, p, d, fields, old, now); err != nil {
		return p, err
	}
	if p.content, err = d.bytes(); err != nil {
		return p, err
	}
	if p.config, err = f.whole(p.content); err != nil {
		return p, f.wrong(err, ch, fields, p.content)
	}
	return p, nil
}

// mayChange refuses what people wrote: there it holds as they did.
func (f *File) mayChange(ch *form.Change, now *config.Config, old *yaml.Node) error {
	if ch.Section == "routing" {
		if at := now.Line(ch.Section); at.Line > 0 && !now.ByConsole(ch.Section) {
			return &care.Error{Code: care.Conflict, Msg: "The routing stands in {file}, line {line}: a tree is one, so change it there.",
				With: []any{"file", filepath.Base(at.File), "line", at.Line}}
		}
	}
	if !Several(ch.Section) {
		return nil
	}
	if at := now.Line(ch.Section, ch.Name); at.Line > 0 && !now.ByConsole(ch.Section, ch.Name) {
		return &care.Error{Code: care.Conflict, Field: keyOf(ch.Section), Msg: "{name} stands in {file}, line {line}: change it there, or choose another name.",
			With: []any{"name", ch.Name, "file", filepath.Base(at.File), "line", at.Line}}
	}
	if ch.Gone && old == nil && !slices.Contains(BuiltIn(ch.Section, now), ch.Name) {
		return absent("There is none of this name.")
	}
	return nil
}

// write puts an entry into the tree.
func (f *File) write(ch *form.Change, p *prepared, d *doc, fields []form.Field, old *yaml.Node, now *config.Config) error {
	if old == nil {
		if p.did.What = "added"; slices.Contains(BuiltIn(ch.Section, now), ch.Name) {
			p.did.What = "changed"
		}
		first(d, ch.Section, now)
	}
	if old != nil && old.Kind == yaml.ScalarNode {
		old = nil
	}
	b := &builder{old: old, by: kindOf(ch.Section), wrong: map[string]string{}}
	var failed error
	b.keep = func(path, secret string) string {
		name := keptSecrets + strings.ToLower(rand.Text()[:16])
		if err := f.keepSecret(name, secret); err != nil {
			failed = err
		}
		p.secrets = append(p.secrets, name)
		return "file:" + secretsIn + "/" + name
	}
	n := b.node(fields, ch.Values)
	switch {
	case failed != nil:
		return fmt.Errorf("keep a secret: %w", failed)
	case len(b.wrong) > 0:
		return &form.Wrong{Fields: b.wrong}
	}
	if p.did.Settings = b.listed; len(fields) == 1 && fields[0].Name == ch.Section {
		n = value(n, ch.Section) // a single value
	} else if by := kindOf(ch.Section); by != "" {
		n.Content = slices.Insert(n.Content, min(2, len(n.Content)), text(by), text(ch.Kind))
	}
	if n != nil && n.Kind == yaml.MappingNode && len(n.Content) == 0 {
		n = nil
	}
	d.put(ch.Section, ch.Name, n)
	return nil
}

// BuiltIn are the entries of a list that hold where nobody wrote any, by their
// names, if that is so now.
func BuiltIn(section string, now *config.Config) []string {
	if section == "dispositions" && len(now.Dispositions) == 0 {
		return care.DefaultDispositions()
	}
	return nil
}

// first writes down what is there where nobody wrote any, the queue, the policy,
// the dispositions: beside another it would be gone.
func first(d *doc, section string, now *config.Config) {
	for _, name := range BuiltIn(section, now) {
		one := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		set(one, keyOf(section), text(name))
		d.put(section, name, one)
	}
	entry := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	switch {
	case section == "queues" && now.Line(section, now.Queues[0].Name).Line == 0:
		q := now.Queues[0]
		set(entry, "name", text(q.Name))
		set(entry, "title", text(q.Title))
	case section == "policies" && now.Line(section, now.Policies[0].Name).Line == 0:
		q := now.Policies[0]
		set(entry, "name", text(q.Name))
		set(entry, "first_response", text(config.Spell(q.FirstResponse, true)))
		set(entry, "next_response", text(config.Spell(q.NextResponse, true)))
		set(entry, "resolution", text(config.Spell(q.Resolution, true)))
	default:
		return
	}
	d.put(section, value(entry, "name").Value, entry)
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// wrong tells mistakes at the fields that they are about.
func (f *File) wrong(err error, ch *form.Change, fields []form.Field, content []byte) error {
	from, to := 0, 0
	if d, err := parse(content); err == nil {
		if n := d.entry(ch.Section, ch.Name); n != nil {
			from, to = lines(n)
			above := strings.Count(head, "\n")
			from, to = from+above-1, to+above // of a part that is no list the name is above
		}
	}
	w := &form.Wrong{Fields: map[string]string{}}
	for _, m := range mistakes(err) {
		path := pathOf(ch, m.Setting, fields)
		msg := m.Msg
		if before, after, ok := strings.Cut(msg, ": "); ok && !strings.Contains(before, " ") {
			msg = after
		}
		at := fieldOf(fields, path)
		if m.File != Path(f.dir) || m.Line < from || m.Line > to || at == "" {
			w.Rest = append(w.Rest, fmt.Sprintf("%s, line %d: %s", filepath.Base(m.File), m.Line, m.Msg))
		} else if w.Fields[at] == "" {
			w.Fields[at] = msg
		}
	}
	if len(w.Fields)+len(w.Rest) == 0 {
		return err
	}
	return w
}

// pathOf is the path in a form of what a mistake is about.
func pathOf(ch *form.Change, setting string, fields []form.Field) string {
	path := strings.TrimPrefix(setting, ch.Section)
	switch one := holds(ch.Section); {
	case one != "":
		rest, ok := strings.CutPrefix(path, "."+ch.Name)
		if !ok || rest == "" {
			return "name"
		}
		path = one + rest
	case Several(ch.Section):
		if _, rest, ok := strings.Cut(path, "]"); ok {
			path = rest
		}
	case path == "" && len(fields) == 1:
		return ch.Section
	}
	return strings.TrimPrefix(index.ReplaceAllString(path, ".$1"), ".")
}

// told is a mistake that no form made.
func told(err error) error {
	w := &form.Wrong{}
	for _, m := range mistakes(err) {
		w.Rest = append(w.Rest, fmt.Sprintf("%s, line %d: %s", filepath.Base(m.File), m.Line, m.Msg))
	}
	if len(w.Rest) == 0 {
		return err
	}
	return w
}

func mistakes(err error) (all []*config.Mistake) {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			all = append(all, mistakes(e)...)
		}
	} else if m, ok := errors.AsType[*config.Mistake](err); ok {
		all = append(all, m)
	}
	return all
}

// fieldOf is the path of the field that a path leads to, or into.
func fieldOf(fields []form.Field, path string) string {
	name, rest, _ := strings.Cut(path, ".")
	i := slices.IndexFunc(fields, func(f form.Field) bool { return f.Name == name })
	if i < 0 {
		return ""
	}
	switch f := &fields[i]; {
	case rest == "" || f.Kind == form.Words:
		return name
	case f.Kind == form.Group:
		if below := fieldOf(f.Fields, rest); below != "" {
			return name + "." + below
		}
	case f.Kind == form.Groups:
		n, more, _ := strings.Cut(rest, ".")
		if below := fieldOf(f.Below(fields), more); below != "" {
			return name + "." + n + "." + below
		}
		return name + "." + n
	case f.Kind == form.Pairs:
		return path
	}
	return name
}

func (f *File) version(n int) string {
	return filepath.Join(f.dir, versionsIn, fmt.Sprintf("%06d.yaml", n))
}

// Versions are those that are kept, the newest first.
func (f *File) Versions() ([]int, error) {
	entries, err := os.ReadDir(filepath.Join(f.dir, versionsIn))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []int
	for _, e := range entries {
		if n, bad := strconv.Atoi(strings.TrimSuffix(e.Name(), ".yaml")); bad == nil {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all, err
}

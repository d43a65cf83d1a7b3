package web

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/amends-care/amends/internal/web/tongue"
)

const module = "github.com/amends-care/amends/"

// quoting are the files that may make a phrase of any text: of what another
// process said, or the configuration's reader.
var quoting = []string{"internal/app/ops.go", "internal/app/reach.go", "internal/web/failure.go", "internal/web/setupedit.go"}

// printed are the files whose phrases are the command line's alone, which speaks English.
var printed = []string{"internal/app/admin.go", "internal/app/issue.go", "internal/app/operate.go", "internal/app/reach.go", "internal/app/report.go", "internal/app/watch.go"}

// A wording finds what the program says as [care.Phrase].
type wording struct {
	t     *testing.T
	fset  *token.FileSet
	root  string
	info  *types.Info
	said  map[string]token.Position
	holes []string // what no catalogue can know
}

// A listed is a package as the go command lists it.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, Imports        []string
}

// worded reads every package of ours that may say something to people.
func worded(t *testing.T) *wording {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,Imports", "./internal/...")
	list.Dir, list.Stderr = root, os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	w := &wording{t: t, fset: token.NewFileSet(), root: root, said: map[string]token.Position{},
		info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}}
	exports, packages := map[string]string{}, []listed{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if strings.HasPrefix(p.ImportPath, module) {
			packages = append(packages, p)
		}
	}
	conf := types.Config{Importer: importer.ForCompiler(w.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	for _, p := range packages {
		if p.ImportPath == module+"internal/care" || slices.Contains(p.Imports, module+"internal/care") {
			w.read(&conf, p)
		}
	}
	return w
}

func (w *wording) read(conf *types.Config, p listed) {
	w.t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(w.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			w.t.Fatal(err)
		}
		files = append(files, f)
	}
	clear(w.info.Types)
	if _, err := conf.Check(p.ImportPath, w.fset, files, w.info); err != nil {
		w.t.Fatal(err)
	}
	for _, f := range files {
		for n := range ast.Preorder(f) {
			if e, ok := n.(ast.Expr); ok {
				w.look(e)
			}
		}
	}
}

// isPhrase says whether a type is care.Phrase.
func isPhrase(t types.Type) bool {
	of, ok := types.Unalias(t).(*types.Named)
	return ok && of.Obj().Name() == "Phrase" && of.Obj().Pkg().Path() == module+"internal/care"
}

// look notes a phrase that is written out, and one that is put together.
func (w *wording) look(e ast.Expr) {
	at := w.fset.Position(e.Pos())
	at.Filename, _ = filepath.Rel(w.root, at.Filename)
	v := w.info.Types[e]
	switch {
	case v.Type == nil || v.IsType():
	case isPhrase(v.Type) && v.Value != nil:
		if text := constant.StringVal(v.Value); text != "" && !slices.Contains(printed, at.Filename) {
			w.said[text] = at
		}
	case isPhrase(v.Type):
		if call, ok := e.(*ast.CallExpr); ok && w.info.Types[call.Fun].IsType() && !slices.Contains(quoting, at.Filename) {
			w.holes = append(w.holes, at.String())
		}
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		w.call(e, at)
	case *ast.CompositeLit:
		w.literal(e, at)
	}
}

// call compares the places of a phrase with what a call fills them with.
func (w *wording) call(e *ast.CallExpr, at token.Position) {
	of, ok := w.info.Types[e.Fun].Type.(*types.Signature)
	if !ok || !of.Variadic() || of.Params().Len() < 2 || e.Ellipsis.IsValid() {
		return
	}
	if n := of.Params().Len() - 1; isPhrase(of.Params().At(n - 1).Type()) {
		w.filled(e.Args[n-1], e.Args[n:], at)
	}
}

// literal does so with the fields of an error or a sentence.
func (w *wording) literal(e *ast.CompositeLit, at token.Position) {
	var msg ast.Expr
	var with []ast.Expr
	for _, el := range e.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch name, _ := kv.Key.(*ast.Ident); {
		case name == nil:
		case name.Name == "Msg" && isPhrase(w.info.Types[kv.Value].Type):
			msg = kv.Value
		case name.Name == "With":
			lit, ok := kv.Value.(*ast.CompositeLit)
			if !ok {
				return // passed on
			}
			with = lit.Elts
		}
	}
	if msg != nil {
		w.filled(msg, with, at)
	}
}

var place = regexp.MustCompile(`\{\w+\}`)

func (w *wording) filled(phrase ast.Expr, with []ast.Expr, at token.Position) {
	v := w.info.Types[phrase].Value
	if v == nil {
		return
	}
	var got []string
	for i := 0; i < len(with); i += 2 {
		if name := w.info.Types[with[i]].Value; name != nil {
			got = append(got, "{"+constant.StringVal(name)+"}")
		}
	}
	want := slices.Compact(slices.Sorted(slices.Values(place.FindAllString(constant.StringVal(v), -1))))
	if slices.Sort(got); !slices.Equal(got, want) || len(with)%2 != 0 {
		w.t.Errorf("%s: %s is filled with %v", at, v, got)
	}
}

// Whatever the program says to people is written out whole, and every language
// has it, with the same places, and nothing that nobody says.
func TestEverySentenceIsTranslated(t *testing.T) {
	w := worded(t)
	for _, hole := range w.holes {
		t.Errorf("%s puts a phrase together: write it out, with {places}", hole)
	}
	if len(w.said) < 250 {
		t.Fatalf("only %d phrases found", len(w.said))
	}
	all, err := tongue.Load(embedded, nil)
	if err == nil {
		err = all.LoadSentences(embedded, "strings/sentences", "")
	}
	if err != nil {
		t.Fatal(err)
	}
	for lang, of := range all {
		for text, at := range w.said {
			said, ok := of.Strings()[text]
			if !ok {
				t.Errorf("%s: %s lacks %q", at, lang, text)
				continue
			}
			want, got := place.FindAllString(text, -1), place.FindAllString(said, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(slices.Compact(got), slices.Compact(want)) {
				t.Errorf("%s: %q has the places %v", lang, said, got)
			}
			if lang != tongue.English && said == text && len(place.ReplaceAllString(text, "")) > 10 {
				t.Errorf("%s: %q is English", lang, text)
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(all[tongue.English].Strings())) {
		base, _ := strings.CutSuffix(text, ".one")
		if _, ok := w.said[base]; !ok {
			t.Errorf("nobody says %q", text)
		}
	}
}

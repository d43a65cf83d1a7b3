// Package amends_test guards the house: who may import whom, what is pure, how
// long a file may be. The table is DESIGN's; a package that is missing here
// fails the test.
package amends_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/amends-care/amends"

// mayImport says what each package may import of ours. A name that ends in /…
// stands for everything below it; a package in its own subtree is always fine.
var mayImport = map[string][]string{
	"classifiers/…":      {"classifiers/…"},
	"internal/care":      {},
	"internal/care/…":    {"internal/care", "internal/store"},
	"internal/sla":       {},
	"internal/store":     {},
	"internal/store/…":   {"internal/store/…"},
	"internal/route":     {"internal/care", "internal/sla"},
	"internal/report":    {"internal/care", "internal/sla"},
	"internal/tables":    {"internal/report"},
	"internal/network":   {"internal/care"},
	"internal/network/…": {"internal/care", "internal/network", "internal/network/newest", "internal/network/htmltext", "internal/network/record", "internal/network/oauth", "internal/network/graph"},
	// A channel shares the networks' guarded transport, typed errors and secrets.
	"internal/notify":   {"internal/care", "internal/network"},
	"internal/notify/…": {"internal/care", "internal/network", "internal/network/networktest", "internal/notify"},
	// So does a service that translates.
	"internal/translate":             {"internal/care", "internal/network", "internal/store"},
	"internal/translate/…":           {"internal/network", "internal/network/networktest", "internal/translate"},
	"internal/desk":                  {"internal/care", "internal/route", "internal/sla", "internal/store"},
	"internal/intake":                {"internal/care", "internal/desk", "internal/network", "internal/store", "classifiers"},
	"internal/outbox":                {"internal/care", "internal/network", "internal/notify", "internal/store"},
	"internal/view":                  {"internal/care", "internal/store", "internal/view/search"},
	"internal/view/…":                {"internal/care", "internal/store"},
	"internal/auth":                  {"internal/care", "internal/store"},
	"internal/web/tongue/tonguetest": {"internal/web/tongue"},
	"internal/web":                   {"internal/care", "internal/form", "internal/sla", "internal/route", "internal/report", "internal/view", "internal/view/search", "internal/web/asking", "internal/web/saved", "internal/web/personal", "internal/web/tongue", "internal/auth", "internal/store"},
	"internal/web/…":                 {"internal/care", "internal/store"},
	"internal/config":                {"internal/care", "internal/sla", "internal/route", "internal/network", "internal/notify", "internal/translate", "classifiers", "classifiers/topic"},
	"internal/learn":                 {"internal/care", "internal/store", "classifiers/…"},
	"internal/watch":                 {"internal/care", "internal/store", "classifiers/…"},
	"internal/watch/…":               {"internal/care"},
	"internal/app":                   {"internal/…", "classifiers/…", "configs"},
	"cmd/amends":                     {"internal/…", "classifiers/…"},
	"configs":                        {},
	"internal/form":                  {},
	"internal/setup":                 {"classifiers/topic", "internal/care", "internal/config", "internal/form", "internal/network", "internal/notify", "configs"},
}

// pure packages read no clock and reach nothing outside.
var pure = []string{"internal/care", "internal/sla", "internal/route", "internal/report"}

var impure = []string{"context", "net", "net/http", "os", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand"}

// The sizes that nothing of ours exceeds, in lines.
const (
	maxFile = 600
	maxFunc = 100
)

// A source is one Go file of ours.
type source struct {
	path  string // from the root
	pkg   string
	lines int
	file  *ast.File
	fset  *token.FileSet
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := fs.WalkDir(os.DirFS("."), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			_, nested := os.Stat(filepath.Join(p, "go.mod"))
			if p != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules" || nested == nil) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, p, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		all = append(all, source{path: p, pkg: path.Dir(p), lines: fset.File(file.Pos()).LineCount(), file: file, fset: fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d files found: run this test from the root", len(all))
	}
	return all
}

func generated(f *ast.File) bool { return ast.IsGenerated(f) }

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") || s.pkg == "." {
			continue
		}
		allowed, ok := rule(s.pkg)
		if !ok {
			t.Errorf("%s: package %s is not in the table of arch_test.go: decide what it may import", s.path, s.pkg)
			continue
		}
		for _, imp := range s.file.Imports {
			p := strings.Trim(imp.Path.Value, `"`)
			ours, is := strings.CutPrefix(p, module+"/")
			switch {
			case is && !slices.ContainsFunc(allowed, func(a string) bool { return covers(a, ours) }) && !below(s.pkg, ours):
				t.Errorf("%s imports %s, which %s may not", s.path, ours, s.pkg)
			case !is && slices.Contains(pure, s.pkg) && slices.Contains(impure, p):
				t.Errorf("%s imports %s, but %s is pure", s.path, p, s.pkg)
			}
		}
	}
}

// rule is the table's entry for a package: its own, or the nearest that covers it.
func rule(pkg string) ([]string, bool) {
	if r, ok := mayImport[pkg]; ok {
		return r, true
	}
	for p := pkg; p != "."; p = path.Dir(p) {
		if r, ok := mayImport[p+"/…"]; ok {
			return r, true
		}
	}
	return nil, false
}

func covers(allowed, pkg string) bool {
	tree, all := strings.CutSuffix(allowed, "/…")
	return allowed == pkg || all && (pkg == tree || strings.HasPrefix(pkg, tree+"/"))
}

// below says that two packages are of one subtree: a driver and its parts.
func below(pkg, imported string) bool {
	parts := strings.SplitN(pkg, "/", 4)
	if len(parts) < 3 {
		return false
	}
	return strings.HasPrefix(imported+"/", strings.Join(parts[:3], "/")+"/")
}

func TestPureCode(t *testing.T) {
	for _, s := range sources(t) {
		if !slices.Contains(pure, s.pkg) || strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if ok && x.Name == "time" && slices.Contains([]string{"Now", "Sleep", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker"}, sel.Sel.Name) {
				t.Errorf("%s: time.%s in a pure package", s.fset.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

func TestSizes(t *testing.T) {
	for _, s := range sources(t) {
		if generated(s.file) {
			continue
		}
		if s.lines > maxFile {
			t.Errorf("%s has %d lines; at most %d", s.path, s.lines, maxFile)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				from, to := s.fset.Position(f.Pos()).Line, s.fset.Position(f.End()).Line
				if n := to - from + 1; n > maxFunc {
					t.Errorf("%s: %s has %d lines; at most %d", s.fset.Position(f.Pos()), f.Name.Name, n, maxFunc)
				}
			}
		}
	}
}

func TestNoForbiddenWords(t *testing.T) {
	for _, s := range sources(t) {
		if name := path.Base(s.pkg); slices.Contains([]string{"util", "utils", "common", "models", "types", "helpers", "pkg", "mocks"}, name) {
			t.Errorf("%s: a package is named for what it does, not %q", s.path, name)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: no init()", s.fset.Position(f.Pos()))
			}
		}
	}
}

// Every package says what it is.
func TestPackageComments(t *testing.T) {
	told := map[string]bool{}
	all := map[string]string{}
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		all[s.pkg] = s.path
		told[s.pkg] = told[s.pkg] || s.file.Doc != nil
	}
	for pkg, p := range all {
		if !told[pkg] {
			t.Errorf("package %s has no comment (%s): say what it is, what it owns, what it never does", pkg, p)
		}
	}
}

// The words of the house, in what people read: never a ticket.
func TestGlossary(t *testing.T) {
	for _, root := range []string{"README.md", "docs", "configs", "internal/web/templates"} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			f, err := os.Open(p)
			if err != nil {
				return err
			}
			defer f.Close()
			lines := bufio.NewScanner(f)
			lines.Buffer(nil, 8<<20)
			for n := 1; lines.Scan(); n++ {
				for w := range strings.FieldsFuncSeq(strings.ToLower(lines.Text()), func(r rune) bool { return r < 'a' || r > 'z' }) {
					if w == "ticket" || w == "tickets" {
						t.Errorf("%s:%d: say “case”", p, n)
					}
				}
			}
			return lines.Err()
		})
		if err != nil {
			t.Error(err)
		}
	}
}

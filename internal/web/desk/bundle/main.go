// Command bundle makes the desk's script of its sources: one file, minified,
// for the program to embed. It reads and writes within internal/web only, needs
// no Node and no network, and the same sources always give the same bytes.
//
// With -check it writes nothing and fails if the committed file is not what the
// sources give.
package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	check := flag.Bool("check", false, "fail if the committed script is stale")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

const out = "../../assets/desk.js" // from this folder, where go generate runs it

func run(check bool) error {
	js, err := bundled("..")
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(out, js, 0o644)
	}
	was, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	if !bytes.Equal(was, js) {
		return errors.New("assets/desk.js is not what its sources give: run go generate ./internal/web")
	}
	return nil
}

// bundled is the script of the sources in a folder.
func bundled(dir string) ([]byte, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	r := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(root, "main.tsx")}, AbsWorkingDir: root, Outfile: "desk.js",
		Bundle: true, Format: api.FormatIIFE, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true, LegalComments: api.LegalCommentsNone,
		JSX: api.JSXAutomatic, JSXImportSource: "preact",
		TsconfigRaw: `{"compilerOptions":{"strict":true,"verbatimModuleSyntax":true}}`,
		Banner:      map[string]string{"js": "/* Amends: the desk. Made of internal/web/desk by go generate. Preact and its signals: MIT, see Preact-LICENSE.txt. */"},
		Plugins:     []api.Plugin{packages(root), icons(root)},
		Write:       false, LogLevel: api.LogLevelSilent,
	})
	var wrong []error
	for _, m := range append(r.Errors, r.Warnings...) {
		at := ""
		if m.Location != nil {
			at = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		wrong = append(wrong, errors.New(at+m.Text))
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return r.OutputFiles[0].Contents, nil
}

// packages finds what the sources import by name among the copies in packages/.
func packages(root string) api.Plugin {
	where := map[string]string{
		"preact": "preact/preact.mjs", "preact/hooks": "preact/hooks.mjs", "preact/jsx-runtime": "preact/jsxRuntime.mjs",
		"@preact/signals": "signals/signals.mjs", "@preact/signals-core": "signals/signals-core.mjs",
	}
	return api.Plugin{Name: "packages", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^@?preact`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			file, ok := where[a.Path]
			if !ok {
				return api.OnResolveResult{}, fmt.Errorf("there is no copy of %s in packages/", a.Path)
			}
			return api.OnResolveResult{Path: filepath.Join(root, "packages", filepath.FromSlash(file))}, nil
		})
	}}
}

// An icon is a drawing as the desk makes it: no markup goes through a string.
type icon struct {
	Box   string  `json:"box"`
	Lines bool    `json:"lines"`
	Parts []shape `json:"parts"`
}

type shape struct {
	Name  string            `json:"name"`
	Attrs map[string]string `json:"attrs"`
}

// icons offers the console's drawings as a module.
func icons(root string) api.Plugin {
	return api.Plugin{Name: "icons", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: `^icons$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: "icons", Namespace: "icons"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "icons"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			data, err := os.ReadFile(filepath.Join(root, "..", "assets", "icons.svg"))
			if err != nil {
				return api.OnLoadResult{}, err
			}
			all, err := drawings(data)
			text := string(all)
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJSON}, err
		})
	}}
}

func drawings(svg []byte) ([]byte, error) {
	var doc struct {
		Symbols []struct {
			ID      string `xml:"id,attr"`
			ViewBox string `xml:"viewBox,attr"`
			Stroke  string `xml:"stroke,attr"`
			Parts   []struct {
				XMLName xml.Name
				Attrs   []xml.Attr `xml:",any,attr"`
			} `xml:",any"`
		} `xml:"symbol"`
	}
	if err := xml.Unmarshal(svg, &doc); err != nil {
		return nil, fmt.Errorf("icons: %w", err)
	}
	all := map[string]icon{}
	for _, s := range doc.Symbols {
		i := icon{Box: s.ViewBox, Lines: s.Stroke != ""}
		for _, p := range s.Parts {
			attrs := map[string]string{}
			for _, a := range p.Attrs {
				attrs[a.Name.Local] = a.Value
			}
			i.Parts = append(i.Parts, shape{p.XMLName.Local, attrs})
		}
		all[s.ID] = i
	}
	return json.Marshal(all)
}

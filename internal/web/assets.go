package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
)

//go:generate go -C desk/bundle run .

//go:embed assets templates
var embedded embed.FS

// assets are the files that pages need: served for ever, under names that
// change with their content.
type assets struct {
	files map[string]asset         // by the name in an address
	names map[string]string        // of a file → its address
	icons map[string]template.HTML // by name
}

type asset struct {
	kind string
	data []byte
}

const assetsPath = "/assets/"

func loadAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}, names: map[string]string{}}
	files, err := fs.ReadDir(embedded, "assets")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		data, err := embedded.ReadFile("assets/" + f.Name())
		if err != nil {
			return nil, err
		}
		ext := path.Ext(f.Name())
		kind := mime.TypeByExtension(ext)
		if ext == ".woff2" {
			kind = "font/woff2"
		}
		name := f.Name()
		if ext != ".woff2" { // a style sheet names its fonts itself
			sum := sha256.Sum256(data)
			name = f.Name()[:len(f.Name())-len(ext)] + "." + hex.EncodeToString(sum[:6]) + ext
		}
		a.files[name] = asset{kind: kind, data: data}
		a.names[f.Name()] = assetsPath + name
	}
	a.icons, err = loadIcons()
	return a, err
}

// loadIcons reads the drawings, which are part of the program and so may stand
// in a page as they are.
func loadIcons() (map[string]template.HTML, error) {
	data, err := embedded.ReadFile("assets/icons.svg")
	if err != nil {
		return nil, err
	}
	var svg struct {
		Symbols []struct {
			ID      string `xml:"id,attr"`
			ViewBox string `xml:"viewBox,attr"`
			Fill    string `xml:"fill,attr"`
			Stroke  string `xml:"stroke,attr"`
			Inner   string `xml:",innerxml"`
		} `xml:"symbol"`
	}
	if err := xml.Unmarshal(data, &svg); err != nil {
		return nil, fmt.Errorf("icons: %w", err)
	}
	icons := map[string]template.HTML{}
	for _, s := range svg.Symbols {
		stroke := ""
		if s.Stroke != "" {
			stroke = ` stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"`
		}
		icons[s.ID] = template.HTML(fmt.Sprintf(`<svg class="i" viewBox="%s" fill="%s"%s aria-hidden="true">%s</svg>`, s.ViewBox, s.Fill, stroke, s.Inner)) //nolint:gosec // our own file
	}
	return icons, nil
}

func (a *assets) serve(w http.ResponseWriter, r *http.Request) error {
	f, ok := a.files[r.PathValue("file")]
	if !ok {
		return errNoPage
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(f.data) // whoever asked may be gone
	return nil
}

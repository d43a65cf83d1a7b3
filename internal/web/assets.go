package web

import (
	"bytes"
	"cmp"
	"compress/gzip"
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
	"slices"
	"strings"
	"sync"
	"time"
)

//go:generate go -C desk/bundle run .

//go:embed assets templates strings desk/strings
var embedded embed.FS

// assets are the files that pages need: served for ever, under names that
// change with their content.
type assets struct {
	files map[string]asset         // by the name in an address
	names map[string]string        // of a file → its address
	icons map[string]template.HTML // by name

	exported template.CSS // stands in the file of a case that is taken out
}

type asset struct {
	kind   string
	data   []byte
	tag    string // names the content
	packed []byte // by gzip, made once; nil where that gains nothing
}

const assetsPath = "/assets/"

// builtin are the files that are part of the program, packed once.
var builtin = sync.OnceValues(loadAssets)

func loadAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}, names: map[string]string{}}
	files, err := fs.ReadDir(embedded, "assets")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(files, func(x, y fs.DirEntry) int { return cmp.Compare(order(x), order(y)) })
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
		if ext == ".css" { // a style sheet names its fonts
			for font, at := range a.names {
				data = bytes.ReplaceAll(data, []byte("url("+font+")"), []byte("url("+at+")"))
			}
		}
		sum := sha256.Sum256(data)
		tag := hex.EncodeToString(sum[:6])
		name := strings.TrimSuffix(f.Name(), ext) + "." + tag + ext
		packed, err := pack(data)
		if err != nil {
			return nil, err
		}
		a.files[name] = asset{kind: kind, data: data, tag: tag, packed: packed}
		a.names[f.Name()] = assetsPath + name
	}
	style, err := embedded.ReadFile("templates/export.css")
	if err != nil {
		return nil, err
	}
	a.exported = template.CSS(style)
	a.icons, err = loadIcons()
	return a, err
}

// order puts fonts before what names them.
func order(f fs.DirEntry) int {
	if path.Ext(f.Name()) == ".woff2" {
		return 0
	}
	return 1
}

// pack is the content by gzip, or nil where that does not save a tenth.
func pack(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(data)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil || b.Len() > len(data)*9/10 {
		return nil, err
	}
	return b.Bytes(), nil
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
	data, tag := f.data, f.tag
	if f.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			data, tag = f.packed, tag+"-gz"
		}
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	return nil
}

// takesGzip says whether whoever asks can unpack it.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			return !strings.HasPrefix(strings.ReplaceAll(q, " ", ""), "q=0") || strings.ContainsAny(q, "123456789")
		}
	}
	return false
}

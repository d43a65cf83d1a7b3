package feed

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
	"golang.org/x/net/html/charset"

	"github.com/amends-care/amends/internal/network"
)

// What a feed may have. More would make the parser take memory far beyond the
// feed's own size.
const (
	maxElements = 100_000
	maxDepth    = 1_000
)

// A parsed feed and what the common form of the formats leaves out.
type parsed struct {
	*gofeed.Feed
	plain []bool // whose content is text, not HTML
	ttl   time.Duration
}

// parse reads a feed of any format. Whatever a stranger sends, it ends with a
// feed or an error.
func parse(body []byte, kind string) (p parsed, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return p, network.Malformed.Because("the answer is empty")
	}
	if err := bounded(body); err != nil {
		return p, err
	}
	defer func() {
		if r := recover(); r != nil { // the parser is not ours, and a feed must not end the program
			err = network.Malformed.Because(fmt.Sprintf("the feed breaks its parser (%T)", r))
		}
	}()
	reader := gofeed.NewParser()
	reader.KeepOriginalFeed = true
	p.Feed, err = reader.Parse(decoded(body, kind))
	if err != nil || p.Feed == nil {
		return p, network.Malformed.Because("the answer is not a feed: neither RSS, nor Atom, nor JSON Feed")
	}
	p.plain = make([]bool, len(p.Items))
	switch f := p.OriginalFeed().(type) {
	case *json.Feed:
		for i := range min(len(f.Items), len(p.plain)) {
			p.plain[i] = f.Items[i] != nil && f.Items[i].ContentHTML == ""
		}
	case *atom.Feed:
		for i := range min(len(f.Entries), len(p.plain)) {
			if c := f.Entries[i].Content; c != nil {
				p.plain[i] = c.Type == "" || c.Type == "text" || strings.HasPrefix(c.Type, "text/plain")
			}
		}
	case *rss.Feed:
		if n, err := strconv.Atoi(strings.TrimSpace(f.TTL)); err == nil && n > 0 {
			p.ttl = time.Duration(min(n, 1e6)) * time.Minute
		}
	}
	return p, nil
}

// decoded gives the parser UTF-8 where only the header tells what it is. XML
// that says so itself is the parser's to decode.
func decoded(body []byte, kind string) io.Reader {
	_, params, err := mime.ParseMediaType(kind)
	label := params["charset"]
	start := body[:min(len(body), 200)]
	if err != nil || label == "" || utf8.Valid(body) || bytes.Contains(start, []byte("encoding=")) {
		return bytes.NewReader(body)
	}
	r, err := charset.NewReaderLabel(label, bytes.NewReader(body))
	if err != nil {
		return bytes.NewReader(body)
	}
	return r
}

// bounded refuses what has more elements, or deeper ones, than any feed.
func bounded(b []byte) error {
	if first := bytes.TrimLeft(b, " \t\r\n\ufeff"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		if bytes.Count(b, []byte("{")) > maxElements {
			return network.Malformed.Because("the feed has too many parts")
		}
		return nil
	}
	depth, n := 0, 0
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 || i+1 >= len(b) {
			return nil
		}
		b = b[i+1:]
		switch {
		case bytes.HasPrefix(b, []byte("!--")):
			b = after(b, "-->")
		case bytes.HasPrefix(b, []byte("![CDATA[")):
			b = after(b, "]]>")
		case b[0] == '?' || b[0] == '!':
			b = after(b, ">")
		case b[0] == '/':
			depth = max(depth-1, 0)
			b = after(b, ">")
		default:
			end := tagEnd(b)
			if end == 0 || b[end-1] != '/' {
				depth++
			}
			if n++; n > maxElements || depth > maxDepth {
				return network.Malformed.Because("the feed has too many elements, or too deep ones")
			}
			b = b[end:]
		}
	}
}

// tagEnd is where a tag ends, a > in an attribute not being its end.
func tagEnd(b []byte) int {
	quote := byte(0)
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return len(b)
}

func after(b []byte, end string) []byte {
	if _, rest, ok := bytes.Cut(b, []byte(end)); ok {
		return rest
	}
	return nil
}

// newestOf are the entries that count: the newest, or those on top where some
// don't tell when they were written.
func newestOf(items []*gofeed.Item) []int {
	order := make([]int, 0, len(items))
	dated := true
	for i, it := range items {
		if it == nil {
			continue
		}
		order = append(order, i)
		dated = dated && written(it) != nil
	}
	if len(order) > maxEntries && dated {
		slices.SortStableFunc(order, func(a, b int) int { return written(items[b]).Compare(*written(items[a])) })
	}
	return order[:min(len(order), maxEntries)]
}

// written is when an entry was published, or nil.
func written(it *gofeed.Item) *time.Time { return cmp.Or(it.PublishedParsed, it.UpdatedParsed) }

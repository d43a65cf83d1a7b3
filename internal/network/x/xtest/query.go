package xtest

import (
	"strconv"
	"strings"
)

// A matcher says whether a post is what a query looks for.
type matcher func(*post) bool

// parse reads a query of X's search: words, @name, from:, to:,
// conversation_id:, is:retweet, a minus in front, OR, and brackets.
func (n *Network) parse(query string) (matcher, bool) {
	query = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(query)
	p := &parser{network: n, words: strings.Fields(query)}
	m := p.either()
	return m, p.at == len(p.words) && !p.bad
}

type parser struct {
	network *Network
	words   []string
	at      int
	bad     bool
}

func (p *parser) peek() string {
	if p.at < len(p.words) {
		return p.words[p.at]
	}
	return ""
}

func (p *parser) either() matcher {
	any := []matcher{p.both()}
	for p.peek() == "OR" {
		p.at++
		any = append(any, p.both())
	}
	return func(w *post) bool {
		for _, m := range any {
			if m(w) {
				return true
			}
		}
		return false
	}
}

func (p *parser) both() matcher {
	var all []matcher
	for w := p.peek(); w != "" && w != ")" && w != "OR"; w = p.peek() {
		p.at++
		if w == "(" {
			all = append(all, p.either())
			if p.peek() != ")" {
				p.bad = true
			}
			p.at++
			continue
		}
		all = append(all, p.term(w))
	}
	if len(all) == 0 {
		p.bad = true
	}
	return func(w *post) bool {
		for _, m := range all {
			if !m(w) {
				return false
			}
		}
		return true
	}
}

func (p *parser) term(w string) matcher {
	n := p.network
	if rest, ok := strings.CutPrefix(w, "-"); ok {
		m := p.term(rest)
		return func(w *post) bool { return !m(w) }
	}
	name, value, operator := strings.Cut(w, ":")
	who := func() int64 {
		if id, err := strconv.ParseInt(value, 10, 64); err == nil {
			return id
		}
		if u := n.find(value); u != nil {
			return u.id
		}
		return -1
	}
	switch {
	case operator && name == "from":
		id := who()
		return func(w *post) bool { return w.author == id }
	case operator && name == "to":
		id := who()
		return func(w *post) bool { parent := n.byID[w.parent]; return parent != nil && parent.author == id }
	case operator && name == "conversation_id":
		return func(w *post) bool { return strconv.FormatInt(w.root, 10) == value }
	case operator && name == "is" && value == "retweet":
		return func(w *post) bool { return w.repost != 0 }
	case operator && !strings.HasPrefix(value, "//"):
		p.bad = true
	case strings.HasPrefix(w, "@"):
		return func(post *post) bool {
			u := n.find(w[1:])
			return u != nil && n.mentions(post.newest().text, u.id)
		}
	}
	return func(post *post) bool {
		return strings.Contains(strings.ToLower(post.newest().text), strings.ToLower(w))
	}
}

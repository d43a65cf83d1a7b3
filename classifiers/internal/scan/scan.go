// Package scan turns the bytes of a post into tokens and into a normalised run
// of runes from which character n-grams are read.
//
// It masks handles, links and digits, evens out case, width and lengthened
// words, and remembers for every token which bytes of the original it came
// from. It takes any bytes, reads a bounded part of a long text, allocates
// nothing once its buffers have grown, and keeps the last text's runes until
// the next [Scanner.Scan] or [Scanner.Forget].
package scan

import (
	"slices"
	"unicode/utf8"
)

// Bounds of what is read of one text, in runes after normalising. Of a longer
// text the head and the tail are read.
const (
	MaxRunes = 4096
	tailPart = 1024
	// maxBytes bounds the head's input when most of it is dropped.
	maxBytes = 4 * MaxRunes
)

// Placeholders in the normalised runes.
const (
	HandleRune = '\uE000'
	LinkRune   = '\uE001'
	gapRune    = '\uE002' // between head and tail of a long text
)

// A Kind is what sort of token it is.
type Kind uint8

// Kinds.
const (
	Word   Kind = iota + 1
	Glyph       // one letter of a script without spaces
	Number      // digits, with what stands between them
	Handle      // @name
	Link
	Mark // punctuation
	Emoji
)

// A Token is one word, mark or the like.
type Token struct {
	Kind     Kind
	Caps     bool   // two letters or more, all capitals
	Long     bool   // a letter three times or more: sooo
	Tagged   bool   // preceded by #
	From, To int32  // bytes of the original
	Start    int32  // runes of Runes
	End      int32  //
	Hash     uint64 // of its normalised runes
}

// A Scanner holds the last text scanned. The zero value is not usable; see
// [New]. It must not be used by two goroutines at once.
type Scanner struct {
	t *table
	// Runes are the normalised tokens with one space before, between and after.
	// Where the original has no space between two tokens there is none here.
	Runes  []rune
	Tokens []Token

	Letters, Upper int // letters of cased scripts seen, and how many were capitals
	Cut            bool
	Dense          bool // some of Runes may be [Dense]

	body string
}

// New returns a scanner.
func New() *Scanner {
	return &Scanner{
		t:      tables(),
		Runes:  make([]rune, 0, 512),
		Tokens: make([]Token, 0, 128),
	}
}

// Forget drops the last text, so that a pooled scanner holds none of it.
func (s *Scanner) Forget() {
	clear(s.Runes)
	s.Runes, s.Tokens, s.body = s.Runes[:0], s.Tokens[:0], ""
}

// Scan reads a text.
func (s *Scanner) Scan(body string) {
	s.body = body
	s.Runes, s.Tokens = s.Runes[:0], s.Tokens[:0]
	s.Letters, s.Upper, s.Cut, s.Dense = 0, 0, false, false
	s.space()
	end := s.run(0, len(body), MaxRunes-tailPart)
	if end < len(body) {
		start := end
		if rest := len(body) - end; rest > tailPart {
			start = runeStart(body, len(body)-tailPart)
			s.Cut = true
			s.Runes = append(s.Runes, gapRune)
			s.space()
		}
		s.run(start, len(body), MaxRunes)
	}
	s.space()
}

// Dense says whether a rune belongs to a script written without spaces, or to
// Hangul, whose syllables say as much.
func Dense(r rune) bool {
	return r >= firstDense && (r <= 0x0EFF || r >= 0x1000 && r <= 0x109F || r >= 0x3040 && r <= 0x9FFF || r >= 0xAC00 && r <= 0xD7A3)
}

const firstDense = 0x0E00

// runeStart moves i forward to where a rune begins.
func runeStart(s string, i int) int {
	for i < len(s) && !utf8.RuneStart(s[i]) {
		i++
	}
	return i
}

func (s *Scanner) space() {
	if n := len(s.Runes); n == 0 || s.Runes[n-1] != ' ' {
		s.Runes = append(s.Runes, ' ')
	}
}

// at returns the rune at i, what it is, how it is normalised, and its width.
func (s *Scanner) at(i int) (class, rune, rune, int) {
	if c := s.body[i]; c < utf8.RuneSelf {
		return s.t.class[c], rune(s.t.norm[c]), rune(c), 1
	}
	r, n := utf8.DecodeRuneInString(s.body[i:])
	switch {
	case r == utf8.RuneError && n == 1:
		return classSpace, r, r, 1
	case r <= 0xFFFF:
		return s.t.class[r], rune(s.t.norm[r]), r, n
	}
	c, norm := beyond(r)
	return c, norm, r, n
}

// run scans body[i:end] until limit runes have been written, and returns where
// it stopped, which is between two tokens.
func (s *Scanner) run(i, end, limit int) int {
	stop := min(end, i+maxBytes)
	for i < stop && len(s.Runes) < limit {
		switch c := s.body[i]; {
		case c == ' ':
			s.space()
			i++
			continue
		case (c|0x20)-'a' < 26:
			i = s.word(i, end, limit, false)
			continue
		}
		c, norm, r, n := s.at(i)
		switch c {
		case classSpace:
			s.space()
			i += n
		case classDrop:
			i += n
		case classLetter:
			i = s.word(i, end, limit, false)
		case classGlyph, classEmoji:
			k := Glyph
			if c == classEmoji {
				k = Emoji
			}
			s.Dense = true
			s.single(k, norm, i, i+n)
			i += n
		case classDigit:
			i = s.number(i, end, limit)
		case classHandle:
			i = s.handle(i, n, end)
		case classTag:
			i = s.tag(i, n, end, limit)
		default:
			s.mark(norm, r, i, i+n)
			i += n
		}
	}
	return i
}

// next makes room for a token and returns it, to be filled where it is: to put
// one together elsewhere and copy it takes longer than to scan the word.
func (s *Scanner) next() *Token {
	n := len(s.Tokens)
	if n == cap(s.Tokens) {
		s.Tokens = slices.Grow(s.Tokens, 1)
	}
	s.Tokens = s.Tokens[:n+1]
	return &s.Tokens[n]
}

func (t *Token) fill(k Kind, from, to, start, end int, hash uint64) {
	t.Kind, t.Caps, t.Long, t.Tagged = k, false, false, false
	t.From, t.To, t.Start, t.End = int32(from), int32(to), int32(start), int32(end)
	t.Hash = hash
}

// single appends a token of one rune.
func (s *Scanner) single(k Kind, norm rune, from, to int) {
	start := len(s.Runes)
	s.Runes = append(s.Runes, norm)
	s.next().fill(k, from, to, start, start+1, Step(Seed, norm))
}

// mark appends punctuation. Of a row of the same mark two are kept; the rest
// belong to the second.
func (s *Scanner) mark(norm, r rune, from, to int) {
	if n := len(s.Tokens); n > 1 && int(s.Tokens[n-1].To) == from {
		a, b := &s.Tokens[n-2], &s.Tokens[n-1]
		h := Step(Seed, norm)
		if a.Kind == Mark && b.Kind == Mark && a.Hash == h && b.Hash == h && a.To == b.From {
			b.To, b.Long = int32(to), true
			return
		}
	}
	_ = r
	s.single(Mark, norm, from, to)
}

// word appends the word that begins at i, split as English contractions and
// Romance elisions are: do|n't, l'|ami.
func (s *Scanner) word(i, end, limit int, tagged bool) int {
	if !tagged && (s.body[i] == 'h' || s.body[i] == 'H' || s.body[i] == 'w' || s.body[i] == 'W') {
		if to := link(s.body, i, end); to > i {
			s.single(Link, LinkRune, i, to)
			return to
		}
	}
	var (
		runes   = s.Runes
		start   = len(runes)
		from    = i
		h       = Seed
		last    rune
		row     int
		long    bool
		letters int
		upper   int
		quoteAt = -1 // runes index of the last quote in the word
		quoteB  int  // its byte
	)
	for i < end && len(runes) < limit+64 {
		// Most letters are those of ASCII.
		if c := s.body[i]; (c|0x20)-'a' < 26 {
			i++
			letters++
			upper += int(^c >> 5 & 1)
			if norm := rune(c | 0x20); norm != last {
				last, row = norm, 1
			} else if row++; row > 2 {
				long = true
				continue
			}
			runes = append(runes, last)
			h = Step(h, last)
			continue
		}
		c, norm, r, n := s.at(i)
		if c == classQuote {
			if i+n >= end || quoteAt >= 0 || len(runes) == start {
				break
			}
			if next, _, _, _ := s.at(i + n); next != classLetter {
				break
			}
			quoteAt, quoteB = len(runes), i
		} else if c == classDrop {
			i += n
			continue
		} else if c != classLetter && (c != classDigit || len(runes) == start) {
			break
		}
		i += n
		if norm != r {
			upper++
		}
		if norm >= firstDense {
			s.Dense = true
		}
		letters++
		if norm == last {
			row++
			if row > 2 {
				long = true
				continue
			}
		} else {
			last, row = norm, 1
		}
		runes = append(runes, norm)
		h = Step(h, norm)
	}
	s.Runes = runes
	if letters > 1 && upper == letters {
		s.Upper += letters
	}
	s.Letters += letters
	t := s.next()
	t.fill(Word, from, i, start, len(runes), h)
	t.Caps, t.Long, t.Tagged = upper == letters && letters > 1, long, tagged
	if quoteAt >= 0 {
		s.split(quoteAt, quoteB)
	}
	return i
}

// split makes two tokens of the last one where that is what they are: do n't,
// it 's, l' ami. Other words with a quote stay whole.
func (s *Scanner) split(quote, quoteByte int) {
	t := s.Tokens[len(s.Tokens)-1]
	at, atByte := -1, 0
	tail := s.Runes[quote+1 : t.End]
	switch {
	case quote > int(t.Start)+1 && len(tail) == 1 && tail[0] == 't' && s.Runes[quote-1] == 'n':
		at, atByte = quote-1, quoteByte-1
	case len(tail) == 1 && (tail[0] == 's' || tail[0] == 'm'),
		len(tail) == 2 && (string(tail) == "ll" || string(tail) == "re"):
		at, atByte = quote, quoteByte
	case quote-int(t.Start) <= 2 && len(tail) > 1 && string(tail) != "ve":
		_, n := utf8.DecodeRuneInString(s.body[quoteByte:])
		at, atByte = quote+1, quoteByte+n
	}
	if at < 0 {
		return
	}
	a, b := t, t
	a.End, a.To = int32(at), int32(atByte)
	b.Start, b.From = int32(at), int32(atByte)
	a.Hash, b.Hash = HashRunes(s.Runes[a.Start:a.End]), HashRunes(s.Runes[b.Start:b.End])
	s.Tokens = append(s.Tokens[:len(s.Tokens)-1], a, b)
}

// number appends digits and what stands between them: 1,200.50 and 10:30.
func (s *Scanner) number(i, end, limit int) int {
	start, from := len(s.Runes), i
	h := Seed
	for i < end && len(s.Runes) < limit+64 {
		c, norm, _, n := s.at(i)
		if c == classMark && (norm == '.' || norm == ',' || norm == ':') && i+n < end {
			if next, _, _, _ := s.at(i + n); next != classDigit {
				break
			}
		} else if c != classDigit && c != classDrop {
			break
		}
		i += n
		if c == classDigit && len(s.Runes)-start < 4 {
			s.Runes = append(s.Runes, '0')
			h = Step(h, '0')
		}
	}
	s.next().fill(Number, from, i, start, len(s.Runes), h)
	return i
}

// handle appends @name as one masked token, or the bare sign as a mark.
func (s *Scanner) handle(i, n, end int) int {
	j := i + n
	for j < end {
		if c := s.body[j]; (c|0x20)-'a' < 26 || c-'0' < 10 || c == '_' {
			j++
			continue
		}
		c, _, r, w := s.at(j)
		if c != classLetter && c != classDigit && (r != '.' && r != '-' || j+w >= end || !s.wordAt(j+w)) {
			break
		}
		j += w
	}
	if j == i+n {
		s.mark('@', '@', i, j)
		return j
	}
	s.single(Handle, HandleRune, i, j)
	return j
}

func (s *Scanner) wordAt(i int) bool {
	c, _, _, _ := s.at(i)
	return c == classLetter || c == classDigit
}

// tag appends the word behind a #.
func (s *Scanner) tag(i, n, end, limit int) int {
	if i+n < end {
		if c, _, _, _ := s.at(i + n); c == classLetter {
			return s.word(i+n, end, limit, true)
		}
	}
	s.mark('#', '#', i, i+n)
	return i + n
}

// link returns where the link that begins at i ends, or i if none does.
func link(s string, i, end int) int {
	rest := s[i:end]
	switch {
	case hasFold(rest, "https://"), hasFold(rest, "http://"), hasFold(rest, "www."):
	case rest == "http" || len(rest) > 4 && rest[:4] == "http" && (rest[4] == ' ' || rest[4] == '\n'):
		return i + 4 // a link already masked
	default:
		return i
	}
	j := i
	for j < end && s[j] > ' ' && s[j] != '"' && s[j] != '<' && s[j] != '>' {
		if s[j] >= utf8.RuneSelf {
			if r, _ := utf8.DecodeRuneInString(s[j:]); r == '…' || r == '。' || r == '，' {
				break
			}
		}
		j++
	}
	return runeStart(s, j)
}

func hasFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}

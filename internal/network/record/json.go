package record

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep values we don't read may be nested.
const MaxDepth = 500

// A jsonLine reads one JSON object of the format. It is written by hand since
// imports run to millions of lines: values are pieces of the line, so a line
// costs one allocation, and its tests hold it to what encoding/json accepts.
type jsonLine struct {
	s        string
	at       int
	repaired bool // half of a surrogate pair stood alone
}

// ParseJSON reads one JSON object into rec, or says what is wrong with it.
// repaired says that half of a surrogate pair stood alone, now U+FFFD.
func ParseJSON(s string, rec *Record) (repaired bool, wrong string) {
	j := jsonLine{s: s}
	wrong = j.parse(rec)
	return j.repaired, wrong
}

// parse reads the whole line into rec, or says what is wrong with it.
func (j *jsonLine) parse(rec *Record) (wrong string) {
	j.space()
	if j.at >= len(j.s) || j.s[j.at] != '{' {
		if !j.skip(0) || !j.end() {
			return j.broken()
		}
		return "no JSON object"
	}
	if !j.object(func(key string) bool {
		if key == "author" {
			return j.author(rec, &wrong)
		}
		return j.field(rec, top(key), &wrong)
	}) || !j.end() {
		return j.broken()
	}
	return wrong
}

func (j *jsonLine) broken() string { return "not JSON at byte " + strconv.Itoa(min(j.at, len(j.s))+1) }

func top(key string) Field {
	switch key {
	case "id":
		return ID
	case "text":
		return Text
	case "network":
		return Network
	case "lang":
		return Lang
	case "posted_at":
		return PostedAt
	case "url":
		return URL
	case "in_reply_to":
		return InReplyTo
	case "thread":
		return Thread
	case "by_brand":
		return ByBrand
	case "edited_at":
		return EditedAt
	case "kind":
		return Kind
	case "rating":
		return Rating
	case "deleted":
		return Deleted
	}
	return None
}

func authorField(key string) Field {
	switch key {
	case "handle":
		return Handle
	case "name":
		return Name
	case "followers":
		return Followers
	}
	return None
}

// author is an object; its handle alone will do.
func (j *jsonLine) author(rec *Record, wrong *string) bool {
	rec[Handle], rec[Name], rec[Followers] = "", "", ""
	if j.at < len(j.s) && j.s[j.at] == '{' {
		return j.object(func(key string) bool { return j.field(rec, authorField(key), wrong) })
	}
	return j.field(rec, Handle, wrong)
}

// field reads a value. The syntax of the whole line is checked before what is
// wrong with a value is told.
func (j *jsonLine) field(rec *Record, f Field, wrong *string) bool {
	if f == None || j.at >= len(j.s) {
		return j.skip(0)
	}
	rec[f] = ""
	from := j.at
	switch c := j.s[j.at]; {
	case c == '"':
		s, ok := j.text()
		rec[f] = s
		return ok
	case c == '{' || c == '[':
		*wrong = f.String() + " is no plain value"
		return j.skip(0)
	case c == 'n':
		return j.skip(0)
	case c == 't' || c == 'f':
		if f != ByBrand && f != Deleted {
			*wrong = f.String() + " is true or false"
		}
	default:
		if f == Text || f == ByBrand || f == Deleted || f == URL || f == Lang || f == Network || f == Kind {
			*wrong = f.String() + " is a number"
		}
	}
	if !j.skip(0) {
		return false
	}
	rec[f] = j.s[from:j.at]
	id := f == ID || f == InReplyTo || f == Thread
	if id && *wrong == "" && strings.ContainsAny(rec[f], ".eE") {
		*wrong = f.String() + " is neither text nor a whole number"
	}
	return true
}

// object reads {…}, calling value with the cursor at each value.
func (j *jsonLine) object(value func(key string) bool) bool {
	j.at++ // {
	j.space()
	if j.take('}') {
		return true
	}
	for {
		key, ok := j.text()
		if !ok {
			return false
		}
		j.space()
		if !j.take(':') {
			return false
		}
		j.space()
		if !value(key) {
			return false
		}
		j.space()
		if j.take('}') {
			return true
		}
		if !j.take(',') {
			return false
		}
		j.space()
	}
}

// skip reads any value.
func (j *jsonLine) skip(depth int) bool {
	if depth > MaxDepth || j.at >= len(j.s) {
		return false
	}
	switch c := j.s[j.at]; {
	case c == '"':
		_, ok := j.text()
		return ok
	case c == '{':
		return j.object(func(string) bool { return j.skip(depth + 1) })
	case c == '[':
		return j.array(depth)
	case c == 't':
		return j.word("true")
	case c == 'f':
		return j.word("false")
	case c == 'n':
		return j.word("null")
	}
	return j.number()
}

func (j *jsonLine) array(depth int) bool {
	j.at++ // [
	j.space()
	if j.take(']') {
		return true
	}
	for {
		if !j.skip(depth + 1) {
			return false
		}
		j.space()
		if j.take(']') {
			return true
		}
		if !j.take(',') {
			return false
		}
		j.space()
	}
}

func (j *jsonLine) word(w string) bool {
	if !strings.HasPrefix(j.s[j.at:], w) {
		return false
	}
	j.at += len(w)
	return true
}

func (j *jsonLine) number() bool {
	j.take('-')
	if !j.take('0') && !j.digits() {
		return false
	}
	if j.take('.') && !j.digits() {
		return false
	}
	if j.take('e') || j.take('E') {
		if !j.take('+') {
			j.take('-')
		}
		return j.digits()
	}
	return true
}

func (j *jsonLine) digits() bool {
	from := j.at
	for j.at < len(j.s) && j.s[j.at] >= '0' && j.s[j.at] <= '9' {
		j.at++
	}
	return j.at > from
}

func (j *jsonLine) space() {
	for j.at < len(j.s) {
		switch j.s[j.at] {
		case ' ', '\t', '\r', '\n':
			j.at++
		default:
			return
		}
	}
}

func (j *jsonLine) take(c byte) bool {
	if j.at < len(j.s) && j.s[j.at] == c {
		j.at++
		return true
	}
	return false
}

func (j *jsonLine) end() bool {
	j.space()
	return j.at == len(j.s)
}

// text reads a string; without an escape it is a piece of the line.
func (j *jsonLine) text() (string, bool) {
	if !j.take('"') {
		return "", false
	}
	from := j.at
	for ; j.at < len(j.s); j.at++ {
		switch c := j.s[j.at]; {
		case c == '"':
			j.at++
			return j.s[from : j.at-1], true
		case c == '\\':
			return j.escaped(from)
		case c < ' ':
			return "", false
		}
	}
	return "", false
}

// escaped goes on with a string that holds an escape.
func (j *jsonLine) escaped(from int) (string, bool) {
	var b strings.Builder
	b.Grow(j.at - from + 64)
	b.WriteString(j.s[from:j.at])
	for j.at < len(j.s) {
		switch c := j.s[j.at]; {
		case c == '"':
			j.at++
			return b.String(), true
		case c == '\\':
			if !j.escape(&b) {
				return "", false
			}
		case c < ' ':
			return "", false
		default:
			b.WriteByte(c)
			j.at++
		}
	}
	return "", false
}

func (j *jsonLine) escape(b *strings.Builder) bool {
	j.at++ // backslash
	if j.at >= len(j.s) {
		return false
	}
	c := j.s[j.at]
	if c == 'u' {
		j.at--
		r, ok := j.unicode()
		if !ok {
			return false
		}
		b.WriteRune(r)
		return true
	}
	i := strings.IndexByte(`"\/bfnrt`, c)
	if i < 0 {
		return false
	}
	b.WriteByte("\"\\/\b\f\n\r\t"[i])
	j.at++
	return true
}

// unicode reads \uXXXX, and a second one when the first is half of a pair.
func (j *jsonLine) unicode() (rune, bool) {
	r, ok := j.hex()
	if !ok {
		return 0, false
	}
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	after := j.at
	if second, ok := j.hex(); ok {
		if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
			return pair, true
		}
	}
	j.at, j.repaired = after, true
	return utf8.RuneError, true
}

func (j *jsonLine) hex() (rune, bool) {
	if len(j.s)-j.at < 6 || j.s[j.at] != '\\' || j.s[j.at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(j.s[j.at+2:j.at+6], 16, 16)
	if err != nil {
		return 0, false
	}
	j.at += 6
	return rune(n), true
}

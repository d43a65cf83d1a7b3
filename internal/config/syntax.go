package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// maxDepth is how many lists and settings can lie within one another.
const maxDepth = 64

// parse reads the YAML of one document into a tree; nil if there is nothing in
// it, or a mistake.
func (p *parser) parse(b []byte) *yaml.Node {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if !p.plainText(b) {
		return nil
	}
	var doc yaml.Node
	err := yaml.Load(b, &doc, yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(maxDepth))))
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		p.syntax(e, b)
		return nil
	}
	if err != nil {
		p.mistake("", 0, "%s", err)
		return nil
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// plainText refuses what no text editor writes as plain text.
func (p *parser) plainText(b []byte) bool {
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		p.mistake("", 0, "the file is in UTF-16: save it as UTF-8")
		return false
	}
	line := 0
	for text := range bytes.Lines(b) {
		line++
		if !utf8.Valid(text) {
			p.mistake("", line, "there is a character here that is not UTF-8: save the file as UTF-8")
			return false
		}
		if at := bytes.IndexFunc(text, control); at >= 0 {
			p.mistake("", line, "there is a control character (%U) here: remove it", text[at])
			return false
		}
	}
	return true
}

// control is a character that nobody writes on purpose.
func control(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
}

// syntax says what the YAML library means, where it is to be mended.
func (p *parser) syntax(e *yaml.LoadError, b []byte) {
	line, begun := e.Mark.Line, e.ContextMark.Line
	if begun == 0 {
		begun = line
	}
	switch msg := e.Message; {
	case strings.Contains(msg, "no documents"):
		// An empty file is a configuration: everything as it is by default.
	case strings.Contains(msg, "found multiple"):
		p.mistake("", secondDocument(b), "a second document begins here: a configuration is one, so remove the line")
	case strings.Contains(msg, "cannot start any token"):
		p.mistake("", line, "%s", badStart(b, line, e.Mark.Column))
	case strings.Contains(msg, "mapping values are not allowed"):
		p.mistake("", line, "there is a colon too many, or this line is indented differently from those above it; a text with a colon in it needs quotes")
	case strings.Contains(msg, "expected ',' or ']'"):
		p.mistake("", begun, "a list begins here with [, but a comma or the ] at its end is missing; a text with [ in it needs quotes")
	case strings.Contains(msg, "expected ',' or '}'"):
		p.mistake("", begun, `settings begin here with {, but a comma or the } at their end is missing; a text with { in it needs quotes, as "${NAME}"`)
	case strings.Contains(msg, "unexpected end of stream"):
		p.mistake("", begun, "a quote is opened here and never closed")
	case strings.Contains(msg, "could not find expected ':'"):
		p.mistake("", begun, "there is no colon after this, so it is no setting: write “name: value”")
	case strings.Contains(msg, "did not find expected"):
		p.mistake("", line, "this line does not fit those above it: check how far it is indented")
	case strings.Contains(msg, "unknown anchor"):
		p.mistake("", line, "a * refers to what an & has named before, and nothing has that name; a text that begins with * needs quotes")
	case strings.Contains(msg, "unknown escape"):
		p.mistake("", line, `in double quotes a backslash has a meaning of its own: write it twice, or use single quotes`)
	case strings.Contains(msg, "max depth"):
		p.mistake("", line, "this lies deeper than %d levels: check the brackets and how far it is indented", maxDepth)
	default:
		p.mistake("", max(line, begun), "this is not YAML: %s", msg)
	}
}

// badStart says what is wrong with a character that nothing begins with.
func badStart(b []byte, line, column int) string {
	n := 0
	for text := range bytes.Lines(b) {
		if n++; n < line {
			continue
		}
		indent := text[:len(text)-len(bytes.TrimLeft(text, " \t"))]
		if bytes.ContainsRune(indent, '\t') {
			return "a tab can't be used to indent: write spaces"
		}
		if rs := []rune(string(text)); column > 0 && column <= len(rs) {
			return fmt.Sprintf("a text can't begin with %c: put it in quotes", rs[column-1])
		}
	}
	return "a text begins with a character that it can't begin with: put it in quotes"
}

// secondDocument is the line at which another document begins.
func secondDocument(b []byte) int {
	line, begun := 0, false
	for text := range bytes.Lines(b) {
		line++
		text = bytes.TrimRight(text, " \t\r\n")
		switch {
		case bytes.Equal(text, []byte("---")), bytes.HasPrefix(text, []byte("--- ")), bytes.Equal(text, []byte("...")):
			if begun {
				return line
			}
			begun = true
		case len(text) > 0 && text[0] != '#' && text[0] != '%':
			begun = true
		}
	}
	return 0
}

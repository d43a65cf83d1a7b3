package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/record"
)

var now = time.Date(2026, 11, 21, 14, 5, 0, 0, time.UTC)

// all reads a stream to its end, page by page.
func all(t *testing.T, r *Reader) network.Page {
	t.Helper()
	var whole network.Page
	for {
		p, err := r.ReadPage(7)
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		whole.Items = append(whole.Items, p.Items...)
		whole.Bad = append(whole.Bad, p.Bad...)
		whole.Repaired += p.Repaired
		if !p.More {
			return whole
		}
	}
}

func TestWholeRecord(t *testing.T) {
	want := network.Item{Kind: network.Edited, Own: true, Post: care.Post{
		Network: "x", Remote: "17", Kind: care.PostPublic,
		Author: care.Author{ID: "ana", Handle: "Ana", Name: "Ana B.", Followers: 12},
		Text:   "Where is my \"order\", it's late…\nAnswer!", Language: "en",
		PostedAt: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), EditedAt: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
		URL: "https://x.example/17", InReplyTo: "16", Thread: "15",
	}}
	for name, in := range map[string]string{
		"a.jsonl": `{"id":"17","text":"Where is my \"order\", it's late\u2026\nAnswer!","network":"X","author":{"handle":"@Ana","name":"Ana B.","followers":12},` +
			`"lang":"en","posted_at":"2026-11-20T10:00:00+01:00","url":"https://x.example/17","in_reply_to":"16","thread":"15","by_brand":true,"edited_at":"2026-11-20T10:00:00Z"}`,
		"numbers.jsonl": ` { "id" : 17 , "extra":{"id":[1,{"text":null}]}, "text":"Where is my \"order\", it's late…\nAnswer!","network":"x","author":{"followers":"12","name":"Ana B.","handle":"Ana","x":1.5e3},` +
			`"lang":"en","posted_at":1795165200,"url":"https://x.example/17","in_reply_to":16,"thread":15,"by_brand":"true","edited_at":1795168800000} `,
		"a.csv": "id,text,network,author.handle,author.name,author.followers,lang,posted_at,url,in_reply_to,thread,by_brand,edited_at\r\n" +
			"17,\"Where is my \"\"order\"\", it's late…\r\nAnswer!\",x,@Ana,Ana B.,12,en,2026-11-20T09:00:00Z,https://x.example/17,16,15,yes,2026-11-20T10:00:00Z\r\n",
		"semicolons, no ending": "\ufeffThread;ID;Text;network;author;author_name;author_followers;lang;posted_at;url;In_Reply_To;by_brand;edited_at;mood\n" +
			"15;17;\"Where is my \"\"order\"\", it's late…\nAnswer!\";X;Ana;Ana B.;12;en;2026-11-20 09:00:00;https://x.example/17;16;1;2026-11-20 10:00;;\n",
	} {
		p := all(t, NewReader(strings.NewReader(in), name, now))
		if len(p.Items) != 1 || len(p.Bad) != 0 {
			t.Errorf("%s: %d items, bad %v", name, len(p.Items), p.Bad)
			continue
		}
		if got, want := fmt.Sprintf("%+v", p.Items[0]), fmt.Sprintf("%+v", want); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestLeastRecord(t *testing.T) {
	p := all(t, NewReader(strings.NewReader(`{"id":"1","text":"x","author":null,"thread":null,"by_brand":false}`+"\n"+`{"id":"2","text":"y","in_reply_to":"1","author":"@Ben"}`), "", now))
	if len(p.Items) != 2 {
		t.Fatalf("%+v", p)
	}
	a, b := p.Items[0].Post, p.Items[1].Post
	if a.Network != "file" || !a.PostedAt.Equal(now) || a.Thread != "1" || a.Author.ID != "post/1" || a.Author.Handle != "" || p.Items[0].Kind != network.Seen {
		t.Errorf("got %+v", p.Items[0])
	}
	if b.Thread != "1" || b.InReplyTo != "1" || b.Author.ID != "ben" || b.Author.Handle != "Ben" {
		t.Errorf("got %+v", b)
	}
}

func TestBadLines(t *testing.T) {
	big := strings.Repeat("x", maxLine)
	for _, c := range []struct{ line, reason string }{
		{`{"text":"x"}`, "no id"},
		{`{"id":" ","text":"x"}`, "no id"},
		{`{"id":"1"}`, "no text"},
		{`{"id":"1","text":" \n"}`, "no text"},
		{`{"id":"1","text":null}`, "no text"},
		{`{"id":"1","text":["x"]}`, "text is no plain value"},
		{`{"id":"1","text":12}`, "text is a number"},
		{`{"id":true,"text":"x"}`, "id is true or false"},
		{`{"id":1.5,"text":"x"}`, "id is neither text nor a whole number"},
		{`{"id":"` + strings.Repeat("1", 513) + `","text":"x"}`, "id is longer than 512 bytes"},
		{`{"id":"a\u0000b","text":"x"}`, "id holds control characters"},
		{`{"id":"1","text":"x","posted_at":"yesterday"}`, "posted_at can't be read as a time; write it like 2026-11-21T14:05:00Z"},
		{`{"id":"1","text":"x","posted_at":"1066-10-14"}`, "posted_at is before 1970 or after 2200"},
		{`{"id":"1","text":"x","posted_at":12}`, "posted_at can't be read as a time; write it like 2026-11-21T14:05:00Z"},
		{`{"id":"1","text":"x","edited_at":"soon"}`, "edited_at can't be read as a time; write it like 2026-11-21T14:05:00Z"},
		{`{"id":"1","text":"x","by_brand":"maybe"}`, "by_brand is neither true nor false"},
		{`{"id":"1","text":"x","by_brand":1}`, "by_brand is a number"},
		{`{"id":"1","text":"x","author":{"followers":"many"}}`, "author.followers is no count"},
		{`{"id":"1","text":"x","author":{"followers":-1}}`, "author.followers is no count"},
		{`{"id":"1","text":"x","author":{"handle":{}}}`, "author.handle is no plain value"},
		{`{"id":"1","text":"x","author":[]}`, "author.handle is no plain value"},
		{`{"id":"1","text":"x","network":"my network"}`, "network holds more than letters, digits, - and _"},
		{`{"id":"1","text":"x","lang":"` + strings.Repeat("e", 36) + `"}`, "lang is no language tag"},
		{`{"id":"1","text":"x"`, "not JSON at byte 22"},
		{`{"id":"1","text":"x"} {}`, "not JSON at byte 23"},
		{`{"id":"1","text":"\x"}`, "not JSON at byte 20"},
		{`{'id':1}`, "not JSON at byte 2"},
		{`hello`, "not JSON at byte 1"},
		{"\xff\xfe\x00", "not JSON at byte 1"},
		{`[1]`, "no JSON object"},
		{`"x"`, "no JSON object"},
		{`{"id":"1","text":"` + big + `"}`, "longer than 1 MiB"},
		{strings.Repeat(" ", maxLine+1), "longer than 1 MiB"},
	} {
		in := "\n{\"id\":\"before\",\"text\":\"x\"}\n" + c.line + "\r\n \t\n{\"id\":\"after\",\"text\":\"x\"}"
		p := all(t, NewReader(strings.NewReader(in), "x.jsonl", now))
		if len(p.Bad) != 1 || p.Bad[0].Line != 3 || p.Bad[0].Reason != c.reason {
			t.Errorf("%.60s: got %v, want line 3: %s", c.line, p.Bad, c.reason)
		}
		if len(p.Items) != 2 || p.Items[1].Post.Remote != "after" {
			t.Errorf("%.60s: reading did not go on: %d items", c.line, len(p.Items))
		}
	}
	whole := `{"id":"1","text":"` + strings.Repeat("x", maxLine-21) + `"}`
	if p := all(t, NewReader(strings.NewReader(whole), "x.jsonl", now)); len(whole) > maxLine || len(p.Items) != 1 {
		t.Errorf("a line of %d bytes is bad: %v", len(whole), p.Bad)
	}
}

func TestBadRows(t *testing.T) {
	for _, c := range []struct{ row, reason string }{
		{`,x,`, "no id"},
		{`1,,`, "no text"},
		{`1`, "no text"},
		{`1,x,y,z`, "more fields than the header has"},
		{`1,"x"y,`, unmatched},
		{`1,"x`, unmatched},
		{`1,"x"",`, unmatched},
		{`"1,x`, unmatched},
		{`1,` + strings.Repeat("x", maxLine), "longer than 1 MiB"},
		{`1,"` + strings.Repeat("x", maxLine) + `"`, "longer than 1 MiB"},
	} {
		in := "id,text,lang\n\nbefore,\"two\nlines\",en\n" + c.row + "\nafter,\"a \"\"b\"\"\",\n"
		p := all(t, NewReader(strings.NewReader(in), "x.csv", now))
		if len(p.Bad) != 1 || p.Bad[0].Line != 5 || p.Bad[0].Reason != c.reason {
			t.Errorf("%.60s: got %v, want line 5: %s", c.row, p.Bad, c.reason)
		}
		if len(p.Items) != 2 || p.Items[0].Post.Text != "two\nlines" || p.Items[1].Post.Remote != "after" || p.Items[1].Post.Text != `a "b"` {
			t.Errorf("%.60s: reading did not go on: %+v", c.row, p.Items)
		}
	}
	for in, n := range map[string]int{
		"id,text\n1,5\" screen\n2,\"\"\n3,a\"b\"c\n": 2,
		"id,text\n1,\"x\"":                           1,
		"id,text\n1,\"x\"\r\n":                       1,
		"id,text\r\n1,x\r":                           1,
	} {
		if p := all(t, NewReader(strings.NewReader(in), "x.csv", now)); len(p.Items) != n {
			t.Errorf("%q: %d items, bad %v", in, len(p.Items), p.Bad)
		}
	}
}

func TestStreamsOfNoUse(t *testing.T) {
	for in, want := range map[string]string{
		"":                                    "[]",
		"\n \n":                               "[]",
		"\ufeff":                              "[]",
		"name,words\n1,x\n2,y\n":              "[{1 the header names no id and text; nothing below it was read}]",
		"plain words\nmore words":             "[{1 the header names no id and text; nothing below it was read}]",
		"[\n{\"id\":\"1\",\"text\":\"x\"}\n]": "[{1 not JSON at byte 2} {3 not JSON at byte 1}]",
	} {
		p := all(t, NewReader(strings.NewReader(in), "", now))
		if got := fmt.Sprint(p.Bad); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	if _, err := NewReader(strings.NewReader("\xff\xfei\x00d\x00"), "x.csv", now).ReadPage(1); !errors.Is(err, errUTF16) {
		t.Errorf("UTF-16: %v", err)
	}
	broken := errors.New("disk")
	r := NewReader(io.MultiReader(strings.NewReader("{\"id\":\"1\",\"text\":\"x\"}\n{\"id\":\"2\",\"te"), iotest.ErrReader(broken)), "", now)
	p, err := r.ReadPage(10)
	if !errors.Is(err, broken) || len(p.Items) != 1 || len(p.Bad) != 0 {
		t.Errorf("%v, %d items, bad %v", err, len(p.Items), p.Bad)
	}
}

func TestRepairedText(t *testing.T) {
	in := "{\"id\":\"1\",\"text\":\"caf\xe9 \xf0\x9f\"}\n{\"id\":\"2\",\"text\":\"half \\ud83d pair\"}\n{\"id\":\"3\",\"text\":\"whole \\ud83d\\ude00\"}\n{\"id\":\"4\",\"text\":\"\\udc00\\ud83d\\ude00\"}\n"
	p := all(t, NewReader(strings.NewReader(in), "", now))
	want := []string{"caf\uFFFD \uFFFD", "half \uFFFD pair", "whole 😀", "\uFFFD😀"}
	if p.Repaired != 3 || len(p.Items) != 4 {
		t.Fatalf("%d repaired, %d items, bad %v", p.Repaired, len(p.Items), p.Bad)
	}
	for i, w := range want {
		if got := p.Items[i].Post.Text; got != w {
			t.Errorf("got %q, want %q", got, w)
		}
	}
}

func TestAPageIsOldestFirst(t *testing.T) {
	in := `{"id":"3","text":"x","posted_at":"2026-03-01"}
{"id":"1","text":"x","posted_at":"2026-01-01"}
{"id":"1","text":"edited","posted_at":"2026-01-01","edited_at":"2026-01-03"}
{"id":"2","text":"x","posted_at":"2026-01-02"}`
	p, err := NewReader(strings.NewReader(in), "", now).ReadPage(10)
	if err != nil || p.More {
		t.Fatalf("%v, more %v", err, p.More)
	}
	var got []string
	for _, it := range p.Items {
		got = append(got, string(it.Post.Remote)+string(it.Kind))
	}
	if fmt.Sprint(got) != "[1seen 2seen 1edited 3seen]" {
		t.Errorf("got %v", got)
	}
}

func TestPositionAfterEachRecord(t *testing.T) {
	for name, in := range map[string]string{
		"x.jsonl": "{\"id\":\"1\",\"text\":\"x\"}\r\n\n{\"id\":\"2\",\"text\":\"y\"}\nbad\n{\"id\":\"3\",\"text\":\"z\"}",
		"x.csv":   "id,text\n1,\"x\ny\"\n2,y\r\n3,z",
	} {
		for _, cut := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
			r := NewReader(cut(strings.NewReader(in)), name, now)
			for {
				if _, err := r.next(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				if before := in[:r.Offset()]; strings.Count(before, "\n") != r.Line() && !r.open {
					t.Errorf("%s: offset %d is behind line %d", name, r.Offset(), r.Line())
				}
			}
			if r.Offset() != int64(len(in)) {
				t.Errorf("%s: ended at %d of %d", name, r.Offset(), len(in))
			}
		}
	}
}

func FuzzJSONL(f *testing.F) {
	for _, s := range []string{`{"id":"1","text":"x"}`, `{"id":1,"author":{"followers":1e3},"text":"\ud83d\ude00\u00e9"}`, `[1,{"a":null}]`, `{"id":"1","text":"x","text":2}`,
		"\xff", `-0.5e-7`, `{"a":01}`, `{"a":{}}`, `{"":[]}`, `{"author":{"handle":[[]]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.ReplaceAll(line, []byte("\n"), []byte(" "))
		if bytes.HasPrefix(line, []byte("\ufeff")) || bytes.HasPrefix(line, []byte{0xff, 0xfe}) || bytes.HasPrefix(line, []byte{0xfe, 0xff}) || bytes.Count(line, []byte("["))+bytes.Count(line, []byte("{")) > record.MaxDepth {
			return
		}
		p := all(t, NewReader(bytes.NewReader(line), "x.jsonl", now))
		if len(bytes.TrimSpace(line)) == 0 {
			if len(p.Items)+len(p.Bad) != 0 {
				t.Fatal("a blank line is nothing")
			}
			return
		}
		if len(p.Items)+len(p.Bad) != 1 {
			t.Fatalf("one line gave %d items and %d bad ones", len(p.Items), len(p.Bad))
		}
		syntax := len(p.Bad) == 1 && strings.HasPrefix(p.Bad[0].Reason, "not JSON")
		if json.Valid(bytes.ToValidUTF8(line, []byte("\uFFFD"))) == syntax {
			t.Fatalf("encoding/json: %v; we: %v", !syntax, p.Bad)
		}
		if len(p.Items) == 1 {
			checkAgainstJSON(t, line, p.Items[0].Post)
		}
	})
}

// checkAgainstJSON compares with what encoding/json makes of the line, as far
// as its rules are ours: it takes keys in any case and the last of several.
func checkAgainstJSON(t *testing.T, line []byte, p care.Post) {
	var m map[string]any
	if err := json.Unmarshal(bytes.ToValidUTF8(line, []byte("\uFFFD")), &m); err != nil {
		t.Fatal(err)
	}
	if want, ok := m["text"].(string); !ok || want != p.Text {
		t.Fatalf("text %q, want %q", p.Text, m["text"])
	}
	if want, ok := m["id"].(string); ok && care.Remote(strings.TrimSpace(want)) != p.Remote {
		t.Fatalf("id %q, want %q", p.Remote, want)
	}
	checkPost(t, p)
}

func checkPost(t *testing.T, p care.Post) {
	for _, s := range []string{p.Text, string(p.Remote), p.Author.ID, p.Author.Handle, p.Author.Name, p.URL, p.Language} {
		if !utf8.ValidString(s) {
			t.Fatalf("%q is not UTF-8", s)
		}
	}
	if p.Remote == "" || p.Thread == "" || p.Author.ID == "" || p.PostedAt.IsZero() || p.Author.Followers < 0 {
		t.Fatalf("incomplete: %+v", p)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"1,x\n2,y", "1,\"a\nb\"\n\"2,y\n3,z\n", "\"\"\"\",\"\"\n", "1,\"x\"\r\n", "1,\"", ",\"\"\"\n,\"\"\"\n", "\xff,\xfe\r"} {
		f.Add([]byte(s), byte(','))
		f.Add([]byte(strings.ReplaceAll(s, ",", ";")), byte(';'))
	}
	f.Fuzz(func(t *testing.T, body []byte, comma byte) {
		if comma != ',' && comma != ';' && comma != '\t' {
			return
		}
		in := append([]byte("id"+string(comma)+"text\n"), body...)
		whole := all(t, NewReader(bytes.NewReader(in), "x.csv", now))
		slow := all(t, NewReader(iotest.OneByteReader(bytes.NewReader(in)), "x.csv", now))
		if fmt.Sprint(whole) != fmt.Sprint(slow) {
			t.Fatalf("read at once and byte by byte differ:\n%v\n%v", whole, slow)
		}
		last := 1
		for _, b := range whole.Bad {
			if b.Line <= last || b.Line > bytes.Count(in, []byte("\n"))+1 || b.Reason == "" {
				t.Fatalf("bad lines %v", whole.Bad)
			}
			last = b.Line
		}
		for _, it := range whole.Items {
			checkPost(t, it.Post)
		}
	})
}

func lines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"id":"17%08d","text":"@acme my parcel %d never came and nobody answers, I was charged twice. What now? #fail","network":"x","author":{"handle":"user%d","name":"User %d","followers":%d},"lang":"en","posted_at":"2026-11-20T09:30:%02dZ","url":"https://x.example/i/%d","thread":"17%08d"}`+"\n",
			i, i, i%977, i%977, i%5000, i%60, i, i-i%3)
	}
	return b.Bytes()
}

func rows(n int) []byte {
	var b bytes.Buffer
	b.WriteString("id,text,network,author.handle,author.name,author.followers,lang,posted_at,url,thread\n")
	for i := range n {
		fmt.Fprintf(&b, `17%08d,"@acme my parcel %d never came and nobody answers, I was charged twice. What now? #fail",x,user%d,User %d,%d,en,2026-11-20T09:30:%02dZ,https://x.example/i/%d,17%08d`+"\n",
			i, i, i%977, i%977, i%5000, i%60, i, i-i%3)
	}
	return b.Bytes()
}

func benchmarkRead(b *testing.B, in []byte, name string) {
	n := 0
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(bytes.NewReader(in), name, now)
		for more := true; more; {
			p, err := r.ReadPage(1000)
			if err != nil || len(p.Bad) > 0 {
				b.Fatal(err, p.Bad)
			}
			n += len(p.Items)
			more = p.More
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkReadJSONL(b *testing.B) { benchmarkRead(b, lines(10_000), "x.jsonl") }

func BenchmarkReadCSV(b *testing.B) { benchmarkRead(b, rows(10_000), "x.csv") }

// BenchmarkReadJSONLStandard is the same work by encoding/json, for comparison.
func BenchmarkReadJSONLStandard(b *testing.B) {
	in := lines(10_000)
	b.SetBytes(int64(len(in)))
	n := 0
	for b.Loop() {
		for line := range bytes.Lines(in) {
			var v struct {
				ID, Text, Network, Lang, URL, Thread string
				Author                               struct {
					Handle, Name string
					Followers    int
				}
				PostedAt time.Time `json:"posted_at"`
			}
			if err := json.Unmarshal(line, &v); err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}

// The examples of the documentation are read as they stand there.
func TestTheDocumentationsExamples(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/import-format.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := bytes.Cut(doc, []byte("```json\n"))
	example, _, _ = bytes.Cut(example, []byte("```"))
	p := all(t, NewReader(bytes.NewReader(example), "", now))
	if len(p.Items) != 2 || len(p.Bad) != 0 || p.Items[0].Own || !p.Items[1].Own || p.Items[0].Post.Thread != p.Items[1].Post.Thread {
		t.Errorf("%+v", p)
	}
	for f := record.ID; f < record.Fields; f++ {
		if !bytes.Contains(doc, []byte("| `"+f.String()+"` |")) {
			t.Errorf("%s is not in the table", f)
		}
	}
	for column := range csvHeads {
		if !bytes.Contains(doc, []byte("`"+column+"`")) {
			t.Errorf("the column %s is not in the table", column)
		}
	}
}

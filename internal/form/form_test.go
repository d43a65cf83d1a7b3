package form

import (
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// fields are one of every kind; routes lie in one another.
func fields() []Field {
	node := []Field{{Name: "name", Kind: Text}, {Name: "when", Kind: Group, Fields: []Field{{Name: "mood", Kind: Words, Choices: []string{"calm", "angry"}}}}}
	node = append(node, Field{Name: "routes", Kind: Groups, Again: true})
	return []Field{
		{Name: "title", Kind: Text}, {Name: "text", Kind: Long}, {Name: "token", Kind: Secret}, {Name: "on", Kind: Yes}, {Name: "words", Kind: Words},
		{Name: "texts", Kind: Pairs}, {Name: "given", Kind: Pairs, Several: true}, {Name: "low", Kind: Group, Fields: []Field{{Name: "at", Kind: Text}}},
		{Name: "routes", Kind: Groups, Fields: node},
	}
}

func hostileTexts() []string {
	return []string{`<script>alert(1)</script>`, `"><img src=x>`, "a.b.c", "routes.0.name", "-", "\u202egnp", "%00", strings.Repeat("long ", 2000), "ünïcödé 🦊", `{{.}}`, "key: value\n- x"}
}

// sendAs is what a browser would send of a form that is shown.
func sendAs(asked []Asked, sent url.Values) {
	for _, a := range asked {
		switch {
		case a.Kind == Secret:
		case a.Kind == Yes:
			if a.On {
				sent.Set(a.Path, "on")
			}
		case len(a.Rows) > 0 || a.Kind == Groups || a.Kind == Pairs || a.Kind == Group:
			for _, r := range a.Rows {
				if a.Kind == Groups {
					sent.Set(r.Path+".", "1")
				}
				sendAs(r.Fields, sent)
			}
		case len(a.Ticks) > 0:
			for _, tick := range a.Ticks {
				if tick.On {
					sent.Add(a.Path, tick.Word)
				}
			}
		default:
			sent.Set(a.Path, strings.ReplaceAll(a.Value, "\n", "\r\n"))
		}
	}
}

// What is filled in comes back as it was, whatever it says.
func TestRoundTrip(t *testing.T) {
	for _, text := range append(hostileTexts(), "plain") {
		line := strings.TrimSpace(strings.ReplaceAll(text, "\n", " "))
		v := Values{
			"title": line, "text": text, "on": true, "words": []any{line, "second"}, "texts": Values{line: text, "de": "Hallo"}, "given": Values{"topic": []any{line, "b"}},
			"low": Values{"at": line}, "routes": []any{
				Values{"name": line, "routes": []any{Values{"when": Values{"mood": []any{"angry", line}}}, Values{"name": "c"}}},
				Values{"name": "b"},
			},
		}
		sent := url.Values{}
		sendAs(Ask(fields(), v, State{}), sent)
		if got := Read(fields(), sent); !reflect.DeepEqual(got, v) {
			t.Errorf("%.40q:\n%v\nbecame\n%v", text, v, got)
		}
	}
}

func TestReadLeavesOut(t *testing.T) {
	for name, sent := range map[string]url.Values{
		"nothing":            {},
		"spaces":             {"title": {"  "}, "text": {" \r\n "}, "words": {"\n \n"}, "low.at": {" "}},
		"empty rows":         {"routes.0.": {"1"}, "routes.1.": {"1"}, "texts.0.key": {""}, "texts.0.text": {" "}},
		"a row out of order": {"routes.7.": {"1"}, "routes.7.name": {"x"}},
		"fields of nobody":   {"other": {"x"}, "low.other": {"x"}, "routes.0.name": {"without its mark"}, "routes.-1.": {"1"}},
		"off":                {"on": {"off"}},
	} {
		if got := Read(fields(), sent); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Nobody can send more rows than are read.
func TestReadIsBounded(t *testing.T) {
	sent := url.Values{}
	for i := range most + 50 {
		row := "routes." + strconv.Itoa(i)
		sent.Set(row+".", "1")
		sent.Set(row+".name", "x")
	}
	if all := Read(fields(), sent)["routes"].([]any); len(all) != most {
		t.Errorf("%d rows", len(all))
	}
}

func TestArrange(t *testing.T) {
	three := func() Values {
		return Values{"routes": []any{Values{"name": "a"}, Values{"name": "b", "routes": []any{Values{"name": "x"}, Values{"name": "y"}}}, Values{"name": "c"}}}
	}
	for button, want := range map[string]struct{ order, at string }{
		"up:routes.1":            {"b(xy)ac", "routes.0"},
		"up:routes.0":            {"ab(xy)c", "routes.0"},
		"down:routes.1":          {"acb(xy)", "routes.2"},
		"down:routes.2":          {"ab(xy)c", "routes.2"},
		"drop:routes.1":          {"ac", "routes"},
		"add:routes":             {"ab(xy)c_", "routes.3"},
		"up:routes.1.routes.1":   {"ab(yx)c", "routes.1.routes.0"},
		"add:routes.0.routes":    {"a(_)b(xy)c", "routes.0.routes.0"},
		"drop:routes.1.routes.0": {"ab(y)c", "routes.1.routes"},
		"add:texts":              {"ab(xy)c", "texts"},
		"up:routes.9":            {"", ""}, "drop:routes": {"", ""}, "add:title": {"", ""}, "add:routes.9.routes": {"", ""}, "add:": {"", ""}, "save": {"", ""},
		"up:routes.-1": {"", ""}, "sideways:routes.1": {"", ""}, "add:routes.1.name.0": {"", ""}, "up:routes.99999999999999999999": {"", ""}, "up:texts.0": {"", ""},
	} {
		v := three()
		at, ok := Arrange(fields(), v, button)
		if at != want.at || ok != (want.at != "") {
			t.Errorf("%s: at %q, %v", button, at, ok)
		}
		if got := order(v["routes"]); ok && got != want.order {
			t.Errorf("%s: %s, want %s", button, got, want.order)
		}
	}
}

func order(rows any) string {
	var said strings.Builder
	for _, r := range list(rows) {
		m := r.(Values)
		if m["name"] == nil {
			said.WriteString("_")
		}
		said.WriteString(plain(m["name"]))
		if below := order(m["routes"]); below != "" {
			said.WriteString("(" + below + ")")
		}
	}
	return said.String()
}

// A draft keeps the rows that nobody has filled in yet; what is sent to be saved
// does not.
func TestDraftKeepsEmptyRows(t *testing.T) {
	sent := url.Values{"routes.0.": {"1"}, "routes.1.": {"1"}, "routes.1.name": {"b"}}
	if all := list(Draft(fields(), sent)["routes"]); len(all) != 2 {
		t.Errorf("a draft has %v", all)
	}
	if all := list(Read(fields(), sent)["routes"]); len(all) != 1 {
		t.Errorf("saved is %v", all)
	}
}

// What is amiss deep in a tree opens the way to it, and a row says what is in it.
func TestAskShowsWhatIsAmiss(t *testing.T) {
	v := Values{"routes": []any{Values{"name": "a"}, Values{"when": Values{"mood": []any{"angry"}}, "routes": []any{Values{"name": "x"}}}}}
	asked := Ask(fields(), v, State{Wrong: map[string]string{"routes.1.routes.0.when.mood": "no", "routes.0": "never reached", "token": "again"}, Kept: []string{"token"}, Held: []string{"token"}})
	routes := asked[8]
	if len(routes.Rows) != 2 || routes.Rows[0].Title != "a" || routes.Rows[0].Wrong != "never reached" || !routes.Rows[1].Open || routes.Rows[1].Title != "mood: angry" {
		t.Errorf("%+v", routes.Rows)
	}
	deep := routes.Rows[1].Fields[2].Rows[0]
	if !deep.Open || deep.Fields[1].Rows[0].Fields[0].Wrong != "no" {
		t.Errorf("%+v", deep)
	}
	if token := asked[2]; !token.Kept || !token.Held || token.Wrong != "again" || token.Value != "" {
		t.Errorf("%+v", token)
	}
	if open := Ask(fields(), v, State{})[8]; open.Rows[0].Open || open.Rows[1].Open {
		t.Error("rows are open of which there is nothing to say")
	}
}

// A secret is in nothing that is shown, wherever somebody put it.
func TestAskShowsNoSecret(t *testing.T) {
	for _, a := range Ask(fields(), Values{"token": "hush"}, State{}) {
		if a.Kind == Secret && a.Value != "" {
			t.Errorf("%+v", a)
		}
	}
}

// A list that is left out shows what is built in, and what nobody changed of it
// is left out again.
func TestBuiltInWordsAreShown(t *testing.T) {
	words := []Field{{Name: "by", Kind: Words, BuiltIn: []string{"why", "queue"}}}
	for got, want := range map[string]string{"": "why\nqueue", "case": "case"} {
		v := Values{}
		if got != "" {
			v["by"] = []any{got}
		}
		if a := Ask(words, v, State{})[0]; a.Value != want {
			t.Errorf("%q shows %q", got, a.Value)
		}
	}
	if a := Ask(words, nil, State{Fixed: map[string]string{"by": "amends.yaml, line 3"}})[0]; a.Value != "" {
		t.Errorf("what people wrote shows as %q", a.Value)
	}
	for sent, want := range map[string]int{"queue\nwhy": 0, "queue": 1, "": 0} {
		if v := Read(words, url.Values{"by": {sent}}); len(v) != want {
			t.Errorf("%q is read as %v", sent, v)
		}
	}
}

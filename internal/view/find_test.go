package view_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/view/search"
)

// A library is a house with a search over it.
type library struct {
	*house
	v  *view.View
	ix *search.Index
}

func newLibrary(t testing.TB) *library {
	t.Helper()
	l := &library{house: newHouse(t)}
	l.v = l.open(view.Options{})
	t.Cleanup(func() { l.v.Close() })
	l.ix = l.index()
	t.Cleanup(func() { l.ix.Close() })
	return l
}

func (l *library) folder() string { return filepath.Join(l.dir, "search") }

func (l *library) index() *search.Index {
	l.t.Helper()
	ix, err := search.Open(l.folder(), l.st, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return ix
}

// post brings a post by somebody; a complaint opens a case.
func (l *library) post(who, text string, complaint bool) {
	l.t.Helper()
	l.n++
	_, err := l.desk.Receive(l.t.Context(), desk.Arrivals{Source: "a", Read: 1, Items: []desk.Arrival{{
		What: desk.WasSeen, Verdict: &care.Verdict{Complaint: complaint}, Post: care.Post{
			Network: "file", Remote: care.Remote(fmt.Sprint(l.n)), Text: text, PostedAt: l.now, Author: care.Author{ID: who, Handle: who},
		}}}})
	if err != nil {
		l.t.Fatal(err)
	}
	l.now = l.now.Add(time.Minute)
}

// shown brings the view and the index up to date.
func (l *library) shown() {
	l.t.Helper()
	catchUp(l.t, l.v)
	if err := l.ix.CatchUp(l.t.Context()); err != nil {
		l.t.Fatal(err)
	}
}

func (l *library) search(q string) *view.Found {
	l.t.Helper()
	text, err := search.Parse(q, nil)
	if err != nil {
		l.t.Fatalf("%s: %v", q, err)
	}
	f, err := view.NewFinder(l.v, l.ix).Search(l.t.Context(), view.Search{Text: text})
	if err != nil {
		l.t.Fatalf("%s: %v", q, err)
	}
	return f
}

// texts are the snippets of the cases that a search finds, marks in brackets.
func texts(f *view.Found) (out []string) {
	for _, c := range f.Cases {
		s, at := "", 0
		for _, m := range c.Snippet.Marks {
			s += c.Snippet.Text[at:m.From] + "[" + c.Snippet.Text[m.From:m.To] + "]"
			at = m.To
		}
		out = append(out, s+c.Snippet.Text[at:])
	}
	return out
}

func (l *library) want(q string, want ...string) {
	l.t.Helper()
	if got := texts(l.search(q)); !slices.Equal(got, want) {
		l.t.Errorf("%s finds\n%q, want\n%q", q, got, want)
	}
}

// One complaint a language, found by a part of it that somebody would type.
func TestSearchInEveryLanguage(t *testing.T) {
	rows := []struct{ language, text, query, want string }{
		{"en", "Your couriers lost two umbrellas.", "umbrella", "Your couriers lost two [umbrellas]."},
		{"de", "Der Lieferungsverzug ist unerträglich.", "lieferung", "Der [Lieferungsverzug] ist unerträglich."},
		{"de", "Die Größe der Schuhe passt nicht.", "grosse schuhe", "Die [Größe] der [Schuhe] passt nicht."},
		{"fr", "L’appareil est cassé depuis l’été.", "appareil casse", "L’[appareil] est [cassé] depuis l’été."},
		{"es", "La contraseña caducó y nadie responde.", "contrasena", "La [contraseña] caducó y nadie responde."},
		{"pt", "A devolução não caiu na minha conta.", "devolucao", "A [devolução] não caiu na minha conta."},
		{"it", "Il rimborso non è più arrivato, perché?", "perche rimborso", "Il [rimborso] non è più arrivato, [perché]?"},
		{"nl", "De bezorger heeft mijn bestelling kwijtgemaakt.", "bestell", "De bezorger heeft mijn [bestelling] kwijtgemaakt."},
		{"pl", "Zgubiliście moją paczkę w Łodzi.", "lodz", "Zgubiliście moją paczkę w [Łodzi]."},
		{"sv", "Återbetalningen dröjer, jätteirriterande.", "aterbetalning", "[Återbetalningen] dröjer, jätteirriterande."},
		{"da", "Pengene er trukket to gange, øv.", "ov", "Pengene er trukket to gange, [øv]."},
		{"tr", "Kargom İzmir’de kayboldu, yazık.", "izmir yazik", "Kargom [İzmir]’de kayboldu, [yazık]."},
		{"ru", "Всё ещё жду возврата денег.", "все еще возврат", "[Всё] [ещё] жду [возврата] денег."},
		{"uk", "Посилка їде вже третій тиждень.", "посилк", "[Посилка] їде вже третій тиждень."},
		{"el", "Ο λογαριασμός χρεώθηκε δύο φορές.", "λογαριασμοσ", "Ο [λογαριασμός] χρεώθηκε δύο φορές."},
		{"ar", "الطَّلَبُ لم يصل إلى الآن.", "الطلب", "[الطَّلَبُ] لم يصل إلى الآن."},
		{"fa", "کالای من خراب رسید.", "كالاي", "[کالای] من خراب رسید."},
		{"he", "החבילה עדיין לא הגיעה.", "החבילה", "[החבילה] עדיין לא הגיעה."},
		{"hi", "मेरा पैसा वापस नहीं मिला।", "पैसा वापस", "मेरा [पैसा] [वापस] नहीं मिला।"},
		{"zh", "我的包裹三天了还没到。", "包裹", "我的[包裹]三天了还没到。"},
		{"ja", "返金がまだ届いていません。", "返金", "[返金]がまだ届いていません。"},
		{"ko", "배송이 너무 늦어요.", "배송", "[배송]이 너무 늦어요."},
		{"th", "สินค้าเสียหายมากค่ะ", "เสียหาย", "สินค้า[เสียหาย]มากค่ะ"},
		{"id", "Pesananku belum sampai juga.", "pesanan", "[Pesananku] belum sampai juga."},
		{"vi", "Đơn hàng của tôi bị thất lạc.", "don hang", "[Đơn] [hàng] của tôi bị thất lạc."},
	}
	l := newLibrary(t)
	for i, r := range rows {
		l.post(fmt.Sprint("author", i), r.text, true)
	}
	l.shown()
	for _, r := range rows {
		t.Run(r.language+" "+r.query, func(t *testing.T) {
			l.t = t
			if got := texts(l.search(r.query)); !slices.Contains(got, r.want) {
				t.Errorf("finds %q, want %q", got, r.want)
			}
		})
	}
}

func TestSearchForgivesTypos(t *testing.T) {
	l := newLibrary(t)
	l.post("ana", "The refund for my washing machine is missing.", true)
	l.post("bo", "Refunds are slow.", true)
	l.shown()
	for _, q := range []string{"refnud", "washing machnie", "wasching"} {
		f := l.search(q)
		if len(f.Cases) == 0 || !f.Near {
			t.Errorf("%s finds %d cases, near: %v", q, len(f.Cases), f.Near)
		}
	}
	if f := l.search("refund"); len(f.Cases) != 2 || f.Near {
		t.Errorf("refund finds %d cases, near: %v", len(f.Cases), f.Near)
	}
	if f := l.search("rtx"); len(f.Cases) != 0 { // three letters are too few to be forgiving
		t.Errorf("rtx finds %q", texts(f))
	}
}

func TestPhrases(t *testing.T) {
	l := newLibrary(t)
	l.post("ana", "Nobody answers the phone, and I want my money back.", true)
	l.post("bo", "The phone answers nobody.", true)
	l.shown()
	l.want(`"answers the phone"`, "Nobody [answers] [the] [phone], and I want my money back.")
	l.want(`"the phone answers"`, "[The] [phone] [answers] nobody.")
	if n := len(l.search("phone answers").Cases); n != 2 {
		t.Errorf("the words alone find %d", n)
	}
}

func TestWhatIsNamedComesFirst(t *testing.T) {
	l := newLibrary(t)
	l.post("kim", "my bill is wrong", true)
	l.post("ana.example", "kim says that the bill of kim.park is wrong too", true)
	l.post("kim.park", "no complaint at all", false)
	l.shown()
	f := l.search("@kim")
	if len(f.Cases) != 2 || !f.Cases[0].Exact || f.Cases[0].Snippet.Text != "my bill is wrong" || f.Cases[1].Exact {
		t.Errorf("@kim finds %+v", f.Cases)
	}
	if len(f.People) != 2 || f.People[0].Shown.Handle != "kim" || !f.People[0].Exact || f.People[1].Shown.Handle != "kim.park" {
		t.Errorf("people: %+v", f.People)
	}
	if len(f.Mentions) != 1 || f.Mentions[0].Mention.Post.Text != "no complaint at all" {
		t.Errorf("mentions: %+v", f.Mentions)
	}
	number := f.Cases[0].Row.Number
	if f := l.search(fmt.Sprint("#", number)); len(f.Cases) != 1 || !f.Cases[0].Exact || f.Cases[0].Row.Number != number {
		t.Errorf("by its number: %+v", f.Cases)
	}
}

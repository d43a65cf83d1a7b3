package email

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWhatTheCustomerWrote(t *testing.T) {
	for name, c := range map[string]struct{ plain, want string }{
		"nothing to cut":          {"It leaks.\n\nAna", "It leaks.\n\nAna"},
		"Gmail":                   {"Still nothing.\n\nOn Mon, 16 Nov 2026 at 09:12, Acme Care <care@acme.example> wrote:\n\n> We are on it.\n> Bye", "Still nothing."},
		"Gmail, broken line":      {"Still nothing.\n\nOn Mon, 16 Nov 2026 at 09:12, Acme Care\n<care@acme.example>\nwrote:\n> We are on it.", "Still nothing."},
		"German":                  {"Es tropft.\n\nAm 16.11.2026 um 09:12 schrieb Acme Care:\n> Wir sind dran.", "Es tropft."},
		"German, Gmail":           {"Es tropft.\n\nAm Mo., 16. Nov. 2026 um 09:12 Uhr schrieb Acme <care@acme.example>:\n\n> Hallo", "Es tropft."},
		"French":                  {"Toujours rien.\n\nLe 16/11/2026 à 09:12, Acme Care a écrit :\n> Bonjour", "Toujours rien."},
		"Spanish":                 {"Nada.\n\nEl lun, 16 nov 2026 a las 9:12, Acme (<care@acme.example>) escribió:\n> Hola", "Nada."},
		"Italian":                 {"Niente.\n\nIl giorno lun 16 nov 2026 alle ore 09:12 Acme <care@acme.example> ha scritto:\n> Ciao", "Niente."},
		"Dutch":                   {"Niets.\n\nOp ma 16 nov. 2026 om 09:12 schreef Acme <care@acme.example>:\n> Hoi", "Niets."},
		"Russian":                 {"Ничего.\n\nпн, 16 нояб. 2026 г. в 09:12, Acme <care@acme.example> написал:\n> Привет", "Ничего."},
		"Japanese":                {"届きません。\n\n2026年11月16日(月) 9:12 Acme <care@acme.example> のメール:\n> はい", "届きません。"},
		"introduction, no marks":  {"Still nothing.\n\nOn 16 Nov 2026, at 09:12, Acme <care@acme.example> wrote:\n\nWe are on it.", "Still nothing."},
		"Outlook":                 {"Still nothing.\n\n________________________________\nFrom: Acme Care <care@acme.example>\nSent: Monday, 16 November 2026 09:12\nTo: Ana\nSubject: Re: kettle\n\nWe are on it.", "Still nothing."},
		"Outlook, German":         {"Es tropft.\n\nVon: Acme <care@acme.example>\nGesendet: Montag, 16. November 2026 09:12\nAn: Ana\nBetreff: AW: Kessel\n\nHallo", "Es tropft."},
		"original message":        {"Still nothing.\n\n-----Original Message-----\nFrom: Acme\n\nHello", "Still nothing."},
		"ursprüngliche Nachricht": {"Es tropft.\n\n-------- Ursprüngliche Nachricht --------\nBetreff: x", "Es tropft."},
		"answers in between":      {"> When did you buy it?\nIn May.\n\n> Which model?\nThe blue one.", "In May.\n\nThe blue one."},
		"answer below":            {"On Mon, 16 Nov 2026 at 09:12, Acme <care@acme.example> wrote:\n> Is it solved?\n\nNo, it is not.", "No, it is not."},
		"signature":               {"It leaks.\n-- \nAna Example\nHead of Kettles", "It leaks."},
		"signature of two dashes": {"It leaks.\n--\nAna", "It leaks."},
		"telephone":               {"It leaks.\n\nSent from my iPhone", "It leaks."},
		"telephone, German":       {"Es tropft.\n\nVon meinem iPhone gesendet\n", "Es tropft."},
		"telephone in a sentence": {"It leaks.\n\nSent from my shop last week it arrived broken, and nobody there or at your hotline wants to do anything about it at all.", "It leaks.\n\nSent from my shop last week it arrived broken, and nobody there or at your hotline wants to do anything about it at all."},
		"only history":            {"> We are on it.\n> Bye", "> We are on it.\n> Bye"},
		"only a signature":        {"-- \nAna", "-- \nAna"},
		"empty":                   {" \n\n", ""},
		"he wrote, no quote":      {"On Monday your colleague wrote: we are on it.\nThat was a lie.", "On Monday your colleague wrote: we are on it.\nThat was a lie."},
		"their own words":         {"On 16 Nov 2026 at 09:12 I wrote:\n\nit leaks.", "On 16 Nov 2026 at 09:12 I wrote:\n\nit leaks."},
		"from in a list":          {"My order:\nFrom: Berlin\nTo: Hamburg\nIt never came.", "My order:\nFrom: Berlin\nTo: Hamburg\nIt never came."},
		"dashes in the text":      {"It leaks --\nbadly", "It leaks --\nbadly"},
		"white space stays":       {"a\tb  c\n   d", "a\tb  c\n   d"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := written(c.plain, ""); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTextOfHTML(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"paragraphs":   {"<p>It leaks.</p><p>Ana &amp; Ben</p>", "It leaks.\n\nAna & Ben"},
		"lines":        {"<div>one</div><div>two<br>three</div>", "one\ntwo\nthree"},
		"spaces":       {"<p>one\n  <b>two</b>three  <i> four</i></p>", "one twothree four"},
		"unseen":       {"<html><head><title>T</title><style>p{}</style></head><body><script>x()</script>it <span style='display: none'>hidden</span>leaks</body>", "it leaks"},
		"Gmail":        {`<div dir="ltr">No.</div><div class="gmail_quote"><div class="gmail_attr">On Monday, Acme wrote:</div><blockquote>We are on it</blockquote></div>`, "No."},
		"Apple":        {`No.<br><blockquote type="cite"><div>We are<blockquote type="cite">deep</blockquote>on it</blockquote>`, "No."},
		"Outlook":      {`<p>No.</p><hr><div id="divRplyFwdMsg"><b>From:</b> Acme</div><p>We are on it</p>`, "No."},
		"in between":   {`<blockquote type="cite">When?</blockquote>In May.<blockquote type="cite">Which?</blockquote>The blue one.`, "In May.\n\nThe blue one."},
		"only history": {`<div class="gmail_quote">We are on it</div>`, "We are on it"},
		"markup":       {"a &lt;script&gt;alert(1)&lt;/script&gt; b", "a <script>alert(1)</script> b"},
		"table":        {"<table><tr><td>Order</td><td>7</td></tr><tr><td>Item</td><td>Kettle</td></tr></table>", "Order 7\nItem Kettle"},
		"broken":       {"<p>one<p>two</b></div><a href='", "one\n\ntwo"},
		"unclosed":     {"one <style>two", "one"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := written("", c.page); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func FuzzWritten(f *testing.F) {
	f.Add("On Mon, 16 Nov 2026 at 09:12, x@y.example wrote:\n> a\n\nb\n-- \nc", "")
	f.Add("", `<div>No.</div><blockquote type="cite">x</blockquote><style>`)
	f.Fuzz(func(t *testing.T, plain, page string) {
		plain, page = strings.ToValidUTF8(plain, "?"), strings.ToValidUTF8(page, "?")
		got := written(plain, page)
		if !utf8.ValidString(got) {
			t.Errorf("%q is not UTF-8", got)
		}
		if got == "" && strings.TrimSpace(plain) != "" {
			t.Error("a text was lost whole")
		}
	})
}

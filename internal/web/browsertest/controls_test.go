package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// mine opens a case that nobody has, on a network that takes our answers, and
// takes it.
func (p *tab) mine() string {
	p.t.Helper()
	id := p.free()
	p.show("/cases/" + id)
	p.until(`!!document.querySelector('.post') && !!document.querySelector('.comp textarea')`)
	p.press("i")
	p.until(`document.querySelector('.toast')?.innerText.includes('You took')`)
	p.clear("a case that was taken")
	return id
}

// ctrl presses a key with Ctrl.
func (p *tab) ctrl(key string) {
	p.t.Helper()
	p.press(key, chromedp.KeyModifiers(chromedp.ModifierCtrl))
}

// write puts a text into the box for an answer, by its key.
func (p *tab) write(text string) {
	p.t.Helper()
	p.press("r")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.ctrl("a")
	p.press("\b")
	p.press(text)
	p.until(fmt.Sprintf(`document.querySelector('.comp textarea').value === %q`, text))
}

// more runs an act of the menu by typing a part of its name.
func (p *tab) more(name string) {
	p.t.Helper()
	p.press("o")
	p.until(`!!document.querySelector('dialog[open] .pal')`)
	p.press(name)
	p.until(fmt.Sprintf(`document.querySelector('[role=option][aria-selected=true]')?.innerText.toLowerCase().includes(%q)`, strings.ToLower(name)))
	p.press("\r")
}

// says waits until a part of the page says something.
func (p *tab) says(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.innerText.includes(%q))`, selector, text))
}

// A macro is found by typing, filled in for this case, and what goes with it
// shows before it is sent and is done with it.
func TestMacroByKeyboard(t *testing.T) {
	p := open(t, "Mac Row", "agent", "/queue", 1440, 900)
	p.mine()
	p.press("r")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("/")
	p.until(`!!document.querySelector('dialog[open] .pal')`)
	p.press("look into")
	p.press("\r")
	p.until(`document.querySelector('.comp textarea').value.includes('Mac Row') && !document.querySelector('.comp textarea').value.includes('{')`)
	p.says(".with", "looking")
	p.says(".with", "the case stays with you")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.check("controls-macro")
	p.ctrl("\r")
	p.says(".ours .chip", "waiting to be sent")
	p.says(".tags", "looking")
	p.says(".prom", "a day")
}

// Advice is given while one writes, and only personal details can't be sent,
// unless they are our own.
func TestAdviceByKeyboard(t *testing.T) {
	p := open(t, "Ad Vice", "agent", "/queue", 1440, 900)
	p.mine()
	p.write("What is your account number?")
	p.says(".checks", "Asks for personal details in public: your account number")
	p.write("Please call 0800 123 4567 and we look at it.")
	p.says(".checks", "Personal details in public: 0800 123 4567")
	p.until(`document.querySelector('.cf .btn').disabled`)
	p.check("controls-advice")
	p.press("\t") // to “They are ours”
	p.until(`document.activeElement.innerText === 'They are ours'`)
	p.press("\r")
	p.until(`!document.querySelector('.cf .btn').disabled`)
	p.write("{customer.name}, we are sorry about this.")
	p.says(".checks", "A placeholder is still in it")
	p.until(`document.querySelector('.cf .btn').disabled`)
	p.write("")
}

// A promise is offered while it is written, taken with one key, and kept with
// the answer; its time is the customer's, with ours beside it.
func TestPromiseOfferByKeyboard(t *testing.T) {
	p := open(t, "Pro Mise", "agent", "/queue", 1440, 900)
	p.mine()
	p.more("Note something")
	p.until(`document.querySelector('dialog[open] input')?.placeholder === 'Note something about them'`)
	p.press("time zone")
	p.press("\r")
	p.until(`document.querySelector('dialog[open] input')?.placeholder === 'Time zone'`)
	p.press("Tokyo")
	p.press("\r")
	p.says(".cu", "Asia/Tokyo")
	p.write("I am sorry. I will write to you by tomorrow evening.")
	p.says(".offer", "for them,")
	p.check("controls-offer")
	p.ctrl(".")
	p.says(".offer.on", "Tracked once sent")
	p.ctrl("\r")
	p.says(".ours .chip", "waiting to be sent")
	p.says(".prom", "by tomorrow evening")
	// It will not be in time: they are told first.
	p.press("\x1b")
	p.eval(`[...document.querySelectorAll('.prom .btn')].find(b => b.innerText.includes('later time')).focus()`)
	p.press("\r")
	p.says("dialog[open]", "Tell them first")
	p.check("controls-later")
	p.eval(`document.querySelector('dialog[open] .pri').focus()`)
	p.press("\r")
	p.says(".toast", "New time noted")
}

// What a rule holds back waits for a lead, who finds it in a list, and whose no
// comes with its reason.
func TestApprovalByKeyboard(t *testing.T) {
	p := open(t, "Ag Ent", "agent", "/queue", 1440, 900)
	lead := open(t, "Lea Der", "lead", "/approve", 1440, 900)
	id := p.mine()
	p.write("We offer you a compensation for this.")
	p.says(".checks", "A lead looks at it first (compensation)")
	p.ctrl("\r")
	p.says(".ours .chip", "waits for a lead")
	p.says(".ours", "A lead has to say yes")

	lead.show("/approve")
	lead.until(fmt.Sprintf(`!!document.querySelector('.row[data-case="%s"]')`, id))
	lead.check("controls-approve-list")
	lead.show("/cases/" + id)
	lead.says(".ours", "Held back by the rule compensation")
	lead.check("controls-approve")
	lead.eval(`[...document.querySelectorAll('.ours .offer .btn')].find(b => b.innerText === 'Do not approve').focus()`)
	lead.press("\r")
	lead.until(`document.activeElement.tagName === 'TEXTAREA' && !!document.querySelector('dialog[open]')`)
	lead.press("Say what kind of compensation.")
	lead.press("\t")
	lead.press("\t")
	lead.press("\r")
	p.says(".ours .chip", "not approved")
	p.says(".ours", "Say what kind of compensation.")
}

// Goodwill within the limit is given, above it a lead is asked.
func TestGoodwillByKeyboard(t *testing.T) {
	p := open(t, "Gus Giver", "agent", "/queue", 1440, 900)
	lead := open(t, "Lia Decides", "lead", "/queue", 1440, 900)
	id := p.mine()
	give := func(amount string) {
		p.t.Helper()
		p.more("Give goodwill")
		p.until(`document.activeElement.inputMode === 'decimal'`)
		p.press(amount)
		p.press("\t")
		p.press("\t")
		p.press("\t")
		p.press("Three days without a line.")
		p.press("\t")
		p.press("\t")
		p.press("\r")
	}
	give("12,50")
	p.says(".toast", "Given:")
	p.says(".cu", "€12.50")
	p.more("Give goodwill")
	p.says("dialog[open]", "you may give €7.50 without asking")
	p.check("controls-goodwill")
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)
	give("80")
	p.says(".toast", "A lead is asked")
	lead.show("/cases/" + id)
	lead.says(".cu", "€80")
	lead.eval(`[...document.querySelectorAll('.cu .btn')].find(b => b.innerText === 'Say yes').focus()`)
	lead.press("\r")
	lead.says(".toast", "Given:")
	p.until(`![...document.querySelectorAll('.cu .chip')].some(e => e.innerText === 'asked for')`)
}

// Following, friction, a link to another case, a legal hold and waiting on
// others are in one menu.
func TestTogetherByKeyboard(t *testing.T) {
	p := open(t, "Tog Ether", "lead", "/queue", 1440, 900)
	other := value[string](p, `fetch('/api/v1/cases?state=needs&limit=200').then(r => r.json()).then(l => String(l.cases.at(-1).number))`)
	p.mine()
	p.press("o")
	p.until(`!!document.querySelector('dialog[open] .pal')`)
	p.check("controls-more")
	p.press("\x1b")
	p.until(`!document.querySelector('dialog')`)
	p.more("Follow this case")
	p.says(".cu", "Tog Ether")
	p.more("stands in the way")
	p.until(`document.activeElement.tagName === 'SELECT'`)
	p.press("\t")
	p.press("The limit is too low.")
	p.press("\t")
	p.press("\t")
	p.press("\r")
	p.says(".cu", "The limit is too low.")
	p.more("Link to another case")
	p.until(`document.querySelector('dialog[open] input')?.placeholder.startsWith('Which case')`)
	p.press(other)
	p.press("\r")
	p.says(".cu", "case "+other)
	p.more("Keep for a court")
	p.until(`document.activeElement.tagName === 'TEXTAREA'`)
	p.press("A letter of their lawyer.")
	p.press("\t")
	p.press("\t")
	p.press("\r")
	p.says(".strip-note", "Kept for a court")
	p.check("controls-together")
	for _, list := range []string{"following", "friction", "held"} {
		p.show("/" + list)
		p.until(`document.querySelectorAll('.row').length >= 1`)
	}
}

// Long and right-to-left texts, a phone: nothing is wider than the screen.
func TestControlsOnAPhone(t *testing.T) {
	p := open(t, "Pho Ne", "lead", "/queue", 390, 844)
	p.show("/cases/" + p.free())
	p.until(`!!document.querySelector('.comp textarea')`)
	narrow := func(where string) {
		t.Helper()
		if wide := value[int](p, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("%s is %d wide", where, wide)
		}
	}
	p.write("I will write to you by tomorrow evening. نحن آسفون جدا. سأكتب إليك. " + strings.Repeat("a", 300) + " What is your account number? 0800 123 4567 compensation")
	p.says(".checks", "Personal details")
	p.says(".offer", "by tomorrow")
	narrow("the composer")
	p.check("controls-phone")
	p.press("\x1b")
	p.press("o")
	p.until(`!!document.querySelector('dialog[open] .pal')`)
	p.check("controls-phone-more")
	p.press("goodwill")
	p.press("\r")
	p.until(`!!document.querySelector('dialog[open] .ask')`)
	narrow("a form")
	p.check("controls-phone-form")
	p.press("\x1b")
	p.theme("dark")
	p.check("controls-phone-dark")
}

package telegram

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/networktest"
)

// A world is the simulator behind a wire that breaks. People write in a group.
type world struct {
	*networktest.Wire
	t      testing.TB
	sim    *sim
	driver network.Driver
	page   int
}

func newWorld(t testing.TB, page int) *world {
	s := newSim(t)
	return &world{Wire: networktest.NewWire(t, s), t: t, sim: s, driver: Driver(), page: page}
}

func settings() *Settings { return &Settings{Token: testToken, Host: "https://api.telegram.org"} }

func (w *world) account() *Account {
	w.t.Helper()
	opened, err := w.driver.Open(settings(), network.NewClient(network.Options{Base: w.Wire}))
	if err != nil {
		w.t.Fatal(err)
	}
	account := opened.(*Account)
	account.page = w.page
	return account
}

func (w *world) Account() network.Account { return w.account() }

func (w *world) Post(p networktest.Post) care.Remote {
	m := inGroup(cmp.Or(p.Author, "ana"), p.Text)
	if p.InReplyTo != "" {
		chat, id, _ := parseRemote(p.InReplyTo)
		parent := w.sim.messages[chat][id]
		m.ThreadID = cmp.Or(parent.ThreadID, parent.ID)
		parent.ReplyTo = nil // no deeper than one
		m.ReplyTo = &parent
	}
	m = w.sim.say(m)
	return remote(m.Chat.ID, m.ID)
}

func inGroup(author, text string) message {
	m := message{From: person(author), Chat: chat{ID: group, Type: "supergroup", Title: "Kettles", Username: "kettles"}, Date: time.Now().Unix()}
	m.Text, m.Entities = named(text)
	return m
}

func private(author, text string) message {
	u := person(author)
	return message{From: u, Chat: chat{ID: u.ID, Type: "private", Username: u.Username}, Date: time.Now().Unix(), Text: text}
}

func (w *world) Edit(id care.Remote, text string) {
	chat, message, _ := parseRemote(id)
	text, _ = named(text)
	w.sim.edit(chat, message, text)
}

func (w *world) Delete(care.Remote) { w.t.Fatal("nobody is told of deletions") }

func (w *world) Sent() []care.Answer {
	var all []care.Answer
	for _, m := range w.sim.sent {
		all = append(all, care.Answer{To: care.Post{Remote: remote(m.chat, m.to)}, Text: m.text})
	}
	return all
}

func traits() networktest.Traits {
	return networktest.Traits{
		Page: 3, Edits: networktest.OnPoll, Forgets: true, Blind: true, Secrets: []string{testToken, "hush-telegram"},
		// A silent network is met in TestSilence, where no clock decides.
		Faults: slices.DeleteFunc(networktest.HTTPFaults(), func(f networktest.Fault) bool {
			return f == networktest.Silent || f == networktest.Stalled
		}),
	}
}

func TestDriver(t *testing.T) {
	networktest.Run(t, traits(), func(t *testing.T) networktest.World { return newWorld(t, 3) })
}

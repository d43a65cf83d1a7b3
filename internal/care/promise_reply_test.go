package care_test

import (
	"testing"

	"github.com/amends-care/amends/internal/care"
)

// What a reply promises is promised only if it is sent; while nobody knows, it
// is. By itself a promise stands, whatever becomes of any reply.
func TestAPromiseIsMadeWithItsReply(t *testing.T) {
	wrote := on(4, "agent/ada",
		care.ReplyRequested{Reply: 2, To: "m1", Key: "k", Then: care.ThenKeep, Approval: "money"},
		care.PromiseMade{Promise: 3, DueAt: minute(60), Owner: "ada", What: "call", Reply: 2},
		care.PromiseMade{Promise: 4, DueAt: minute(90), Owner: "ada", What: "write", Reply: 2})
	alone := on(3, "agent/ada", care.PromiseMade{Promise: 1, DueAt: minute(99), Owner: "ada"})
	attempted := on(6, care.ByOutbox, care.ReplyAttempted{Reply: 2, Try: 1})
	unknown := on(7, care.ByOutbox, care.ReplyUnknown{Reply: 2, Why: "timeout"})
	failed := on(8, care.ByOutbox, care.ReplyFailed{Reply: 2, Why: "refused"})
	undone := on(5, "agent/ada", care.ReplyUndone{Reply: 2})
	for _, c := range []struct {
		name    string
		history []step
		open    int
		first   int // minute by which the first of them is due
	}{
		{"asked for", nil, 3, 60},
		{"undone", []step{undone}, 1, 99},
		{"refused by a lead", []step{on(5, "agent/lea", care.ReplyRefused{Reply: 2, Note: 5})}, 1, 99},
		{"approved", []step{on(5, "agent/lea", care.ReplyApproved{Reply: 2})}, 3, 60},
		{"under way", []step{attempted}, 3, 60},
		{"put off", []step{attempted, on(7, care.ByOutbox, care.ReplyDelayed{Reply: 2, Until: minute(20)})}, 3, 60},
		{"nobody knows", []step{attempted, unknown}, 3, 60},
		{"it was not sent after all", []step{attempted, unknown, failed}, 1, 99},
		{"failed", []step{attempted, failed}, 1, 99},
		{"sent", []step{attempted, on(7, care.ByOutbox, care.ReplySent{Reply: 2, VisibleAt: minute(7)})}, 3, 60},
		{"another reply was undone", []step{on(5, "agent/ada", care.ReplyUndone{Reply: 9})}, 3, 60},
		{"the customer was told of a new time of one before it failed", []step{
			on(5, "agent/ada", care.PromiseRenegotiated{Promise: 3, DueAt: minute(80), Told: true}), attempted, failed}, 2, 80},
		{"it had another time, and nobody was told", []step{
			on(5, "agent/ada", care.PromiseRenegotiated{Promise: 3, DueAt: minute(80)}), attempted, failed}, 1, 99},
		{"one had slipped before it failed", []step{on(61, care.ByClock, care.PromiseSlipped{Promise: 3, At: minute(60)}), failed}, 1, 99},
		{"one was called kept before it was undone", []step{on(5, "agent/ada", care.PromiseKept{Promise: 3}), undone}, 1, 99},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := fold(t, "c1", append([]step{opened(), alone, wrote}, c.history...)...)
			row := x.Row()
			expect(t, "listed", row.Promises, c.open)
			expect(t, "the first by", row.Promise, minute(c.first))
		})
	}
}

// A case rests once it is resolved if what was promised was never said.
func TestWhatWasNeverSaidKeepsNoCase(t *testing.T) {
	c := fold(t, "c1", opened(),
		on(4, "agent/ada", care.ReplyRequested{Reply: 1, To: "m1", Key: "k", Then: care.ThenKeep}, care.PromiseMade{Promise: 2, DueAt: minute(60), Owner: "ada", Reply: 1}),
		on(5, "agent/ada", care.ReplyUndone{Reply: 1}), on(6, "agent/ada", care.Resolved{Disposition: "solved"}))
	at, ok := c.RestsSince()
	expect(t, "it rests", ok, true)
	expect(t, "since", at, minute(6))
	_, err := c.KeepPromise(2)
	expectCode(t, err, care.NotFound)
}

// In random histories a promise leaves its case with its reply, and no other way.
func TestRandomPromisesInReplies(t *testing.T) {
	gone := 0
	for seed := range uint64(25) {
		h := newHistory(t, seed)
		h.saying = true
		h.check = func(before, after *care.Case) { invariants(t, h, before, after) }
		h.run(200)
		replayEqualsLive(t, h)
		alarmsRunOut(t, h)
		gone += h.unsaid()
	}
	if gone == 0 {
		t.Error("no promise ever went with its reply: the histories don't reach it")
	}
}

// unsaid counts the promises that went with a reply.
func (h *history) unsaid() (n int) {
	for _, id := range h.ids {
		for _, r := range h.log[id] {
			for _, e := range r.Events {
				if p, ok := e.(care.PromiseMade); ok && h.of(id).Promise(p.Promise) == nil {
					n++
				}
			}
		}
	}
	return n
}

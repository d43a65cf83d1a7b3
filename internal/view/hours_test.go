package view_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/desk"
	"github.com/amends-care/amends/internal/view"
)

// said has n people complain at the present hour.
func (h *house) said(topic string, n int) {
	h.t.Helper()
	var items []desk.Arrival
	for range n {
		h.n++
		items = append(items, desk.Arrival{What: desk.WasSeen, Verdict: &care.Verdict{Complaint: true, Labels: care.Labels{Topic: topic, Language: "en"}}, Post: care.Post{
			Network: "file", Remote: care.Remote(fmt.Sprint(h.n)), Text: "words", PostedAt: h.now, Author: care.Author{ID: fmt.Sprint("author", h.n)},
		}})
	}
	if _, err := h.desk.Receive(h.t.Context(), desk.Arrivals{Source: "s", Brand: "acme", Items: items, Read: n}); err != nil {
		h.t.Fatal(err)
	}
}

func TestHoursAreCountedAndForgotten(t *testing.T) {
	h := newHouse(t)
	v := h.open(view.Options{})
	defer v.Close()
	first := h.now
	for range 8 * 7 {
		h.said("outage", 2)
		h.said("billing", 1)
		h.now = h.now.Add(24 * time.Hour)
		catchUp(t, v) // in many groups: a rebuild has others
	}
	names, err := v.Series("")
	if err != nil || fmt.Sprint(names) != "[brand/acme language/acme/en source/s topic/acme/billing topic/acme/outage]" {
		t.Fatalf("series %v, %v", names, err)
	}
	old, err := v.Hours("topic/acme/outage", first, 24*7)
	if err != nil {
		t.Fatal(err)
	}
	late, err := v.Hours("brand/acme", h.now.Add(-48*time.Hour), 48)
	if err != nil {
		t.Fatal(err)
	}
	sum := func(ns []int) (n int) {
		for _, x := range ns {
			n += x
		}
		return n
	}
	if sum(old) != 0 || sum(late) != 6 || late[0] != 3 {
		t.Errorf("eight weeks ago %d, in the last two days %d: %v", sum(old), sum(late), late)
	}
	since, err := v.Counting()
	if err != nil || h.now.Sub(since) < 42*24*time.Hour || h.now.Sub(since) > 45*24*time.Hour {
		t.Errorf("counted since %v: %v", h.now.Sub(since), err)
	}
	if _, found, err := v.Verify(t.Context()); err != nil || len(found) > 0 {
		t.Errorf("a rebuild differs: %v, %v", found, err)
	}
}

package care_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/amends-care/amends/internal/care"
)

func TestIDsAreInTheOrderOfTime(t *testing.T) {
	type key struct {
		ms      int64
		counter uint32
	}
	r := rand.New(rand.NewPCG(1, 1))
	ids := map[string]key{}
	var all []string
	for range 5000 {
		k := key{start.UnixMilli() + r.Int64N(1000)*pick(r, []int64{1, 86_400_000}), pick(r, []uint32{0, 1, 255, 256, r.Uint32(), math.MaxUint32})}
		var chance [5]byte
		for i := range chance {
			chance[i] = byte(r.Uint32())
		}
		id := care.TimeID(time.UnixMilli(k.ms), k.counter, chance)
		if len(id) != 24 {
			t.Fatalf("%q has %d characters", id, len(id))
		}
		if other, twice := ids[id]; twice {
			t.Fatalf("%q is the id of %v and of %v", id, other, k)
		}
		ids[id] = k
		all = append(all, id)
		at, ok := care.IDTime(id)
		if !ok || at.UnixMilli() != k.ms || at.Location() != time.UTC {
			t.Fatalf("%q is of %v, want %v", id, at, k.ms)
		}
		if floor := care.TimeFloor(at); floor > id {
			t.Fatalf("the floor %q is above %q", floor, id)
		}
		if next := care.TimeFloor(at.Add(time.Millisecond)); next <= id {
			t.Fatalf("the next floor %q is not above %q", next, id)
		}
	}
	slices.Sort(all)
	if !slices.IsSortedFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(ids[a].ms, ids[b].ms), cmp.Compare(ids[a].counter, ids[b].counter))
	}) {
		t.Error("ids in the order of letters are not in the order of time")
	}
}

func TestIDTime(t *testing.T) {
	good := care.TimeID(start, 7, [5]byte{1, 2, 3, 4, 5})
	for id, want := range map[string]bool{
		good: true, "": false, good[:23]: false, good + "0": false, good[:23] + "\n": false, good[:22] + "\r\n": false,
		"UPPERCASEUPPERCASEUPPERC": false, "iiiiiiiiiiiiiiiiiiiiiiii": false, "zzzzzzzzzzzzzzzzzzzzzzzz": true, care.TimeFloor(time.Time{}): true,
	} {
		if _, ok := care.IDTime(id); ok != want {
			t.Errorf("%q is an id: %v, want %v", id, ok, want)
		}
	}
	if at, _ := care.IDTime(care.TimeFloor(time.Time{})); at.UnixMilli() != 0 {
		t.Errorf("an id of no time is of %v", at)
	}
}

func TestActors(t *testing.T) {
	for a, want := range map[care.Actor]care.AgentID{
		care.ByAgent("ada"): "ada", care.ByIntake: "", care.ByClock: "", care.ByOutbox: "", "token/crm": "", "cli/root": "", "agent/": "", "": "",
	} {
		if of := want != "" || a == "token/crm" || a == "cli/root"; a.OfTeam() != of {
			t.Errorf("%q is of the team: %v", a, !of)
		}
		if got := a.Agent(); got != want {
			t.Errorf("%q is done by %q, want %q", a, got, want)
		}
	}
}

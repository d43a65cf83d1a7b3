package network_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

func TestLookEach(t *testing.T) {
	var asked []care.Remote
	look := func(id care.Remote) (network.Item, error) {
		asked = append(asked, id)
		switch id {
		case "gone":
			return network.Item{}, network.Gone.Because("it is not there")
		case "shut":
			return network.Item{}, network.Refused.Because("a permission is missing")
		}
		return network.Item{Kind: network.Seen, Post: care.Post{Network: "here", Remote: id}}, nil
	}
	ids := []care.Remote{"1", "gone", "1", "2", "gone"}
	items, err := network.LookEach("here", ids, look)
	if err != nil || len(items) != len(ids) || !slices.Equal(asked, []care.Remote{"1", "gone", "2"}) {
		t.Fatalf("%v, asked for %v: %+v", err, asked, items)
	}
	for i, it := range items {
		if it.Post.Remote != ids[i] || it.Post.Network != "here" || (it.Kind == network.Deleted) != (ids[i] == "gone") {
			t.Errorf("%d: %+v", i, it)
		}
	}
	items, err = network.LookEach("here", []care.Remote{"1", "shut"}, look)
	if e, ok := errors.AsType[*network.Error](err); !ok || e.Fault != network.Refused || items != nil {
		t.Errorf("%v: %+v", err, items)
	}
}

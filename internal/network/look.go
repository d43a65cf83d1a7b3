package network

import "github.com/amends-care/amends/internal/care"

// LookEach is a [Looker]'s Look on a network that tells of one post at a time:
// look reads each id once. One whose reading ends in Gone comes back Deleted.
func LookEach(network string, ids []care.Remote, look func(care.Remote) (Item, error)) ([]Item, error) {
	found := make(map[care.Remote]Item, len(ids))
	items := make([]Item, len(ids))
	for i, id := range ids {
		it, known := found[id]
		if !known {
			var err error
			if it, err = look(id); IsGone(err) {
				it = Deletion(network, id)
			} else if err != nil {
				return nil, err
			}
			found[id] = it
		}
		items[i] = it
	}
	return items, nil
}

// Deletion tells that a post is gone.
func Deletion(network string, id care.Remote) Item {
	return Item{Kind: Deleted, Post: care.Post{Network: network, Remote: id}}
}

package reddit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/newest"
)

// The capabilities of an account.
var (
	_ network.Replier    = (*Account)(nil)
	_ network.Looker     = (*Account)(nil)
	_ network.Threader   = (*Account)(nil)
	_ network.Withdrawer = (*Account)(nil)
	_ network.Mender     = (*Account)(nil)
)

// A mark is the cursor: a place in each list. The lists are read side by side,
// a page of each at a time; one that is at its end waits for the others.
type mark struct {
	V    int      `json:"v"`
	At   []string `json:"at"`
	Done []bool   `json:"done"`
}

func (a *Account) readMark(cursor string) (mark, error) {
	fresh := mark{V: 1, At: make([]string, len(a.lists)), Done: make([]bool, len(a.lists))}
	if cursor == "" {
		return fresh, nil
	}
	var m mark
	if json.Unmarshal([]byte(cursor), &m) != nil || m.V != 1 {
		return m, &network.Error{Fault: network.Malformed, Unsent: true, Again: true, Err: network.Explain("the stored cursor can't be read by this version")}
	}
	if len(m.At) != len(a.lists) || len(m.Done) != len(a.lists) {
		return fresh, nil // of another configuration
	}
	return m, nil
}

// Poll implements [network.Account].
func (a *Account) Poll(ctx context.Context, cursor string) (network.Page, error) {
	m, err := a.readMark(cursor)
	if err != nil {
		return network.Page{}, err
	}
	ctx, tally := network.Metered(ctx)
	var all network.Page
	for i, from := range a.lists {
		if m.Done[i] {
			continue
		}
		list := newest.List{
			ID: a.id + "\x00" + from.path, Back: a.back, Most: from.most, Forgot: forgot,
			Fetch: func(ctx context.Context, p newest.Place) (newest.Listing, error) { return a.fetch(ctx, from, p) },
		}
		page, err := list.Poll(ctx, m.At[i])
		if err != nil {
			return network.Page{}, err
		}
		m.At[i], m.Done[i] = page.Next, !page.More
		all.Items, all.Bad, all.Gaps = append(all.Items, page.Items...), append(all.Bad, page.Bad...), append(all.Gaps, page.Gaps...)
		all.Repaired += page.Repaired
	}
	if all.More = slices.Contains(m.Done, false); !all.More {
		clear(m.Done)
	}
	slices.SortStableFunc(all.Items, func(x, y network.Item) int { return x.Post.PostedAt.Compare(y.Post.PostedAt) })
	b, err := json.Marshal(m)
	if err != nil {
		return network.Page{}, network.Malformed.Unsent("the cursor can't be written")
	}
	all.Next, all.Meter = string(b), tally.Meter()
	return all, nil
}

// errLost is an empty page at a place that Reddit itself had named.
var errLost = errors.New("the place in the list is gone")

func forgot(_ newest.Place, err error) bool { return errors.Is(err, errLost) }

func (a *Account) fetch(ctx context.Context, from path, p newest.Place) (newest.Listing, error) {
	params := url.Values{}
	maps.Copy(params, from.params)
	params.Set("limit", strconv.Itoa(a.page))
	if p.Token != "" {
		params.Set("after", p.Token)
	}
	var page listing
	served, err := a.read(ctx, from.path, params, &page)
	if err != nil {
		return newest.Listing{}, err
	}
	if page.Data == nil {
		return newest.Listing{}, network.Malformed.Because("the answer is no listing")
	}
	if p.Token != "" && len(page.Data.Children) == 0 {
		return newest.Listing{}, network.Transient.Because(errLost.Error(), errLost)
	}
	l := newest.Listing{Token: page.Data.After, Served: served}
	for i, t := range page.Data.Children {
		it, at, repaired, err := a.item(t)
		if err != nil {
			if a.told.News(t.Data) { // the overlap brings it again
				l.Bad = append(l.Bad, network.BadItem{Reason: fmt.Sprintf("thing %d of a page: %v", i+1, err)})
			}
			continue
		}
		e := newest.Entry{At: at, Item: it, Repaired: repaired}
		l.Entries = append(l.Entries, e)
	}
	return l, nil
}

// things reads some as they are now; what Reddit does not show is absent.
func (a *Account) things(ctx context.Context, ids []string) (map[care.Remote]thing, error) {
	found := map[care.Remote]thing{}
	for some := range slices.Chunk(ids, 100) {
		var page listing
		if _, err := a.read(ctx, "/api/info", url.Values{"id": {strings.Join(some, ",")}}, &page); err != nil {
			return nil, err
		}
		if page.Data == nil {
			return nil, network.Malformed.Because("the answer is no listing")
		}
		for _, t := range page.Data.Children {
			var d struct{ Name string }
			if json.Unmarshal(t.Data, &d) == nil {
				found[care.Remote(d.Name)] = t
			}
		}
	}
	return found, nil
}

// Look implements [network.Looker].
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	var ask []string
	for _, id := range ids {
		if !idPattern.MatchString(string(id)) {
			return nil, network.Malformed.Unsent("an id is not a Reddit post's")
		}
		if !slices.Contains(ask, string(id)) {
			ask = append(ask, string(id))
		}
	}
	found, err := a.things(ctx, ask)
	if err != nil {
		return nil, err
	}
	items := make([]network.Item, len(ids))
	for i, id := range ids {
		items[i] = network.Deletion(name, id)
		if t, ok := found[id]; ok {
			if items[i], _, _, err = a.item(t); err != nil {
				return nil, &network.Error{Fault: network.Malformed, Err: err}
			}
		}
	}
	return items, nil
}

const (
	maxThread = 1000 // posts
	maxDepth  = 20
)

// Thread implements [network.Threader]: the post and its comments, as many as
// Reddit shows at once, and those around a comment that is not among them.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	if !idPattern.MatchString(string(id)) {
		return nil, network.Malformed.Unsent("the id is not a Reddit post's")
	}
	top := id
	if strings.HasPrefix(string(id), "t1_") {
		found, err := a.things(ctx, []string{string(id)})
		if err != nil {
			return nil, err
		}
		var d data
		if json.Unmarshal(found[id].Data, &d) != nil || !idPattern.MatchString(d.LinkID) {
			return nil, network.Gone.Because("the comment is gone")
		}
		top = care.Remote(d.LinkID)
	}
	t := tree{account: a, seen: map[care.Remote]bool{}}
	params := url.Values{"limit": {"500"}, "depth": {strconv.Itoa(maxDepth)}, "sort": {"old"}}
	if err := t.read(ctx, top, params); err != nil {
		return nil, err
	}
	if !t.seen[id] && id != top {
		params.Set("comment", strings.TrimPrefix(string(id), "t1_"))
		params.Set("context", "8")
		if err := t.read(ctx, top, params); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(t.posts, func(x, y care.Post) int { return x.PostedAt.Compare(y.PostedAt) })
	return t.posts, nil
}

// A tree collects the posts of a thread.
type tree struct {
	account *Account
	posts   []care.Post
	seen    map[care.Remote]bool // also deleted ones
}

func (t *tree) read(ctx context.Context, top care.Remote, params url.Values) error {
	var parts []listing
	_, err := t.account.read(ctx, "/comments/"+strings.TrimPrefix(string(top), "t3_"), params, &parts)
	if err != nil {
		return err
	}
	if len(parts) != 2 || parts[0].Data == nil || parts[1].Data == nil {
		return network.Malformed.Because("the answer is no thread")
	}
	t.add(parts[0].Data.Children, 0)
	t.add(parts[1].Data.Children, 0)
	return nil
}

func (t *tree) add(things []thing, depth int) {
	for _, one := range things {
		if one.Kind != "t1" && one.Kind != "t3" || len(t.posts) >= maxThread || depth > maxDepth {
			continue // “more”, for one
		}
		it, _, _, err := t.account.item(one)
		if err == nil && !t.seen[it.Post.Remote] {
			if t.seen[it.Post.Remote] = true; it.Kind != network.Deleted {
				t.posts = append(t.posts, it.Post)
			}
		}
		var d struct{ Replies json.RawMessage }
		var below listing
		if json.Unmarshal(one.Data, &d) == nil && json.Unmarshal(d.Replies, &below) == nil && below.Data != nil {
			t.add(below.Data.Children, depth+1)
		}
	}
}

// refused is the error of a call that Reddit answered with a success and did
// not carry out.
func refused(f network.Fault, code string, after time.Duration) error {
	e := &network.Error{Fault: f, Status: http.StatusBadRequest, After: after, Err: network.Explain("Reddit refused it: " + network.Word(code))}
	if f == network.Limited {
		e.Unsent, e.Status = true, http.StatusTooManyRequests
	}
	return e
}

package graph

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/url"
	"strconv"
	"time"
)

// A List is a page of any list as Meta gives it.
type List struct {
	Data   []json.RawMessage
	Paging struct {
		Cursors struct{ After string }
		Next    string
	}
}

// After is where the list goes on; empty: it ends here.
func (l *List) After() string {
	if l.Paging.Next == "" {
		return ""
	}
	return l.Paging.Cursors.After
}

// List reads a page of a list, at most limit elements from after on; empty: from
// its begin. served is Meta's clock, zero when it doesn't tell.
func (c *Client) List(ctx context.Context, path, fields string, limit int, after string, params url.Values) (page List, served time.Time, err error) {
	asked := url.Values{"fields": {fields}, "limit": {strconv.Itoa(limit)}}
	maps.Copy(asked, params)
	if after != "" {
		asked.Set("after", after)
	}
	served, err = c.Read(ctx, path, asked, &page)
	if err == nil && page.Data == nil {
		err = Unlisted()
	}
	return page, served, err
}

// All yields the elements of a list, limit of them in a call, and at most most
// and the rest of a page. An error ends it.
func (c *Client) All(ctx context.Context, path, fields string, limit, most int, params url.Values) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		first, _, err := c.List(ctx, path, fields, limit, "", params)
		if err != nil {
			yield(nil, err)
			return
		}
		for raw, err := range c.Rest(ctx, first, path, fields, limit, most, params, nil) {
			if !yield(raw, err) {
				return
			}
		}
	}
}

// Rest is [Client.All] of a list whose first page was read. It also ends where
// enough, asked after each page, says so.
func (c *Client) Rest(ctx context.Context, page List, path, fields string, limit, most int, params url.Values, enough func() bool) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for n, after := 0, ""; ; {
			for _, raw := range page.Data {
				if n++; !yield(raw, nil) {
					return
				}
			}
			next := page.After()
			if next == "" || next == after || n >= most || enough != nil && enough() {
				return
			}
			after = next
			var err error
			if page, _, err = c.List(ctx, path, fields, limit, after, params); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

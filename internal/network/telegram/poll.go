package telegram

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/network"
)

// A cursor is where the list of updates was left.
type cursor struct {
	Version int   `json:"tg"`
	Next    int64 `json:"next"` // what the next poll asks for, and so confirms all before it; 0: from the oldest that is kept
	Hour    int64 `json:"hour"` // the last hour in which we polled, of Unix time: a gap is known by it
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{Version: 1}, nil
	}
	var c cursor
	d := json.NewDecoder(bytes.NewReader([]byte(s)))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	if _, more := d.Token(); err != nil || more != io.EOF || c.Version != 1 || c.Next < 0 || c.Hour < 0 || c.Hour > 1<<32 {
		return c, &network.Error{Fault: network.Malformed, Again: true, Unsent: true, Err: network.Explain("the place in the list of updates can't be read")}
	}
	return c, nil
}

// kept is how long Telegram keeps updates.
const kept = 24 * time.Hour

// allowed are the updates that we ask for.
var allowed = []string{"message", "edited_message"}

// Poll implements [network.Account]: the oldest updates that were not confirmed.
// With a webhook it reads nothing, and looks whether Telegram reaches us.
func (a *Account) Poll(ctx context.Context, at string) (network.Page, error) {
	c, err := parseCursor(at)
	if err != nil {
		return network.Page{}, err
	}
	if a.secret != "" {
		return a.watch(ctx, at)
	}
	now := time.Now().UTC()
	params := map[string]any{"limit": a.page, "timeout": 0, "allowed_updates": allowed}
	if c.Next > 0 {
		params["offset"] = c.Next
	}
	var updates []json.RawMessage
	if err := a.call(ctx, "getUpdates", params, &updates); err != nil {
		return network.Page{}, err
	}
	p := network.Page{Meter: network.Meter{Calls: 1}}
	if last := time.Unix(c.Hour*3600, 0).Add(time.Hour).UTC(); c.Hour > 0 && now.Sub(last) > kept {
		p.Gaps = append(p.Gaps, network.Gap{From: last, To: now.Add(-kept), Why: "Telegram keeps messages for 24 hours only"})
	}
	for _, raw := range updates {
		var u struct {
			ID int64 `json:"update_id"`
		}
		if json.Unmarshal(raw, &u) != nil || u.ID <= 0 {
			return network.Page{}, network.Malformed.Because("getUpdates: an update without a number")
		}
		if err := a.read(ctx, raw, &p); err != nil {
			return network.Page{}, err
		}
		c.Next = max(c.Next, u.ID+1)
	}
	c.Hour = max(c.Hour, now.Unix()/3600)
	p.More = len(updates) >= a.page
	slices.SortStableFunc(p.Items, func(a, b network.Item) int { return a.Post.PostedAt.Compare(b.Post.PostedAt) })
	next, err := json.Marshal(c)
	if err != nil {
		return network.Page{}, network.Typed(err)
	}
	p.Next = string(next)
	return p, nil
}

// watch looks whether Telegram posts to us, and whether it gets through.
func (a *Account) watch(ctx context.Context, at string) (network.Page, error) {
	var hook struct {
		URL       string `json:"url"`
		Pending   int    `json:"pending_update_count"`
		LastError int64  `json:"last_error_date"`
	}
	if err := a.call(ctx, "getWebhookInfo", struct{}{}, &hook); err != nil {
		return network.Page{}, err
	}
	switch failed := time.Since(time.Unix(hook.LastError, 0)); {
	case hook.URL == "":
		return network.Page{}, network.Refused.Because("Telegram posts this bot's updates nowhere; set the webhook, or take webhook_secret away")
	case hook.Pending > 0 && failed < 10*time.Minute:
		return network.Page{}, network.Transient.Because("Telegram can't reach our webhook; messages wait there for 24 hours")
	}
	return network.Page{Next: at, Meter: network.Meter{Calls: 1}}, nil
}

// Receive implements [network.Receiver]: one update, which Telegram posts again
// until it is told 200.
func (a *Hook) Receive(h http.Header, body []byte) (network.Page, error) {
	given := h.Get("X-Telegram-Bot-Api-Secret-Token")
	if subtle.ConstantTimeCompare([]byte(given), []byte(a.secret)) != 1 {
		return network.Page{}, network.Refused.Because("the update does not come from Telegram: its secret is not ours")
	}
	var u struct {
		ID int64 `json:"update_id"`
	}
	if err := json.Unmarshal(body, &u); err != nil || u.ID <= 0 {
		return network.Page{}, network.Malformed.Because("what was posted is no update")
	}
	var p network.Page
	ctx, end := context.WithTimeout(context.Background(), 10*time.Second)
	defer end()
	return p, a.read(ctx, body, &p)
}

var (
	_ network.Account  = (*Account)(nil)
	_ network.Receiver = (*Hook)(nil)
)

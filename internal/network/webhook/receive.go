package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/amends-care/amends/internal/network"
	"github.com/amends-care/amends/internal/network/record"
)

// The most that a delivery may hold.
const (
	maxBody     = 1 << 20 // bytes
	maxMentions = 1000
)

// Receive implements [network.Receiver]. The body is one mention or an array of
// mentions. One that can't be read is told as bad and spoils no other.
func (a *Account) Receive(h http.Header, body []byte) (network.Page, error) {
	if len(body) > maxBody {
		return network.Page{}, network.Malformed.Unsent("the delivery is longer than 1 MiB")
	}
	now := time.Now()
	if err := a.check(h, body, now); err != nil {
		return network.Page{}, err
	}
	mentions, err := cut(body)
	if err != nil {
		return network.Page{}, err
	}
	var p network.Page
	for i, m := range mentions {
		it, repaired, wrong := a.read(m, now)
		if wrong != "" {
			p.Bad = append(p.Bad, network.BadItem{Reason: fmt.Sprintf("mention %d of a delivery: %s", i+1, wrong)})
			continue
		}
		if repaired {
			p.Repaired++
		}
		p.Items = append(p.Items, it)
	}
	slices.SortStableFunc(p.Items, func(a, b network.Item) int { return a.Post.PostedAt.Compare(b.Post.PostedAt) })
	return p, nil
}

// cut takes a delivery apart.
func cut(body []byte) ([]json.RawMessage, error) {
	switch body = bytes.TrimSpace(body); {
	case len(body) > 0 && body[0] == '{' && json.Valid(body):
		return []json.RawMessage{body}, nil
	case len(body) > 0 && body[0] == '[':
		var all []json.RawMessage
		if json.Unmarshal(body, &all) != nil {
			break
		}
		if len(all) > maxMentions {
			return nil, network.Malformed.Unsent(fmt.Sprintf("the delivery has more than %d mentions", maxMentions))
		}
		return all, nil
	}
	return nil, network.Malformed.Unsent("the delivery is neither a JSON object nor an array of them")
}

func (a *Account) read(m []byte, now time.Time) (it network.Item, repaired bool, wrong string) {
	var r record.Record
	text, broken := record.Repair(m)
	halved, wrong := record.ParseJSON(text, &r)
	if wrong != "" {
		return it, false, wrong
	}
	it, wrong = r.Item(now.UTC(), a.network)
	return it, broken || halved, wrong
}

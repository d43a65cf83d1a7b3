package x

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	//lint:ignore SA1019 deprecated by its author and wanted here: see ADR 11
	"github.com/dghubble/go-twitter/twitter"

	"github.com/amends-care/amends/internal/network"
)

const (
	heartbeat = 20 * time.Second // X sends an empty line at least this often
	silence   = heartbeat + 5*time.Second
	maxLine   = 1 << 20
	maxPage   = 100
	ruleTag   = "amends " // begins the tags of our rules
)

// errSilent ends a stream that is open and dead.
var errSilent = errors.New("no heartbeat")

// Listen implements [network.Pusher]: it reads the filtered stream until it
// breaks. The pages move no cursor: what the stream loses, when it breaks or
// when took fails, the next poll brings.
//
// An app has one stream. Rules of ours that are not this source's are removed,
// since X asks money for what they match.
func (s *Streamer) Listen(ctx context.Context, took func(network.Page) error) error {
	rule, err := s.rule(ctx)
	if err != nil {
		return err
	}
	ctx, hangUp := context.WithCancelCause(network.Streaming(ctx))
	defer hangUp(nil)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.host+"/2/tweets/search/stream?"+tweetFields().Encode(), nil)
	if err != nil {
		return network.Malformed.Unsent("the call can't be made", err)
	}
	r.Header = s.bearer()
	r.Header.Set("Accept", "application/json")
	watch := time.AfterFunc(silence, func() { hangUp(errSilent) })
	defer watch.Stop()
	resp, err := s.app.Do(r)
	if err != nil {
		return broken(ctx, err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReaderSize(resp.Body, 64<<10)
	for {
		page, err := s.lines(lines, rule, func() { watch.Reset(silence) })
		if len(page.Items) > 0 || len(page.Bad) > 0 {
			watch.Stop() // the time that keeping takes is not the network's
			if err := took(page); err != nil {
				return err
			}
			watch.Reset(silence)
		}
		if err != nil {
			return broken(ctx, err)
		}
	}
}

// broken is the error of a stream that ended.
func broken(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errSilent) {
		return network.Transient.Because("the stream fell silent", errSilent)
	}
	if err == io.EOF {
		return network.Transient.Because("X ended the stream", io.EOF)
	}
	return typed(err)
}

// lines reads what has come: at least one line, and then those that are there
// already, up to a page. An error may come with a page.
func (s *Streamer) lines(from *bufio.Reader, rule string, alive func()) (network.Page, error) {
	var page network.Page
	for len(page.Items) < maxPage {
		line, err := readLine(from)
		if err != nil {
			return page, err
		}
		alive()
		if len(line) > 0 {
			if err := s.told(line, rule, &page); err != nil {
				return page, err
			}
		}
		ready, _ := from.Peek(from.Buffered())
		if len(page.Items)+len(page.Bad) > 0 && !bytes.ContainsRune(ready, '\n') {
			break
		}
	}
	return page, nil
}

// readLine reads one line of at most maxLine bytes.
func readLine(from *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := from.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, network.Malformed.Because("a line of the stream is longer than allowed")
		}
		line = append(line, part...)
		if err == nil {
			return bytes.TrimSpace(line), nil
		}
		if err != bufio.ErrBufferFull {
			return nil, err // half a line is no post
		}
	}
}

// told adds to a page what a line tells.
func (s *Streamer) told(line []byte, rule string, page *network.Page) error {
	var l struct {
		Data     *v2Post
		Includes v2Includes
		Matching []struct{ ID, Tag string } `json:"matching_rules"`
		Errors   []problem
		problem
	}
	if json.Unmarshal(line, &l) != nil {
		if s.memo.news(string(line)) {
			page.Bad = append(page.Bad, network.BadItem{Reason: "a line of the stream is not as X describes them"})
		}
		return nil
	}
	if l.Data == nil {
		return refusal(append(l.Errors, l.problem))
	}
	list := v2List{Data: []v2Post{*l.Data}, Includes: l.Includes}
	var cost bill
	s.charge(billed(context.Background(), &cost), list, s.set.Prices.Post)
	page.Meter.Spend += cost.settle()
	ours := len(l.Matching) == 0
	for _, m := range l.Matching {
		ours = ours || m.Tag == rule
	}
	if !ours {
		return nil // another program's rule
	}
	t, err := tweet(list.old()[0])
	if err != nil {
		return err
	}
	readings, bad := s.readAll([]twitter.Tweet{t})
	page.Bad = append(page.Bad, bad...)
	for _, r := range readings {
		if r.repaired {
			page.Repaired++
		}
		if !r.repost {
			page.Items = append(page.Items, s.item(r))
		}
	}
	return nil
}

// tweet is a post as go-twitter reads it.
func tweet(o oldPost) (t twitter.Tweet, err error) {
	b, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	if err != nil {
		return t, network.Malformed.Because("a post can't be carried over")
	}
	return t, nil
}

// refusal is what X says in a stream before it ends it.
func refusal(all []problem) error {
	for _, p := range all {
		switch kind := p.kind(); {
		case kind == "usage-capped" || strings.HasSuffix(kind, "credits-depleted"):
			return network.Unpaid.Because("out of credit at X: buy some, or raise the limit, at console.x.com", capped)
		case kind == "streaming-connection":
			return network.Limited.Because("X allows one stream at a time and another is open", tooMany)
		case kind != "":
			return network.Transient.Because("X ends the stream: " + kind)
		}
	}
	return nil // something newer than we know
}

// A streamRule says which posts the stream has.
type streamRule struct {
	ID    string `json:"id,omitempty"`
	Value string `json:"value"`
	Tag   string `json:"tag,omitempty"`
}

// rule makes sure that the stream has this source's query, and of ours no
// other, and returns the tag of its rule.
func (s *Streamer) rule(ctx context.Context) (string, error) {
	want := streamRule{Value: query(s.set.Query)}
	want.Tag = ruleTag + fingerprint([]byte(want.Value))
	address := s.host + "/2/tweets/search/stream/rules"
	var have struct{ Data []streamRule }
	if _, err := call(ctx, s.app, http.MethodGet, address, s.bearer(), nil, &have); err != nil {
		return "", typed(err)
	}
	var stale []string
	there := false
	for _, r := range have.Data {
		switch {
		case r.Tag == want.Tag && r.Value == want.Value:
			there = true
		case strings.HasPrefix(r.Tag, ruleTag):
			stale = append(stale, r.ID)
		}
	}
	if len(stale) > 0 {
		body := map[string]any{"delete": map[string]any{"ids": stale}}
		if _, err := call(ctx, s.app, http.MethodPost, address, s.bearer(), body, new(struct{})); err != nil {
			return "", typed(err)
		}
	}
	if there {
		return want.Tag, nil
	}
	var done struct{ Data []streamRule }
	if _, err := call(ctx, s.app, http.MethodPost, address, s.bearer(), map[string]any{"add": []streamRule{want}}, &done); err != nil {
		return "", typed(err)
	}
	if len(done.Data) == 0 {
		return "", network.Malformed.Because("X does not take the query as a rule of the stream")
	}
	return want.Tag, nil
}

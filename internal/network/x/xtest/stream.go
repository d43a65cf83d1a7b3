package xtest

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	heartbeat = 20 * time.Second
	backlog   = 10_000 // lines that wait for a slow reader before X hangs up
)

// A stream is one open connection to the filtered stream.
type stream struct {
	ctx    context.Context
	chunks chan chunk
	slow   chan struct{} // closed: the reader did not keep up
	closed chan struct{}
	mute   chan struct{} // closed: nothing comes any more, not even heartbeats
	rest   chunk
	want   wish
}

// A chunk is what comes over the connection, and the error that ends it.
type chunk struct {
	bytes []byte
	err   error
}

// Read implements [io.Reader]: a line, or after 20 s without one an empty line.
func (s *stream) Read(p []byte) (int, error) {
	if len(s.rest.bytes) == 0 && s.rest.err == nil {
		beat := time.NewTimer(heartbeat)
		defer beat.Stop()
		chunks, pulse, mute := s.chunks, beat.C, s.mute
		select {
		case <-mute:
			chunks, pulse, mute = nil, nil, nil
		default:
		}
		select {
		case s.rest = <-chunks:
		case <-pulse:
			s.rest.bytes = []byte("\r\n")
		case <-mute:
			return 0, nil // to come back and find nothing
		case <-s.ctx.Done():
			return 0, s.ctx.Err()
		case <-s.slow:
			return 0, syscall.ECONNRESET
		case <-s.closed:
			return 0, io.ErrClosedPipe
		}
	}
	n := copy(p, s.rest.bytes)
	s.rest.bytes = s.rest.bytes[n:]
	if len(s.rest.bytes) > 0 {
		return n, nil
	}
	return n, s.rest.err
}

// Close implements [io.Closer].
func (s *stream) Close() error {
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return nil
}

func (s *stream) over() bool {
	select {
	case <-s.closed:
		return true
	case <-s.slow:
		return true
	case <-s.ctx.Done():
		return true
	default:
		return false
	}
}

// How a stream breaks.
const (
	Reset  = "the connection is reset"
	Ended  = "X ends it politely"
	Silent = "nothing comes any more"
	Told   = "X says why, then ends it"
	Half   = "it ends in the middle of a line"
	Huge   = "a line without end"
)

// Breaks are all ways in which a stream breaks.
func Breaks() []string { return []string{Reset, Ended, Silent, Told, Half, Huge} }

// HangUp breaks the open streams and says whether there were any.
func (n *Network) HangUp(how string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.streams = slices.DeleteFunc(n.streams, (*stream).over)
	for _, s := range n.streams {
		switch how {
		case Silent:
			close(s.mute)
		case Reset:
			s.chunks <- chunk{err: syscall.ECONNRESET}
		case Ended:
			s.chunks <- chunk{err: io.EOF}
		case Told:
			line, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{"title": "operational-disconnect", "disconnect_type": "UpstreamOperationalDisconnect",
				"detail": "This stream has been disconnected upstream for operational reasons.", "type": "https://api.twitter.com/2/problems/operational-disconnect"}}})
			s.chunks <- chunk{append(line, "\r\n"...), io.EOF}
		case Half:
			s.chunks <- chunk{[]byte(`{"data":{"id":"12`), io.ErrUnexpectedEOF}
		case Huge:
			s.chunks <- chunk{bytes: []byte(strings.Repeat(" ", 2<<20))}
		}
	}
	had := len(n.streams) > 0
	n.streams = nil
	return had
}

// Listening returns once a stream is open, or ends the test when ctx does first.
func (n *Network) Listening(ctx context.Context) {
	n.t.Helper()
	for {
		n.mu.Lock()
		open := slices.ContainsFunc(n.streams, func(s *stream) bool { return !s.over() })
		opened := n.opened
		n.mu.Unlock()
		if open {
			return
		}
		select {
		case <-opened:
		case <-ctx.Done():
			n.t.Fatal("nobody listens to the stream")
		}
	}
}

// streaming answers what belongs to the stream. It needs the lock.
func (n *Network) streaming(r *http.Request, sent []byte) reply {
	switch {
	case strings.HasSuffix(r.URL.Path, "/rules") && r.Method == http.MethodGet:
		return ok(map[string]any{"data": n.told(n.rules), "meta": map[string]any{"sent": n.now().Format(time.RFC3339), "result_count": len(n.rules)}})
	case strings.HasSuffix(r.URL.Path, "/rules"):
		return n.changeRules(r, sent)
	}
	n.streams = slices.DeleteFunc(n.streams, (*stream).over)
	if len(n.streams) > 0 {
		a := n.problem(429, "streaming-connection", "ConnectionException", "This stream is currently at the maximum allowed connection limit.")
		a.body.(map[string]any)["connection_issue"] = "TooManyConnections"
		return a
	}
	fields := n.opts.Fields
	n.opts.Fields = "tweet" // the stream still has the older names for what it is asked
	want := n.wish(r.URL.Query())
	n.opts.Fields = fields
	if !want.fields["author_id"] || !want.fields["referenced_tweets"] {
		n.fault(r, "author_id and referenced_tweets are not asked for")
	}
	// What it tells has the names of its generation.
	want.fields["referenced_"+fields+"s"] = true
	s := &stream{ctx: r.Context(), chunks: make(chan chunk, backlog), slow: make(chan struct{}), closed: make(chan struct{}), mute: make(chan struct{}), want: want}
	n.streams = append(n.streams, s)
	close(n.opened)
	n.opened = make(chan struct{})
	return reply{status: 200, stream: s}
}

func (n *Network) told(rules []rule) []any {
	all := []any{}
	for _, r := range rules {
		all = append(all, map[string]any{"id": r.id, "value": r.value, "tag": r.tag})
	}
	return all
}

func (n *Network) changeRules(r *http.Request, sent []byte) reply {
	var in struct {
		Add    []struct{ Value, Tag string }
		Delete struct{ IDs []string }
	}
	if err := json.Unmarshal(sent, &in); err != nil {
		n.fault(r, "the body: %v", err)
	}
	meta := map[string]any{"sent": n.now().Format(time.RFC3339)}
	if len(in.Delete.IDs) > 0 {
		before := len(n.rules)
		n.rules = slices.DeleteFunc(n.rules, func(r rule) bool { return slices.Contains(in.Delete.IDs, r.id) })
		meta["summary"] = map[string]any{"deleted": before - len(n.rules), "not_deleted": 0}
		return ok(map[string]any{"meta": meta})
	}
	var added []rule
	for _, a := range in.Add {
		if _, fine := n.parse(a.Value); !fine {
			return n.problem(400, "invalid-rules", "Invalid Request", "the rule")
		}
		added = append(added, n.addRule(a.Value, a.Tag))
	}
	meta["summary"] = map[string]any{"created": len(added), "not_created": 0, "valid": len(added), "invalid": 0}
	return reply{status: http.StatusCreated, body: map[string]any{"data": n.told(added), "meta": meta}}
}

// push sends a post to the open streams whose rules match it. It needs the lock.
func (n *Network) push(p *post) {
	n.streams = slices.DeleteFunc(n.streams, (*stream).over)
	if len(n.streams) == 0 || n.lossy > 0 && n.made%int64(n.lossy) == 0 {
		return
	}
	var matching []any
	for _, r := range n.rules {
		if m, fine := n.parse(r.value); fine && m(p) {
			matching = append(matching, map[string]any{"id": r.id, "tag": r.tag})
		}
	}
	if matching == nil {
		return
	}
	for _, s := range n.streams {
		body := map[string]any{"matching_rules": matching}
		want := wish{s.want.fields, maps.Clone(s.want.expansions)}
		n.tell(body, []version{p.newest()}, want)
		body["data"] = body["data"].([]any)[0]
		n.bill.read(n.now(), "post "+strconv.FormatInt(p.newest().id, 10), pricePost)
		line, err := json.Marshal(body)
		if err != nil {
			n.t.Errorf("the network can't write a line: %v", err)
		}
		if n.opts.Spec != nil {
			n.opts.Spec.line(n.t, line)
		}
		select {
		case s.chunks <- chunk{bytes: append(line, "\r\n"...)}:
		default:
			close(s.slow)
		}
	}
}

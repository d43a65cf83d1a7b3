package web

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/store"
)

const (
	eventsPath = apiPath + "/events"
	// sendTime is how long one message to a reader may take.
	sendTime = 10 * time.Second
)

// events streams what happens until the reader goes, its session ends, or we
// shut down. It resumes after Last-Event-ID, which a browser sends by itself,
// or ?after=, which a page has from when it was rendered.
func (s *Server) events(w http.ResponseWriter, r *http.Request) error {
	a := askedOf(r.Context())
	if !a.in {
		return errSignIn
	}
	if !a.who.May(auth.Read) {
		return errMayNot
	}
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
		return nil
	}
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("after")
	}
	after := s.Cases.Position()
	if last != "" {
		n, err := strconv.ParseUint(last, 10, 64)
		if err != nil {
			return problem(http.StatusUnprocessableEntity, "invalid", "wrong.event_id")
		}
		after = store.Seq(n)
	}
	rd, missed, ok := s.Live.open(after)
	defer s.Live.drop(rd)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // for a proxy that would collect
	out := stream{w: w, rc: http.NewResponseController(w)}
	_ = out.rc.SetReadDeadline(time.Time{}) // where there is a connection
	out.printf("retry: 2000\n\n")
	if !ok {
		out.reset(s.Cases.Position())
	}
	for _, e := range missed {
		out.send(e)
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for out.err == nil {
		select {
		case <-r.Context().Done():
			return nil
		case <-s.Live.quit:
			out.printf("event: bye\ndata: {}\n\n")
			return nil
		case <-beat.C:
			if !s.stillIn(r) {
				out.printf("event: signed_out\ndata: {}\n\n")
				return nil
			}
			out.printf(": beat\n\n")
		case e, open := <-rd.ch:
			if !open {
				out.reset(s.Cases.Position())
				return nil
			}
			out.send(e)
		}
	}
	return nil // the reader is gone, or as good as gone
}

// stillIn asks again who this is: a session may have been ended meanwhile.
func (s *Server) stillIn(r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), sendTime)
	defer cancel()
	var who auth.Identity
	var err error
	if token := bearer(r); token != "" {
		who, err = s.People.Bearer(ctx, token)
	} else {
		who, err = s.People.Still(ctx, askedOf(ctx).secret)
	}
	return err == nil && who.May(auth.Read)
}

// A stream writes messages, each in bounded time, until one fails.
type stream struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	err error
}

func (o *stream) printf(format string, args ...any) {
	if o.err != nil {
		return
	}
	_ = o.rc.SetWriteDeadline(time.Now().Add(sendTime)) // a dead reader can't hold us; where there is a connection
	if _, o.err = fmt.Fprintf(o.w, format, args...); o.err == nil {
		o.err = o.rc.Flush()
	}
}

func (o *stream) send(e event) {
	if e.id == 0 {
		o.printf("event: %s\ndata: %s\n\n", e.kind, e.data)
		return
	}
	o.printf("id: %d\nevent: %s\ndata: %s\n\n", e.id, e.kind, e.data)
}

// reset tells the reader to fetch everything anew, and from where to go on.
func (o *stream) reset(at store.Seq) {
	o.printf("id: %d\nevent: reset\ndata: {\"position\":%d}\n\n", at, at)
}

// eventsOperation describes the stream in the API's document.
func eventsOperation(registry huma.Registry) *huma.Operation {
	return &huma.Operation{
		Method: http.MethodGet, Path: "/events", OperationID: "get-events", Tags: []string{"events"},
		Summary: "What happens, live, as server-sent events",
		Description: "Needs the role viewer. Events: `case` (data: CaseEvent; its id is a place in the log, so a reader can go on at any node), " +
			"`presence` (data: Presence; without id), `reset` (fetch everything anew, then go on), `bye` (the server stops; come back), " +
			"`signed_out` (sign in again). A comment every 20 seconds shows that the connection lives.",
		Parameters: []*huma.Param{
			{Name: "after", In: "query", Description: "Go on after this place in the log: position of a list.", Schema: &huma.Schema{Type: huma.TypeInteger}},
			{Name: "Last-Event-ID", In: "header", Description: "The same, as browsers send it by themselves.", Schema: &huma.Schema{Type: huma.TypeInteger}},
		},
		Responses: map[string]*huma.Response{
			"200": {Description: "A stream without end.", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}}}},
		},
		Extensions: map[string]any{"x-events": map[string]any{
			"case":     registry.Schema(reflect.TypeFor[CaseEvent](), true, ""),
			"presence": registry.Schema(reflect.TypeFor[Presence](), true, ""),
		}},
	}
}

func (s *Server) serveOpenAPI(w http.ResponseWriter, r *http.Request) error {
	if err := mayUse(askedOf(r.Context()), auth.Read); err != nil {
		return err
	}
	doc, err := s.openAPI()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/openapi+json")
	_, _ = w.Write(doc) // whoever asked may be gone
	return nil
}

package mastodontest

import (
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"
)

func (s *Server) oneAccount(w http.ResponseWriter, r *http.Request, me *account, id string) {
	switch id {
	case "verify_credentials":
		if me == nil {
			fail(w, 401, "The access token is invalid")
			return
		}
		tell(w, s.accountJSON(me))
	case "lookup":
		s.params(r, "acct")
		for _, a := range s.accounts {
			if strings.EqualFold(a.acct, r.Form.Get("acct")) {
				tell(w, s.accountJSON(a))
				return
			}
		}
		fail(w, 404, "Record not found")
	default:
		s.t.Errorf("GET of account %s was not expected", id)
	}
}

func (s *Server) block(w http.ResponseWriter, me *account, id string, on bool) {
	if me == nil {
		fail(w, 401, "The access token is invalid")
		return
	}
	if !slices.ContainsFunc(s.accounts, func(a *account) bool { return a.id == id }) {
		fail(w, 404, "Record not found")
		return
	}
	me.blocks[id] = on
	tell(w, map[string]any{"id": id, "blocking": on})
}

// serverOfName is a name with its server, which does not count.
var serverOfName = regexp.MustCompile(`(@\w+)@[\w.-]+\w`)

func (s *Server) tooLong(text string) bool {
	text = urlPattern.ReplaceAllString(text, strings.Repeat("x", 23))
	return uniseg.GraphemeClusterCount(serverOfName.ReplaceAllString(text, "$1")) > s.Characters
}

func (s *Server) create(w http.ResponseWriter, r *http.Request, me *account) {
	s.params(r, "status", "in_reply_to_id", "media_ids[]", "visibility", "language", "sensitive", "spoiler_text")
	key := r.Header.Get("Idempotency-Key")
	text, visibility := r.Form.Get("status"), r.Form.Get("visibility")
	switch {
	case me == nil:
		fail(w, 401, "The access token is invalid")
		return
	case strings.TrimSpace(text) == "" && len(r.Form["media_ids[]"]) == 0:
		fail(w, 422, "Validation failed: Text can't be blank")
		return
	case s.tooLong(text):
		fail(w, 422, "Validation failed: Text character limit of "+strconv.Itoa(s.Characters)+" exceeded")
		return
	case !slices.Contains([]string{"", "public", "unlisted", "private", "direct"}, visibility):
		s.t.Errorf("visibility %q", visibility)
	case key == "":
		s.t.Error("a post without Idempotency-Key")
	}
	if p := s.keys[me.id+key]; p != nil && !s.Ignores {
		tell(w, s.statusJSON(p))
		return
	}
	p := &post{by: me, text: text, visibility: visibility, parent: r.Form.Get("in_reply_to_id"), warning: r.Form.Get("spoiler_text"), seen: true}
	if up := s.find(p.parent); p.parent != "" && (up == nil || !s.visible(up, me)) {
		fail(w, 404, "The post you are trying to reply to does not appear to exist.")
		return
	}
	for _, m := range r.Form["media_ids[]"] {
		if _, ok := s.uploads[m]; !ok {
			fail(w, 422, "Validation failed: File not found")
			return
		}
		p.media = append(p.media, m)
	}
	s.publish(p)
	s.keys[me.id+key] = p
	tell(w, s.statusJSON(p))
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request, me *account) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		s.t.Errorf("a picture as %q", kind)
	}
	f, _, err := r.FormFile("file")
	if me == nil || err != nil {
		fail(w, 422, "Validation failed: File content type is invalid")
		return
	}
	b, err := io.ReadAll(f)
	if err != nil || !strings.HasPrefix(http.DetectContentType(b), "image/") {
		fail(w, 422, "Validation failed: File content type is invalid")
		return
	}
	id := strconv.Itoa(7000 + len(s.uploads))
	s.uploads[id] = r.Form.Get("description")
	tell(w, map[string]any{"id": id, "type": "image", "url": Base + "/media/" + id + ".png", "description": s.uploads[id]})
}

func (s *Server) onePost(w http.ResponseWriter, r *http.Request, me *account, id, part string) {
	p := s.find(id)
	if p == nil || !s.visible(p, me) {
		fail(w, 404, "Record not found")
		return
	}
	if r.Method != http.MethodGet && p.by != me {
		fail(w, 404, "Record not found")
		return
	}
	switch {
	case part == "context":
		up, down := []any{}, []any{}
		for at := s.find(p.parent); at != nil; at = s.find(at.parent) {
			up = append([]any{s.statusJSON(at)}, up...)
		}
		below := map[string]bool{p.id: true}
		for _, q := range s.posts { // an answer is younger, or its id is
			if below[q.parent] && s.visible(q, me) {
				below[q.id] = true
				down = append(down, s.statusJSON(q))
			}
		}
		tell(w, map[string]any{"ancestors": up, "descendants": down})
		return
	case r.Method == http.MethodPut:
		s.params(r, "status", "media_ids[]", "language", "sensitive", "spoiler_text")
		if s.tooLong(r.Form.Get("status")) {
			fail(w, 422, "Validation failed: Text character limit of "+strconv.Itoa(s.Characters)+" exceeded")
			return
		}
		p.text, p.warning, p.media = r.Form.Get("status"), r.Form.Get("spoiler_text"), r.Form["media_ids[]"]
		p.edited = s.now().UTC()
	case r.Method == http.MethodDelete:
		s.remove(p)
	}
	tell(w, s.statusJSON(p))
}

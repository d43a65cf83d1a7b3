package mastodontest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The most that lists give at once.
const maxPage = 40

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-RateLimit-Limit", "300")
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(max(300-s.calls, 1)))
	w.Header().Set("X-RateLimit-Reset", s.now().UTC().Add(5*time.Minute).Format("2006-01-02T15:04:05.000000Z"))
	if r.Host != Host {
		s.t.Errorf("a request for %s", r.Host)
	}
	var me *account
	if h := r.Header.Get("Authorization"); h != "" {
		token, ok := strings.CutPrefix(h, "Bearer ")
		i := slices.IndexFunc(s.accounts, func(a *account) bool { return a.token == token })
		if !ok || i < 0 {
			fail(w, 401, "The access token is invalid")
			return
		}
		me = s.accounts[i]
	}
	if err := r.ParseMultipartForm(16 << 20); err != nil && err != http.ErrNotMultipart {
		fail(w, 400, "Bad Request")
		return
	}
	s.route(w, r, me)
}

func (s *Server) route(w http.ResponseWriter, r *http.Request, me *account) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	id := at(3)
	switch key := r.Method + " " + strings.Join(append(slices.Clone(parts[:min(3, len(parts))]), at(4)), " "); key {
	case "GET api v2 instance ", "GET api v1 instance ":
		s.instance(w, at(1))
	case "GET api v1 accounts ":
		s.oneAccount(w, r, me, id)
	case "GET api v1 accounts statuses":
		s.params(r, "exclude_reblogs", "limit", "max_id", "since_id", "min_id")
		s.timeline(w, r, func(p *post) bool {
			return p.by.id == id && (p.reblog == nil || r.Form.Get("exclude_reblogs") != "true") && s.visible(p, me)
		}, me)
	case "POST api v1 accounts block", "POST api v1 accounts unblock":
		s.block(w, me, id, at(4) == "block")
	case "GET api v1 notifications ":
		s.params(r, "types[]", "exclude_types[]", "include_filtered", "limit", "max_id", "since_id", "min_id")
		s.listNotifications(w, r, me)
	case "GET api v1 timelines " + at(4):
		s.params(r, "local", "limit", "max_id", "since_id", "min_id")
		if me == nil && s.Closed {
			fail(w, 422, "This method requires an authenticated user")
			return
		}
		s.timeline(w, r, func(p *post) bool { return tagged(p, at(4)) }, me)
	case "GET api v1 tags ":
		s.tag(w, id)
	case "GET api v2 search ":
		s.search(w, r, me)
	case "POST api v1 statuses ":
		s.create(w, r, me)
	case "GET api v1 statuses ", "PUT api v1 statuses ", "DELETE api v1 statuses ", "GET api v1 statuses context":
		s.onePost(w, r, me, id, at(4))
	case "POST api v2 media ":
		s.upload(w, r, me)
	default:
		s.t.Errorf("Mastodon has no %s %s", r.Method, r.URL.Path)
		fail(w, 404, "Not Found")
	}
}

// params fails the test on a parameter that the endpoint does not have.
func (s *Server) params(r *http.Request, known ...string) {
	for k := range r.Form {
		if !slices.Contains(known, k) {
			s.t.Errorf("%s %s has no parameter %q", r.Method, r.URL.Path, k)
		}
	}
	if l := r.Form.Get("limit"); l != "" {
		if n, err := strconv.Atoi(l); err != nil || n < 1 {
			s.t.Errorf("limit %q", l)
		}
	}
}

func fail(w http.ResponseWriter, status int, words string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": words})
}

func tell(w io.Writer, v any) { _ = json.NewEncoder(w).Encode(v) }

func (s *Server) instance(w http.ResponseWriter, version string) {
	if version == "v2" && s.Old {
		fail(w, 404, "Not Found")
		return
	}
	tell(w, map[string]any{
		"domain": Host, "uri": Host, "version": "4.5.0", "api_versions": map[string]int{"mastodon": 7},
		"configuration": map[string]any{"statuses": map[string]int{
			"max_characters": s.Characters, "max_media_attachments": 4, "characters_reserved_per_url": 23,
		}},
	})
}

func (s *Server) accountJSON(a *account) map[string]any {
	user, _, _ := strings.Cut(a.acct, "@")
	return map[string]any{
		"id": a.id, "username": user, "acct": a.acct, "display_name": strings.ToUpper(user), "url": a.url(), "uri": a.url(),
		"created_at": "2026-01-01T00:00:00.000Z", "followers_count": 12, "following_count": 1, "statuses_count": 3,
		"locked": false, "bot": false, "note": "", "emojis": []any{}, "fields": []any{},
	}
}

func (s *Server) statusJSON(p *post) map[string]any {
	mentions, media := []any{}, []any{}
	for _, a := range s.mentioned(p) {
		user, _, _ := strings.Cut(a.acct, "@")
		mentions = append(mentions, map[string]any{"id": a.id, "username": user, "url": a.url(), "acct": a.acct})
	}
	for _, m := range p.media {
		media = append(media, map[string]any{"id": m, "type": "image", "url": Base + "/media/" + m + ".png", "description": s.uploads[m]})
	}
	j := map[string]any{
		"id": p.id, "created_at": p.at.Format("2006-01-02T15:04:05.000Z"), "edited_at": nil, "in_reply_to_id": nil, "in_reply_to_account_id": nil,
		"sensitive": p.warning != "", "spoiler_text": p.warning, "visibility": p.visibility, "language": "en",
		"uri": Base + "/users/" + p.by.acct + "/statuses/" + p.id, "url": p.by.url() + "/" + p.id,
		"replies_count": 0, "reblogs_count": 0, "favourites_count": 0, "content": s.render(p), "reblog": nil,
		"account": s.accountJSON(p.by), "media_attachments": media, "mentions": mentions, "tags": []any{}, "emojis": []any{}, "card": nil, "poll": nil,
	}
	if !p.edited.IsZero() {
		j["edited_at"] = p.edited.Format("2006-01-02T15:04:05.000Z")
	}
	if p.parent != "" {
		j["in_reply_to_id"] = p.parent
		if up := s.find(p.parent); up != nil {
			j["in_reply_to_account_id"] = up.by.id
		}
	}
	if p.reblog != nil {
		j["reblog"] = s.statusJSON(p.reblog)
	}
	return j
}

// visible says whether somebody may see a post.
func (s *Server) visible(p *post, me *account) bool {
	if p.visibility == "public" || p.visibility == "unlisted" {
		return me == nil || !p.by.blocks[me.id]
	}
	return me != nil && (p.by == me || slices.Contains(s.mentioned(p), me))
}

// page picks what is asked for of ids in descending order, and links to what follows.
func (s *Server) page(w http.ResponseWriter, r *http.Request, ids []string) []string {
	q := r.Form
	limit := 20
	if n, err := strconv.Atoi(q.Get("limit")); err == nil {
		limit = min(n, maxPage)
	}
	ids = slices.DeleteFunc(ids, func(id string) bool {
		return q.Get("max_id") != "" && compare(id, q.Get("max_id")) >= 0 ||
			q.Get("since_id") != "" && compare(id, q.Get("since_id")) <= 0 || q.Get("min_id") != "" && compare(id, q.Get("min_id")) <= 0
	})
	if q.Get("min_id") != "" && len(ids) > limit {
		ids = ids[len(ids)-limit:]
	}
	if len(ids) > limit {
		ids = ids[:limit]
	}
	if len(ids) > 0 {
		next, prev := url.Values{}, url.Values{}
		next.Set("max_id", ids[len(ids)-1])
		next.Set("limit", strconv.Itoa(limit))
		prev.Set("min_id", ids[0])
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next", <%s%s?%s>; rel="prev"`, Base, r.URL.Path, next.Encode(), Base, r.URL.Path, prev.Encode()))
	}
	return ids
}

func (s *Server) timeline(w http.ResponseWriter, r *http.Request, want func(*post) bool, me *account) {
	var ids []string
	for _, p := range slices.Backward(s.posts) {
		if want(p) {
			ids = append(ids, p.id)
		}
	}
	all := []any{}
	for _, id := range s.page(w, r, ids) {
		all = append(all, s.statusJSON(s.find(id)))
	}
	tell(w, all)
}

// tagged says whether a post is listed under a hashtag.
func tagged(p *post, tag string) bool {
	return p.reblog == nil && p.visibility == "public" && slices.Contains(strings.FieldsFunc(strings.ToLower(p.text), func(c rune) bool {
		return c == ' ' || c == '\n' || c == '.' || c == ','
	}), "#"+strings.ToLower(tag))
}

// tag tells how often a hashtag was used on each of the last seven days.
func (s *Server) tag(w http.ResponseWriter, tag string) {
	history := []any{}
	today := s.now().UTC().Truncate(24 * time.Hour)
	for back := range 7 {
		day, n := today.AddDate(0, 0, -back), 0
		for _, p := range s.posts {
			if tagged(p, tag) && p.at.Truncate(24*time.Hour).Equal(day) {
				n++
			}
		}
		history = append(history, map[string]string{"day": strconv.FormatInt(day.Unix(), 10), "uses": strconv.Itoa(n), "accounts": "1"})
	}
	tell(w, map[string]any{"name": tag, "url": Base + "/tags/" + tag, "history": history})
}

func (s *Server) listNotifications(w http.ResponseWriter, r *http.Request, me *account) {
	if me == nil {
		fail(w, 401, "The access token is invalid")
		return
	}
	byID := map[string]notification{}
	var ids []string
	for _, n := range slices.Backward(s.notifications) {
		if want := r.Form["types[]"]; n.to == me && (len(want) == 0 || slices.Contains(want, n.kind)) {
			ids = append(ids, n.id)
			byID[n.id] = n
		}
	}
	all := []any{}
	for _, id := range s.page(w, r, ids) {
		n := byID[id]
		all = append(all, map[string]any{
			"id": n.id, "type": n.kind, "created_at": n.at.Format("2006-01-02T15:04:05.000Z"),
			"account": s.accountJSON(n.from), "status": s.statusJSON(n.post),
		})
	}
	tell(w, all)
}

func (s *Server) search(w http.ResponseWriter, r *http.Request, me *account) {
	s.params(r, "q", "type", "resolve", "limit", "max_id", "min_id", "offset")
	if me == nil {
		fail(w, 401, "This API requires an authenticated user")
		return
	}
	var ids []string
	for _, p := range slices.Backward(s.posts) {
		if p.reblog == nil && s.visible(p, me) && strings.Contains(strings.ToLower(p.text), strings.ToLower(r.Form.Get("q"))) {
			ids = append(ids, p.id)
		}
	}
	all := []any{}
	for _, id := range s.page(w, r, ids) {
		all = append(all, s.statusJSON(s.find(id)))
	}
	w.Header().Del("Link") // results of a search have none
	tell(w, map[string]any{"accounts": []any{}, "statuses": all, "hashtags": []any{}})
}

package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/amends-care/amends/internal/auth"
	"github.com/amends-care/amends/internal/care"
)

// A listKind is a page that lists cases.
type listKind struct {
	Name, state string
	Title       string
	mine        bool   // only what whoever asks has
	grouped     bool   // by the time that is left
	Empty, Hint string // when there is nothing
}

func lists() []listKind {
	return []listKind{
		{Name: "queue", state: "needs", Title: "Needs us", grouped: true, Empty: "Nobody is waiting on us.", Hint: "New complaints show up here by themselves."},
		{Name: "mine", Title: "Mine", mine: true, grouped: true, Empty: "You have no open case.", Hint: "Take the next one from the queue when you are ready."},
		{Name: "awaiting", state: "awaiting", Title: "Waiting on them", Empty: "No customer owes us an answer.", Hint: "A case comes here when you reply and wait."},
		{Name: "snoozed", state: "snoozed", Title: "Snoozed", Empty: "Nothing is asleep.", Hint: "Snooze a case to hide it until a time, or until the customer writes."},
		{Name: "outside", state: "outside", Title: "Waiting on others", Empty: "Nobody outside the team has to act.", Hint: "A case comes here while the warehouse, the bank or somebody else has to act first."},
		{Name: "promised", state: "promised", Title: "Promised", Empty: "No promise is open.", Hint: "Write down what you tell a customer, and nobody forgets it."},
		{Name: "resolved", state: "resolved", Title: "Resolved", Empty: "Nothing is resolved yet.", Hint: "What you finish is kept here."},
		{Name: "dismissed", state: "dismissed", Title: "Dismissed", Empty: "Nothing was dismissed.", Hint: "Posts that turned out to be no complaint of ours are kept here."},
	}
}

type listPage struct {
	page
	Kind   listKind
	Query  CaseQuery
	Groups []rowGroup
	Count  int
	More   string // address of the next page
	First  string // address of the first one, on all others
	Chips  []chip
	CanAct bool
	Queue  string // to take the next one from
	After  string // place in the log, for live events

	Watching care.Watching // on the queue
	Saying   []IssueBrief  // where we promised to say more, on the promises
}

type rowGroup struct {
	Name, Class string
	Rows        []rowView
}

// A rowView is a row with what a page needs besides.
type rowView struct {
	CaseRow
	Left        timeLeft
	MoodN       int
	Who         string
	Icon        string
	Reach       string
	Holder      string
	Initials    string
	Colour      int
	TopicColour int
	Foreign     string // the language, where it is not one of the reader's
}

// A chip is a filter that is on, and the address without it.
type chip struct{ Name, Value, Without string }

func (s *Server) listPage(kind listKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := CaseQuery{State: kind.state, Limit: 100}
		p := listPage{Kind: kind, Chips: s.filters(r, &q)}
		if kind.mine {
			q.Assignee = askedOf(r.Context()).who.Name
		}
		found, err := s.page(r.Context(), &q)
		if err != nil {
			return err
		}
		rows, err := s.rows(r.Context(), found.Rows)
		if err != nil {
			return err
		}
		if p.page, err = s.framed(r, kind.Title); err != nil {
			return err
		}
		if kind.Name == "queue" && len(rows) == 0 && p.Backlog.All == 0 && len(s.Setup().Sources) == 0 {
			http.Redirect(w, r, "/start", http.StatusSeeOther)
			return nil
		}
		p.Query, p.Count, p.Live = q, len(rows), true
		p.CanAct = p.Me.May(auth.Work)
		p.After = strconv.FormatUint(uint64(found.Position), 10)
		if p.Queue = anyQueue; q.Queue != "" {
			p.Queue = q.Queue
		}
		p.More, p.First = paged(r, found.Next), ""
		if q.After != "" {
			p.First = paged(r, "-")
		}
		if p.Groups, err = s.grouped(r, rows, kind.grouped); err != nil {
			return err
		}
		if err := p.watch(r.Context(), s, kind.Name); err != nil {
			return err
		}
		return s.show(w, http.StatusOK, "list", p)
	}
}

// watch adds what the watch proposes to the queue, and what we promised about
// known issues to the promises.
func (p *listPage) watch(ctx context.Context, s *Server, kind string) error {
	switch kind {
	case "queue":
		p.Watching = s.Watching()
	case "promised":
		all, err := s.issues(ctx)
		if err != nil {
			return err
		}
		for _, i := range all.Issues {
			if !i.NextAt.IsZero() {
				p.Saying = append(p.Saying, i)
			}
		}
		slices.SortFunc(p.Saying, func(a, b IssueBrief) int { return a.NextAt.Compare(b.NextAt) })
	}
	return nil
}

// filters reads what a list is narrowed down to, and what takes each off again.
func (s *Server) filters(r *http.Request, q *CaseQuery) []chip {
	v, setup := r.URL.Query(), s.Setup()
	q.After = v.Get("after")
	var chips []chip
	for _, f := range []struct {
		name, title string
		set         func(string)
	}{
		{"queue", "Queue", func(x string) { q.Queue = x }},
		{"lane", "Lane", func(x string) { q.Lane = care.Lane(x) }},
		{"network", "Network", func(x string) { q.Network = x }},
		{"language", "Language", func(x string) { q.Language = x }},
		{"topic", "Topic", func(x string) { q.Topic = x }},
		{"severity", "Severity", func(x string) { q.Severity = care.Severity(x) }},
		{"tag", "Tag", func(x string) { q.Tag = x }},
		{"author", "Author", func(x string) { q.Author = care.AuthorKey(x) }},
		{"thread", "Thread", func(x string) { q.Thread = care.ThreadKey(x) }},
		{"assignee", "Assignee", func(x string) { q.Assignee = care.AgentID(x) }},
	} {
		value := v.Get(f.name)
		if value == "" || len(value) > 100 {
			continue
		}
		f.set(value)
		rest := r.URL.Query()
		rest.Del(f.name)
		rest.Del("after")
		shown := clean(value)
		switch f.name {
		case "author", "thread":
			shown = "this one"
		case "queue":
			shown = setup.titled(shown)
		}
		chips = append(chips, chip{f.title, shown, r.URL.Path + "?" + rest.Encode()})
	}
	return chips
}

// paged is the address of the page after a mark; "-" is the first page.
func paged(r *http.Request, mark string) string {
	if mark == "" {
		return ""
	}
	v := r.URL.Query()
	v.Del("did")
	v.Del("seq")
	if v.Del("after"); mark != "-" {
		v.Set("after", mark)
	}
	return (&url.URL{Path: r.URL.Path, RawQuery: v.Encode()}).String()
}

func (s *Server) grouped(r *http.Request, rows []CaseRow, byTime bool) ([]rowGroup, error) {
	team, err := s.team(r.Context())
	if err != nil {
		return nil, err
	}
	me := askedOf(r.Context()).who
	now := s.Now()
	var groups []rowGroup
	for i := range rows {
		name, class := "", ""
		if byTime {
			name, class = group(&rows[i], now)
		}
		if n := len(groups); n == 0 || groups[n-1].Name != name {
			groups = append(groups, rowGroup{Name: name, Class: class})
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, viewOf(rows[i], me, team, now))
	}
	return groups, nil
}

func viewOf(c CaseRow, me auth.Identity, team []auth.Account, now time.Time) rowView {
	v := rowView{CaseRow: c, Left: leftOf(c.Due, now), MoodN: moodLevel(c.Mood), Icon: networkIcon(c.Network), Reach: reach(c.Reach),
		TopicColour: colour(c.Topic)}
	switch a := c.Author; {
	case a.Name != "":
		v.Who = a.Name
	case a.Handle != "":
		v.Who = "@" + a.Handle
	default:
		v.Who = "Somebody"
	}
	if c.Assignee != "" {
		v.Holder = called(c.Assignee, team)
		v.Initials, v.Colour = initials(v.Holder), colour(string(c.Assignee))
		if c.Assignee == me.Name {
			v.Holder = "You"
		}
	}
	if c.Language != "" && !speaks(me.Languages, c.Language) {
		v.Foreign = strings.ToUpper(clean(c.Language))
	}
	return v
}

// speaks says whether a person reads a language. Who named none is taken to
// read English.
func speaks(mine []string, language string) bool {
	base, _, _ := strings.Cut(language, "-")
	if len(mine) == 0 {
		return base == "en"
	}
	for _, m := range mine {
		if b, _, _ := strings.Cut(m, "-"); b == base {
			return true
		}
	}
	return false
}

// called is a person's name for people.
func called(name care.AgentID, team []auth.Account) string {
	for _, a := range team {
		if a.Name == name {
			return a.Display
		}
	}
	return string(name)
}

func initials(name string) string {
	var out []rune
	for part := range strings.FieldsSeq(name) {
		if first := []rune(strings.ToUpper(part)); len(out) < 2 {
			out = append(out, first[0])
		}
	}
	return string(out)
}

// colour is one of eight for somebody, always the same.
func colour(name string) int {
	n := 0
	for _, b := range []byte(name) {
		n = (n*31 + int(b)) & 0xffff
	}
	return n % 8
}

func moodLevel(m care.Mood) int {
	switch m {
	case care.Calm:
		return 1
	case care.Annoyed:
		return 2
	case care.Angry:
		return 3
	case care.Furious:
		return 4
	}
	return 0
}

func networkIcon(network string) string {
	switch network {
	case "bluesky", "mastodon", "reddit", "youtube", "x", "instagram", "facebook", "threads", "telegram", "appstore":
		return "c-" + network
	case "play":
		return "c-googleplay"
	case "email":
		return "i-mail"
	case "feed":
		return "i-rss"
	}
	return "i-message-circle"
}

// reach is a number of followers as a narrow column has room for.
func reach(n int) string {
	switch {
	case n <= 0:
		return "–"
	case n < 1000:
		return strconv.Itoa(n)
	case n < 100_000:
		return strconv.FormatFloat(float64(n/100)/10, 'f', -1, 64) + "K"
	case n < 1_000_000:
		return strconv.Itoa(n/1000) + "K"
	}
	return strconv.FormatFloat(float64(n/100_000)/10, 'f', -1, 64) + "M"
}

// home leads to where work is: to the first steps when nothing is set up.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, "/queue", http.StatusSeeOther)
	return nil
}

// nextPost gives whoever asks the next case, or says that nobody waits.
func (s *Server) nextPost(w http.ResponseWriter, r *http.Request) error {
	queue := r.PostFormValue("queue")
	if queue == "" {
		queue = anyQueue
	}
	out, ok, err := s.takeNext(r.Context(), queue, Writing{Key: r.PostFormValue("op")}.op(r.Context()))
	if err != nil {
		return err
	}
	if !ok {
		s.after(w, r, local(r.PostFormValue("back")), "nobody", Written{})
		return nil
	}
	s.after(w, r, "/cases/"+string(out.Case), "next", out)
	return nil
}

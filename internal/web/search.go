package web

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/store"
	"github.com/amends-care/amends/internal/view"
	"github.com/amends-care/amends/internal/view/search"
)

// Finder searches cases, people and mentions.
type Finder interface {
	Search(ctx context.Context, s view.Search) (*view.Found, error)
}

type searchInput struct {
	Reading
	Q     string `query:"q" required:"true" maxLength:"1200" doc:"Words, \"phrases\", a case's number, a @handle, and filters as name:value: those of the list of cases, and from:, before: and after: (as 2026-03-31)."`
	After string `query:"after" maxLength:"20" doc:"next of the page before."`
	Limit int    `query:"limit" minimum:"1" maximum:"50" default:"20"`
}

// A SearchResult is a page of what a search found: what was named exactly
// first, then open cases, then the newest.
type SearchResult struct {
	Cases    []FoundCase    `json:"cases"`
	People   []FoundPerson  `json:"people" doc:"The first few; on the first page only."`
	Mentions []FoundMention `json:"mentions" doc:"In no case. The first few; on the first page only."`
	Next     string         `json:"next,omitempty" doc:"Pass as after for the next page of cases; absent: that was the last."`
	More     bool           `json:"more,omitempty" doc:"There is more than was looked at: the newest are shown."`
	Near     bool           `json:"near,omitempty" doc:"Nothing is written as was asked; this comes near."`
	Position store.Seq      `json:"position"`
}

// A FoundCase is a case with the part of it that was found.
type FoundCase struct {
	Case    CaseRow `json:"case"`
	Exact   bool    `json:"exact,omitempty" doc:"By its number, or by its author's whole handle."`
	Ours    bool    `json:"ours,omitempty" doc:"In what we wrote, or in its tags."`
	Snippet []Run   `json:"snippet" doc:"Pieces of text, cleaned; what was found is marked."`
}

// A FoundPerson is an author whose name was looked for.
type FoundPerson struct {
	Author  Author    `json:"author"`
	Network string    `json:"network"`
	Exact   bool      `json:"exact,omitempty"`
	LastAt  time.Time `json:"last_at"`
}

// A FoundMention is a mention in no case.
type FoundMention struct {
	ID       care.MentionID `json:"id"`
	Author   Author         `json:"author"`
	Network  string         `json:"network"`
	PostedAt time.Time      `json:"posted_at"`
	URL      string         `json:"url,omitempty"`
	Snippet  []Run          `json:"snippet"`
}

type searchOutput struct{ Body SearchResult }

// searchNames are the filters that a search knows besides those of a list.
func searchNames() []string { return append(filterNames(), "from", "before", "after") }

func (s *Server) search(ctx context.Context, in *searchInput) (*searchOutput, error) {
	look, filters, err := s.parseSearch(ctx, in)
	if err != nil {
		return nil, err
	}
	if look.Text.Empty() && look.From.Empty() {
		return s.searchByFilters(ctx, in, look, filters)
	}
	found, err := s.Finder.Search(ctx, look)
	if err != nil {
		return nil, err
	}
	out := SearchResult{Cases: []FoundCase{}, People: []FoundPerson{}, Mentions: []FoundMention{}, More: found.More, Near: found.Near, Position: found.Position}
	if found.Next > 0 {
		out.Next = strconv.Itoa(found.Next)
	}
	rows := make([]care.Row, len(found.Cases))
	for i, c := range found.Cases {
		rows[i] = c.Row
	}
	shown, err := s.rows(ctx, rows)
	if err != nil {
		return nil, err
	}
	for i, c := range found.Cases {
		one := FoundCase{Case: shown[i], Exact: c.Exact, Ours: c.Ours, Snippet: snippetRuns(c.Snippet)}
		if len(one.Snippet) == 0 {
			one.Snippet = shown[i].Excerpt
		}
		out.Cases = append(out.Cases, one)
	}
	for _, p := range found.People {
		m := care.Mention{Author: p.Author, Post: care.Post{Author: p.Shown}}
		out.People = append(out.People, FoundPerson{Author: author(&m), Network: p.Network, Exact: p.Exact, LastAt: p.LastAt})
	}
	for _, m := range found.Mentions {
		href, _ := link(m.Mention.Post.URL)
		out.Mentions = append(out.Mentions, FoundMention{
			ID: m.Mention.ID, Author: author(&m.Mention), Network: m.Mention.Post.Network, PostedAt: m.Mention.Post.PostedAt, URL: href, Snippet: snippetRuns(m.Snippet),
		})
	}
	return &searchOutput{out}, nil
}

// parseSearch reads what somebody typed.
func (s *Server) parseSearch(ctx context.Context, in *searchInput) (look view.Search, filters *CaseFilter, err error) {
	look.Limit, filters = in.Limit, &CaseFilter{}
	if look.Skip, err = strconv.Atoi(in.After); in.After != "" && (err != nil || look.Skip < 0) {
		return look, nil, unfit("after", "This page mark is not one of ours.")
	}
	if look.Text, err = search.Parse(in.Q, searchNames()); err != nil {
		return look, nil, err
	}
	for _, p := range look.Text.Filters {
		switch p.Name {
		case "from":
			if look.From, err = search.Parse(p.Value, nil); err == nil && look.From.Empty() {
				err = unfit("from", "from: needs a name or a handle.")
			}
		case "before":
			look.Until, err = day(p)
		case "after":
			if look.Since, err = day(p); err == nil {
				look.Since = look.Since.AddDate(0, 0, 1)
			}
		default:
			err = filters.set(p.Name, p.Value)
		}
		if err != nil {
			return look, nil, err
		}
	}
	filters.me(ctx)
	look.Cases = s.wants(filters)
	narrow := slices.ContainsFunc(look.Text.Filters, func(p search.Pair) bool {
		return !slices.Contains([]string{"network", "language", "from", "before", "after"}, p.Name)
	})
	look.Loose = func(m *care.Mention) bool {
		return !narrow && (filters.Network == "" || m.Post.Network == filters.Network) && (filters.Language == "" || m.Verdict.Labels.Language == filters.Language)
	}
	return look, filters, nil
}

// day is the beginning of a day, UTC.
func day(p search.Pair) (time.Time, error) {
	at, err := time.Parse(time.DateOnly, p.Value)
	if err != nil {
		return at, unfit(p.Name, "{name}: needs a day, as in {name}:2026-03-31.", "name", p.Name)
	}
	return at, nil
}

// wants says whether a row is what a query's filters want, in whatever list.
func (s *Server) wants(in *CaseFilter) func(*care.Row) bool {
	state := in.State
	q, wants := in.chosen()
	q.Now = s.Now()
	return func(r *care.Row) bool {
		return s.Cases.Wants(&q, r) && wants(r) && inState(r, state) && (in.Queue == "" || r.Queue == in.Queue) &&
			(in.Author == "" || r.Author == in.Author) && (in.Thread == "" || r.Thread == in.Thread)
	}
}

// searchByFilters is a search without words: the list that the filters choose.
func (s *Server) searchByFilters(ctx context.Context, in *searchInput, look view.Search, filters *CaseFilter) (*searchOutput, error) {
	out := SearchResult{Cases: []FoundCase{}, People: []FoundPerson{}, Mentions: []FoundMention{}, Position: s.Cases.Position()}
	if len(look.Text.Filters) == 0 {
		return &searchOutput{out}, nil
	}
	if filters.State == "" && filters.Assignee == "" {
		filters.State = "all"
	}
	first := CaseQuery{CaseFilter: *filters, Limit: look.Skip + in.Limit + 1}
	if first.Limit > 200 {
		return &searchOutput{out}, nil
	}
	p, err := s.page(ctx, &first)
	if err != nil {
		return nil, err
	}
	rows := p.Rows[min(look.Skip, len(p.Rows)):]
	rows = slices.DeleteFunc(rows, func(r care.Row) bool {
		return !look.Since.IsZero() && r.LastAt.Before(look.Since) || !look.Until.IsZero() && !r.OpenedAt.Before(look.Until)
	})
	if len(rows) > in.Limit {
		rows, out.Next = rows[:in.Limit], strconv.Itoa(look.Skip+in.Limit)
	}
	shown, err := s.rows(ctx, rows)
	if err != nil {
		return nil, err
	}
	for _, c := range shown {
		out.Cases = append(out.Cases, FoundCase{Case: c, Snippet: c.Excerpt})
	}
	out.More = p.Next != ""
	return &searchOutput{out}, nil
}

// snippetRuns cleans a snippet and marks what was found.
func snippetRuns(sn search.Snippet) []Run {
	why := make([]care.Reason, len(sn.Marks))
	for i, m := range sn.Marks {
		why[i] = care.Reason{From: m.From, To: m.To, Weight: 1}
	}
	return excerpt(runs(sn.Text, why, false), excerptLength)
}

package hackernews

import (
	"context"
	"slices"

	"github.com/amends-care/amends/internal/care"
	"github.com/amends-care/amends/internal/network"
)

// Most that is told of one thread.
const maxThread = 1000 // posts

// Look implements [network.Looker].
func (a *Account) Look(ctx context.Context, ids []care.Remote) ([]network.Item, error) {
	return network.LookEach(name, ids, func(id care.Remote) (network.Item, error) { return a.look(ctx, id) })
}

func (a *Account) look(ctx context.Context, id care.Remote) (network.Item, error) {
	i, err := a.item(ctx, id)
	if err != nil {
		return network.Item{}, err
	}
	if i.Author == "" {
		return network.Item{}, network.Gone.Because("the post was deleted")
	}
	p, err := i.read()
	if err != nil {
		return network.Item{}, &network.Error{Fault: network.Malformed, Err: err}
	}
	return network.Item{Kind: network.Seen, Post: p}, nil
}

// item reads a post and all below it.
func (a *Account) item(ctx context.Context, id care.Remote) (*item, error) {
	if !idPattern.MatchString(string(id)) {
		return nil, network.Malformed.Unsent("the id is not of a post on Hacker News")
	}
	var i item
	if _, err := a.ask(ctx, "/api/v1/items/"+string(id), &i); err != nil {
		return nil, err
	}
	if i.ID <= 0 {
		return nil, network.Malformed.Because("the answer is no post")
	}
	return &i, nil
}

// Thread implements [network.Threader]: the story and all its comments.
func (a *Account) Thread(ctx context.Context, id care.Remote) ([]care.Post, error) {
	top, err := a.item(ctx, id)
	if err != nil {
		return nil, err
	}
	if top.Parent > 0 && top.StoryID > 0 && top.StoryID != top.ID {
		p, err := top.read()
		if err != nil {
			return nil, &network.Error{Fault: network.Gone, Err: err}
		}
		if top, err = a.item(ctx, p.Thread); err != nil {
			return nil, err
		}
	}
	var posts []care.Post
	for level := []*item{top}; len(level) > 0 && len(posts) < maxThread; {
		var below []*item
		for _, i := range level {
			if i == nil {
				continue
			}
			if p, err := i.read(); err == nil { // else deleted: what stands below it stands
				posts = append(posts, p)
			}
			below = append(below, i.Children...)
		}
		level = below
	}
	slices.SortStableFunc(posts, func(a, b care.Post) int { return a.PostedAt.Compare(b.PostedAt) })
	return posts[:min(len(posts), maxThread)], nil
}

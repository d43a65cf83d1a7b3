package watch

// Held counts the posts that are remembered.
func (c *Crowd) Held() int { return len(c.posts) }

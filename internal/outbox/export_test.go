package outbox

// Resting counts the cases that are left alone for a while.
func (b *Outbox) Resting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rest)
}

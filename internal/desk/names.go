package desk

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"hash"
	"sync"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// names makes the keyed hashes that stand for people and threads in the log.
type names struct {
	pool sync.Pool
}

func newNames(key []byte) *names {
	return &names{pool: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

var nameText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// hash names a thing of a network: 16 bytes, so that no two are ever the same.
func (n *names) hash(kind, network, id string) string {
	sum := n.mac(kind, network, id)
	return nameText.EncodeToString(sum[:16])
}

func (n *names) mac(parts ...string) (sum [sha256.Size]byte) {
	h := n.pool.Get().(hash.Hash)
	defer n.pool.Put(h)
	h.Reset()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Sum(sum[:0])
	return sum
}

// maxRemote is how many bytes of a network's id a document's name takes in.
const maxRemote = 512

// key names a document after a network's id. A network may use any length, and
// a store not: a long id is hashed.
func (n *names) key(kind, network string, r care.Remote) string {
	if len(r) > maxRemote {
		r = "~" + care.Remote(n.hash(kind, network, string(r)))
	}
	return kind + "/" + network + "/" + string(r)
}

// seen names the document that leads from a post to its mention.
func (n *names) seen(network string, r care.Remote) string { return n.key("seen", network, r) }

// gone names the document that keeps a post away.
func (n *names) gone(network string, r care.Remote) string {
	return "gone/" + network + "/" + n.hash("post", network, string(r))
}

// loose names the document of a thread's mentions that are in no case.
func (n *names) loose(p *care.Post) string { return n.key("thread", p.Network, threadOf(p)) }

func (n *names) author(p *care.Post) care.AuthorKey {
	id := p.Author.ID
	if id == "" {
		id = p.Author.Handle
	}
	if id == "" {
		id = "post " + string(p.Remote) // nobody: each post is somebody of its own
	}
	return care.AuthorKey(n.hash("author", p.Network, id))
}

func (n *names) thread(p *care.Post) care.ThreadKey {
	return care.ThreadKey(n.hash("thread", p.Network, string(threadOf(p))))
}

// threadOf is the post that a post's thread began with, so far as is known.
func threadOf(p *care.Post) care.Remote {
	switch {
	case p.Thread != "":
		return p.Thread
	case p.InReplyTo != "":
		return p.InReplyTo
	}
	return p.Remote
}

// ids makes time-ordered ids. Those of one process are strictly ascending as
// long as the instants given are not.
type ids struct {
	mu      sync.Mutex
	last    int64
	counter uint32
	chance  [5]byte
}

func newIDs() *ids {
	i := &ids{}
	rand.Read(i.chance[:]) // never fails
	return i
}

// next returns a new id for an instant.
func (i *ids) next(at time.Time) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if ms := at.UnixMilli(); ms > i.last {
		i.last, i.counter = ms, 0
	}
	i.counter++
	return care.TimeID(time.UnixMilli(i.last), i.counter, i.chance)
}

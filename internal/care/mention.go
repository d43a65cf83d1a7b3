package care

import "time"

// A PostKind is what a post is, the network sees it.
type PostKind string

// The kinds of post.
const (
	PostPublic PostKind = "post"    // anybody may read it
	PostReview PostKind = "review"  // in a shop or directory
	PostDirect PostKind = "message" // only we can read it
)

// An Author is the account that wrote a post, as the network showed it when we
// last read the post.
type Author struct {
	ID        string `json:"id,omitempty"`     // stable on the network; the handle where there is nothing better
	Handle    string `json:"handle,omitempty"` // without a leading @
	Name      string `json:"name,omitempty"`
	Followers int    `json:"followers,omitempty"` // 0 also when not known
}

// A Link is something attached to a post.
type Link struct {
	URL  string `json:"url,omitempty"`
	Kind string `json:"kind,omitempty"` // image | video | link | quote | file
	Alt  string `json:"alt,omitempty"`  // the author's own description
}

// A Post is what a network shows: text by a stranger, kept as it came.
type Post struct {
	Network   string    `json:"network,omitempty"`
	Remote    Remote    `json:"remote,omitempty"`   // the same for ever, also after an edit
	Revision  Remote    `json:"revision,omitempty"` // where an edit gets an id of its own; else empty
	Kind      PostKind  `json:"kind,omitempty"`
	Author    Author    `json:"author"`
	Text      string    `json:"text,omitempty"`
	Language  string    `json:"language,omitempty"` // as the network says; empty when it doesn't
	PostedAt  time.Time `json:"posted_at,omitzero"`
	EditedAt  time.Time `json:"edited_at,omitzero"` // zero: never
	URL       string    `json:"url,omitempty"`
	InReplyTo Remote    `json:"in_reply_to,omitempty"` // the post it answers
	Thread    Remote    `json:"thread,omitempty"`      // the first post of the chain; its own id when it starts one
	Summoned  bool      `json:"summoned,omitempty"`    // it addresses our account: a mention, a quote, an answer to us
	Rating    int       `json:"rating,omitempty"`      // stars of a review, 1–5; 0: none
	Links     []Link    `json:"links,omitempty"`
	Shares    int       `json:"shares,omitempty"`  // how often it was passed on when we read it: reposts and quotes
	Warning   string    `json:"warning,omitempty"` // why the author or the network hides it at first; empty: neither does
}

func (p *Post) fields(c *codec) {
	enum(c, &p.Network, networks)
	str(c, &p.Remote)
	str(c, &p.Revision)
	enum(c, &p.Kind, postKinds)
	c.block(p.Author.fields)
	c.text(&p.Text)
	c.text(&p.Language)
	c.time(&p.PostedAt)
	c.time(&p.EditedAt)
	c.text(&p.URL)
	str(c, &p.InReplyTo)
	str(c, &p.Thread)
	c.bool(&p.Summoned)
	c.int(&p.Rating)
	blocks(c, &p.Links)
	c.int(&p.Shares)
	c.text(&p.Warning)
}

func (a *Author) fields(c *codec) {
	c.text(&a.ID)
	c.text(&a.Handle)
	c.text(&a.Name)
	c.int(&a.Followers)
}

func (l *Link) fields(c *codec) { c.text(&l.URL); c.text(&l.Kind); c.text(&l.Alt) }

// A Reason is a span of the text that moved the verdict. It holds offsets,
// never words, so it outlives an erasure without telling anything.
type Reason struct {
	From   int     `json:"from,omitempty"`   // bytes of Post.Text
	To     int     `json:"to,omitempty"`     // bytes of Post.Text
	Weight float64 `json:"weight,omitempty"` // in log odds; positive speaks for a complaint
}

// A Verdict is the classifier's opinion of a mention, as it was when we judged.
type Verdict struct {
	Complaint   bool     `json:"complaint,omitempty"`
	Probability float64  `json:"probability,omitempty"` // calibrated, 0–1
	Model       string   `json:"model,omitempty"`       // name@hash
	Labels      Labels   `json:"labels,omitzero"`
	Sentiment   string   `json:"sentiment,omitempty"` // negative | neutral | positive; empty: not judged
	Wants       string   `json:"wants,omitempty"`     // complaint | question | praise | mention | spam | bait; empty: not judged
	Why         []Reason `json:"why,omitempty"`
}

func (v *Verdict) fields(c *codec) {
	c.bool(&v.Complaint)
	c.float(&v.Probability)
	c.text(&v.Model)
	c.block(v.Labels.fields)
	c.text(&v.Sentiment)
	c.text(&v.Wants)
	blocks(c, &v.Why)
}

func (r *Reason) fields(c *codec) { c.int(&r.From); c.int(&r.To); c.float(&r.Weight) }

func (l *Labels) fields(c *codec) {
	enum(c, &l.Network, networks)
	c.text(&l.Language)
	c.text(&l.Topic)
	enum(c, &l.Severity, severities)
	enum(c, &l.Mood, moods)
	list(c, &l.Urgency, func(c *codec, u *Urgency) { enum(c, u, urgencies) })
	c.int(&l.Reach)
	texts(c, &l.Lists)
	c.text(&l.Brand)
	c.time(&l.At)
}

// A Mention is one post about the brand as we keep it: the document
// mention/<id>. Everything in it may be erased.
type Mention struct {
	ID      MentionID `json:"id,omitempty"`
	Source  string    `json:"source,omitempty"` // the source that saw it first
	SeenAt  time.Time `json:"seen_at,omitzero"`
	Own     bool      `json:"own,omitempty"`     // written by an account of ours; never judged
	Deleted bool      `json:"deleted,omitempty"` // the customer took it back: Post.Text and Author are gone
	Late    bool      `json:"late,omitempty"`    // old when we first saw it, and not for the reason that we did not look
	Post    Post      `json:"post"`
	Verdict Verdict   `json:"verdict"`
	Author  AuthorKey `json:"author,omitempty"`
	Thread  ThreadKey `json:"thread,omitempty"`
	Case    CaseID    `json:"case,omitempty"` // that it was put into, if any; merges and splits are followed from there
}

const mentionVersion = 1

func (m *Mention) fields(c *codec) {
	str(c, &m.ID)
	c.text(&m.Source)
	c.time(&m.SeenAt)
	c.bool(&m.Own)
	c.bool(&m.Deleted)
	c.block(m.Post.fields)
	c.block(m.Verdict.fields)
	str(c, &m.Author)
	str(c, &m.Thread)
	str(c, &m.Case)
	c.bool(&m.Late)
}

// Encode gives the bytes of the document mention/<id>.
func (m *Mention) Encode() []byte {
	return encode(mentionVersion, 256+len(m.Post.Text), m.fields)
}

// DecodeMention reads what Encode wrote, by this version or an older one.
func DecodeMention(b []byte) (Mention, error) {
	var m Mention
	err := decode(b, mentionVersion, "mention", m.fields)
	return m, err
}

// A Text is what a person of the team wrote in a case (a reply, note, promise
// or handoff): the document text/<case>/<n>.
type Text struct {
	Body string `json:"body,omitempty"`
	To   Remote `json:"to,omitempty"`   // the post a reply answers
	Sent Remote `json:"sent,omitempty"` // the reply's own id on the network, once it is there
	URL  string `json:"url,omitempty"`  // where the sent reply can be seen
	// Pictures go with a reply.
	Pictures []Picture `json:"pictures,omitempty"`
}

const textVersion = 1

func (t *Text) fields(c *codec) {
	c.text(&t.Body)
	str(c, &t.To)
	str(c, &t.Sent)
	c.text(&t.URL)
	blocks(c, &t.Pictures)
}

func (p *Picture) fields(c *codec) {
	c.text(&p.Type)
	c.text(&p.Alt)
	bytes := string(p.Bytes)
	if c.text(&bytes); c.reading && bytes != "" {
		p.Bytes = []byte(bytes)
	}
}

// Encode gives the bytes of the document text/<case>/<n>.
func (t *Text) Encode() []byte { return encode(textVersion, 64+len(t.Body), t.fields) }

// DecodeText reads what Encode wrote.
func DecodeText(b []byte) (Text, error) {
	var t Text
	err := decode(b, textVersion, "text", t.fields)
	return t, err
}

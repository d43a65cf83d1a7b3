package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"time"

	"github.com/amends-care/amends/internal/care"
)

// A NewReply is an answer to a customer.
type NewReply struct {
	Text        string         `json:"text" minLength:"1" maxLength:"10000"`
	To          care.MentionID `json:"to,omitempty" maxLength:"40" doc:"The mention to answer; absent: the oldest that waits."`
	Direct      bool           `json:"direct,omitempty" doc:"As a direct message instead of in public."`
	Then        string         `json:"then,omitempty" enum:"await,resolve,keep" doc:"What follows once it is sent: wait for the customer (the default), resolve, or keep the case."`
	Disposition string         `json:"disposition,omitempty" maxLength:"60" doc:"With which to resolve."`
	Macro       string         `json:"macro,omitempty" maxLength:"200" doc:"The canned reply it was made of: its tags, snooze and promise follow."`
	Details     Details        `json:"details,omitempty" maxProperties:"20" doc:"What has to be told with the disposition, by name."`
	As          string         `json:"as,omitempty" maxLength:"100" doc:"Which of our accounts; absent: the source's own."`
	Ours        bool           `json:"ours,omitempty" doc:"The personal details in it are our own, such as our telephone number: else a public reply with some is refused."`
	Promises    []NewPromise   `json:"promises,omitempty" maxItems:"5" doc:"What it promises, to be kept track of from now on."`
	Pictures    []NewPicture   `json:"pictures,omitempty" maxItems:"4" doc:"Go with the text, where permission.pictures allows it. All together no more than 700 kB."`
}

// A NewPicture goes with an answer.
type NewPicture struct {
	Type  string `json:"type" enum:"image/png,image/jpeg"`
	Alt   string `json:"alt" minLength:"1" maxLength:"1000" doc:"What it shows, for those who can't see it."`
	Bytes []byte `json:"bytes" doc:"In base64."`
}

// reply asks for an answer to be sent. Nothing leaves before the time to undo
// it is over.
func (s *Server) reply(ctx context.Context, a act, in NewReply) (Written, error) {
	if in.Then == "" {
		in.Then = care.ThenAwait
	}
	if err := needText(in.Text, "text"); err != nil {
		return Written{}, err
	}
	if in.Then == care.ThenResolve {
		if err := s.knownEnd(in.Disposition); err != nil {
			return Written{}, err
		}
	} else {
		in.Disposition, in.Details = "", nil
	}
	if err := discreet(in); err != nil {
		return Written{}, err
	}
	setup := s.Setup()
	var macro *care.Macro
	if in.Macro != "" {
		var err error
		if macro, err = setup.macro(in.Macro); err != nil {
			return Written{}, err
		}
	}
	p, err := s.Cases.Case(ctx, a.id)
	if err != nil {
		return Written{}, err
	}
	if to := p.Case.ToAnswer(); in.To == "" && to != nil {
		in.To = to.Mention
	}
	m, there := p.Mentions[in.To]
	if there {
		may, err := s.permitted(ctx, &m)
		if err == nil {
			err = sendable(in, may)
		}
		if err != nil {
			return Written{}, err
		}
	}
	pictures, err := drawn(in.Pictures)
	if err != nil {
		return Written{}, err
	}
	req := care.ReplyRequested{To: in.To, Key: rand.Text(), Direct: in.Direct, As: in.As, Then: in.Then, Disposition: in.Disposition}
	out, err := s.decideWith(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, []care.KeptText, error) {
		req.Reply, req.NotBefore = c.NextText(), now.Add(setup.UndoFor)
		req.Approval = care.ToApprove(setup.Approvals, c, in.Text)
		texts := []care.KeptText{{Case: a.id, N: req.Reply, Text: care.Text{Body: in.Text, To: m.Post.Remote, Pictures: pictures}}}
		if err := s.told(s.teller(ctx), c.Queue, in.Disposition, in.Details); err != nil {
			return nil, nil, err
		}
		if len(in.Details) > 0 {
			req.Details = req.Reply + 1
			texts = append(texts, care.KeptText{Case: a.id, N: req.Details, Text: care.Text{Body: in.Details.text()}})
		}
		events, err := c.RequestReply(a.who.Name, req)
		if err == nil && macro != nil && len(events) > 0 {
			promise := max(req.Reply, req.Details) + 1
			var more []care.Event
			if more, err = macro.Follow(c, a.who.Name, req.Reply, promise, now); macro.Promise != "" {
				texts = append(texts, care.KeptText{Case: a.id, N: promise, Text: care.Text{Body: in.Text}})
			}
			events = append(events, more...)
		}
		if err == nil && len(events) > 0 {
			var more []care.Event
			var told []care.KeptText
			more, told, err = promised(c, a, now, req.Reply, nextText(texts), in.Promises)
			events, texts = append(events, more...), append(texts, told...)
		}
		if err == nil && !there {
			err = &care.Error{Code: care.Conflict, Field: "to", Msg: "The text of this mention is gone, so it can't be answered."}
		}
		return events, texts, err
	})
	if err != nil {
		return Written{}, err
	}
	if err := s.Drafts.Drop(ctx, a.id, a.who.Name); err != nil {
		return Written{}, fmt.Errorf("drop the draft: %w", err)
	}
	return s.numbered(ctx, out, func(e care.Event) (int, bool) { r, ok := e.(care.ReplyRequested); return r.Reply, ok })
}

// sendable says why a text can't be sent this way, or nil.
func sendable(in NewReply, may care.Permission) error {
	bad := func(code care.Code, field string, msg care.Phrase, with ...any) error {
		return &care.Error{Code: code, Field: field, Msg: msg, With: with}
	}
	if found := care.RawPlaceholder(in.Text); found != "" {
		return bad(care.Invalid, "text", "The text still has a placeholder in it: {placeholder}.", "placeholder", found)
	}
	switch {
	case may.How == care.ByNone:
		return bad(care.Conflict, "to", "This can't be answered: {why}", "why", may.Says())
	case may.How == care.ByHand:
		return bad(care.Conflict, "to", "This has to be answered on the network itself: {why}", "why", may.Says())
	case in.Direct && !may.Direct:
		return bad(care.Conflict, "direct", "A direct message is not possible here.")
	}
	if len(in.Pictures) > may.Pictures {
		return bad(care.Invalid, "pictures", "The network takes {n} pictures with an answer.", "n", may.Pictures)
	}
	length := may.LengthOf(in.Direct)
	if n := length.Of(in.Text); length.Max > 0 && n > length.Max {
		return bad(care.Invalid, "text", "This has {n} {unit}; the network takes {max}.", "n", n, "unit", length.Counts(), "max", length.Max)
	}
	return nil
}

// drawn makes sure that pictures are what they say: decoded and drawn anew, so
// that nothing else goes with them, such as the place where they were taken.
func drawn(in []NewPicture) (out []care.Picture, err error) {
	for _, p := range in {
		bad := &care.Error{Code: care.Invalid, Field: "pictures", Msg: "This is not a picture that can be sent: take a PNG or a JPEG of at most 20 million pixels."}
		size, _, err := image.DecodeConfig(bytes.NewReader(p.Bytes))
		if err != nil || size.Width*size.Height > maxPixels {
			return nil, bad
		}
		img, _, err := image.Decode(bytes.NewReader(p.Bytes))
		if err != nil {
			return nil, bad
		}
		var b bytes.Buffer
		if p.Type == "image/png" {
			err = png.Encode(&b, img)
		} else {
			err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 90})
		}
		if err != nil {
			return nil, fmt.Errorf("draw a picture anew: %w", err)
		}
		out = append(out, care.Picture{Type: p.Type, Alt: p.Alt, Bytes: b.Bytes()})
	}
	return out, nil
}

const maxPixels = 20_000_000

func (s *Server) undoReply(ctx context.Context, a act) (Written, error) {
	out, err := s.decide(ctx, a, func(_ time.Time, c *care.Case) ([]care.Event, error) { return c.UndoReply(a.who.Name, a.n) })
	out.N = a.n
	return out, err
}

// A Settlement is a person's word on a reply of which nobody knows whether it
// arrived.
type Settlement struct {
	Sent bool `json:"sent" doc:"It is on the network. If not, it may be written anew."`
}

func (s *Server) settleReply(ctx context.Context, a act, in Settlement) (Written, error) {
	out, err := s.decide(ctx, a, func(now time.Time, c *care.Case) ([]care.Event, error) {
		if c.Assignee != "" && c.Assignee != a.who.Name && !c.State.Over() {
			return nil, &care.Error{Code: care.Conflict, Msg: "{who} has this case.", With: []any{"who", c.Assignee}}
		}
		return c.SettleReply(a.n, now, in.Sent)
	})
	out.N = a.n
	return out, err
}

package care

import (
	"regexp"
	"slices"
	"strings"
)

// An ApprovalRule says which replies a second person has to look at. Whatever it
// names has to fit; what it leaves out fits always.
type ApprovalRule struct {
	Name    string
	Queues  []string
	Topics  []string
	Urgency []Urgency
	Words   []string // in the reply, whole words, in any case
	Amounts bool     // the reply names a sum of money
}

var amount = regexp.MustCompile(`(?i)(?:[€$£¥₹]|\b(?:eur|usd|gbp|chf|euros?|dollars?|pounds?|pfund|franken|libras)\b)\s?\d|\d(?:[\d.,]*\d)?\s?(?:[€$£¥₹]|(?:eur|usd|gbp|chf|euros?|dollars?|pounds?|pfund|franken|libras)\b)`)

// Fits says whether a reply of a case is one of those.
func (r *ApprovalRule) Fits(c *Case, text string) bool {
	return (len(r.Queues) == 0 || slices.Contains(r.Queues, c.Queue)) &&
		(len(r.Topics) == 0 || slices.ContainsFunc(c.Mentions, func(m CaseMention) bool { return slices.Contains(r.Topics, m.Labels.Topic) })) &&
		(len(r.Urgency) == 0 || slices.ContainsFunc(c.Mentions, func(m CaseMention) bool {
			return slices.ContainsFunc(m.Labels.Urgency, func(u Urgency) bool { return slices.Contains(r.Urgency, u) })
		})) &&
		(len(r.Words) == 0 || slices.ContainsFunc(r.Words, func(w string) bool { return says(text, w) })) &&
		(!r.Amounts || amount.MatchString(text))
}

// says looks for a phrase that begins and ends with whole words.
func says(text, phrase string) bool {
	plain := func(s string) string {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !letter(r) }), " ") + " "
	}
	p := plain(phrase)
	return strings.TrimSpace(p) != "" && strings.Contains(plain(text), p)
}

// ToApprove names the first rule that a reply has to be approved by; "": none.
func ToApprove(rules []ApprovalRule, c *Case, text string) string {
	for i := range rules {
		if rules[i].Fits(c, text) {
			return rules[i].Name
		}
	}
	return ""
}

// ApproveReply lets a reply leave that waits for it. Nobody approves their own.
func (c *Case) ApproveReply(by AgentID, n int) ([]Event, error) {
	if err := c.approvable(by, n); err != nil {
		return nil, err
	}
	return []Event{ReplyApproved{Reply: n}}, nil
}

// RefuseReply keeps a reply from leaving. note says why.
func (c *Case) RefuseReply(by AgentID, n, note int) ([]Event, error) {
	if err := c.approvable(by, n); err != nil {
		return nil, err
	}
	return []Event{ReplyRefused{Reply: n, Note: note}}, nil
}

func (c *Case) approvable(by AgentID, n int) error {
	switch r := c.Reply(n); {
	case r == nil:
		return &Error{Code: NotFound, Msg: "There is no such reply."}
	case !r.Waits():
		return conflict("This reply does not wait for anybody.")
	case r.By.Agent() == by:
		return &Error{Code: Denied, Msg: "Somebody else has to look at your reply."}
	}
	return nil
}

// Waits says that a reply can't leave before somebody approved it.
func (r *Reply) Waits() bool { return r.State == ReplyIsRequested && r.Approval != "" }

package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/amends-care/amends/internal/care"
)

// newAuthor invents somebody who speaks a language, with an account on a
// network. n tells people of one name apart.
func (c *content) newAuthor(t *tongue, v *venue, r *rand.Rand, n uint64) care.Author {
	s := newSpeech(t, r)
	name := s.pick("given")
	switch r.IntN(10) {
	case 0, 1, 2, 3, 4:
		name += " " + s.pick("family")
	case 5, 6:
		name += " " + string([]rune(s.pick("family"))[:1]) + "."
	}
	if r.IntN(160) == 0 {
		odd := c.hostile.sections["names"]
		name = newSpeech(c.hostile, r).say(odd[r.IntN(len(odd))], s.at)
	}
	handle := handleOf(s.pick("handle"), r, n)
	a := care.Author{ID: fmt.Sprintf("%s-%x", v.name, n*2654435761%0xffffffff), Handle: handle, Name: name, Followers: followers(r)}
	switch v.name {
	case "x":
		a.ID, a.Handle = fmt.Sprint(1_000_000_000+n*7919), strings.ReplaceAll(handle, ".", "_")
	case "bluesky":
		a.Handle = strings.ReplaceAll(handle, "_", "-") + ".bsky.example"
		a.ID = fmt.Sprintf("did:plc:%024x", n*0x9e3779b97f4a7c15)
	case "mastodon":
		a.Handle = strings.ReplaceAll(handle, ".", "_") + "@social.example"
		a.ID = fmt.Sprint(109_000_000_000 + n*31)
	case "reddit":
		a.Name = ""
	case "facebook":
		a.Handle, a.Followers = "", 0
	case "play", "appstore":
		a.Followers = 0
	}
	if a.Handle == "" {
		a.Handle = a.ID
	}
	return a
}

// followers is how many read somebody: a few hundred mostly, many thousand now
// and then.
func followers(r *rand.Rand) int {
	return int(math.Exp(5.4 + r.NormFloat64()*1.7))
}

// us is the brand's own account on a network.
func us(v *venue) care.Author {
	a := care.Author{ID: v.name + "-lindavo", Handle: ourHandle, Name: ourName, Followers: 48_200}
	switch v.name {
	case "bluesky":
		a.ID, a.Handle = "did:plc:lindavo00000000000000000", "lindavo.example"
	case "mastodon":
		a.Handle = "lindavo@social.example"
	}
	return a
}

// call is how a post names the brand, and whether that addresses the account.
func (v *venue) call(r *rand.Rand) (name string, summoned bool) {
	switch {
	case v.kind == care.PostDirect:
		return ourName, true
	case v.review:
		return ourName, true
	case v.tag && r.IntN(100) < 72:
		return "@" + strings.TrimSuffix(us(v).Handle, "@social.example"), true
	case v.tag && r.IntN(100) < 15:
		return "#lindavo", false
	}
	return ourName, v.name == "youtube"
}

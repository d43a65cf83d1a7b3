package feature

import (
	"math"
	"math/bits"

	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/internal/scan"
)

// Cues beyond the classes of words: how it is written, and which classes meet.
const (
	cueLong         = lexicon.Cues + iota // lengthened words
	CueCaps                               // share of words in capitals
	CueShout                              // all of it in capitals
	CueBang                               // exclamation marks
	CueQuery                              // question marks
	cueEndsQuery                          // the last sentence is a question
	cueDots                               // an ellipsis
	cueQuote                              // quotation marks
	CueLink                               // a link
	cueHandle                             // a handle anywhere
	cueTo                                 // begins with a handle
	cueVia                                // a handle elsewhere
	CueRepost                             // begins with RT
	cueTags                               // hashtags
	cueNumber                             // numbers
	cueLength                             // how long
	cueShort                              // five words or fewer
	cueEmoji                              // emoji
	cueYouBad                             // second person and something wrong
	cueMeBad                              // first person and something wrong
	cueDenyService                        // negation and a service
	cueThanksBad                          // thanks and something wrong: irony, or a mended matter
	cueGoodOnly                           // praise and nothing wrong
	cueAskOnly                            // a question and nothing wrong
	cuePleaseBad                          // politeness and something wrong
	cueServiceBad                         // a service and something wrong
	cueToBad                              // to a handle, and something wrong
	cueToMe                               // to a handle, of oneself
	cueLexicon                            // any word of the lists at all
	cueGoodBad                            // praise and something wrong
	cueGoodWait                           // praise, and waiting or nobody answering
	cuePraiseTurned                       // praise, then "but", then something wrong
	cueBadTurned                          // something wrong, then "but", then praise
	cueQuotedBad                          // all that is wrong stands in quotation marks
	cueThreat                             // law or authority, to a handle or "you"
	cueDanger                             // danger, of oneself or to "you"
	cueLeaving                            // an end of business, of oneself or to "you"
	NumCues
)

// A Hit is where a cue was seen: tokens First to Last.
type Hit struct {
	Cue         int
	First, Last int
}

// wrong are the classes that say something went wrong.
var wrong = [...]int{lexicon.Wait, lexicon.Promise, lexicon.Silence, lexicon.Cancel, lexicon.Again, lexicon.Broken, lexicon.Bad, lexicon.Swear, lexicon.Irony, lexicon.Sad, lexicon.Why}

// Cue fills Cues and Hits from the scanned text, with the word lists of lang.
// Found collects the classes for triage.
func (x *Extractor) Cue(m *lexicon.Matcher, lang string) {
	x.Cues, x.count = [NumCues]float32{}, [NumCues]int32{}
	x.Hits, x.Triage, x.Set = x.Hits[:0], x.Triage[:0], x.Set[:0]
	m.Find(x.Scanner, lang, x.found)
	x.surface()
	for i, n := range x.count {
		if n > 0 {
			x.Cues[i] += log1p(n)
		}
	}
	x.meet()
	for i, v := range x.Cues {
		if v != 0 {
			x.Set = append(x.Set, uint8(i))
		}
	}
}

func (x *Extractor) hit(set lexicon.Set, first, last int) {
	for ; set != 0; set &= set - 1 {
		c := bits.TrailingZeros64(uint64(set))
		if c >= lexicon.Cues {
			x.Triage = append(x.Triage, Hit{c, first, last})
			continue
		}
		x.count[c]++
		x.Hits = append(x.Hits, Hit{c, first, last})
	}
}

func log1p(n int32) float32 {
	if n < maxWeight {
		return logs[n]
	}
	return float32(math.Log1p(float64(n)))
}

// logs of small counts and one.
var logs = func() (out [maxWeight]float32) {
	for n := range out {
		out[n] = float32(math.Log1p(float64(n)))
	}
	return out
}()

// surface reads how the text is written.
func (x *Extractor) surface() {
	s, count := x.Scanner, &x.count
	words, caps := 0, 0
	for i := range s.Tokens {
		t := &s.Tokens[i]
		cue := -1
		switch t.Kind {
		case scan.Word:
			words++
			if t.Caps {
				caps++
			}
			if t.Long {
				cue = cueLong
			} else if t.Tagged {
				cue = cueTags
			}
			if i == 0 && t.End-t.Start == 2 && s.Runes[t.Start] == 'r' && s.Runes[t.Start+1] == 't' {
				cue = CueRepost
			}
		case scan.Glyph:
			words++
		case scan.Number:
			cue = cueNumber
		case scan.Handle:
			count[cueHandle] = 1
			if cue = cueVia; i == 0 || count[cueTo] > 0 && s.Tokens[i-1].Kind == scan.Handle {
				cue = cueTo
			}
		case scan.Link:
			cue = CueLink
		case scan.Emoji:
			cue = cueEmoji
		case scan.Mark:
			cue = markCue(s, t)
		}
		if cue >= 0 {
			count[cue]++
			x.Hits = append(x.Hits, Hit{cue, i, i})
		}
	}
	if words > 0 {
		x.Cues[CueCaps] = float32(caps) / float32(words)
		if caps*10 >= words*7 && words > 3 {
			x.Cues[CueShout] = 1
		}
	}
	x.Cues[cueLength] = log1p(int32(words)) / 4
	if words <= 5 {
		x.Cues[cueShort] = 1
	}
	for i := len(s.Tokens) - 1; i >= 0 && i > len(s.Tokens)-4; i-- {
		if t := &s.Tokens[i]; t.Kind == scan.Mark && s.Runes[t.Start] == '?' {
			x.Cues[cueEndsQuery] = 1
		}
	}
}

func markCue(s *scan.Scanner, t *scan.Token) int {
	switch s.Runes[t.Start] {
	case '!':
		return CueBang
	case '?':
		return CueQuery
	case '"':
		return cueQuote
	case '…':
		return cueDots
	case '.':
		if t.Long {
			return cueDots
		}
	}
	return -1
}

// meet sets the cues that are two classes in one text.
func (x *Extractor) meet() {
	c := &x.Cues
	var bad, any float32
	for _, k := range wrong {
		bad += c[k]
	}
	for k := range lexicon.Cues {
		any += c[k]
	}
	set := func(cue int, on bool) {
		if on {
			c[cue] = 1
		}
	}
	has := bad > 0
	set(cueYouBad, has && c[lexicon.You] > 0)
	set(cueMeBad, has && c[lexicon.Me] > 0)
	set(cueDenyService, c[lexicon.Deny] > 0 && c[lexicon.Service] > 0)
	set(cueThanksBad, has && c[lexicon.Thanks] > 0)
	set(cueGoodOnly, !has && (c[lexicon.Good] > 0 || c[lexicon.Glad] > 0 || c[lexicon.Thanks] > 0))
	set(cueAskOnly, !has && (c[lexicon.Ask] > 0 || c[CueQuery] > 0))
	set(cuePleaseBad, has && c[lexicon.Please] > 0)
	set(cueServiceBad, has && c[lexicon.Service] > 0)
	set(cueToBad, has && c[cueHandle] > 0)
	set(cueToMe, c[cueHandle] > 0 && c[lexicon.Me] > 0)
	set(cueLexicon, any > 0)
	good := c[lexicon.Good]+c[lexicon.Glad]+c[lexicon.Thanks] > 0
	set(cueGoodBad, has && good)
	set(cueGoodWait, good && c[lexicon.Wait]+c[lexicon.Silence] > 0)
	personal := c[lexicon.You] > 0 || c[cueHandle] > 0
	set(cueLeaving, c[lexicon.Cancel] > 0 && (personal || c[lexicon.Me] > 0))
	for _, h := range x.Triage {
		switch h.Cue {
		case lexicon.Legal, lexicon.Regulator:
			set(cueThreat, personal)
		case lexicon.Safety:
			set(cueDanger, personal || c[lexicon.Me] > 0)
		}
	}
	x.order(has && good)
}

// isWrong and isGood are sets of classes.
var isWrong, isGood = func() (bad, good lexicon.Set) {
	for _, k := range wrong {
		bad |= 1 << k
	}
	return bad, 1<<lexicon.Good | 1<<lexicon.Glad | 1<<lexicon.Thanks
}()

// order sets the cues for which it matters where things stand: on which side of
// a turning word, inside or outside of quotation marks.
func (x *Extractor) order(both bool) {
	turns := both && x.Cues[lexicon.But] > 0
	quotes := x.Cues[cueQuote] > 0
	if !turns && !quotes {
		return
	}
	turn, open, outside, inside := -1, false, 0, 0
	for _, h := range x.Hits {
		if h.Cue == lexicon.But {
			turn = h.First
			break
		}
	}
	var before, after lexicon.Set
	quote := 0
	for _, h := range x.Hits {
		if h.Cue >= lexicon.Cues {
			continue
		}
		if h.First < turn {
			before |= 1 << h.Cue
		} else {
			after |= 1 << h.Cue
		}
		if quotes && isWrong.Has(h.Cue) {
			// Hits are in the order of their places.
			for ; quote < h.First; quote++ {
				if t := &x.Scanner.Tokens[quote]; t.Kind == scan.Mark && x.Scanner.Runes[t.Start] == '"' {
					open = !open
				}
			}
			if open {
				inside++
			} else {
				outside++
			}
		}
	}
	if turns && before&isGood != 0 && after&isWrong != 0 {
		x.Cues[cuePraiseTurned] = 1
	}
	if turns && before&isWrong != 0 && after&isGood != 0 {
		x.Cues[cueBadTurned] = 1
	}
	if inside > 0 && outside == 0 {
		x.Cues[cueQuotedBad] = 1
	}
}

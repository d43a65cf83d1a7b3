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
	x.Cues, x.count, x.on = [NumCues]float32{}, [NumCues]int32{}, 0
	x.Hits, x.Triage, x.Set = x.Hits[:0], x.Triage[:0], x.Set[:0]
	m.Find(x.Scanner, lang, x.found)
	x.surface()
	for on := x.on; on != 0; on &= on - 1 {
		i := bits.TrailingZeros64(uint64(on))
		x.Cues[i] += log1p(x.count[i])
	}
	x.meet()
	for on := x.on; on != 0; on &= on - 1 {
		x.Set = append(x.Set, uint8(bits.TrailingZeros64(uint64(on))))
	}
}

// cueSet is a set of cues by number.
type cueSet uint64

const _ = uint(64 - NumCues) // a set holds them all

func setOf(cues ...int) (out cueSet) {
	for _, c := range cues {
		out |= 1 << c
	}
	return out
}

// classes are the cues that are classes of words.
const classes = 1<<lexicon.Cues - 1

func (x *Extractor) hit(set lexicon.Set, first, last int) {
	x.on |= cueSet(set & classes)
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
			x.on |= 1 << cueHandle
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
			x.on |= 1 << cue
			x.Hits = append(x.Hits, Hit{cue, i, i})
		}
	}
	if caps > 0 {
		x.set(CueCaps, float32(caps)/float32(words))
		if caps*10 >= words*7 && words > 3 {
			x.set(CueShout, 1)
		}
	}
	if words > 0 {
		x.set(cueLength, log1p(int32(words))/4)
	}
	if words <= 5 {
		x.set(cueShort, 1)
	}
	for i := len(s.Tokens) - 1; i >= 0 && i > len(s.Tokens)-4; i-- {
		if t := &s.Tokens[i]; t.Kind == scan.Mark && s.Runes[t.Start] == '?' {
			x.set(cueEndsQuery, 1)
		}
	}
}

func (x *Extractor) set(cue int, v float32) {
	x.Cues[cue] = v
	x.on |= 1 << cue
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

// Sets of cues that meet others.
var (
	badSet  = setOf(wrong[:]...)
	goodSet = setOf(lexicon.Good, lexicon.Glad, lexicon.Thanks)
	slow    = setOf(lexicon.Wait, lexicon.Silence)
	asking  = setOf(lexicon.Ask, CueQuery)
)

// any is one where a set has one of others, and zero elsewhere: as a number it
// can be put together without a branch that is hard to guess.
func (s cueSet) any(others cueSet) cueSet {
	if s&others != 0 {
		return 1
	}
	return 0
}

// meet sets the cues that are two classes in one text.
func (x *Extractor) meet() {
	on := x.on
	has, good := on.any(badSet), on.any(goodSet)
	you, me, to, service := on.any(1<<lexicon.You), on.any(1<<lexicon.Me), on.any(1<<cueHandle), on.any(1<<lexicon.Service)
	met := has&you<<cueYouBad | has&me<<cueMeBad | on.any(1<<lexicon.Deny)&service<<cueDenyService |
		has&on.any(1<<lexicon.Thanks)<<cueThanksBad | (1-has)&good<<cueGoodOnly | (1-has)&on.any(asking)<<cueAskOnly |
		has&on.any(1<<lexicon.Please)<<cuePleaseBad | has&service<<cueServiceBad | has&to<<cueToBad | to&me<<cueToMe |
		on.any(classes)<<cueLexicon | has&good<<cueGoodBad | good&on.any(slow)<<cueGoodWait |
		on.any(1<<lexicon.Cancel)&(you|to|me)<<cueLeaving
	for _, h := range x.Triage {
		switch h.Cue {
		case lexicon.Legal, lexicon.Regulator:
			met |= (you | to) << cueThreat
		case lexicon.Safety:
			met |= (you | to | me) << cueDanger
		}
	}
	x.on |= met
	for ; met != 0; met &= met - 1 {
		x.Cues[bits.TrailingZeros64(uint64(met))] = 1
	}
	x.order(has&good != 0)
}

// isWrong and isGood are sets of classes.
var isWrong, isGood = lexicon.Set(badSet), lexicon.Set(goodSet)

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
		x.set(cuePraiseTurned, 1)
	}
	if turns && before&isWrong != 0 && after&isGood != 0 {
		x.set(cueBadTurned, 1)
	}
	if inside > 0 && outside == 0 {
		x.set(cueQuotedBad, 1)
	}
}

package linear

import (
	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/classifiers/internal/feature"
	"github.com/amends-care/amends/classifiers/internal/lexicon"
	"github.com/amends-care/amends/classifiers/language"
	"github.com/amends-care/amends/classifiers/topic"
)

const (
	// trustHint is the confidence below which the network's word on the language
	// counts more than ours.
	trustHint = 0.5
	// wary is the probability from which the signs of urgency are looked at: "my
	// baby" alone is no reason to hurry.
	wary = 0.3
	// graveFrom is the same for danger, law and authorities: better one too many.
	graveFrom = 0.15
	// manyFollowers and manyShares make a complaint urgent by its reach.
	manyFollowers = 20_000
	manyShares    = 50
	// maxEvidence bounds the spans told for one value.
	maxEvidence = 3
	// usualEvidence is how many spans a verdict has room for at once.
	usualEvidence = 8
)

// read extracts a text's features in its language, scores the lanes, and
// returns the language.
func (m *Model) read(s *scratch, t *classifiers.Text) classifiers.Language {
	s.x.Extract(t.Body)
	l := m.lang.Extracted(s.x)
	if hint := language.Base(t.Lang); hint != "" && l.Confidence < trustHint {
		l = classifiers.Language{Tag: hint, Confidence: min(trustHint, 0.25+l.Confidence/2)}
	}
	s.x.Cue(m.lexicon, wordsOf(l.Tag))
	m.rescore(s)
	return l
}

// wordsOf is the language whose word lists are read. Where it can't be told,
// the English ones are: most posts of a few words in Latin letters use them.
func wordsOf(tag string) string {
	if tag == language.Unknown {
		return "en"
	}
	return tag
}

// judge gives the whole verdict on one text.
func (m *Model) judge(s *scratch, t *classifiers.Text) classifiers.Verdict {
	lang := m.read(s, t)
	x := m.mix(lang.Tag)
	z := x.logOdds(s)
	v := classifiers.Verdict{
		Probability: sigmoid(z),
		Language:    lang,
		Confidence:  level(x.Level),
		Model:       m.id,
	}
	v.Complaint = v.Probability >= m.Threshold
	v.Rest = z
	if v.Probability >= m.reasonsFrom {
		v.Why, v.Rest = reasons(s.x.Scanner, m.shares(s, x), z)
	}
	m.pair(s, LanePositive)
	v.Evidence = make([]classifiers.Evidence, 0, usualEvidence)
	j := judgement{&v, s.x}
	j.sentiment(sigmoid(s.scores[LaneNegative]), sigmoid(s.scores[LanePositive]))
	j.wants()
	j.sarcasm()
	j.urgency(t)
	if v.Probability >= wary {
		j.mood(sigmoid(s.scores[LaneAnger]))
	} else {
		v.Mood = classifiers.Calm
	}
	if v.Complaint {
		m.pair(s, LaneSevere)
		j.severity(sigmoid(s.scores[LaneSevere]))
	}
	j.topic(m.topics, wordsOf(lang.Tag))
	return v
}

func level(name string) classifiers.Level {
	var l classifiers.Level
	if l.UnmarshalText([]byte(name)) != nil {
		return classifiers.LowConfidence
	}
	return l
}

// A judgement fills a verdict from the cues of a text.
type judgement struct {
	*classifiers.Verdict
	x *feature.Extractor
}

// count is how often a cue was seen.
func (j judgement) count(cue int) int {
	n := 0
	for _, h := range j.x.Hits {
		if h.Cue == cue {
			n++
		}
	}
	return n
}

// show adds the places of a cue as evidence, or one for all of the text if it
// has no place.
func (j judgement) show(about classifiers.Aspect, value string, cues ...int) {
	n := 0
	for _, h := range j.x.Hits {
		for _, c := range cues {
			if h.Cue == c && n < maxEvidence {
				j.span(about, value, h)
				n++
			}
		}
	}
	if n == 0 {
		j.Evidence = append(j.Evidence, classifiers.Evidence{About: about, Value: value})
	}
}

func (j judgement) span(about classifiers.Aspect, value string, h feature.Hit) {
	tokens := j.x.Scanner.Tokens
	j.Evidence = append(j.Evidence, classifiers.Evidence{About: about, Value: value,
		From: int(tokens[h.First].From), To: int(tokens[h.Last].To)})
}

func (j judgement) sentiment(negative, positive float64) {
	switch {
	case negative < 0.45 && positive < 0.5:
		j.Sentiment = classifiers.Neutral
		return
	case negative >= positive:
		j.Sentiment = classifiers.Negative
		j.show(classifiers.AboutSentiment, j.Sentiment.String(), lexicon.Bad, lexicon.Swear, lexicon.Sad, lexicon.Broken, lexicon.Deny)
	default:
		j.Sentiment = classifiers.Positive
		j.show(classifiers.AboutSentiment, j.Sentiment.String(), lexicon.Good, lexicon.Thanks, lexicon.Glad)
	}
}

// wants says what kind of answer the text calls for.
func (j judgement) wants() {
	spam, bait := j.triage(lexicon.Spam), j.triage(lexicon.Bait)
	link := j.x.Cues[feature.CueLink] > 0
	cue := func(c int) bool { return j.x.Cues[c] > 0 }
	switch {
	case spam > 1 || spam > 0 && link && !j.Complaint:
		j.Wants = classifiers.Spam
		j.showTriage(classifiers.AboutWants, "spam", lexicon.Spam)
	case bait > 0 && !cue(lexicon.Service) && !cue(lexicon.Money):
		j.Wants = classifiers.Bait
		j.showTriage(classifiers.AboutWants, "bait", lexicon.Bait)
	case j.Complaint:
		j.Wants = classifiers.WantsRemedy
		for _, r := range j.Why[:min(1, len(j.Why))] {
			j.Evidence = append(j.Evidence, classifiers.Evidence{About: classifiers.AboutWants, Value: "complaint", From: r.From, To: r.To})
		}
	case cue(feature.CueQuery) && !cue(feature.CueRepost) || cue(lexicon.Ask) && cue(lexicon.Please):
		j.Wants = classifiers.WantsAnswer
		j.show(classifiers.AboutWants, "question", feature.CueQuery, lexicon.Ask)
	case j.Sentiment == classifiers.Positive && (cue(lexicon.Good) || cue(lexicon.Thanks) || cue(lexicon.Glad)):
		j.Wants = classifiers.Praise
		j.show(classifiers.AboutWants, "praise", lexicon.Good, lexicon.Thanks, lexicon.Glad)
	default:
		j.Wants = classifiers.MereMention
		j.Evidence = append(j.Evidence, classifiers.Evidence{About: classifiers.AboutWants, Value: "mention"})
	}
}

func (j judgement) triage(class int) int {
	n := 0
	for _, h := range j.x.Triage {
		if h.Cue == class {
			n++
		}
	}
	return n
}

func (j judgement) showTriage(about classifiers.Aspect, value string, class int) {
	n := 0
	for _, h := range j.x.Triage {
		if h.Cue == class && n < maxEvidence {
			j.span(about, value, h)
			n++
		}
	}
}

// sarcasm is suspected where mock praise meets something wrong.
func (j judgement) sarcasm() {
	if mockPraise(&j.x.Cues) {
		j.Sarcasm = true
		j.show(classifiers.AboutSarcasm, "suspected", lexicon.Irony)
	}
}

// urgency follows rules: no data set labels it.
func (j judgement) urgency(t *classifiers.Text) {
	for _, u := range [...]struct {
		urgency classifiers.Urgency
		class   int
	}{
		{classifiers.Safety, lexicon.Safety}, {classifiers.Vulnerable, lexicon.Vulnerable}, {classifiers.Legal, lexicon.Legal},
		{classifiers.Regulator, lexicon.Regulator}, {classifiers.Press, lexicon.Press},
	} {
		least := wary
		if u.urgency == classifiers.Safety || u.urgency == classifiers.Legal || u.urgency == classifiers.Regulator {
			least = graveFrom
		}
		if j.Probability >= least && j.triage(u.class) > 0 {
			j.Urgency = append(j.Urgency, u.urgency)
			j.showTriage(classifiers.AboutUrgency, u.urgency.String(), u.class)
		}
	}
	if !j.Complaint {
		return
	}
	for _, u := range [...]struct {
		urgency classifiers.Urgency
		cue     int
	}{{classifiers.BrokenPromise, lexicon.Promise}, {classifiers.Cancellation, lexicon.Cancel}} {
		if j.x.Cues[u.cue] > 0 {
			j.Urgency = append(j.Urgency, u.urgency)
			j.show(classifiers.AboutUrgency, u.urgency.String(), u.cue)
		}
	}
	if t.Followers >= manyFollowers || t.Shares >= manyShares {
		j.Urgency = append(j.Urgency, classifiers.Viral)
		j.Evidence = append(j.Evidence, classifiers.Evidence{About: classifiers.AboutUrgency, Value: classifiers.Viral.String()})
	}
}

// mood weighs what the words say with how loudly they are written.
func (j judgement) mood(anger float64) {
	c := &j.x.Cues
	loud := 0
	if c[feature.CueShout] > 0 || c[feature.CueCaps] > 0.3 {
		loud++
	}
	if j.count(feature.CueBang) >= 2 {
		loud++
	}
	swears, bad := j.count(lexicon.Swear), j.count(lexicon.Bad)
	points := loud + min(2, 2*swears) + min(2, bad) + j.count(lexicon.Sad)/2
	if anger > 0.5 {
		points += 2
	} else if anger > 0.25 {
		points++
	}
	switch {
	case points >= 5 || swears > 0 && loud > 0 && bad > 0:
		j.Mood = classifiers.Furious
	case points >= 3:
		j.Mood = classifiers.Angry
	case points >= 1 || j.Complaint && j.Sentiment == classifiers.Negative:
		j.Mood = classifiers.Annoyed
	default:
		j.Mood = classifiers.Calm
		return
	}
	j.show(classifiers.AboutMood, j.Mood.String(), lexicon.Swear, lexicon.Bad, feature.CueBang, lexicon.Sad)
}

// severity is what the head says, or high where somebody may come to harm.
func (j judgement) severity(p float64) {
	j.SeverityProbability = p
	j.Severity = classifiers.SeverityLow
	for _, u := range j.Urgency {
		if u <= classifiers.Legal {
			j.Severity = classifiers.SeverityHigh
			j.showTriage(classifiers.AboutSeverity, "high", lexicon.Safety+int(u-classifiers.Safety))
			return
		}
	}
	if p >= 0.5 {
		j.Severity = classifiers.SeverityHigh
	}
	j.show(classifiers.AboutSeverity, j.Severity.String(), lexicon.Promise, lexicon.Silence, lexicon.Money, lexicon.Cancel, lexicon.Bad)
}

// topic names what the text is about, by the taxonomy in use.
func (j judgement) topic(t *topic.Tagger, lang string) {
	match := t.Extracted(j.x, lang)
	j.Topic = match.Topic
	for _, h := range match.Hits {
		j.span(classifiers.AboutTopic, string(match.Topic), h)
	}
}

package care

import "time"

// A Surge is a volume that is much higher than at the same hour and weekday of
// past weeks.
type Surge struct {
	Brand    string    `json:"brand,omitempty"`
	Topic    string    `json:"topic,omitempty"`    // empty: of all topics
	Language string    `json:"language,omitempty"` // empty: of all languages
	Since    time.Time `json:"since"`              // beginning of the hour
	Count    int       `json:"count"`              // complaints in that hour so far
	Usual    float64   `json:"usual"`              // in a whole hour like it
	Chance   float64   `json:"chance"`             // of as many or more, if nothing were the matter
}

// An Alike is a group of mentions that say much the same: perhaps one cause. It
// is proposed; a person makes a known issue of it.
type Alike struct {
	ID       string      `json:"id"`
	Brand    string      `json:"brand,omitempty"`
	Topic    string      `json:"topic,omitempty"` // of most
	Language string      `json:"language,omitempty"`
	Mentions []MentionID `json:"mentions"`
	Cases    []CaseID    `json:"cases"`
	Phrases  []string    `json:"phrases"` // that they share and others do not
	Purity   float64     `json:"purity"`  // estimated share that belongs there, 0–1
	From     time.Time   `json:"from"`
	To       time.Time   `json:"to"`
}

// A Watching is what the watch proposes now.
type Watching struct {
	Surges []Surge `json:"surges"`
	Groups []Alike `json:"groups"`
}

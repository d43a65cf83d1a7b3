package config

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/amends-care/amends/classifiers/topic"
)

// aim looks at what the threshold is for, and how much is reviewed.
func (p *parser) aim(c *Classifier) {
	const miss, vain = "classifier.aim.miss_at_most", "classifier.aim.false_at_most"
	if a := c.Aim.MissAtMost; a < 0 || a >= 100 {
		p.amiss(miss, "%v is no number of 100 complaints: write one such as 5, or 0 for no such aim", a)
	}
	if a := c.Aim.FalseAtMost; a < 0 || a > 10_000 {
		p.amiss(vain, "%v is no number per agent and day: write one up to 10000, or 0 for no such aim", a)
	}
	switch {
	case c.Aim.MissAtMost > 0 && c.Aim.FalseAtMost > 0:
		p.amiss(vain, "aim at one of the two: what is missed, or what is flagged in vain")
	case c.Threshold > 0 && (c.Aim.MissAtMost > 0 || c.Aim.FalseAtMost > 0):
		p.amiss("classifier.aim", "the threshold is fixed: write 0 for classifier.threshold, or leave the aim out")
	}
	for name, share := range map[string]float64{"unflagged": c.Review.Unflagged, "dismissed": c.Review.Dismissed} {
		if share < 0 || share > 1 {
			p.amiss("classifier.review."+name, "%v is no share: write one from 0 to 1, such as 0.02 for 2 of 100", share)
		}
	}
}

// taxonomy reads the file with the brand's topics.
func (p *parser) taxonomy(c *Classifier) {
	const setting = "classifier.taxonomy"
	if c.Taxonomy == "" || !p.readable(setting) {
		return
	}
	b, err := p.beside(c.Taxonomy)
	if err != nil {
		p.amiss(setting, "%s: %s", c.Taxonomy, err)
		return
	}
	if c.Topics, err = topics(b); err != nil {
		for _, err := range each(err) {
			p.amiss(setting, "%s: %s", c.Taxonomy, err)
		}
	}
}

// topics reads a taxonomy: topics, each with a name and the words that hint at it.
func topics(b []byte) (topic.Taxonomy, error) {
	var file struct {
		Topics topic.Taxonomy `yaml:"topics"`
	}
	l, err := yaml.NewLoader(bytes.NewReader(b), yaml.WithKnownFields())
	if err == nil {
		err = l.Load(&file)
	}
	if err != nil {
		return nil, fmt.Errorf("it can't be read as topics: %w", err)
	}
	if _, err := topic.New(file.Topics, nil); err != nil {
		return nil, err
	}
	return file.Topics, nil
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/amends-care/amends/classifiers"
	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/config"
)

type classifyCmd struct {
	Config string `help:"The configuration, for its threshold and phrases." env:"AMENDS_CONFIG" type:"path" placeholder:"FILE"`
	File   string `arg:"" optional:"" default:"-" help:"JSONL with a text, and optionally id and lang, on each line; - is standard input."`
}

// Help is what "amends classify --help" adds.
func (classifyCmd) Help() string {
	return `Prints one object a line, in the order of the input: id, complaint, probability, severity, sentiment, language, topic, and why: the parts of the text that weighed, with their weights in log odds. A line that is no JSON or has no text is an object with an error; then the exit code is 1.`
}

// A judged line is what classify prints.
type judged struct {
	ID          json.RawMessage `json:"id,omitempty"`
	Complaint   *bool           `json:"complaint,omitempty"`
	Probability *float64        `json:"probability,omitempty"`
	Severity    string          `json:"severity,omitempty"`
	Sentiment   string          `json:"sentiment,omitempty"`
	Mood        string          `json:"mood,omitempty"`
	Language    string          `json:"language,omitempty"`
	Topic       string          `json:"topic,omitempty"`
	Urgency     []string        `json:"urgency,omitempty"`
	Wants       string          `json:"wants,omitempty"`
	Why         []weighed       `json:"why,omitempty"`
	Error       string          `json:"error,omitempty"`
}

// A weighed text is a part of the input and its share of the log odds.
type weighed struct {
	Text   string  `json:"text"`
	Weight float64 `json:"weight"`
}

const (
	classifyGroup = 256
	maxLine       = 1 << 20
)

func (x *classifyCmd) Run(ctx context.Context, c console) error {
	cfg := config.Default()
	if x.Config != "" {
		var err error
		if cfg, err = config.Load(x.Config, app.Kinds()); err != nil {
			return err
		}
	}
	by, err := app.Classifier(cfg)
	if err != nil {
		return err
	}
	in := c.in
	if x.File != "-" {
		f, err := os.Open(x.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	return classifyLines(ctx, by, in, c.out)
}

// classifyLines judges a line at a time, in groups.
func classifyLines(ctx context.Context, by classifiers.Classifier, in io.Reader, out io.Writer) error {
	lines := bufio.NewReaderSize(in, 1<<16)
	w := bufio.NewWriterSize(out, 1<<16)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	bad := false
	for ended := false; !ended; {
		var group []judged
		var texts []classifiers.Text
		var at []int // where in group the verdict of a text belongs
		for len(group) < classifyGroup {
			line, err := readLine(lines)
			if err == io.EOF {
				ended = true
				break
			}
			if err != nil && !errors.Is(err, errLong) {
				return err
			}
			if strings.TrimSpace(line) == "" && err == nil {
				continue
			}
			j, text := parseLine(line, err)
			if j.Error != "" {
				bad = true
			} else {
				at, texts = append(at, len(group)), append(texts, text)
			}
			group = append(group, j)
		}
		verdicts, err := by.Classify(ctx, texts)
		if err != nil {
			return err
		}
		for i, v := range verdicts {
			group[at[i]].fill(texts[i].Body, &v)
		}
		for _, j := range group {
			if err := enc.Encode(j); err != nil {
				return err
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if bad {
		return errNo
	}
	return nil
}

func parseLine(line string, err error) (judged, classifiers.Text) {
	var in struct {
		ID   json.RawMessage `json:"id"`
		Text *string         `json:"text"`
		Lang string          `json:"lang"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(line), &in)
	}
	switch {
	case err != nil:
		return judged{Error: "not JSON: " + err.Error()}, classifiers.Text{}
	case in.Text == nil:
		return judged{ID: in.ID, Error: "there is no text"}, classifiers.Text{}
	}
	return judged{ID: in.ID}, classifiers.Text{Body: *in.Text, Lang: in.Lang}
}

func (j *judged) fill(text string, v *classifiers.Verdict) {
	j.Complaint, j.Probability = &v.Complaint, &v.Probability
	j.Severity, j.Sentiment, j.Mood = v.Severity.String(), v.Sentiment.String(), v.Mood.String()
	j.Language, j.Topic, j.Wants = v.Language.Tag, string(v.Topic), v.Wants.String()
	for _, u := range v.Urgency {
		j.Urgency = append(j.Urgency, u.String())
	}
	for _, r := range v.Why {
		j.Why = append(j.Why, weighed{Text: text[r.From:r.To], Weight: r.Weight})
	}
}

var errLong = fmt.Errorf("the line is over %d bytes", maxLine)

// readLine returns the next line without its end. A line that is too long is
// read to its end and returned as errLong.
func readLine(r *bufio.Reader) (string, error) {
	var b []byte
	long := false
	for {
		part, more, err := r.ReadLine()
		if err != nil {
			if err == io.EOF && (len(b) > 0 || long) {
				break
			}
			return "", err
		}
		if long = long || len(b)+len(part) > maxLine; !long {
			b = append(b, part...)
		}
		if !more {
			break
		}
	}
	if long {
		return "", errLong
	}
	return string(b), nil
}

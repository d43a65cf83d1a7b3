package train

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// A Label is what an example says of one question; zero says nothing.
type Label int8

// Labels.
const (
	No  Label = -1
	Yes Label = +1
)

func label(yes bool) Label {
	if yes {
		return Yes
	}
	return No
}

// An Example is one labelled text. Labels that its source does not give are
// zero.
type Example struct {
	Text      string
	Source    string // data set, such as "complaints" or "potts-de"
	Lang      string
	Domain    string
	Complaint Label
	Negative  Label
	Positive  Label
	Severe    Label // of complaints only
	Question  Label
	Emotions  []int // GoEmotions numbers
	Tags      []string
}

// A Corpus is every data set that the shipped model is trained on.
type Corpus struct {
	Complaints []Example // English tweets to brands and others: what the main head learns
	Emotions   []Example // Reddit comments with 28 emotions
	Reviews    []Example // shop reviews with complaint and severity
	Banking    []Example // questions to a bank, by intent
	Sentiment  []Example // negative, neutral, positive in many languages; training parts
	Validation []Example // tweets in eight languages, never trained on
	Care       []Example // what customers and brands wrote to each other; no labels
}

// ReadCorpus reads the data sets under dir, laid out as their PROVENANCE files
// say.
func ReadCorpus(dir string) (*Corpus, error) {
	c := new(Corpus)
	var errs []error
	read := func(err error) { errs = append(errs, err) }
	var err error
	c.Complaints, err = ReadComplaints(filepath.Join(dir, "complaints_dev_train.csv"))
	read(err)
	c.Emotions, err = readEmotions(filepath.Join(dir, "goemotions", "train.tsv"))
	read(err)
	c.Reviews, err = readReviews(filepath.Join(dir, "cesamard", "CESAMARD-Aspect_Dataset.csv"))
	read(err)
	c.Banking, err = readBanking(filepath.Join(dir, "banking77", "train.csv"))
	read(err)
	c.Sentiment, err = readMulti(filepath.Join(dir, "multi"))
	read(err)
	for _, l := range tweetLangs {
		folder := filepath.Join(dir, "umsab", l.folder)
		train, err := readTweets(folder, "train", l.lang)
		read(err)
		val, err := readTweets(folder, "val", l.lang)
		read(err)
		c.Sentiment = append(c.Sentiment, train...)
		c.Validation = append(c.Validation, val...)
	}
	c.Sentiment = without(c.Sentiment, c.Validation)
	return c, errors.Join(errs...)
}

// without drops the examples that begin as one of others does, handles, links
// and all but letters aside: what is measured on was never trained on.
func without(examples, others []Example) []Example {
	begins := map[string]bool{}
	for _, e := range others {
		begins[beginning(e.Text)] = true
	}
	return slices.DeleteFunc(examples, func(e Example) bool {
		k := beginning(e.Text)
		return len(k) > 10 && begins[k]
	})
}

// beginning is the first forty letters of a text.
func beginning(text string) string {
	var b strings.Builder
	n := 0
	for word := range strings.FieldsSeq(text) {
		if word[0] == '@' || strings.HasPrefix(word, "http") {
			continue
		}
		for _, r := range word {
			if !unicode.IsLetter(r) {
				continue
			}
			b.WriteRune(unicode.ToLower(r))
			if n++; n == 40 {
				return b.String()
			}
		}
	}
	return b.String()
}

var tweetLangs = []struct{ folder, lang string }{
	{"arabic", "ar"}, {"english", "en"}, {"french", "fr"}, {"german", "de"},
	{"hindi", "hi"}, {"italian", "it"}, {"portuguese", "pt"}, {"spanish", "es"},
}

// readCSV calls each with every record of a CSV file as a map by header; of a
// header that occurs twice the first counts.
func readCSV(path string, each func(get func(string) string)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	r.LazyQuotes = true
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		each(func(name string) string {
			if i := slices.Index(head, name); i >= 0 && i < len(rec) {
				return rec[i]
			}
			return ""
		})
	}
}

// ReadComplaints reads a CSV file with the headers text and complaint (0 or 1)
// and, if they are there, domain, lang, severity_0_4 and sentiment.
func ReadComplaints(path string) ([]Example, error) {
	var out []Example
	var bad error
	err := readCSV(path, func(get func(string) string) {
		y := get("complaint")
		if y != "0" && y != "1" && bad == nil {
			bad = fmt.Errorf("read %s: row %d: complaint is %q, want 0 or 1", path, len(out)+2, y)
		}
		e := Example{Text: get("text"), Source: "complaints", Lang: "en",
			Domain: get("domain"), Complaint: label(y == "1")}
		if l := get("lang"); l != "" {
			e.Lang = l
		}
		if s, err := strconv.Atoi(get("severity_0_4")); err == nil && s > 0 {
			e.Severe = label(s >= 3)
		}
		if s := get("sentiment"); s != "" {
			e.Negative, e.Positive = label(s == "negative"), label(s == "positive")
		}
		out = append(out, e)
	})
	return out, errors.Join(err, bad)
}

func readEmotions(path string) ([]Example, error) {
	var out []Example
	err := readLines(path, func(line string) error {
		text, rest, ok := strings.Cut(line, "\t")
		if !ok {
			return errors.New("no tab")
		}
		ids, _, _ := strings.Cut(rest, "\t")
		e := Example{Text: text, Source: "goemotions", Lang: "en", Emotions: []int{}}
		for id := range strings.SplitSeq(ids, ",") {
			n, err := strconv.Atoi(id)
			if err != nil {
				return err
			}
			e.Emotions = append(e.Emotions, n)
		}
		out = append(out, e)
		return nil
	})
	return out, err
}

func readReviews(path string) ([]Example, error) {
	var out []Example
	err := readCSV(path, func(get func(string) string) {
		e := Example{Text: strings.TrimSpace(strings.ReplaceAll(get("Title")+". "+get("Review_S"), `\n`, " ")),
			Source: "cesamard", Lang: "en", Domain: get("Domain"), Complaint: label(get("Complaint") == "1")}
		if e.Complaint == Yes {
			s := strings.ToLower(get("Severity"))
			e.Severe = label(strings.HasPrefix(s, "accus") || strings.HasPrefix(s, "blame"))
		}
		switch get("Sentiment") {
		case "0":
			e.Negative, e.Positive = Yes, No
		case "1":
			e.Negative, e.Positive = No, No
		case "2":
			e.Negative, e.Positive = No, Yes
		}
		e.Tags = []string{"severity:" + get("Severity"), "emotion:" + get("Emotion"), "sarcasm:" + get("Sarcastic")}
		out = append(out, e)
	})
	return out, err
}

func readBanking(path string) ([]Example, error) {
	var out []Example
	err := readCSV(path, func(get func(string) string) {
		out = append(out, Example{Text: get("text"), Source: "banking77", Lang: "en",
			Domain: "banking", Tags: []string{get("category")}})
	})
	return out, err
}

// readMulti reads every file of the folder: label, tab, text a line. The name
// of a file ends in its language.
func readMulti(dir string) ([]Example, error) {
	names, err := fs.Glob(os.DirFS(dir), "*.tsv")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var out []Example
	for _, name := range names {
		source := strings.TrimSuffix(name, ".tsv")
		lang := source[strings.LastIndexByte(source, '-')+1:]
		if short, ok := shortLang[lang]; ok {
			lang = short
		}
		err := readLines(filepath.Join(dir, name), func(line string) error {
			l, text, ok := strings.Cut(line, "\t")
			if !ok {
				return errors.New("no tab")
			}
			e := Example{Text: text, Source: source, Lang: lang,
				Negative: label(l == "neg" || l == "mix"), Positive: label(l == "pos" || l == "mix")}
			if source == "wisesight-th" {
				e.Question = label(l == "q")
			}
			out = append(out, e)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// shortLang maps ISO 639-3 codes in file names to the tags that a text carries.
var shortLang = map[string]string{
	"amh": "am", "arq": "ar", "ary": "ar", "hau": "ha", "ibo": "ig",
	"kin": "rw", "por": "pt", "swa": "sw", "twi": "tw", "yor": "yo",
}

// readTweets reads one part of a folder of parallel text and label files.
func readTweets(dir, part, lang string) ([]Example, error) {
	var out []Example
	err := readLines(filepath.Join(dir, part+"_text.txt"), func(line string) error {
		out = append(out, Example{Text: line, Source: "umsab-" + lang, Lang: lang})
		return nil
	})
	if err != nil {
		return nil, err
	}
	i := 0
	err = readLines(filepath.Join(dir, part+"_labels.txt"), func(line string) error {
		if i >= len(out) {
			return errors.New("more labels than texts")
		}
		out[i].Negative, out[i].Positive = label(line == "0"), label(line == "2")
		i++
		return nil
	})
	if err == nil && i != len(out) {
		err = fmt.Errorf("%s: %d texts, %d labels", dir, len(out), i)
	}
	return out, err
}

// readLines calls each with every line that is not empty.
func readLines(path string, each func(string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<22)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimRight(sc.Text(), "\r")
		if line == "" {
			continue
		}
		if err := each(line); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

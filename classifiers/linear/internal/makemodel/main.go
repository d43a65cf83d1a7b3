// Command makemodel rebuilds the shipped weights from the data sets. From the
// root of the repository:
//
//	go run ./classifiers/linear/internal/makemodel -data ../shared/data
//
// It writes the language model and the linear model and prints their names. The same data and program give the same bytes. A program whose
// own language model is of an older form has to make that first, by -only language.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/amends-care/amends/classifiers/train"
)

func main() {
	data := flag.String("data", "../shared/data", "folder of the data sets")
	out := flag.String("out", "classifiers/linear/model.bin", "file of the linear model")
	lang := flag.String("language", "classifiers/language/model.bin", "file of the language model")
	seed := flag.Uint64("seed", 1, "seed of the folds and of the solver's order")
	only := flag.String("only", "", "language or linear; both if empty")
	flag.Parse()
	if err := run(*data, *out, *lang, *only, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "makemodel:", err)
		os.Exit(1)
	}
}

func run(data, out, lang, only string, seed uint64) error {
	corpus, err := train.ReadCorpus(data)
	if err != nil {
		return err
	}
	if only != "linear" {
		l, err := train.BuildLanguage(corpus, seed)
		if err != nil {
			return err
		}
		if err := write(lang, l.ID(), l); err != nil {
			return err
		}
	}
	if only == "language" {
		return nil
	}
	m, err := train.Build(corpus, seed)
	if err != nil {
		return err
	}
	return write(out, m.ID(), m)
}

func write(path, id string, m io.WriterTo) error {
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s  %d bytes  %s\n", id, b.Len(), path)
	return nil
}

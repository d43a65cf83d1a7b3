// Command makemodel rebuilds the shipped weights from the data sets:
//
//	go run ./classifiers/linear/internal/makemodel -data ../shared/data -out classifiers/linear/model.bin
//
// The same data and program give the same hash, which it prints.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/amends-care/amends/classifiers/train"
)

func main() {
	data := flag.String("data", "../shared/data", "folder of the data sets")
	out := flag.String("out", "classifiers/linear/model.bin", "file to write")
	seed := flag.Uint64("seed", 1, "seed of the folds and of the solver's order")
	flag.Parse()
	if err := run(*data, *out, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "makemodel:", err)
		os.Exit(1)
	}
}

func run(data, out string, seed uint64) error {
	corpus, err := train.ReadCorpus(data)
	if err != nil {
		return err
	}
	m, err := train.Build(corpus, seed)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		return err
	}
	if err := os.WriteFile(out, b.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s  %d bytes  %s\n", m.ID(), b.Len(), out)
	return nil
}

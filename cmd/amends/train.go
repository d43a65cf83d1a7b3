package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/amends-care/amends/classifiers/linear"
	"github.com/amends-care/amends/classifiers/train"
)

type trainCmd struct {
	Data []string `help:"Labelled texts: CSV with text and complaint (0 or 1), and optionally domain and lang." required:"" type:"path" placeholder:"FILE"`
	Out  string   `help:"Where to write the model." required:"" type:"path" placeholder:"MODEL"`
	Name string   `help:"What the model is called." default:"own"`
	Seed uint64   `help:"The same seed and data give the same model." default:"1"`
}

func (x *trainCmd) Run(ctx context.Context, c console) error {
	show, done := c.progress()
	defer done()
	return writeFile(x.Out, func(w io.Writer) error {
		m, err := train.Run(ctx, train.Options{Data: x.Data, Name: x.Name, Seed: x.Seed}, steps(show), w)
		if err == nil {
			c.printf("%s written to %s\n", m.ID(), x.Out)
		}
		return err
	})
}

type evalCmd struct {
	Model string   `help:"The model to measure; without it, the one that ships." type:"path" placeholder:"MODEL"`
	Data  []string `help:"Labelled texts, as for train." required:"" type:"path" placeholder:"FILE"`
	Folds int      `help:"Train on the rest and judge the part left out, this many times; 0 judges by the model as it is." placeholder:"N"`
	By    string   `help:"Leave out one domain or language at a time, and break the figures down by it." enum:",domain,language" default:""`
	Curve bool     `help:"Draw the learning curve too; it trains fifteen times more."`
	HTML  string   `help:"Also write a page with plots." type:"path" placeholder:"FILE"`
	Seed  uint64   `help:"For the folds." default:"1"`
	JSON  bool     `help:"Print one object for programs."`
}

func (x *evalCmd) Run(ctx context.Context, c console) error {
	o := train.EvalOptions{Data: x.Data, Folds: x.Folds, By: x.By, Seed: x.Seed, Curve: x.Curve}
	if x.Model != "" {
		f, err := os.Open(x.Model)
		if err != nil {
			return err
		}
		defer f.Close()
		if o.Model, err = linear.Read(bufio.NewReader(f)); err != nil {
			return fmt.Errorf("%s: %w", x.Model, err)
		}
	}
	show, done := c.progress()
	defer done()
	r, err := train.Evaluate(ctx, o, steps(show))
	if err != nil {
		return err
	}
	if x.HTML != "" {
		if err := writeFile(x.HTML, r.WriteHTML); err != nil {
			return err
		}
	}
	if x.JSON {
		return c.print(r)
	}
	return r.WriteText(c.out)
}

func steps(show func(string)) train.Progress {
	return func(what string, done, total int) { show(fmt.Sprintf("%s: %d of %d", what, done, total)) }
}

// writeFile writes a file whole or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := errors.Join(write(w), w.Flush(), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}

package tables

import (
	"bufio"
	"encoding/csv"
	"errors"

	"github.com/amends-care/amends/internal/report"
)

// csvForm writes a file for each table, with the columns' names in the first
// line.
type csvForm struct {
	apart
	to   *files
	buf  *bufio.Writer
	out  *csv.Writer
	line []string
}

func (c *csvForm) begin(l *report.Listing) error {
	file, err := c.to.create(l.Name + ".csv")
	if err != nil {
		return err
	}
	c.buf = bufio.NewWriterSize(file, 1<<16)
	c.out, c.line = csv.NewWriter(c.buf), c.line[:0]
	for _, f := range l.Fields {
		c.line = append(c.line, f.Name)
	}
	return c.out.Write(c.line)
}

func (c *csvForm) row(values []report.Value) error {
	c.line = c.line[:0]
	for _, v := range values {
		c.line = append(c.line, v.Neutral())
	}
	return c.out.Write(c.line)
}

func (c *csvForm) end() error {
	c.out.Flush()
	return errors.Join(c.out.Error(), c.buf.Flush())
}

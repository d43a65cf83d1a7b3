package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"strings"

	"github.com/amends-care/amends/internal/app"
)

type slaCmd struct {
	Explain slaExplainCmd `cmd:"" help:"Tell the whole arithmetic of a case's deadlines in sentences."`
}

type slaExplainCmd struct {
	folderFlags
	JSON bool   `help:"Print an object a line for programs."`
	Case string `arg:"" help:"The case's number, or its id."`
}

func (x *slaExplainCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	return x.operate(ctx, false, log, func(op app.Operator) error {
		var out bytes.Buffer
		if err := op.Do(ctx, "sla.explain", app.ExplainArgs{Case: x.Case}, nil, &out, nil); err != nil {
			return err
		}
		if x.JSON {
			_, err := io.Copy(c.out, &out)
			return err
		}
		lines := bufio.NewScanner(&out)
		for lines.Scan() {
			var t app.ExplainedTarget
			if err := json.Unmarshal(lines.Bytes(), &t); err != nil {
				return err
			}
			c.printf("%s, %s\n", strings.ReplaceAll(string(t.Target), "_", " "), t.State)
			for _, s := range t.Sentences {
				c.printf("  %s\n", s)
			}
		}
		return lines.Err()
	})
}

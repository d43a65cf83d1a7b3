package main

import (
	"bufio"
	"context"
	"errors"
	"log/slog"

	"github.com/amends-care/amends/internal/app"
	"github.com/amends-care/amends/internal/report"
	"github.com/amends-care/amends/internal/web"
)

type reportCmd struct {
	reachFlags
	Name    string            `arg:"" help:"Which: ${enum}." enum:"now,response,promises,volume,topics,quality,voice,people,digest"`
	From    string            `help:"The first day, as 2026-03-01. Without a span: the last 28 days." placeholder:"DATE"`
	To      string            `help:"The day after the last." placeholder:"DATE"`
	Zone    string            `help:"Whose days and hours, as Europe/Berlin; by default those of the first calendar, or UTC."`
	By      string            `help:"Divide by ${enum}." enum:",queue,network,language,topic,severity,lane,policy,list,issue,source,hour,weekday,day,week,month" default:"" placeholder:"DIMENSION"`
	Only    map[string]string `help:"Keep what has a value, as queue=billing." placeholder:"DIMENSION=VALUE"`
	Clock   string            `help:"From when waits count: ${enum}." enum:"customer,desk" default:"customer"`
	Working bool              `help:"Count working time instead of wall time."`
	With    []string          `help:"Take in what is left out otherwise: ${enum}." enum:"late,imported,demo"`
	Beyond  []string          `help:"Dispositions of what could not be resolved, for the net figure of FCR." placeholder:"DISPOSITION"`
	Days    int               `help:"Length of a span without a first day; 28 if nothing is said." placeholder:"N"`
	Against string            `help:"What the span is compared with: ${enum}." enum:"before,year,none" default:"before"`
	Format  string            `help:"${enum}; html is for the digest alone." enum:"table,csv,json,svg,html" default:"table"`
	Open    string            `help:"List the cases that a number is made of, as first/all/median." placeholder:"TABLE/ROW/COLUMN"`
	Since   uint64            `help:"What the figures say otherwise than they did after this record, and which cases are why." placeholder:"SEQ"`
	At      uint64            `help:"As the log stood after this record: the same bytes for ever." placeholder:"SEQ"`
}

// Help is what "amends report --help" adds.
func (reportCmd) Help() string {
	return `Every figure is made of the log alone, is measured at its last record, and says by what it counts and of how many it is made. docs/metrics.md defines them all. With --server and a token they are those of another machine. The digest tells the last seven days, or the span asked for, beside those before: what changed, and what the log has on why.`
}

func (x *reportCmd) Run(ctx context.Context, c console, log *slog.Logger) error {
	ask := report.Ask{
		From: x.From, To: x.To, Days: x.Days, Zone: x.Zone, By: x.By, Only: x.Only, Clock: x.Clock, Working: x.Working,
		With: x.With, Beyond: x.Beyond, Against: x.Against,
	}
	return x.reach(ctx, log, func(api *app.API) error {
		w := bufio.NewWriterSize(c.out, 1<<16)
		return errors.Join(api.Copy(ctx, web.ReportPath(x.Name, ask, x.At, x.Since, x.Open, x.Format), w), w.Flush())
	})
}
